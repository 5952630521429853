"""Where the clients' organizers stand, and what is done with one while the client has it."""

from contextlib import contextmanager

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.paging import Page
from organizer.access import for_staff, organizer_for
from organizer.following_forms import SHOWN_FIRST, STATES, WITHDRAWN, FollowForm, counted
from organizer.models import NotWithClient, Organizer, Sending, WrongOrder
from organizer.sending_forms import TermsForm

ORGANIZERS_PER_PAGE = 50


@for_staff
@require_GET
def dashboard(request):
    """Who has sent back what, newest first, with how many stand where."""
    form = FollowForm(request.GET, user=request.user)
    fitting = form.all_states(Organizer.objects.visible_to(request.user))
    team = Prefetch("client__firm_users", User.objects.only("name", "email").order_by("name"))
    rows = form.of_state(fitting).select_related("client").prefetch_related(team)
    context = {
        "page": Page(rows, "at", request.GET, size=ORGANIZERS_PER_PAGE, descending=True),
        "form": form,
        "states": _states(counted(fitting)),
        "state": form.data.get("status", ""),
        "year": form.chosen_year,
        "client": form.cleaned_data["client"] if form.is_valid() else None,
        "unfinished": Sending.objects.visible_to(request.user).running().select_related("version__template"),
    }
    return render(request, "organizer/dashboard.html", context)


def _states(counts):
    """(state, words, how many), where there may be some."""
    shown = [*SHOWN_FIRST, WITHDRAWN] if counts[WITHDRAWN] else SHOWN_FIRST
    return [(state, STATES[state], counts[state]) for state in shown]


@for_staff
@require_http_methods(["GET", "POST"])
def change(request, organizer_id):
    """The due day, the message and the reminders of what a client has."""
    organizer = organizer_for(request.user, organizer_id)
    if not organizer.is_with_client:
        messages.warning(request, "It is not with the client any more: there is nothing to change.")
        return redirect(organizer)
    start = {name: getattr(organizer, name) for name in ("due_on", "message", "reminder_days")}
    form = TermsForm(request.POST or None, initial=start, standing_due=organizer.due_on)
    if request.method == "POST" and form.is_valid():
        with told(request, f"{organizer} of {organizer.client} is changed. Nobody is mailed of it."):
            organizer.change(**form.terms, by=request.user)
        return redirect(organizer)
    return render(request, "organizer/change.html", {"form": form, "organizer": organizer})


@for_staff
@require_POST
def remind(request, organizer_id):
    organizer = organizer_for(request.user, organizer_id)
    with told(request, f"A reminder to {organizer.client} is on its way."):
        organizer.remind(by=request.user)
    return redirect(organizer)


@for_staff
@require_POST
def withdraw(request, organizer_id):
    organizer = organizer_for(request.user, organizer_id)
    with told(request, f"{organizer.client} no longer sees it. Its answers are kept; it can be sent again from here."):
        organizer.withdraw(by=request.user)
    return redirect(organizer)


@for_staff
@require_POST
def send_again(request, organizer_id):
    organizer = organizer_for(request.user, organizer_id)
    organizer.send_again(by=request.user)
    messages.success(request, f"{organizer.client} has it again. A mail is on its way to its people.")
    return redirect(organizer)


@contextmanager
def told(request, words):
    """Whoever did it reads these words; or, where it could not be done any more, why."""
    try:
        yield
    except NotWithClient:
        messages.warning(request, "It is not with the client any more. Look at where it stands now.")
    except WrongOrder as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, words)
