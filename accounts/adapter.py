import logging

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Firm, User
from accounts.network import client_address
from accounts.signals import password_changed, password_reset, sign_in_limited

logger = logging.getLogger("portal.mail")


class AccountAdapter(DefaultAccountAdapter):
    """allauth's door, set for a portal of invited people only."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "That e-mail address and password do not belong together. Check both, or set a new password.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, or set a new password.",
    }

    def is_open_for_signup(self, request):
        return False

    def get_client_ip(self, request):
        return client_address(request)

    def pre_authenticate(self, request, **credentials):
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            sign_in_limited.send(User, email=credentials.get("email", ""), request=request)
            raise

    def send_mail(self, template_prefix, email, context):
        """Without allauth's own, which asks the request for its host: the worker has no request."""
        context = {
            **context,
            "email": email,
            "firm": Firm.current(),
            "base_url": settings.BASE_URL.origin,
            "zone": timezone.get_current_timezone_name(),
        }
        self.render_mail(template_prefix, email, context).send()

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Tells of what is done already, so that its failing stops nothing."""
        try:
            super().send_notification_mail(template_prefix, user, context, email)
        except OSError:
            logger.exception("A mail could not be sent: %s", template_prefix)

    def set_password(self, user, password):
        """The password is set, and the log says so, or neither."""
        by_link = self.request.resolver_match.url_name == "account_reset_password_from_key"
        with transaction.atomic():
            super().set_password(user, password)
            (password_reset if by_link else password_changed).send(User, user=user)

    def get_password_change_redirect_url(self, request):
        return reverse("profile")

    def get_reset_password_from_key_url(self, key):
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.BASE_URL.origin + path.replace("UID-KEY", key)
