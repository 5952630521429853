"""Pages about scheduled reports: the schedules, their runs, and the files of those."""

from django.contrib import messages
from django.db.models import Count, OuterRef, Subquery
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import for_report_readers, found_for
from accounts.connections import release_connection
from accounts.forms import USUAL_ZONES, ConfirmForm
from accounts.models import Firm
from accounts.paging import Page
from reports.catalog import REPORTS
from reports.models import Run, SavedView, Schedule
from reports.running import KEPT_DAYS, pause, run_now
from reports.saved_forms import ScheduleForm

SCHEDULES_PER_PAGE, RUNS_SHOWN = 100, 50


@for_report_readers
@require_GET
def schedules(request):
    latest = Run.objects.filter(schedule=OuterRef("pk")).order_by("-due_at", "-pk")
    found = Schedule.objects.visible_to(request.user).select_related("owner")
    found = found.annotate(told_count=Count("recipients"), latest_state=Subquery(latest.values("state")[:1]))
    sent = Run.objects.visible_to(request.user).filter(state=Run.State.MADE, recipients=request.user)
    context = {
        "page": Page(found, "name", request.GET, size=SCHEDULES_PER_PAGE),
        "sent": sent.select_related("schedule__owner")[:RUNS_SHOWN],
        "kept_days": KEPT_DAYS,
    }
    return render(request, "reports/schedules.html", context)


@for_report_readers
@require_http_methods(["GET", "POST"])
def add_schedule(request, view_id):
    view = found_for(request.user, SavedView.objects.visible_to(request.user), "savedview", view_id)
    initial = {"name": view.name, "recipients": [request.user.pk]}
    form = ScheduleForm(request.POST or None, report=REPORTS[view.report], by=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = dict(form.cleaned_data)
        recipients = chosen.pop("recipients")
        schedule = Schedule(owner=request.user, report=view.report, query=view.query, **chosen)
        schedule.make(recipients=recipients)
        messages.success(request, f"“{schedule}” is scheduled.")
        return redirect(schedule)
    return render(request, "reports/add_schedule.html", {"form": form, "view": view, "zone": _zone_in_words()})


@for_report_readers
@require_GET
def schedule(request, schedule_id):
    schedule = _schedule_for(request.user, schedule_id)
    runs = list(schedule.runs.all()[:RUNS_SHOWN])
    opened = set(Run.objects.visible_to(request.user).filter(schedule=schedule).values_list("pk", flat=True))
    for one in runs:
        one.is_for_reader = one.pk in opened
    context = {
        "schedule": schedule,
        "runs": runs,
        "kept_days": KEPT_DAYS,
        "told": schedule.recipients.order_by("email"),
    }
    return render(request, "reports/schedule.html", context)


@for_report_readers
@require_http_methods(["GET", "POST"])
def change_schedule(request, schedule_id):
    schedule = _schedule_for(request.user, schedule_id)
    initial = {name: getattr(schedule, name) for name in ScheduleForm.Meta.fields}
    initial["recipients"] = list(schedule.recipients.values_list("pk", flat=True))
    form = ScheduleForm(request.POST or None, report=REPORTS[schedule.report], by=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        schedule.change(**form.cleaned_data, by=request.user)
        messages.success(request, f"“{schedule}” is changed.")
        return redirect(schedule)
    return render(
        request, "reports/change_schedule.html", {"form": form, "schedule": schedule, "zone": _zone_in_words()}
    )


@for_report_readers
@require_POST
def pause_schedule(request, schedule_id):
    schedule = _schedule_for(request.user, schedule_id)
    pause(schedule, by=request.user)
    messages.success(request, f"“{schedule}” is paused. Nothing is made until somebody goes on with it.")
    return redirect(schedule)


@for_report_readers
@require_POST
def resume_schedule(request, schedule_id):
    schedule = _schedule_for(request.user, schedule_id)
    if not schedule.is_open_to(schedule.owner):
        messages.error(request, f"It stays paused: {schedule.owner} may not read this report.")
        return redirect(schedule)
    schedule.resume(by=request.user)
    messages.success(request, f"“{schedule}” goes on. What was due meanwhile is not made up.")
    return redirect(schedule)


@for_report_readers
@require_POST
def run_schedule(request, schedule_id):
    schedule = _schedule_for(request.user, schedule_id)
    if schedule.runs.filter(state=Run.State.WAITING).exists():
        messages.info(request, f"“{schedule}” is being made already.")
    else:
        run_now(schedule, by=request.user)
        messages.success(request, f"“{schedule}” is being made. Whoever is told of it gets the link.")
    return redirect(schedule)


@for_report_readers
@require_http_methods(["GET", "POST"])
def delete_schedule(request, schedule_id):
    """Asks to type YES: the files of its runs go with it."""
    schedule = _schedule_for(request.user, schedule_id)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        schedule.delete_schedule(by=request.user)
        messages.success(request, f"“{schedule}” is deleted.")
        return redirect("schedules")
    context = {"form": form, "schedule": schedule, "run_count": schedule.runs.count()}
    return render(request, "reports/delete_schedule.html", context)


@for_report_readers
@require_GET
def run(request, run_id):
    return render(request, "reports/run.html", {"run": _run_for(request.user, run_id), "kept_days": KEPT_DAYS})


@for_report_readers
@require_GET
def run_file(request, run_id):
    """The file as it was made; the log says first who fetches it."""
    run = _run_for(request.user, run_id)
    if not run.is_made:
        raise Http404
    run.fetch(by=request.user)
    response = StreamingHttpResponse(_content_of(run), content_type=run.media_type)
    response["Content-Disposition"] = content_disposition_header(True, run.file_name)
    response["Content-Length"] = run.size_bytes
    response["Cache-Control"] = "private, no-store"
    return response


def _content_of(run):
    """Its pieces, each read by one statement that is over before its bytes go out."""
    pieces = run.pieces.filter(attempt=run.tries).values_list("content", flat=True)
    number = 0
    while content := pieces.filter(number=number).first():
        release_connection()
        yield bytes(content)
        number += 1


def _zone_in_words():
    zone = Firm.current().time_zone
    return USUAL_ZONES.get(zone, zone).split(",")[0]


def _schedule_for(user, schedule_id):
    return found_for(user, Schedule.objects.visible_to(user).select_related("owner"), "schedule", schedule_id)


def _run_for(user, run_id):
    return found_for(user, Run.objects.visible_to(user).select_related("schedule__owner"), "report run", run_id)
