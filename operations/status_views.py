"""How the portal stands, for whoever answers for it."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import for_log_readers
from operations.status import BAD, WARN, sections


@for_log_readers
@require_GET
def status(request):
    found = sections()
    wrong = [part for level in (BAD, WARN) for _, parts in found for part in parts if part.level == level]
    return render(request, "operations/status.html", {"sections": found, "wrong": wrong})
