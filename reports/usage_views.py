"""Who uses the space: by person and by client."""

from django.views.decorators.http import require_GET

from accounts.access import for_report_readers
from reports import tables
from reports.pages import hand_over, show


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


def _show(request, table):
    by_client = isinstance(table, tables.UsageByClient)
    return show(request, table, table.slug, space=table.space, by_client=by_client, place=table.slug)
