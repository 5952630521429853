"""Pages about people: the firm's own, and one person with rights, state and history."""

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import for_administrators, for_the_firm, person_for
from accounts.client_views import tell_invited
from accounts.forms import ConfirmForm, EditPersonForm, FirmPersonForm, PeopleListForm
from accounts.mail import send_factors_reset
from accounts.models import Invitation, InvitationSpent, LastAdministrator, User, invite_firm_person
from accounts.paging import Page
from accounts.sessions import end_all
from accounts.signals import limited

PEOPLE_PER_PAGE = 50


@for_administrators
@require_GET
def firm_users(request):
    form = PeopleListForm(request.GET)
    people = form.filter(User.objects.of_the_firm()).prefetch_related("invitations")
    page = Page(people, "email", request.GET, size=PEOPLE_PER_PAGE)
    return render(request, "accounts/firm_users.html", {"page": page, "form": form})


@for_administrators
@require_http_methods(["GET", "POST"])
def add_firm_user(request):
    form = FirmPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user, token = invite_firm_person(**form.cleaned_data, by=request.user)
        tell_invited(request, user, token)
        return redirect("person", user.pk)
    return render(request, "accounts/add_firm_user.html", {"form": form})


@for_the_firm
@require_GET
def person(request, user_id):
    person = person_for(request.user, user_id)
    context = {
        "person": person,
        "clients": (person.clients if person.is_client_user else person.assigned_clients).order_by("name")[:50],
        "factors": Authenticator.objects.filter(user=person).exclude(type=Authenticator.Type.RECOVERY_CODES).count(),
        "session_count": UserSession.objects.filter(user=person).count(),
        "is_oneself": person.pk == request.user.pk,
    }
    return render(request, "accounts/person.html", context)


@for_the_firm
@require_http_methods(["GET", "POST"])
def edit_person(request, user_id):
    person = person_for(request.user, user_id)
    form = EditPersonForm(request.POST or None, instance=person, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            User.objects.get(pk=person.pk).change(by=request.user, **form.cleaned_data)
            messages.success(request, f"{person.email} is changed.")
            return redirect("person", person.pk)
        except LastAdministrator:
            form.add_error("role", "This is the only active administrator. Make another one first.")
    return render(request, "accounts/edit_person.html", {"form": form, "person": person})


@for_the_firm
@require_POST
def deactivate(request, user_id):
    return _act(request, user_id, User.deactivate, "{} can no longer sign in.")


@for_the_firm
@require_POST
def reactivate(request, user_id):
    return _act(request, user_id, User.reactivate, "{} can sign in again.")


@for_the_firm
@require_POST
def end_sessions(request, user_id):
    return _act(request, user_id, end_all, "{} is signed out everywhere.")


@for_the_firm
@require_POST
def unlock(request, user_id):
    def unlock(person, *, by):
        get_adapter().unlock(request, person, by=by)

    return _act(request, user_id, unlock, "{} may sign in at once.")


@for_administrators
@require_POST
def reset_factors(request, user_id):
    """For somebody who lost the phone and the recovery codes. They are told by mail."""

    def reset(person, *, by):
        if person.reset_factors(by=by):
            send_factors_reset(person, by=by)

    return _act(request, user_id, reset, "{} has no second factor now, and a mail says so.")


@for_administrators
@require_http_methods(["GET", "POST"])
def delete_person(request, user_id):
    """Asks to type YES."""
    person = person_for(request.user, user_id)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            end_all(person, by=request.user)
            person.delete_account(by=request.user)
            messages.success(request, f"The account of {person} is deleted.")
            return redirect("home" if person.is_client_user else "firm-users")
        except LastAdministrator:
            form.add_error(None, "This is the only active administrator. Make another one first.")
    return render(request, "accounts/delete_person.html", {"form": form, "person": person})


@for_the_firm
@require_POST
def invite_again(request, user_id):
    """A new link for somebody whose first one was lost or is too old."""
    person = person_for(request.user, user_id)
    if not ratelimit.consume(request, action="invite_again", key=str(person.pk)):
        limited.send(User, by=request.user, note=f"invitation of {person.email}")
        messages.error(request, f"{person.email} was sent five links within the hour. Wait before you send another.")
        return redirect("person", person.pk)
    try:
        tell_invited(request, person, Invitation.issue_again(person, by=request.user))
    except InvitationSpent:
        messages.info(request, f"{person.email} has joined already.")
    return redirect("person", person.pk)


@for_the_firm
@require_POST
def revoke_invitation(request, user_id):
    def revoke(person, *, by):
        for invitation in person.invitations.filter(used_at=None):
            invitation.revoke(by=by)

    return _act(request, user_id, revoke, "The link that {} was sent no longer works.")


def _act(request, user_id, verb, words):
    person = person_for(request.user, user_id)
    try:
        verb(person, by=request.user)
        messages.success(request, words.format(person.email))
    except LastAdministrator:
        messages.error(request, "This is the only active administrator. Make another one first.")
    return redirect("person", person.pk)
