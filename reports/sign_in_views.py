from django.views.decorators.http import require_GET

from accounts.access import for_report_readers
from reports import tables
from reports.pages import hand_over, show


@for_report_readers
@require_GET
def sign_ins(request):
    return show(request, tables.SignIns(request), "sign-ins")


@for_report_readers
@require_GET
def sign_ins_file(request, extension):
    return hand_over(request, tables.SignIns(request), extension)
