"""Where somebody of the firm has an export checked."""

from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.access import for_report_readers
from activity.actions import Action
from activity.recording import Subject, record_now
from reports.forms import ExportForm
from reports.verifying import ExportHandler, verify_export


@csrf_exempt  # until the file is read by its own handler
@for_report_readers
@require_http_methods(["GET", "POST"])
def verify(request):
    handler = ExportHandler.of(request)
    if handler.is_refused:
        return render(request, "413.html", status=413)
    return _verify(request, handler)


@csrf_protect
def _verify(request, handler):
    is_asked = request.method == "POST"
    form = ExportForm(request.POST, file_sha256=handler.sha256) if is_asked else ExportForm()
    context = {"form": form, "most_compared_bytes": handler.most_bytes}
    if is_asked and handler.is_too_large:
        form.add_error("sha256", "The file is larger than what is read here. Give its SHA-256 instead.")
    elif is_asked and form.is_valid():
        sha256, number = form.cleaned_data["sha256"], form.cleaned_data["number"] or handler.number
        finding = verify_export(request.user, sha256, number=number)
        _record(request.user, finding, sha256)
        context |= {"is_answered": True, "finding": finding, "sha256": sha256, "number": number}
        context["form"] = ExportForm()
    return render(request, "reports/verify.html", context)


def _record(reader, finding, sha256):
    about = None
    if finding:
        started = finding.started
        about = Subject("event", str(started.seq), f"{started.subject}, export {started.seq:,}")
    words = finding.words if finding else "nothing known"
    record_now(Action.EXPORT_VERIFIED, by=reader, subject=about, note=f"{words}, SHA-256 {sha256}")
