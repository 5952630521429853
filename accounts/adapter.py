import logging
import time
from datetime import timedelta

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import ratelimit
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.devices import device_in_words
from accounts.models import Firm, User
from accounts.network import client_address
from accounts.second_factor import must_enrol
from accounts.signals import limited, password_changed, password_reset, user_unlocked

logger = logging.getLogger("portal.mail")

REAUTHENTICATION = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}
PASSKEY_ADDED = "mfa/email/webauthn_added"  # which allauth sends in the transaction of accounts.second_factor
LOCKED_FOR = timedelta(minutes=5)  # allauth's own limit: five tries in five minutes


class AccountAdapter(DefaultAccountAdapter):
    """allauth's door, set for a portal of invited people only."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "That e-mail address and password do not belong together. Check both, or set a new password.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, or set a new password.",
        "incorrect_password": "That is not your password.",
        "enter_current_password": "That is not your password.",
    }

    def is_open_for_signup(self, request):
        return False

    def get_client_ip(self, request):
        return client_address(request) or "0.0.0.0"  # noqa: S104 — unknown: allauth keeps an address with each session

    def pre_authenticate(self, request, **credentials):
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            email = User.objects.normalize_email(credentials.get("email", ""))
            locked = User.objects.filter(email=email).first()
            if locked:
                locked.lock(timezone.now() + LOCKED_FOR)
            limited.send(User, email=email)
            raise

    def unlock(self, request, user, *, by):
        """Bad tries are forgotten: the person may sign in at once."""
        self._delete_login_attempts_cached_email(request, email=user.email)
        ratelimit.clear(request, action="login_failed", key=f"mfa-auth-user-{user.pk}")  # allauth.mfa's own key
        with transaction.atomic():
            user.lock(None)
            user_unlocked.send(User, subject=user, by=by)

    def is_reauthentication_required(self, *, app, **kwargs):
        """Signing in a moment ago counts, as giving the password once more would. Who must add a second factor is not
        asked: they have nothing else open, and setting up an app may take longer than a moment."""
        if app == "allauth.mfa" and must_enrol(self.request.user):
            return False
        records = get_authentication_records(self.request, self.request.user)
        return not records or time.time() - records[-1]["at"] > app_settings.REAUTHENTICATION_TIMEOUT

    def get_reauthentication_methods(self, user):
        methods = super().get_reauthentication_methods(user)
        return [{**method, "description": REAUTHENTICATION[method["id"]]} for method in methods]

    def send_mail(self, template_prefix, email, context):
        """Without allauth's own, which asks the request for its host: the worker has no request."""
        context = {
            **context,
            "email": email,
            "firm": Firm.current(),
            "base_url": settings.BASE_URL.origin,
            "zone": timezone.get_current_timezone_name(),
            "device": device_in_words(context.get("user_agent", "")),
        }
        self.render_mail(template_prefix, email, context).send()

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Tells of what is done already, so that its failing stops nothing."""
        mail = super().send_notification_mail

        def send():
            try:
                mail(template_prefix, user, context, email)
            except OSError:
                logger.exception("A mail could not be sent: %s", template_prefix)

        if template_prefix == PASSKEY_ADDED:
            transaction.on_commit(send)
        else:
            send()

    def set_password(self, user, password):
        """The password is set, and the log says so, or neither. A change of address that waits for its link is off: whoever
        had the password until now may have asked for it."""
        by_link = self.request.resolver_match.url_name == "account_reset_password_from_key"
        with transaction.atomic():
            super().set_password(user, password)
            user.emailaddress_set.filter(verified=False).delete()
            (password_reset if by_link else password_changed).send(User, user=user)

    def get_password_change_redirect_url(self, request):
        return reverse("profile")

    def get_reset_password_from_key_url(self, key):
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.BASE_URL.origin + path.replace("UID-KEY", key)

    def get_email_confirmation_url(self, request, emailconfirmation):
        return settings.BASE_URL.origin + reverse("account_confirm_email", args=[emailconfirmation.key])
