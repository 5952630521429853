import math
import uuid
from contextlib import suppress

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from files import signals
from files.models.cabinets import Cabinet
from files.models.folders import Folder
from files.models.requests import RequestClosed
from files.models.trees import lock_folders
from files.querysets import UploadQuerySet
from files.space import lock_counters, lock_room, release, reserve

MIB = 1024**2
PART_BYTES = 8 * MIB
MOST_PARTS = 10_000  # of one upload, in S3


class UploadEnded(Exception):
    """The upload was given up, or has expired: it begins again."""


class Upload(models.Model):
    """A file on its way in, in numbered parts: it has begun and its bytes are reserved, until it is complete, is given up or
    expires. A form that is being received is one too, without a name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    folder = models.ForeignKey(Folder, on_delete=models.PROTECT, related_name="uploads")
    path = models.TextField(blank=True)  # folders below ``folder``, as "a/b", made when the file is complete
    name = models.CharField(max_length=255, blank=True)
    size_bytes = models.BigIntegerField()
    part_bytes = models.BigIntegerField(default=0)
    changed_at = models.CharField(max_length=32, blank=True)  # as the sender's device says: finds it again to resume it
    is_separate = models.BooleanField(default=False)  # a numbered name instead of a new version
    document = models.ForeignKey(
        "RequestedDocument", null=True, blank=True, on_delete=models.PROTECT, related_name="uploads"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads")
    link = models.ForeignKey("RequestLink", null=True, blank=True, on_delete=models.PROTECT, related_name="uploads")
    storage_key = models.CharField(max_length=64, unique=True)
    storage_id = models.TextField(blank=True)  # S3's own name for the multipart upload
    started_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now)  # when the last part came
    closed_at = models.DateTimeField(null=True, blank=True)  # complete, given up or expired: nothing is reserved
    version = models.OneToOneField("Version", null=True, blank=True, on_delete=models.PROTECT, related_name="upload")

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["folder", "by", "closed_at"], name="upload_of_somebody")]

    def __str__(self):
        return self.name or "A form"

    @property
    def client(self):
        return self.folder.client

    @property
    def sender(self):
        """Who sends it, as the log names them."""
        return self.link.guest if self.link_id else self.by

    @property
    def part_count(self):
        return math.ceil(self.size_bytes / self.part_bytes)

    def part_length(self, number):
        """How many bytes this part has; None where there is no such part."""
        if not 1 <= number <= self.part_count:
            return None
        return min(self.part_bytes, self.size_bytes - (number - 1) * self.part_bytes)

    @classmethod
    def start(cls, *, folder, size_bytes, **what):
        """A new upload whose bytes are reserved; or the one like it that is unfinished, where two begin it at once. Raises
        QuotaExceeded."""
        with transaction.atomic():
            cabinet = _locked_cabinet(folder)
            same = cls.objects.like(folder=folder, size_bytes=size_bytes, **what).first()
            if same:
                return same
            reserve(cabinet, size_bytes)
            return cls.objects.create(
                folder=folder, size_bytes=size_bytes, part_bytes=part_bytes_for(size_bytes), **what
            )

    @classmethod
    def reserve_form(cls, *, folder, by, size_bytes):
        """The bytes of a form that is about to be received are reserved. Raises QuotaExceeded."""
        with transaction.atomic():
            reserve(_locked_cabinet(folder), size_bytes)
            return cls.objects.create(folder=folder, by=by, size_bytes=size_bytes, storage_key=uuid.uuid4().hex)

    def reserve_all(self, size_bytes):
        """At least so many bytes are reserved for the form: as many as its files turned out to have. Raises QuotaExceeded."""
        more = size_bytes - self.size_bytes
        if more > 0:
            with transaction.atomic():
                reserve(self.folder.cabinet, more)
                self.size_bytes = size_bytes
                self.save(update_fields=["size_bytes"])

    def add_part(self, number):
        """The part lies safely in staging. Raises UploadEnded."""
        with transaction.atomic():
            self._move()
            self.parts.update_or_create(number=number, defaults={"size_bytes": self.part_length(number)})

    def move(self):
        """Something of it is coming: it does not expire. Raises UploadEnded."""
        with transaction.atomic():
            self._move()

    def _move(self):
        if not Upload.objects.open().filter(pk=self.pk).update(moved_at=timezone.now()):
            raise UploadEnded

    def finish(self, arrived, *, is_separate=False):
        """What arrived is a version of a file in its folder, or where that is in the bin by now, in the nearest one above;
        the document that was asked for is received, and nothing is reserved. Returns the Version, the same one however
        often it is done. Raises UploadEnded, LinkEnded, and PermissionDenied where the folder was closed meanwhile."""
        with transaction.atomic():
            folder, missing = self.folder.walk(self.steps, by=self.sender)
            if folder.binned_at:
                folder = folder.in_place()
            upload = Upload.objects.select_for_update().get(pk=self.pk)
            if upload.version_id:
                return upload.version
            if upload.closed_at:
                raise UploadEnded
            document = self._locked_document()
            self._close()
            if missing:  # each new folder locks the log, and counters are locked before it
                lock_counters(folder.cabinet_id, self.by_id)
            for name in missing:
                folder = folder.add_folder(name, by=self.sender)
            (version,) = folder.receive(
                [arrived],
                by=self.by,
                link=self.link,
                is_separate=is_separate or self.is_separate,
                reserved_bytes=self.size_bytes,
            )
            if document:
                document.receive(version.file, by=self.sender)
            Upload.objects.filter(pk=self.pk).update(version=version)
        self.version = version
        return version

    def _locked_document(self):
        """The document that this was sent for, locked before the log is; None where its request was closed meanwhile: the
        file is received all the same."""
        if self.document:
            with suppress(RequestClosed):
                self.document.lock()
                return self.document
        return None

    @property
    def steps(self):
        """The names of the folders below ``folder`` in which the file belongs."""
        return self.path.split("/") if self.path else []

    def release(self):
        """Nothing is reserved for the form, and no row is left of it."""
        with transaction.atomic():
            if Upload.objects.filter(pk=self.pk).delete()[0]:
                release(self.folder.cabinet_id, self.size_bytes)

    def _close(self):
        self.closed_at = timezone.now()
        self.save(update_fields=["closed_at"])

    def give_up(self, *, by, note=""):
        """It is over before it was complete: nothing is reserved, and the log says so. Returns whether it was open; its
        bytes are removed after this."""
        with transaction.atomic():
            if not Upload.objects.select_for_update().open().filter(pk=self.pk).first():
                return False
            self._close()
            release(self.folder.cabinet_id, self.size_bytes)
            signals.upload_given_up.send(Upload, subject=self, by=by, size_bytes=self.size_bytes, note=note)
        return True


def _locked_cabinet(folder):
    """The folder's cabinet, in which it stays until the transaction ends. Firm, then folder: as everybody who reserves."""
    lock_room()
    lock_folders([folder.pk])
    return Cabinet.objects.get(folders=folder.pk)


def part_bytes_for(size_bytes):
    """8 MiB, or as many whole ones as make MOST_PARTS parts of it."""
    return max(PART_BYTES, math.ceil(size_bytes / MOST_PARTS / MIB) * MIB)


class Part(models.Model):
    """One part of an upload that lies safely in staging. On S3 the store itself knows them."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    size_bytes = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="part_once")]
