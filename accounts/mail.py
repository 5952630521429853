from allauth.account.adapter import get_adapter
from django.conf import settings
from django.urls import reverse


def send_invitation(user, token, *, by):
    """The link goes to the invited person, and only there."""
    link = settings.BASE_URL.origin + reverse("invitation", args=[token])
    get_adapter().send_mail("accounts/mail/invitation", user.email, {"user": user, "by": by, "link": link})
