import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import Client
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
        return str(self.client or self.owner or "Firm")

    @classmethod
    def open(cls, kind, **owner):
        """A new cabinet with its top folder."""
        return cls.open_all(kind, [owner])[0]

    @classmethod
    def open_all(cls, kind, owners):
        """New cabinets, one for each of ``owners``, with their top folders."""
        cabinets = cls.objects.bulk_create(cls(kind=kind, **owner) for owner in owners)
        from files.models.folders import Folder

        Folder.objects.bulk_create(Folder(cabinet=cabinet, name=str(cabinet)) for cabinet in cabinets)
        return cabinets

    @property
    def top(self):
        return self.folders.get(parent=None)

    def get_absolute_url(self):
        return reverse("cabinet", args=[self.pk])


def open_cabinet(sender, *, subject=None, subjects=None, **kwargs):
    """Receiver of ``client_created``: each new client has a cabinet."""
    Cabinet.open_all(Cabinet.Kind.CLIENT, [{"client": client} for client in subjects or [subject]])
