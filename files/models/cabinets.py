import uuid

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from accounts.models import Client, Firm
from files import signals
from files.querysets import CabinetQuerySet


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
    current_bytes = models.BigIntegerField(default=0)  # of files in place, their current versions
    earlier_bytes = models.BigIntegerField(default=0)  # of files in place, their earlier versions
    binned_bytes = models.BigIntegerField(default=0)  # of files in the bin, all their versions
    reserved_bytes = models.BigIntegerField(default=0)  # of uploads that have begun
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

    def get_absolute_url(self):
        return reverse("cabinet", args=[self.pk])
