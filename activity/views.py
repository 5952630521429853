"""Pages about the log itself: whether it is whole, its checkpoints, and what others need to see that for themselves."""

from pathlib import Path

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import for_administrators, for_log_readers, found_for
from accounts.paging import Page
from activity import standalone
from activity.checkpoints import make_checkpoint, public_key, written
from activity.forms import AcknowledgeForm
from activity.models import Archive, Checkpoint, Event, Verification
from activity.origin import current_origin
from activity.tasks import check_log, is_check_under_way
from activity.verification import acknowledge, open_break

CHECKPOINTS_PER_PAGE = 24


@for_log_readers
@require_GET
def integrity(request):
    return _page(request, AcknowledgeForm())


@for_administrators
@require_POST
def check(request):
    if is_check_under_way():
        messages.info(request, "The log is being checked already.")
    else:
        check_log.enqueue(by_id=request.user.pk, ip=current_origin().ip)
        messages.success(
            request, "The log is being checked. Look again in a moment; a million events take half a minute."
        )
    return redirect("integrity")


@for_administrators
@require_POST
def add_checkpoint(request):
    made = make_checkpoint(by=request.user)
    messages.success(request, f"The log is signed up to event {made.size:,}. Keep the checkpoint outside the portal.")
    return redirect("integrity")


@for_administrators
@require_POST
def acknowledge_break(request):
    broken, form = open_break(), AcknowledgeForm(request.POST)
    if broken is None or str(broken.pk) != request.POST.get("verification"):
        messages.info(request, "Another check has ended meanwhile. Look at what it found.")
        return redirect("integrity")
    if not form.is_valid():
        return _page(request, form)
    acknowledge(broken, by=request.user, why=form.cleaned_data["why"])
    messages.success(request, "The break is acknowledged. Later checks name it as known, and go on past it.")
    return redirect("integrity")


@for_log_readers
@require_GET
def checkpoint(request, size):
    found = found_for(request.user, Checkpoint.objects.all(), "checkpoint", size)
    return _text(written(found), f"checkpoint-{size}.txt")


@for_log_readers
@require_GET
def verifier(request):
    return _text(Path(standalone.__file__).read_text(), "verify_activity_log.py")


def _page(request, form):
    page = Page(Checkpoint.objects.all(), "size", request.GET, size=CHECKPOINTS_PER_PAGE, descending=True)
    context = {
        "form": form,
        "latest": Verification.objects.order_by("-pk").first(),
        "broken": open_break(),
        "is_under_way": is_check_under_way(),
        "event_count": Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0,
        "page": page,
        "archives": Archive.objects.all()[:50],
        "public_key": public_key(),
    }
    return render(request, "activity/integrity.html", context)


def _text(words, name):
    response = HttpResponse(words, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
