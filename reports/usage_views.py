"""Who uses the space: by person, by client, and over the last twelve months."""

from zoneinfo import ZoneInfo

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import for_report_readers
from accounts.models import Firm
from reports import tables
from reports.filters.choosing import offers
from reports.pages import hand_over, show
from reports.trend import Trend


@for_report_readers
@require_GET
def usage(request):
    return _show(request, tables.Usage(request))


@for_report_readers
@require_GET
def usage_file(request, extension):
    return hand_over(request, tables.Usage(request), extension)


@for_report_readers
@require_GET
def usage_by_client(request):
    return _show(request, tables.UsageByClient(request))


@for_report_readers
@require_GET
def usage_by_client_file(request, extension):
    return hand_over(request, tables.UsageByClient(request), extension)


@for_report_readers
@require_GET
def usage_trend(request):
    trend = Trend(request, today=timezone.localdate(timezone=ZoneInfo(Firm.current().time_zone)))
    context = {
        "table": trend,
        "trend": trend,
        "is_valid": trend.filter.is_valid(),
        "words": f"{len(trend.days):,} {'day' if len(trend.days) == 1 else 'days'}",
        "chips": [(words, "?") for words, _ in trend.filter.words],
        "offers": offers(trend.filter),
        "place": "usage-trend",
    }
    return render(request, "reports/usage_trend.html", context)


def _show(request, table):
    by_client = isinstance(table, tables.UsageByClient)
    return show(request, table, table.slug, space=table.space, by_client=by_client, place=table.slug)
