from django.views.decorators.http import require_GET

from accounts.access import for_report_readers
from files.space import space_of_firm
from reports import tables
from reports.pages import hand_over, show


@for_report_readers
@require_GET
def usage(request):
    return show(request, tables.Usage(request), "usage", space=space_of_firm())


@for_report_readers
@require_GET
def usage_file(request, extension):
    return hand_over(request, tables.Usage(request), extension)
