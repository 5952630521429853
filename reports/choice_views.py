"""The names that a filter offers while one types."""

from django.http import JsonResponse
from django.views.decorators.http import require_GET

from accounts.access import for_report_readers
from reports.filters.choosing import CLIENTS, MOST_OFFERED, PEOPLE, name_of


@for_report_readers
@require_GET
def people(request):
    return _offered(request, PEOPLE)


@for_report_readers
@require_GET
def clients(request):
    return _offered(request, CLIENTS)


def _offered(request, kind):
    words = request.GET.get("q", "").replace("\0", "").strip()
    found = list(kind.named(kind.all_for(request), words)[: MOST_OFFERED + 1])
    names = [{"name": name_of(one), "hint": one.name if kind is PEOPLE else ""} for one in found[:MOST_OFFERED]]
    return JsonResponse({"names": names, "has_more": len(found) > MOST_OFFERED})
