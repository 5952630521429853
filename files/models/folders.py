import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from files import signals
from files.media import media_type_of
from files.models.cabinets import Cabinet
from files.models.files import File, NameTaken, Version
from files.names import clean_name
from files.querysets import FolderQuerySet
from files.space import count


@dataclass
class Arrived:
    """Bytes that lie safely in storage, and the name that they came with."""

    name: str
    key: str
    size_bytes: int
    sha256: str
    state: str = Version.State.RECEIVED
    state_note: str = ""


class Folder(models.Model):
    """A folder of a cabinet; the one without a parent is the cabinet's top."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.PROTECT, related_name="folders")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="folders")
    name = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)
    is_view_only = models.BooleanField(default=False)  # a client's people may look here and below, not change
    binned_at = models.DateTimeField(null=True, blank=True)
    binned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    binned_with = models.ForeignKey(  # the folder that was put in the bin with this one in it
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="binned_folders"
    )

    objects = FolderQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], condition=Q(binned_at=None), name="folder_name_once"),
            models.UniqueConstraint(fields=["cabinet"], condition=Q(parent=None), name="folder_one_top"),
        ]

    def __str__(self):
        return self.name

    @property
    def client(self):
        return self.cabinet.client

    def get_absolute_url(self):
        return self.cabinet.get_absolute_url() if self.parent_id is None else reverse("folder", args=[self.pk])

    def trail(self):
        """The folders from the cabinet's top down to this one's parent. One query, whatever the depth."""
        folders = {folder.pk: folder for folder in self.cabinet.folders.all()} if self.parent_id else {}
        trail, parent = [], self.parent_id
        while parent:
            trail.append(folders[parent])
            parent = folders[parent].parent_id
        return trail[::-1]

    def add_folder(self, name, *, by):
        """A new folder in this one. Raises NameTaken."""
        name = clean_name(name)
        with transaction.atomic():
            self._lock()
            if self.folders.in_place().filter(name=name).exists():
                raise NameTaken(name)
            folder = Folder.objects.create(cabinet=self.cabinet, parent=self, name=name)
            signals.folder_created.send(Folder, subject=folder, by=by)
        return folder

    def receive(self, arrived, *, by, link=None):
        """The files that lie safely in storage are in this folder: each new, or a new version of the one with its name.

        ``arrived`` are Arrived; over a link, ``by`` stands for whoever sent them. Returns the Versions. All rows first, then
        the log: who records takes a lock that all others wait for.
        """
        with transaction.atomic():
            self._lock()
            received = [self._receive(one, by, link) for one in arrived]
            for signal, is_new in ((signals.file_uploaded, True), (signals.version_uploaded, False)):
                versions = [version for version in received if (version.number == 1) is is_new]
                if versions:
                    signal.send(
                        File,
                        subjects=[version.file for version in versions],
                        by=link.guest if link else by,
                        each=[
                            {"size_bytes": version.size_bytes, "note": f"SHA-256 {version.sha256}"}
                            for version in versions
                        ],
                    )
        return received

    def _receive(self, arrived, by, link):
        name = clean_name(arrived.name)
        file = self.files.in_place().filter(name=name).select_related("current").first()
        file = file or File.objects.create(folder=self, name=name)
        before = file.current.size_bytes if file.current else 0
        count(self.cabinet_id, current=arrived.size_bytes - before, earlier=before)
        file.current = file.versions.create(
            number=file.versions.count() + 1,
            storage_key=arrived.key,
            size_bytes=arrived.size_bytes,
            sha256=arrived.sha256,
            media_type=media_type_of(name),
            state=arrived.state,
            state_note=arrived.state_note,
            by=by,
            link=link,
        )
        file.save(update_fields=["current"])
        return file.current

    def _lock(self):
        """Two who give the same name at once come one after the other."""
        Folder.objects.select_for_update().get(pk=self.pk)


class FolderSet(models.Model):
    """Folders that the firm makes together, in a new client's cabinet or wherever it likes."""

    name = models.CharField(max_length=120, unique=True)
    folders = models.TextField()  # one path to a line, like ``{year} Tax Return/Source documents``
    is_for_new_clients = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name
