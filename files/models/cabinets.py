import uuid

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client, Firm
from files import signals
from files.querysets import CabinetQuerySet


class OnHold(ValueError):
    """The cabinet is under a legal hold: none of its bytes are removed."""

    def __init__(self, cabinet):
        who = cabinet.held_by.name or cabinet.held_by.email
        super().__init__(f"{cabinet} is under a legal hold, placed by {who}: {cabinet.hold_reason}")
        self.cabinet = cabinet


class Cabinet(models.Model):
    """Where files lie: shared between a client and the firm, the firm's own, or one person's."""

    class Kind(models.TextChoices):
        CLIENT = "client", "Client"
        FIRM = "firm", "Firm"
        PERSONAL = "personal", "Personal"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    client = models.OneToOneField(Client, null=True, blank=True, on_delete=models.PROTECT, related_name="cabinet")
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="cabinet"
    )

    # Kept by every verb that changes them (files.space); ``manage.py check_files`` compares them with the rows
    file_count = models.BigIntegerField(default=0)  # of files in place
    current_bytes = models.BigIntegerField(default=0)  # of files in place, their current versions
    earlier_bytes = models.BigIntegerField(default=0)  # of files in place, their earlier versions
    binned_bytes = models.BigIntegerField(default=0)  # of files in the bin, all their versions
    reserved_bytes = models.BigIntegerField(default=0)  # of uploads that have begun
    last_sent_at = models.DateTimeField(null=True, blank=True)
    last_fetched_at = models.DateTimeField(null=True, blank=True)  # by any of the client's people
    quota_bytes = models.BigIntegerField(null=True, blank=True)  # empty: only the firm's counts
    held_at = models.DateTimeField(null=True, blank=True)  # a legal hold: no bytes are removed
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    hold_reason = models.TextField(blank=True)

    objects = CabinetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cabinet_has_one_owner",
                condition=Q(kind="client", client__isnull=False, owner=None)
                | Q(kind="personal", client=None, owner__isnull=False)
                | Q(kind="firm", client=None, owner=None),
            ),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="firm"), name="cabinet_one_of_the_firm"),
        ]

    def __str__(self):
        if self.kind == self.Kind.FIRM:
            return Firm.current().name
        return str(self.client) if self.client_id else "Personal cabinet"

    @classmethod
    def open(cls, kind, **owner):
        """A new cabinet with its top folder."""
        return cls.open_all(kind, [owner])[0]

    @classmethod
    def open_all(cls, kind, owners):
        """New cabinets, one for each of ``owners``, with their top folders."""
        cabinets = cls.objects.bulk_create(cls(kind=kind, **owner) for owner in owners)
        from files.models.folders import Folder

        Folder.objects.bulk_create(Folder(cabinet=cabinet, name=cabinet._name_of_top) for cabinet in cabinets)
        return cabinets

    @classmethod
    def open_own(cls, kind, *, by):
        """The firm's cabinet, or the person's own, which is made if it is not there yet."""
        owner = {"owner": by} if kind == cls.Kind.PERSONAL else {}
        with transaction.atomic():
            Firm.objects.select_for_update().filter(pk=1).first()  # of two who ask at once, one makes it
            cabinet = cls.objects.filter(kind=kind, **owner).first()
            if cabinet is None:
                cabinet = cls.open(kind, **owner)
                top = cabinet.top
                signals.folder_created.send(type(top), subject=top, by=by)
        return cabinet

    @property
    def _name_of_top(self):
        """As the log names it, to whoever reads there."""
        return f"{self} of {self.owner.name or self.owner.email}"[:255] if self.owner_id else str(self)

    @property
    def top(self):
        return self.folders.get(parent=None)

    @property
    def used_bytes(self):
        return self.current_bytes + self.earlier_bytes + self.binned_bytes + self.reserved_bytes

    def get_absolute_url(self):
        return reverse("cabinet", args=[self.pk])

    def set_quota(self, quota_bytes, *, by):
        """This is all that the cabinet may hold; None: only the firm's quota counts. What is there already stays."""
        with transaction.atomic():
            self._lock()
            before, self.quota_bytes = self.quota_bytes, quota_bytes
            if before != quota_bytes:
                self.save(update_fields=["quota_bytes"])
                signals.quota_changed.send(
                    Cabinet, subject=self, by=by, before=_quota_in_words(before), after=_quota_in_words(quota_bytes)
                )

    def hold(self, reason, *, by):
        """A legal hold: no bytes of the cabinet are removed until it is lifted. One that stands already stays."""
        with transaction.atomic():
            self._lock()
            if self.held_at is None:
                self._set_hold(timezone.now(), by, reason)
                signals.hold_placed.send(Cabinet, subject=self, by=by, note=reason)

    def lift_hold(self, *, by):
        """The legal hold has ended. What it kept goes as it would have, and nothing sooner than announced anew."""
        with transaction.atomic():
            self._lock()
            if self.held_at is not None:
                reason = self.hold_reason
                self._set_hold(None, None, "")
                signals.hold_lifted.send(Cabinet, subject=self, by=by, note=f"Was: {reason}")

    def _set_hold(self, at, by, reason):
        self.held_at, self.held_by, self.hold_reason = at, by, reason
        self.save(update_fields=["held_at", "held_by", "hold_reason"])

    def _lock(self):
        """Nobody else changes the cabinet's counters, quota or hold until the transaction ends; they are read anew."""
        fields = ["quota_bytes", "held_at", "held_by", "hold_reason"]
        self.refresh_from_db(fields=fields, from_queryset=Cabinet.objects.select_for_update(no_key=True))

    @staticmethod
    def must_not_be_held(cabinet_ids):
        """Raises OnHold where one of them is under a legal hold. Until the transaction ends none can be placed."""
        cabinets = Cabinet.objects.select_for_update(no_key=True).filter(pk__in=cabinet_ids).order_by("pk")
        for cabinet in list(cabinets):
            if cabinet.held_at is not None:
                raise OnHold(cabinet)


def _quota_in_words(quota_bytes):
    return {"quota in bytes": "none" if quota_bytes is None else str(quota_bytes)}
