from django.views.decorators.http import require_GET

from accounts.access import for_report_readers
from accounts.models import State
from reports import tables
from reports.pages import hand_over, show


@for_report_readers
@require_GET
def roster(request):
    may_invite = request.user.is_administrator and request.GET.get("state") == State.HELD
    return show(request, tables.Roster(request), "roster", may_invite=may_invite)


@for_report_readers
@require_GET
def roster_file(request, extension):
    return hand_over(request, tables.Roster(request), extension)
