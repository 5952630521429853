import hashlib
import secrets
from datetime import timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.utils import timezone

from accounts import signals
from accounts.querysets import ClientQuerySet, UserQuerySet

INVITATION_LIFE = timedelta(days=14)


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", "Firm administrator"
    FIRM_USER = "firm_user", "Firm user"
    AUDITOR = "auditor", "Auditor"
    CLIENT_USER = "client_user", "Client user"


class EmailTaken(ValueError):
    """Another account has this e-mail address."""


class InvitationSpent(ValueError):
    """The invitation was used already, or its last day has passed."""


def validate_time_zone(name):
    if name not in available_timezones():
        raise ValidationError(f"{name} is no time zone; choose one like America/Chicago")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    @classmethod
    def normalize_email(cls, email):
        return (email or "").strip().lower()

    def get_by_natural_key(self, email):
        return self.get(email=self.normalize_email(email))

    def make(self, email, *, role, name="", **fields):
        """A saved account without a password, not yet active. Raises EmailTaken."""
        email = self.normalize_email(email)
        if self.filter(email=email).exists():
            raise EmailTaken(email)
        user = self.model(email=email, role=role, name=name, **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address, of the firm or of a client."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=20, choices=Role)
    time_zone = models.CharField(max_length=64, blank=True, validators=[validate_time_zone])
    is_active = models.BooleanField(default=False)
    is_demonstration = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    joined_at = models.DateTimeField(null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        ordering = ["email"]

    def __str__(self):
        return self.email

    @property
    def is_administrator(self):
        return self.role == Role.ADMINISTRATOR

    @property
    def is_firm_user(self):
        return self.role == Role.FIRM_USER

    @property
    def is_auditor(self):
        return self.role == Role.AUDITOR

    @property
    def is_client_user(self):
        return self.role == Role.CLIENT_USER

    @property
    def short_name(self):
        return (self.name or self.email).split()[0]

    @property
    def zone(self):
        return ZoneInfo(self.time_zone or Firm.current().time_zone)

    def visible_clients(self):
        return Client.objects.visible_to(self)

    def only_client(self):
        """The client of a client user who belongs to exactly one, else None."""
        if not self.is_client_user:
            return None
        clients = list(Client.objects.filter(memberships__user=self)[:2])
        return clients[0] if len(clients) == 1 else None

    def change_profile(self, *, name, time_zone, by):
        """The person's name and time zone are as given."""
        with transaction.atomic():
            before = {"name": self.name, "time_zone": self.time_zone}
            self.name, self.time_zone = name, time_zone
            self.save(update_fields=["name", "time_zone"])
            signals.profile_changed.send(
                User, subject=self, by=by, before=before, after={"name": name, "time_zone": time_zone}
            )


class Client(models.Model):
    """A client of the firm: a person, a couple or a business, with one file cabinet and any number of people."""

    name = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    people = models.ManyToManyField(User, through="Membership", related_name="clients")
    firm_users = models.ManyToManyField(User, through="Assignment", related_name="assigned_clients")

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    @classmethod
    def add(cls, name, *, firm_users=(), by):
        """A new client, looked after by ``firm_users``."""
        with transaction.atomic():
            client = cls.objects.create(name=name)
            client.assign(firm_users)
            signals.client_created.send(cls, subject=client, by=by, after={"firm_users": _emails(firm_users)})
        return client

    def assign(self, firm_users):
        Assignment.objects.bulk_create(Assignment(client=self, user=user) for user in firm_users)

    def invite(self, email, *, name="", by):
        """A client user of this client, invited by mail; returns the user and the invitation's token."""
        with transaction.atomic():
            user = User.objects.make(email, role=Role.CLIENT_USER, name=name)
            Membership.objects.create(client=self, user=user)
            return user, Invitation.issue(user, by=by)


class Membership(models.Model):
    """A client user belongs to a client."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "user"], name="membership_once")]


class Assignment(models.Model):
    """A firm user looks after a client, and so may see it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="assignments")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "user"], name="assignment_once")]


class Invitation(models.Model):
    """A single-use link by which a person chooses a password. Only the token's SHA-256 is kept.

    ``user`` is empty for one invitation only: the first administrator's, who names the e-mail address too.
    """

    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    @classmethod
    def issue(cls, user, *, by):
        """A new invitation; the token is returned, and exists nowhere else."""
        token = secrets.token_urlsafe(32)
        with transaction.atomic():
            cls.objects.create(user=user, token_hash=_digest(token), expires_at=timezone.now() + INVITATION_LIFE)
            if user is not None:
                signals.user_invited.send(User, subject=user, by=by, after={"role": user.get_role_display()})
        return token

    @classmethod
    def find(cls, token):
        """The invitation with this token, or None."""
        return cls.objects.select_related("user").filter(token_hash=_digest(token)).first()

    @property
    def is_open(self):
        return self.used_at is None and self.expires_at > timezone.now()

    @classmethod
    def issue_again(cls, user, *, by):
        """A new invitation for somebody who has not joined; earlier links no longer work. Raises InvitationSpent."""
        with transaction.atomic():
            user = User.objects.select_for_update().get(pk=user.pk)
            if user.joined_at:
                raise InvitationSpent
            cls.objects.filter(user=user, used_at=None).update(expires_at=timezone.now())
            return cls.issue(user, by=by)

    def accept(self, *, password, name, email=""):
        """The person is active, has this password, and the link is spent. Raises InvitationSpent, EmailTaken."""
        with transaction.atomic():
            invitation = Invitation.objects.select_for_update().get(pk=self.pk)
            if not invitation.is_open:
                raise InvitationSpent
            user = invitation.user or User.objects.make(email, role=Role.ADMINISTRATOR)
            user.name, user.is_active, user.joined_at = name, True, timezone.now()
            user.set_password(password)
            user.save()
            invitation.user, invitation.used_at = user, timezone.now()
            invitation.save(update_fields=["user", "used_at"])
            signals.user_joined.send(User, subject=user, by=user)
        return user


class Firm(models.Model):
    """The firm's own settings: one row."""

    name = models.CharField(max_length=120, default="Your firm")
    tagline = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    accent = models.CharField(
        max_length=7, default="#234f8e", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "Give a color like #234f8e")]
    )
    logo = models.BinaryField(blank=True, default=b"")
    logo_type = models.CharField(max_length=20, blank=True)
    time_zone = models.CharField(max_length=64, default="America/New_York", validators=[validate_time_zone])
    is_demonstration = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    def __str__(self):
        return self.name

    @classmethod
    def current(cls):
        return cls.objects.get_or_create(pk=1)[0]

    @property
    def initials(self):
        words = [word for word in self.name.replace("&", " ").split() if word[0].isalnum()]
        return "".join(word[0] for word in words[:2]).upper() or "F"

    def change(self, *, by, **fields):
        """The settings are as given; the log holds before and after of each that differs."""
        with transaction.atomic():
            before, after = {}, {}
            for field, value in fields.items():
                if getattr(self, field) != value:
                    before[field], after[field] = _in_words(getattr(self, field)), _in_words(value)
                    setattr(self, field, value)
            if after:
                self.version += 1
                self.save()
                signals.settings_changed.send(Firm, subject=self, by=by, before=before, after=after)


def invite_firm_person(email, *, role, name="", by):
    """Someone of the firm, invited by mail; returns the user and the invitation's token. Raises EmailTaken."""
    with transaction.atomic():
        user = User.objects.make(email, role=role, name=name)
        return user, Invitation.issue(user, by=by)


def _digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def _emails(users):
    return ", ".join(user.email for user in users)


def _in_words(value):
    return f"{len(value):,} bytes" if isinstance(value, bytes | memoryview) else str(value)
