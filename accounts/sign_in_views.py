"""Pages about how one signs in: the second factor and the e-mail address. What is not here is allauth's own view."""

from allauth.account import app_settings as account_settings
from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress, get_emailconfirmation_model
from allauth.decorators import rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import found_for
from accounts.models import EmailTaken, User
from accounts.second_factor import LastFactor, factors_of, may_remove, must_enrol, policy_for, remove
from accounts.sign_in_forms import NewEmailForm, PasskeyNameForm
from accounts.signals import email_change_asked

reauthenticated = reauthentication_required(app="allauth.mfa")


@require_GET
def second_factor(request):
    """What one has, what the firm demands; nothing but the way to a factor for whoever must add one."""
    context = {
        "factors": factors_of(request.user),
        "policy": policy_for(request.user),
        "must_enrol": must_enrol(request.user),
    }
    return render(request, "mfa/index.html", context)


@reauthenticated
@require_http_methods(["GET", "POST"])
def remove_app(request):
    app = factors_of(request.user).app
    return _remove(request, app) if app else redirect("mfa_index")


@reauthenticated
@require_http_methods(["GET", "POST"])
def remove_passkey(request, pk):
    return _remove(request, _passkey_of(request.user, pk))


@reauthenticated
@require_http_methods(["GET", "POST"])
def rename_passkey(request, pk):
    passkey = _passkey_of(request.user, pk)
    form = PasskeyNameForm(request.POST or None, initial={"name": str(passkey)})
    if request.method == "POST" and form.is_valid():
        passkey.wrap().name = form.cleaned_data["name"]
        passkey.save(update_fields=["data"])
        messages.success(request, f"The passkey is called {passkey} now.")
        return redirect("mfa_index")
    return render(request, "mfa/webauthn/edit_form.html", {"form": form, "passkey": passkey})


class ReauthenticatePasskeyView(ReauthenticateWebAuthnView):
    """allauth's view; a passkey that does not fit can be tried again."""

    def form_invalid(self, form):
        for problem in form.errors["credential"]:
            messages.error(self.request, problem)
        return redirect(self.passthrough_next_url(reverse("mfa_reauthenticate_webauthn")))


@rate_limit(action="manage_email")
@reauthentication_required(app="allauth.account")
@require_http_methods(["GET", "POST"])
def change_email(request):
    """A link goes to the new address; nothing changes before it is followed."""
    asked = EmailAddress.objects.get_new(request.user)
    if request.method == "POST" and "keep" in request.POST:
        EmailAddress.objects.filter(user=request.user, verified=False).delete()
        messages.success(request, f"You keep {request.user.email}. The link that was mailed no longer works.")
        return redirect("profile")
    form = NewEmailForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        _mail_link(request, form.cleaned_data["email"])
        return redirect("account_email")
    return render(
        request,
        "account/email_change.html",
        {"form": form, "asked": asked, "days": account_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS},
    )


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def confirm_email(request, key):
    """Shows on GET and acts on POST: the scanners of mail servers open links."""
    confirmation = get_emailconfirmation_model().from_key(key)
    if confirmation is None or not confirmation.email_address.user.is_active:
        return render(request, "account/email_confirm.html", status=410)
    address = confirmation.email_address
    if request.method == "POST":
        before = address.user.email
        try:
            address.user.change_email(address.email, by=address.user)
        except EmailTaken:
            return render(request, "account/email_confirm.html", {"taken": address.email}, status=409)
        words = {"from_email": before, "to_email": address.email}
        get_adapter().send_notification_mail("account/email/email_changed", address.user, words, email=before)
        messages.success(request, f"Sign in with {address.email} from now on.")
        return redirect("profile" if request.user == address.user else "account_login")
    return render(request, "account/email_confirm.html", {"address": address})


def _passkey_of(user, pk):
    passkeys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return found_for(user, passkeys, "passkey", pk)


def _remove(request, factor):
    if request.method == "POST":
        try:
            remove(factor, request=request)
        except LastFactor:
            return redirect(request.path)
        is_app = factor.type == Authenticator.Type.TOTP
        messages.success(
            request, "The authenticator app is removed." if is_app else f"The passkey {factor} is removed."
        )
        notice = "mfa/email/totp_deactivated" if is_app else "mfa/email/webauthn_removed"
        get_adapter().send_notification_mail(notice, request.user)
        return redirect("mfa_index")
    context = {
        "factor": factor,
        "is_app": factor.type == Authenticator.Type.TOTP,
        "may_remove": may_remove(factor),
        "is_last": factors_of(request.user).count == 1,
    }
    return render(request, "mfa/remove.html", context)


def _mail_link(request, email):
    """The address waits for its link to be followed, and replaces another that waited."""
    asked = EmailAddress.objects.get_new(request.user)
    is_same = asked is not None and asked.email == email
    address = asked if is_same else EmailAddress.objects.add_new_email(request, request.user, email, False)
    try:
        if send_verification_email_to_address(request, address):
            with transaction.atomic():
                email_change_asked.send(User, subject=request.user, by=request.user, after={"email": email})
            return
        messages.info(
            request, "One address gets one link in three minutes. Look among the junk mail, or ask again then."
        )
    except OSError:
        messages.error(request, "The mail could not be sent, so nothing changes. Try again later.")
    if not is_same:
        address.delete()
