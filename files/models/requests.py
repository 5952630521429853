import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Client
from files.models.folders import Folder


@dataclass(frozen=True)
class Guest:
    """Somebody without an account, as the log names them."""

    email: str
    client: Client | None = None
    pk = None
    role = "guest"
    is_client_user = True

    def only_client(self):
        return self.client


class Request(models.Model):
    """The firm asks a client for documents: a list, ticked off as they come."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="requests")
    folder = models.ForeignKey(Folder, on_delete=models.PROTECT, related_name="requests")  # where the files go
    title = models.CharField(max_length=120)
    message = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    has_reminders = models.BooleanField(default=True)
    reminded_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self):
        return self.title


class RequestedDocument(models.Model):
    """A line of a request: one document, missing or received."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="documents")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    hint = models.CharField(max_length=300, blank=True)
    due_on = models.DateField(null=True, blank=True)  # where it is another day than the request's
    file = models.ForeignKey("File", null=True, blank=True, on_delete=models.PROTECT, related_name="documents")
    received_at = models.DateTimeField(null=True, blank=True)
    returned_because = models.CharField(max_length=300, blank=True)  # why the firm asks again

    class Meta:
        ordering = ["position"]

    def __str__(self):
        return self.name


class RequestLink(models.Model):
    """A link by which one e-mail address may send files, and nothing else, without an account. Only hashes are kept of its
    token and of the code that is mailed to confirm the address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    folder = models.ForeignKey(Folder, on_delete=models.PROTECT, related_name="links")
    email = models.EmailField()
    title = models.CharField(max_length=120)
    message = models.TextField(blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    code_tries = models.PositiveIntegerField(default=0)
    most_files = models.PositiveIntegerField(default=20)
    sent_files = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]

    def __str__(self):
        return self.title

    @property
    def is_open(self):
        is_left = self.sent_files < self.most_files and self.expires_at > timezone.now()
        return self.revoked_at is None and is_left

    @property
    def client(self):
        return self.folder.client

    @property
    def guest(self):
        return Guest(self.email, self.client)
