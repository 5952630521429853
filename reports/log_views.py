"""The Activity Log, the exchange's own, and one event."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import for_log_readers, for_report_readers, found_for
from accounts.devices import device_in_words
from activity.models import Checkpoint, Event
from reports import tables
from reports.pages import hand_over, show
from reports.places import place_of

OBJECTS = ("file", "folder", "client", "user", "request")  # what an event may be about that the log can be narrowed to


@for_log_readers
@require_GET
def activity(request):
    return show(request, tables.ActivityLog(request), "activity", objects=OBJECTS)


@for_log_readers
@require_GET
def activity_file(request, extension):
    return hand_over(request, tables.ActivityLog(request), extension)


@for_report_readers
@require_GET
def file_activity(request):
    return show(request, tables.FileActivity(request), "file-activity", objects=OBJECTS)


@for_report_readers
@require_GET
def file_activity_file(request, extension):
    return hand_over(request, tables.FileActivity(request), extension)


@for_log_readers
@require_GET
def event(request, seq):
    events = Event.objects.visible_to(request.user)
    event = found_for(request.user, events, "event", seq)
    theirs = events.filter(actor_id=event.actor_id)
    if event.actor_id is None:
        theirs = theirs.filter(actor_email=event.actor_email, actor_role=event.actor_role)
    context = {
        "event": event,
        "device": device_in_words(event.user_agent) if event.user_agent else "",
        "changes": [] if event.of_bytes else _changes(event.details),
        "place": place_of(event, request.user),
        "earlier": theirs.filter(seq__lt=event.seq).order_by("-seq").first(),
        "later": theirs.filter(seq__gt=event.seq).order_by("seq").first(),
        "checkpoint": Checkpoint.objects.filter(size__gte=event.seq).order_by("size").first(),
    }
    return render(request, "reports/event.html", context)


def _changes(details):
    """[(what, before, after)] of an event that tells of a change."""
    before, after = (value if isinstance(value, dict) else {"": value} for value in _both(details))
    return [(name, before.get(name, ""), after.get(name, "")) for name in sorted({*before, *after})]


def _both(details):
    return (details.get(name) or {} for name in ("before", "after"))
