"""Forms of signing in: allauth's in the portal's words. What is refused is announced, and so is in the log."""

from contextlib import contextmanager

from allauth.account.forms import ReauthenticateForm as ReauthenticatePasswordForm
from allauth.core import context
from allauth.mfa import signals
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import extract_user_from_response
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.adapter import LOCKED_FOR
from accounts.models import User
from accounts.second_factor import factors_of
from accounts.signals import limited

WITH_RECOVERY_CODE = "recovery-code"  # ?with=recovery-code: the page asks for one of those
LIMITED = ("too_many_login_attempts", "rate_limited")  # signing in, setting up
TOO_MANY_CODES = "Too many tries. Wait five minutes, then enter the code shown then."
MOST_NAME = 60
STRANGE_PASSKEY = "That passkey does not fit. Try again, or use another way."
CODE = {
    "inputmode": "numeric",
    "autocomplete": "one-time-code",
    "maxlength": "7",
    "class": "input input--code",
    "autofocus": True,
}


@contextmanager
def limits_announced(user):
    """Too many tries, refused by allauth before the answer was looked at, are in the log, and said in our words."""
    try:
        yield
    except ValidationError as refused:
        if refused.code not in LIMITED:
            raise
        user.lock(timezone.now() + LOCKED_FOR)
        limited.send(User, email=user.email, note="second factor")
        raise ValidationError(TOO_MANY_CODES, code=refused.code) from refused


class _CodeForm:
    """Takes a code of the app or a recovery code, and asks for the one that the address names."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.factors = factors_of(self.user)
        self.wants_recovery_code = context.request.GET.get("with") == WITH_RECOVERY_CODE
        code = self.fields["code"]
        if self.wants_recovery_code:
            code.label, code.help_text = "Recovery code", "8 digits from your list. Each works once."
            code.widget.attrs = {**CODE, "autocomplete": "off", "maxlength": "11"}
        else:
            code.label, code.help_text = "6-digit code", "From your authenticator app. It changes every 30 seconds."
            code.widget.attrs = dict(CODE)

    def clean_code(self):
        with limits_announced(self.user):
            try:
                return super().clean_code()
            except ValidationError as refused:
                if self.wants_recovery_code and refused.code == "incorrect_code":
                    raise ValidationError("That code does not fit, or it was used before.") from refused
                raise


class CodeForm(_CodeForm, AuthenticateForm):
    """The second step of signing in."""


class ReauthenticateCodeForm(_CodeForm, ReauthenticateForm):
    """Before a change that matters."""


class _PasskeyForm:
    """A passkey that does not fit is announced: allauth does so for codes only."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["credential"].error_messages["required"] = "The passkey was not read. Try again."

    def clean_credential(self):
        answer = self.cleaned_data["credential"]
        try:
            if self.user is not None:
                with limits_announced(self.user):
                    return super().clean_credential()
            return self._of_somebody_active(super().clean_credential())
        except ValidationError as refused:
            if refused.code != "incorrect_code":
                raise
            self._announce(answer)
            raise ValidationError(STRANGE_PASSKEY) from refused

    def _of_somebody_active(self, authenticator):
        if not authenticator.user.is_active:
            raise ValidationError(STRANGE_PASSKEY, code="incorrect_code")
        return authenticator

    def _announce(self, answer):
        """Stands with the account that the answer names. One that names none is noise, and is not kept."""
        try:
            user = self.user or extract_user_from_response(answer)
        except (ValidationError, AttributeError):
            return
        signals.authentication_failed.send(
            Authenticator,
            request=context.request,
            user=user,
            authenticator=Authenticator(user=user, type=Authenticator.Type.WEBAUTHN),
            reauthentication=self.reauthenticated,
        )


class PasskeySignInForm(_PasskeyForm, LoginWebAuthnForm):
    """Instead of address, password and code."""


class PasskeyForm(_PasskeyForm, AuthenticateWebAuthnForm):
    """The second step of signing in."""


class ReauthenticatePasskeyForm(_PasskeyForm, ReauthenticateWebAuthnForm):
    """Before a change that matters."""


class SetUpAppForm(ActivateTOTPForm):
    """The first code shows that the app has the key."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label, code.help_text = "6-digit code", "The one your app shows now."
        code.widget.attrs = dict(CODE)

    def clean_code(self):
        with limits_announced(self.user):
            return super().clean_code()

    @property
    def key_in_groups(self):
        """The key in fours, as people type it."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))


class AddPasskeyForm(AddWebAuthnForm):
    """Every passkey here can sign in by itself, so the device checks its owner."""

    name = forms.CharField(
        required=False,
        max_length=MOST_NAME,
        help_text="So that you know it among others.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    passwordless = forms.BooleanField(initial=True, widget=forms.CheckboxInput({"hidden": True}))


class PasskeyNameForm(forms.Form):
    """What a passkey is called."""

    name = forms.CharField(max_length=MOST_NAME, widget=forms.TextInput({"autocomplete": "off", "autofocus": True}))


class PasswordAgainForm(ReauthenticatePasswordForm):
    """Before a change that matters."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        password = self.fields["password"]
        password.help_text = ""
        password.widget.attrs = {"autocomplete": "current-password", "autofocus": True}


class NewEmailForm(forms.Form):
    """The address to sign in with from now on. Whether it is another's is said to whoever reads its mail, not here."""

    email = forms.EmailField(
        label="New e-mail address", widget=forms.EmailInput({"autocomplete": "email", "autofocus": True})
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_email(self):
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if email == self._user.email:
            raise ValidationError("You sign in with this address already.")
        return email
