from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse


def send_factors_reset(user, *, by):
    """Whoever lost a second factor, or had it taken away, is told."""
    get_adapter().send_mail("accounts/mail/factors_reset", user.email, {"user": user, "by": by})


def send_invitation(user, token, *, by):
    """The link goes to the invited person, and only there."""
    link = settings.BASE_URL.origin + reverse("invitation", args=[token])
    get_adapter().send_mail("accounts/mail/invitation", user.email, {"user": user, "by": by, "link": link})


def send_password_reset(user):
    """The link is made here, and stands nowhere else."""
    adapter = get_adapter()
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    link = adapter.get_reset_password_from_key_url(key)
    adapter.send_mail("account/email/password_reset_key", user.email, {"user": user, "password_reset_url": link})
