from hashlib import sha256

from django.core.cache import cache
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import for_log_readers, for_report_readers, found_for
from accounts.devices import device_in_words
from accounts.models import State
from activity.actions import Action
from activity.models import Checkpoint, Event, Verification
from activity.recording import Subject, record_now
from files.space import space_of_firm
from reports import tables
from reports.exports import TooManyRows, export
from reports.places import place_of

VIEWED_ONCE_SECONDS = 3600


@for_log_readers
@require_GET
def activity(request):
    return _page(request, tables.ActivityLog(request), "activity")


@for_log_readers
@require_GET
def activity_file(request, extension):
    return _file(request, tables.ActivityLog(request), extension)


@for_report_readers
@require_GET
def file_activity(request):
    return _page(request, tables.FileActivity(request), "file-activity")


@for_report_readers
@require_GET
def file_activity_file(request, extension):
    return _file(request, tables.FileActivity(request), extension)


@for_report_readers
@require_GET
def usage(request):
    return _page(request, tables.Usage(request), "usage", space=space_of_firm())


@for_report_readers
@require_GET
def usage_file(request, extension):
    return _file(request, tables.Usage(request), extension)


@for_report_readers
@require_GET
def roster(request):
    may_invite = request.user.is_administrator and request.GET.get("state") == State.HELD
    return _page(request, tables.Roster(request), "roster", may_invite=may_invite)


@for_report_readers
@require_GET
def roster_file(request, extension):
    return _file(request, tables.Roster(request), extension)


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


def _page(request, table, name, **extra):
    context = {
        "table": table,
        "page": table.page,
        "is_valid": table.filter.is_valid(),
        "exports": [(extension, reverse(f"{name}-file", args=[extension])) for extension in ("xlsx", "docx", "csv")],
        "chips": _chips(request, table),
        "can_open_events": request.user.is_administrator or request.user.is_auditor,
        "verification": Verification.objects.order_by("-at").first(),
        **extra,
    }
    response = render(request, table.template, context)
    if table.filter.is_valid():
        _record_view(table)
    return response


def _file(request, table, extension):
    table.rows  # noqa: B018 — a filter may prove wrong only when it is looked up
    if not table.filter.is_valid():
        return render(request, "reports/unclear.html", {"table": table}, status=400)
    try:
        return export(table, extension)
    except TooManyRows as problem:
        return render(request, "reports/too_many_rows.html", {"table": table, "most": problem.args[0]}, status=400)


def _chips(request, table):
    """Each condition in words, and the address without it."""
    chips = []
    for words, names in table.filter.words:
        query = request.GET.copy()
        for name in (*names, "after", "before", "upto"):
            query.pop(name, None)
        chips.append((words, f"?{query.urlencode()}"))
    return chips


def _record_view(table):
    """Once per person, filter and hour."""
    words = table.filter.sentence
    key = f"viewed:{table.reader.pk}:{table.slug}:{sha256(words.encode()).hexdigest()}"
    if not cache.get(key):
        record_now(Action.LOG_VIEWED, by=table.reader, subject=Subject("report", table.slug, table.title), note=words)
        cache.set(key, True, VIEWED_ONCE_SECONDS)  # not before: a view that could not be recorded was none
