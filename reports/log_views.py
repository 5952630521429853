"""The Activity Log, the exchange's own, and one event."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import for_log_readers, for_report_readers, found_for
from accounts.devices import device_in_words
from activity.models import Checkpoint, Event
from reports import tables
from reports.charts import DayChart
from reports.filters.log import OBJECTS
from reports.pages import hand_over, record_view, show
from reports.places import place_of


@for_log_readers
@require_GET
def activity(request):
    return _show(request, tables.ActivityLog(request), "activity")


@for_log_readers
@require_GET
def activity_file(request, extension):
    return hand_over(request, tables.ActivityLog(request), extension)


@for_log_readers
@require_GET
def activity_chart(request):
    return _chart(request, tables.ActivityLog(request), "activity")


@for_log_readers
@require_GET
def activity_new(request):
    return _new(tables.ActivityLog(request))


@for_report_readers
@require_GET
def file_activity(request):
    return _show(request, tables.FileActivity(request), "file-activity")


@for_report_readers
@require_GET
def file_activity_file(request, extension):
    return hand_over(request, tables.FileActivity(request), extension)


@for_report_readers
@require_GET
def file_activity_chart(request):
    return _chart(request, tables.FileActivity(request), "file-activity")


@for_report_readers
@require_GET
def file_activity_new(request):
    return _new(tables.FileActivity(request))


def _show(request, table, name):
    parts = {"chart_url": reverse(f"{name}-chart"), "new_url": reverse(f"{name}-new")}
    return show(request, table, name, objects=OBJECTS, **parts)


def _chart(request, table, name):
    """The chart: alone for a page that has asked for it, else on a page of its own."""
    table.rows  # noqa: B018 — a filter may prove wrong only when it is looked up
    is_valid = table.filter.is_valid()
    is_part = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    address = reverse(name)
    context = {"table": table, "is_valid": is_valid, "back": f"{address}?{request.GET.urlencode()}"}
    if is_valid:
        record_view(table)
        context["chart"] = DayChart(table, address)
    template = "reports/_chart.html" if is_part and is_valid else "reports/chart.html"
    return render(request, template, context, status=200 if is_valid else 400)


def _new(table):
    """How many events came since the page was made, in words; nothing where there are none."""
    return HttpResponse(
        table.new_words, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


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
