"""What the hourly works on files did, for administrators."""

from datetime import timedelta
from itertools import groupby

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import for_administrators
from files.housekeeping import FIGURES, WORKS
from files.models import HousekeepingRun

DAYS = 14
EVERY = timedelta(hours=1)


@for_administrators
@require_GET
def report(request):
    runs = list(HousekeepingRun.objects.filter(at__gt=timezone.now() - timedelta(days=DAYS)))
    context = {
        "latest": runs[0] if runs else None,
        "next_at": runs[0].at + EVERY if runs else None,
        "works": [_latest(work, runs) for work in WORKS],
        "days": [
            _day(day, list(of_day)) for day, of_day in groupby(runs, lambda run: timezone.localtime(run.at).date())
        ],
    }
    return render(request, "files/housekeeping.html", context)


def _latest(work, runs):
    """When the work was last tried, and what was wrong."""
    run = next((run for run in runs if work.name in run.figures or work.name in run.problems), None)
    return {"title": work.title, "at": run and run.at, "problem": run and run.problems.get(work.name, "")}


def _day(day, runs):
    """The sums of a day's figures, those that are not 0, and how many runs had a problem."""
    sums = dict.fromkeys(FIGURES, 0)
    for run in runs:
        for figures in run.figures.values():
            for name, number in figures.items():
                sums[name] = sums.get(name, 0) + number
    return {
        "day": day,
        "count": len(runs),
        "figures": [(number, FIGURES.get(name, name)) for name, number in sums.items() if number],
        "problem_count": sum(bool(run.problems) for run in runs),
    }
