import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from files.models.folders import Folder


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

    class Meta:
        indexes = [models.Index(fields=["folder", "by", "closed_at"], name="upload_of_somebody")]

    def __str__(self):
        return self.name


class Part(models.Model):
    """One part of an upload that lies safely in staging. On S3 the store itself knows them."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    size_bytes = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="part_once")]
