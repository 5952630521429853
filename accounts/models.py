import hashlib
import secrets
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from zoneinfo import ZoneInfo, available_timezones

from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.utils import timezone

from accounts import signals
from accounts.querysets import ClientQuerySet, UserQuerySet
from accounts.rights import Right, has_right

INVITATION_LIFE = timedelta(days=14)


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", "Firm administrator"
    FIRM_USER = "firm_user", "Firm user"
    AUDITOR = "auditor", "Auditor"
    CLIENT_USER = "client_user", "Client user"


class EmailTaken(ValueError):
    """Another account has this e-mail address."""


class State(models.TextChoices):
    """Where an account stands."""

    ACTIVE = "active", "Active"
    HELD = "held", "Not invited yet"
    INVITED = "invited", "Invited"
    EXPIRED = "expired", "Invitation expired"
    LOCKED = "locked", "Locked"
    DEACTIVATED = "deactivated", "Deactivated"
    DELETED = "deleted", "Deleted"


class LastAdministrator(ValueError):
    """Without this person nobody could manage the portal."""


class InvitationSpent(ValueError):
    """The invitation was used already, or its last day has passed."""


def validate_time_zone(name):
    if name not in available_timezones():
        raise ValidationError(f"{name} is no time zone; choose one like America/Chicago")


class Notices(models.TextChoices):
    """When somebody is told by mail of files that were sent to them."""

    AT_ONCE = "at-once", "At once"
    DAILY = "daily", "Once a day"
    NEVER = "never", "Not by e-mail"


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
    locked_until = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    former_email = models.EmailField(blank=True)  # a deleted account's; ``email`` is free for another
    gets_receipts = models.BooleanField("Mail me a receipt for what I send", default=True)
    file_notices = models.CharField(max_length=10, choices=Notices, default=Notices.AT_ONCE)
    may_view_files = models.BooleanField(Right.VIEW_FILES.label, default=True)
    may_send_files = models.BooleanField(Right.SEND_FILES.label, default=True)
    may_delete_files = models.BooleanField(Right.DELETE_FILES.label, default=True)
    may_use_organizer = models.BooleanField(Right.USE_ORGANIZER.label, default=True)
    may_edit_templates = models.BooleanField(Right.EDIT_TEMPLATES.label, default=False)
    may_read_reports = models.BooleanField(Right.READ_REPORTS.label, default=True)
    may_see_all_clients = models.BooleanField(Right.SEE_ALL_CLIENTS.label, default=False)

    objects = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        ordering = ["email"]
        indexes = [
            models.Index(fields=["role", "email"], name="user_by_role")
        ]  # the firm's few among many clients' people

    def __str__(self):
        return self.former_email or self.email

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
    def is_staff(self):
        """Django's admin is open to administrators, for looking only (portal.admin)."""
        return self.is_active and self.is_administrator

    def has_perm(self, permission, obj=None):
        return self.is_staff and permission.split(".")[-1].startswith("view_")

    def has_module_perms(self, app_label):
        return self.is_staff

    def may(self, right):
        return has_right(self, right)

    @property
    def rights_in_words(self):
        return ", ".join(right.label for right in Right if self.may(right)) or "None"

    @property
    def state(self):
        """One State, in the order in which they hide each other."""
        if self.deleted_at:
            return State.DELETED
        if not self.joined_at:
            invitations = self.invitations.all()
            if not invitations:
                return State.HELD
            return State.INVITED if any(invitation.is_open for invitation in invitations) else State.EXPIRED
        if not self.is_active:
            return State.DEACTIVATED
        return State.LOCKED if self.locked_until and self.locked_until > timezone.now() else State.ACTIVE

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

    def change_profile(self, *, by, **fields):
        """What the person says of themselves is as given; the log holds before and after of each that differs."""
        with transaction.atomic():
            before, after = _apply(self, fields)
            if after:
                self.save(update_fields=[*after])
                signals.profile_changed.send(User, subject=self, by=by, before=before, after=after)

    def join(self, password, *, name):
        """The person can sign in; the address is theirs, since a link was mailed to it."""
        self.name, self.is_active, self.joined_at = name, True, timezone.now()
        self.set_password(password)
        self.save()
        EmailAddress.objects.update_or_create(user=self, email=self.email, defaults={"verified": True, "primary": True})

    def change_email(self, email, *, by):
        """The person signs in with this address, to which a link was mailed, and no longer with the one before.
        Raises EmailTaken."""
        email = User.objects.normalize_email(email)
        with transaction.atomic():
            if User.objects.filter(email=email).exclude(pk=self.pk).exists():
                raise EmailTaken(email)
            before, self.email = self.email, email
            self.save(update_fields=["email"])
            self.emailaddress_set.exclude(email=email).delete()
            self.emailaddress_set.update_or_create(email=email, defaults={"verified": True, "primary": True})
            signals.email_changed.send(User, subject=self, by=by, before={"email": before}, after={"email": email})

    def change(self, *, by, **fields):
        """The person's name, role and rights are as given; the log holds before and after of each that differs.
        Raises LastAdministrator."""
        with transaction.atomic():
            if fields.get("role", self.role) != self.role:
                self._must_not_be_last_administrator()
            before, after = _apply(self, fields)
            if after:
                self.save(update_fields=list(after))
                signals.user_changed.send(User, subject=self, by=by, before=before, after=after)

    def deactivate(self, *, by):
        """The person cannot sign in, and whatever they have open ends with its next request. Raises LastAdministrator."""
        with transaction.atomic():
            self._must_not_be_last_administrator()
            if self.is_active:
                self.is_active = False
                self.save(update_fields=["is_active"])
                signals.user_deactivated.send(User, subject=self, by=by)

    def reactivate(self, *, by):
        """A deactivated person can sign in again, as before."""
        with transaction.atomic():
            if self.state == State.DEACTIVATED:
                self.is_active = True
                self.save(update_fields=["is_active"])
                signals.user_reactivated.send(User, subject=self, by=by)

    def delete_account(self, *, by):
        """The person cannot sign in and is in no list; the address is free for another account. What they sent and what
        the log says of them stays. Raises LastAdministrator."""
        with transaction.atomic():
            self._must_not_be_last_administrator()
            if self.deleted_at:
                return
            self.former_email, self.deleted_at, self.is_active = self.email, timezone.now(), False
            self.email = f"deleted-{self.pk}@deleted.invalid"
            self.set_unusable_password()
            self.save()
            self.invitations.filter(used_at=None).delete()
            self.emailaddress_set.all().delete()
            self.authenticator_set.all().delete()
            self.assignments.all().delete()
            signals.user_deleted.send(User, subject=self, by=by)

    def lock(self, until):
        """Too many bad tries: what the pages show. The limit itself holds in the shared cache."""
        User.objects.filter(pk=self.pk).update(locked_until=until)

    def reset_factors(self, *, by):
        """The person has no second factor: for somebody who lost the phone and the recovery codes."""
        with transaction.atomic():
            if self.authenticator_set.all().delete()[0]:
                signals.factors_reset.send(User, subject=self, by=by)
                return True
            return False

    def _must_not_be_last_administrator(self):
        """Inside a transaction: until its end nobody else ceases to be one, or two could at the same moment be each other's
        other."""
        active = User.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk")
        if [user.pk for user in active] == [self.pk]:
            raise LastAdministrator


class Client(models.Model):
    """A client of the firm: a person, a couple or a business, with one file cabinet and any number of people."""

    name = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    people = models.ManyToManyField(User, through="Membership", related_name="clients")
    firm_users = models.ManyToManyField(User, through="Assignment", related_name="assigned_clients")

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    @classmethod
    def add(cls, name, *, firm_users=(), team=None, by):
        """A new client, looked after by ``firm_users``, or by ``team``: {firm user: is told of files}."""
        team = dict.fromkeys(firm_users, True) if team is None else team
        with transaction.atomic():
            client = cls.objects.create(name=name)
            Assignment.objects.bulk_create(
                Assignment(client=client, user=user, is_notified=is_notified) for user, is_notified in team.items()
            )
            signals.client_created.send(cls, subject=client, by=by, after=client._team_in_words())
        return client

    def change(self, *, name, team, by):
        """The client has this name and team. ``team`` is {firm user: is notified}; before and after are in the log."""
        with transaction.atomic():
            before = {"name": self.name, **self._team_in_words()}
            self.name = name
            self.save(update_fields=["name"])
            self.assignments.exclude(user__in=team).delete()
            for user, is_notified in team.items():
                self.assignments.update_or_create(user=user, defaults={"is_notified": is_notified})
            after = {"name": self.name, **self._team_in_words()}
            changed = [key for key in after if before[key] != after[key]]
            if changed:
                before, after = ({key: words[key] for key in changed} for words in (before, after))
                signals.client_changed.send(Client, subject=self, by=by, before=before, after=after)

    def _team_in_words(self):
        assignments = self.assignments.select_related("user").order_by("user__email")
        return {
            "looked after by": _emails(assignment.user for assignment in assignments),
            "told of files": _emails(assignment.user for assignment in assignments if assignment.is_notified),
        }

    def archive(self, *, by):
        """The client is out of the lists of those the firm works for; its people can no longer open its files."""
        self._close("archived_at", signals.client_archived, by)

    def delete_client(self, *, by):
        """As archived, and only administrators still find it. Its files stay until their retention ends."""
        self._close("deleted_at", signals.client_deleted, by)

    def _close(self, field, signal, by):
        with transaction.atomic():
            if getattr(self, field) is None:
                setattr(self, field, timezone.now())
                self.save(update_fields=[field])
                signal.send(Client, subject=self, by=by)

    def reactivate(self, *, by):
        """An archived or deleted client is as before."""
        with transaction.atomic():
            if self.archived_at or self.deleted_at:
                self.archived_at = self.deleted_at = None
                self.save(update_fields=["archived_at", "deleted_at"])
                signals.client_reactivated.send(Client, subject=self, by=by)

    @property
    def is_open(self):
        return self.archived_at is None and self.deleted_at is None

    def add_person(self, user, *, by):
        """Somebody who uses the portal for another client belongs to this one too."""
        with transaction.atomic():
            _, is_new = Membership.objects.get_or_create(client=self, user=user)
            if is_new:
                signals.member_added.send(User, subject=user, by=by, client=self)

    def remove_person(self, user, *, by):
        """The person no longer sees this client. The account stays."""
        with transaction.atomic():
            if self.memberships.filter(user=user).delete()[0]:
                signals.member_removed.send(User, subject=user, by=by, client=self)

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
    is_notified = models.BooleanField(default=True)

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

    @classmethod
    def unmailed(cls, user):
        """An unsaved invitation whose link nobody knows; ``new_token`` gives it one when the mail is written."""
        return cls(
            user=user, token_hash=_digest(secrets.token_urlsafe(32)), expires_at=timezone.now() + INVITATION_LIFE
        )

    def new_token(self):
        """The link is another one, from now on; its token is returned, and exists nowhere else."""
        token = secrets.token_urlsafe(32)
        self.token_hash, self.expires_at = _digest(token), timezone.now() + INVITATION_LIFE
        self.save(update_fields=["token_hash", "expires_at"])
        return token

    def revoke(self, *, by):
        """The link no longer works."""
        with transaction.atomic():
            if self.is_open:
                self.expires_at = timezone.now()
                self.save(update_fields=["expires_at"])
                signals.invitation_revoked.send(User, subject=self.user, by=by)

    def accept(self, *, password, name, email=""):
        """The person is active, has this password, and the link is spent. Raises InvitationSpent, EmailTaken."""
        with transaction.atomic():
            invitation = Invitation.objects.select_for_update().get(pk=self.pk)
            if not invitation.is_open:
                raise InvitationSpent
            user = invitation.user or User.objects.make(email, role=Role.ADMINISTRATOR)
            user.join(password, name=name)
            invitation.user, invitation.used_at = user, timezone.now()
            invitation.save(update_fields=["user", "used_at"])
            signals.user_joined.send(User, subject=user, by=user)
        return user


class SecondFactor(models.TextChoices):
    """What the firm says of a second factor, for each group of people."""

    OFF = "off", "Off"
    OFFERED = "offered", "Offered"
    DEMANDED = "demanded", "Demanded"


_kept = ContextVar("firm", default=None)


@contextmanager
def firm_read_once():
    """Inside, ``Firm.current()`` reads the row at most once."""
    token = _kept.set([])
    try:
        yield
    finally:
        _kept.reset(token)


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
    second_factor_firm = models.CharField(
        "Second factor of the firm's people", max_length=10, choices=SecondFactor, default=SecondFactor.DEMANDED
    )
    second_factor_clients = models.CharField(
        "Second factor of clients", max_length=10, choices=SecondFactor, default=SecondFactor.OFFERED
    )
    idle_minutes = models.PositiveIntegerField("Sign out after minutes without use", default=60)
    session_hours = models.PositiveIntegerField("Sign out after hours in any case", default=12)
    log_years = models.PositiveSmallIntegerField(
        "Keep the log for years", default=7, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    has_legal_hold = models.BooleanField("Legal hold: nothing is taken out of the log", default=False)
    checkpoint_emails = models.TextField("Checkpoints go daily to", blank=True)
    quota_bytes = models.BigIntegerField("Storage for all files", null=True, blank=True)  # empty: what the disk holds
    bin_days = models.PositiveIntegerField("Empty the bin after days", null=True, blank=True)  # empty: by hand only
    version = models.PositiveIntegerField(default=1)

    def __str__(self):
        return self.name

    @classmethod
    def current(cls):
        """The settings; while a request is answered they are read once."""
        kept = _kept.get()
        if kept is None:
            return cls.fresh()
        if not kept:
            kept.append(cls.fresh())
        return kept[0]

    @classmethod
    def fresh(cls):
        """The settings as they are now, for changing them."""
        return cls.objects.get_or_create(pk=1)[0]

    @property
    def zone(self):
        return ZoneInfo(self.time_zone)

    @property
    def initials(self):
        words = [word for word in self.name.replace("&", " ").split() if word[0].isalnum()]
        return "".join(word[0] for word in words[:2]).upper() or "F"

    def change(self, *, by, **fields):
        """The settings are as given; the log holds before and after of each that differs."""
        with transaction.atomic():
            before, after = _apply(self, fields)
            if after:
                self.version += 1
                self.save()
                signals.settings_changed.send(Firm, subject=self, by=by, before=before, after=after)


def invite_firm_person(email, *, role, name="", by):
    """Someone of the firm, invited by mail; returns the user and the invitation's token. Raises EmailTaken."""
    with transaction.atomic():
        user = User.objects.make(email, role=role, name=name)
        return user, Invitation.issue(user, by=by)


def _apply(thing, fields):
    """Sets the fields that differ; returns what they were and are, in words, by name."""
    before, after = {}, {}
    for field, value in fields.items():
        if getattr(thing, field) != value:
            before[field], after[field] = _in_words(getattr(thing, field)), _in_words(value)
            setattr(thing, field, value)
    return before, after


def _digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def _emails(users):
    return ", ".join(user.email for user in users)


def _in_words(value):
    if isinstance(value, bytes | memoryview):
        return "1 byte" if len(value) == 1 else f"{len(value):,} bytes"
    return str(value)


import accounts.import_batches  # noqa: E402, F401 — its models, which need those above
