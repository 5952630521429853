"""What the firm demands of a second factor, and what a person has of it. The rows are django-allauth's Authenticator."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from functools import wraps

from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.internal.flows import delete_and_cleanup
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import transaction

from accounts import keyfile
from accounts.devices import device_in_words
from accounts.models import Firm, SecondFactor, User
from accounts.signals import factor_added

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class LastFactor(ValueError):
    """The firm demands a second factor, and this is the only one."""


def connect():
    authenticator_added.connect(_shown, dispatch_uid="accounts.second_factor")


def policy_for(user):
    """The SecondFactor that holds for this person."""
    firm = Firm.current()
    return SecondFactor(firm.second_factor_clients if user.is_client_user else firm.second_factor_firm)


def has_factor(user):
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def must_enrol(user):
    return policy_for(user) == SecondFactor.DEMANDED and not has_factor(user)


def announced(view):
    """What the view adds is announced before it is committed; allauth, which owns the view, tells of it only after."""

    @wraps(view)
    def announcing(request, *args, **kwargs):
        if request.method != "POST":
            return view(request, *args, **kwargs)
        own = Authenticator.objects.filter(user=request.user).order_by("pk")
        with transaction.atomic():
            before = list(own.values_list("pk", flat=True))
            response = view(request, *args, **kwargs)
            for authenticator in own.exclude(pk__in=before):
                factor_added.send(User, user=request.user, authenticator=authenticator)
        return response

    return announcing


def may_remove(authenticator):
    """Whether the person is left with a factor where one is demanded. Recovery codes only stand in for one."""
    if policy_for(authenticator.user) != SecondFactor.DEMANDED or authenticator.type not in FACTORS:
        return True
    others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS).exclude(pk=authenticator.pk)
    return others.exists()


def remove(authenticator, *, request):
    """The factor is gone, and with the last one the recovery codes. Raises LastFactor."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=authenticator.user_id)  # two factors removed at once leave one
        if not may_remove(authenticator):
            raise LastFactor
        delete_and_cleanup(request, authenticator)


@dataclass
class Factors:
    """What one person has, for pages."""

    app: Authenticator | None = None
    passkeys: list = field(default_factory=list)
    codes: Authenticator | None = None

    @property
    def count(self):
        """How many there are; recovery codes only stand in for one."""
        return bool(self.app) + len(self.passkeys)

    @property
    def codes_left(self):
        return len(self.codes.wrap().get_unused_codes()) if self.codes else 0

    @property
    def in_words(self):
        parts = ["authenticator app"] if self.app else []
        if self.passkeys:
            count = len(self.passkeys)
            parts.append("a passkey" if count == 1 else f"{count} passkeys")
        return " and ".join(parts)


def factors_of(user):
    """The person's Factors. One query."""
    found = Factors()
    for authenticator in Authenticator.objects.filter(user=user).order_by("pk"):
        if authenticator.type == Authenticator.Type.TOTP:
            found.app = authenticator
        elif authenticator.type == Authenticator.Type.RECOVERY_CODES:
            found.codes = authenticator
        else:
            found.passkeys.append(authenticator)
    return found


class MFAAdapter(DefaultMFAAdapter):
    """Secrets lie encrypted; names and words are the firm's."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code does not fit. Enter the one shown now; each works once.",
        "cannot_generate_recovery_codes": "Recovery codes stand in for a second factor. Add one first.",
    }

    def get_totp_issuer(self):
        return f"{Firm.current().name} Firm Portal"

    def get_public_key_credential_rp_entity(self):
        return {"id": settings.BASE_URL.host, "name": f"{Firm.current().name} Firm Portal"}

    def generate_authenticator_name(self, user, type):
        """A passkey is known by the device that made it, until its owner says otherwise."""
        return device_in_words(context.request.headers.get("User-Agent", ""))

    def encrypt(self, text):
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator):
        return may_remove(authenticator)


def _shown(sender, *, request, user, authenticator, **kwargs):
    """Whoever has just added a factor holds it: the recovery codes follow without asking who it is."""
    if authenticator.type in FACTORS:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True)


def _fernet():
    return Fernet(urlsafe_b64encode(keyfile.key("factors")))
