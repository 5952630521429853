from allauth.account.adapter import get_adapter
from django.conf import settings
from django.urls import reverse


def send_factors_reset(user, *, by):
    """Whoever lost a second factor, or had it taken away, is told."""
    get_adapter().send_mail("accounts/mail/factors_reset", user.email, {"user": user, "by": by})


def send_invitation(user, token, *, by):
    """The link goes to the invited person, and only there."""
    link = settings.BASE_URL.origin + reverse("invitation", args=[token])
    get_adapter().send_mail("accounts/mail/invitation", user.email, {"user": user, "by": by, "link": link})
