"""A report's page, and its files."""

import random
from hashlib import sha256

from django.core.cache import cache
from django.shortcuts import redirect, render
from django.urls import reverse

from activity.actions import Action
from activity.models import Verification
from activity.recording import Subject, record_now
from files.uploads import give_up_on_stalled
from reports.exports import AllSlotsTaken, TooManyRows, export
from reports.filters.choosing import offers, settled_query
from reports.filters.periods import WHERE, period_links
from reports.saving import menu_of_views

VIEWED_ONCE_SECONDS = 3600
ASK_AGAIN_SECONDS = 2, 5  # by chance, so that those who wait do not all ask at once


def show(request, table, name, *, arguments=(), **extra):
    """``name`` is that of its address, which holds ``arguments``; that of its files has “-file” after it."""
    if query := settled_query(table.filter):
        return redirect(f"{request.path}?{query}")
    context = {
        "table": table,
        "page": table.page,
        "is_valid": table.filter.is_valid(),
        "exports": [
            (extension, reverse(f"{name}-file", args=[*arguments, extension])) for extension in ("xlsx", "docx", "csv")
        ],
        "chips": _chips(request, table),
        "offers": offers(table.filter),
        "periods": period_links(request.GET) if "from" in table.filter.form.fields else [],
        "views": menu_of_views(table),
        "can_open_events": request.user.is_administrator or request.user.is_auditor,
        "verification": Verification.objects.order_by("-at").first(),
        **extra,
    }
    response = render(request, table.template, context)
    if table.filter.is_valid():
        record_view(table)
    return response


def hand_over(request, table, extension):
    table.rows  # noqa: B018 — a filter may prove wrong only when it is looked up
    if not table.filter.is_valid():
        return render(request, "reports/unclear.html", {"table": table}, status=400)
    try:
        response = export(table, extension)
    except AllSlotsTaken:
        return _ask_again(request, table)
    except TooManyRows as problem:
        return render(request, "reports/too_many_rows.html", {"table": table, "most": problem.args[0]}, status=400)
    give_up_on_stalled(request)  # a reader who takes nothing any more gives thread and slot back
    return response


def _ask_again(request, table):
    """The browser asks again by itself until a slot is free: nothing here waits with it."""
    response = render(request, "reports/waiting.html", {"table": table}, status=503)
    seconds = random.randint(*ASK_AGAIN_SECONDS)
    response["Retry-After"] = response["Refresh"] = str(seconds)
    return response


def _chips(request, table):
    """Each condition in words, and the address without it."""
    chips = []
    for words, names in table.filter.words:
        query = request.GET.copy()
        for name in (*names, *WHERE):
            query.pop(name, None)
        chips.append((words, f"?{query.urlencode()}"))
    return chips


def record_view(table):
    """Once per person, filter and hour."""
    words = table.filter.sentence
    key = f"viewed:{table.reader.pk}:{table.slug}:{sha256(words.encode()).hexdigest()}"
    if not cache.get(key):
        record_now(Action.LOG_VIEWED, by=table.reader, subject=Subject("report", table.slug, table.title), note=words)
        cache.set(key, True, VIEWED_ONCE_SECONDS)  # not before: a view that could not be recorded was none
