"""Sending a template: choose clients, look once more, send; then part after part goes out."""

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Membership
from organizer.access import for_staff, sending_for
from organizer.models import Sending, WrongOrder
from organizer.sending_forms import ChooseForm, SendForm

SECONDS_AT_ONCE = 5
OFFERED = 100
SHOWN = 20


@for_staff
@require_http_methods(["GET", "POST"])
def send(request):
    """Which template, to whom. Nothing is sent yet: what is chosen waits for a last look."""
    data = request.POST if request.method == "POST" else request.GET
    form = ChooseForm(data, user=request.user)
    fitting, ticked = form.fitting(), form.ticked()
    if request.method == "POST" and form.is_valid():
        chosen = {"all": fitting, "ticked": ticked}.get(request.POST.get("choose"))
        if chosen is not None and chosen.exists():
            prepared = Sending.prepare(form.cleaned_data["version"], chosen, by=request.user)
            return redirect("organizer-sending", prepared.pk)
    offered = fitting.exclude(pk__in=ticked)
    context = {
        "form": form,
        "ticked": ticked,
        "offered": offered[:OFFERED],
        "fitting_count": fitting.count(),
        "is_more": offered.count() > OFFERED,
        "is_nobody_chosen": request.POST.get("choose") == "ticked",
    }
    return render(request, "organizer/send.html", context)


@for_staff
@require_http_methods(["GET", "POST"])
def sending(request, sending_id):
    """Shows on GET whom it would go to, how far it is, or what was sent; POST confirms or goes on."""
    sending = sending_for(request.user, sending_id)
    if sending.is_waiting:
        data = request.POST if request.method == "POST" else None
        form = SendForm(data, has_some_already=sending.having().exists())
        if request.method == "GET" or not form.is_valid():
            return _show_choice(request, sending, form)
        sending.confirm(**form.terms)
    if request.method == "GET":
        return render(request, "organizer/sending.html", {"sending": sending})
    try:
        sending.go_on(seconds=SECONDS_AT_ONCE)
    except WrongOrder as problem:
        messages.warning(request, str(problem))
    return redirect("organizer-sending", sending.pk)


@for_staff
@require_POST
def discard(request, sending_id):
    sending = sending_for(request.user, sending_id)
    sending.discard()
    return redirect("organizer-send") if sending.is_waiting else redirect("organizer-sending", sending.pk)


def _show_choice(request, sending, form):
    chosen = sending.chosen().order_by("name")
    who_can_open = Membership.objects.filter(client=OuterRef("pk"), user__is_active=True, user__may_use_organizer=True)
    context = {
        "sending": sending,
        "form": form,
        "chosen": _in_short(chosen),
        "having": _in_short(sending.having().order_by("name")),
        "unreachable": _in_short(chosen.filter(~Exists(who_can_open))),
    }
    return render(request, "organizer/sending_check.html", context)


def _in_short(clients):
    """The first of them, how many there are, and how many more that is."""
    count = clients.count()
    return {"first": clients[:SHOWN], "count": count, "more": max(0, count - SHOWN)}
