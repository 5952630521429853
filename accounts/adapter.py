from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Firm, User
from accounts.network import client_address
from accounts.signals import sign_in_limited


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
        super().send_mail(
            template_prefix,
            email,
            {
                **context,
                "firm": Firm.current(),
                "base_url": settings.BASE_URL.origin,
                "zone": timezone.get_current_timezone_name(),
            },
        )

    def get_password_change_redirect_url(self, request):
        return reverse("profile")

    def get_reset_password_from_key_url(self, key):
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.BASE_URL.origin + path.replace("UID-KEY", key)
