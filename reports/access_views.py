"""Who accessed a client's files."""

from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from accounts.access import for_report_readers
from reports import tables
from reports.pages import hand_over, show


@for_report_readers
@require_GET
def access(request):
    return show(request, tables.Access(request), "access")


@for_report_readers
@require_GET
def access_file(request, extension):
    table = tables.Access(request)
    if table.filter.is_valid() and not table.client:
        return redirect("access")  # which says what to choose
    return hand_over(request, table, extension)
