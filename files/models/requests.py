import uuid
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client, Firm
from files import signals
from files.models.folders import Folder
from files.querysets import NEVER, RequestedDocumentQuerySet, RequestQuerySet

SOON_DAYS = 7


class RequestClosed(ValueError):
    """The firm has closed the request: nothing is sent for it, and nothing changes."""


@dataclass(frozen=True)
class Line:
    """A document to ask for; ``document`` is the one that stands there already."""

    name: str
    hint: str = ""
    due_on: date | None = None
    document: "RequestedDocument | None" = None


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

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("request", args=[self.pk])

    @classmethod
    def ask(cls, *, folder, lines, by, **fields):
        """The client is asked for the documents of ``lines``; their files go to the folder."""
        with transaction.atomic():
            request = cls.objects.create(client=folder.client, folder=folder, by=by, **fields)
            request._add(lines, 0)
            after = {"documents": _names(lines), **request._in_words()}
            signals.request_made.send(
                cls, subject=request, by=by, after={key: after[key] for key in after if after[key]}
            )
        return request

    def change(self, *, lines, by, **fields):
        """The request says this and asks for these documents. What was received stays on the list, whatever ``lines`` say.
        Raises RequestClosed."""
        with transaction.atomic():
            self._lock()
            documents = list(self.documents.all())
            before = {"documents": _names(documents), **self._in_words()}
            for field, value in fields.items():
                setattr(self, field, value)
            self.save(update_fields=list(fields))
            self._set_lines(documents, lines)
            after = {"documents": _names(self.documents.all()), **self._in_words()}
            changed = [key for key in after if before[key] != after[key]]
            if changed:
                before, after = ({key: words[key] for key in changed} for words in (before, after))
                signals.request_changed.send(Request, subject=self, by=by, before=before, after=after)

    def _set_lines(self, documents, lines):
        kept = {line.document.pk: line for line in lines if line.document}
        for document in documents:
            line = kept.get(document.pk)
            if line:
                document.name, document.hint, document.due_on = line.name, line.hint, line.due_on
                document.save(update_fields=["name", "hint", "due_on"])
            elif not document.is_received:
                document.uploads.update(document=None)
                document.delete()
        self._add([line for line in lines if not line.document], len(documents))

    def _add(self, lines, position):
        RequestedDocument.objects.bulk_create(
            RequestedDocument(request=self, position=number, name=line.name, hint=line.hint, due_on=line.due_on)
            for number, line in enumerate(lines, position + 1)
        )

    def close(self, *, by):
        """Nothing more is sent for it, and nobody is reminded."""
        with transaction.atomic():
            request = Request.objects.select_for_update().get(pk=self.pk)
            if request.closed_at is None:
                self.closed_at = timezone.now()
                self.save(update_fields=["closed_at"])
                signals.request_closed.send(Request, subject=self, by=by)

    def reopen(self, *, by):
        """The client sees it again, as it was."""
        with transaction.atomic():
            request = Request.objects.select_for_update().get(pk=self.pk)
            if request.closed_at is not None:
                self.closed_at = None
                self.save(update_fields=["closed_at"])
                signals.request_reopened.send(Request, subject=self, by=by)

    @property
    def missing(self):
        """The documents that the client is still asked for."""
        return [document for document in self.documents.all() if document.is_missing]

    @property
    def ordered(self):
        """The documents, what is missing first."""
        return sorted(
            self.documents.all(), key=lambda document: (document.is_received, bool(document.declined_because))
        )

    @property
    def received_count(self):
        return sum(document.is_received for document in self.documents.all())

    @property
    def is_complete(self):
        return self.received_count == len(self.documents.all())

    @property
    def next_due_on(self):
        """The first day that a missing document is due."""
        return min((document.due for document in self.missing if document.due), default=None)

    @property
    def has_due(self):
        """Of a row ``with_counts``: whether something missing is due on some day."""
        return self.due_order < NEVER

    @property
    def is_overdue(self):
        """Of a row ``with_counts``."""
        return self.due_order < today()

    def _lock(self):
        """Raises RequestClosed."""
        self.closed_at = Request.objects.select_for_update().get(pk=self.pk).closed_at
        if self.closed_at is not None:
            raise RequestClosed(self.title)

    def _in_words(self):
        return {
            "title": self.title,
            "message": self.message,
            "due": str(self.due_on or ""),
            "folder": self.folder.name,
            "reminders": "yes" if self.has_reminders else "no",
        }


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
    declined_because = models.CharField(max_length=300, blank=True)  # why the client does not have it

    objects = RequestedDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["position"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("requested", args=[self.pk])

    @property
    def file_here(self):
        """The file that came, unless it lies in another cabinet by now."""
        return self.file if self.file and self.file.folder.cabinet_id == self.request.folder.cabinet_id else None

    @property
    def is_received(self):
        return self.received_at is not None

    @property
    def is_missing(self):
        return not self.is_received and not self.declined_because

    @property
    def due(self):
        return self.due_on or self.request.due_on

    @property
    def due_in_days(self):
        return (self.due - today()).days if self.due else None

    @property
    def is_overdue(self):
        return self.is_missing and self.due is not None and self.due_in_days < 0

    @property
    def is_due_soon(self):
        return self.is_missing and self.due is not None and self.due_in_days <= SOON_DAYS

    def take(self, arrived, *, by):
        """The files that lie safely in storage are in the request's folder, the first of them as this document. Returns
        the Versions. Raises RequestClosed."""
        with transaction.atomic():
            folder = self.request.folder
            folder._lock()
            self.lock()  # before the log's lock, which the files' own events take
            versions = folder.receive(arrived, by=by)
            self.receive(versions[0].file, by=by)
        return versions

    def receive(self, file, *, by):
        """The file is the document that was asked for. Raises RequestClosed."""
        with transaction.atomic():
            self.lock()
            self.file, self.received_at = file, timezone.now()
            self.returned_because = self.declined_because = ""
            self.save(update_fields=["file", "received_at", "returned_because", "declined_because"])
            signals.document_received.send(
                RequestedDocument, subject=self.request, by=by, note=f"{self.name}: {file.name}", document=self
            )

    def ask_again(self, because, *, by):
        """The client is asked for another one, and told why. Raises RequestClosed."""
        with transaction.atomic():
            self.lock()
            self.file = self.received_at = None
            self.returned_because, self.declined_because = because, ""
            self.save(update_fields=["file", "received_at", "returned_because", "declined_because"])
            note = f"{self.name}: {because}"
            signals.document_returned.send(RequestedDocument, subject=self.request, by=by, note=note, document=self)

    def decline(self, because, *, by):
        """The firm reads that the client does not have it, and why. Raises RequestClosed."""
        with transaction.atomic():
            self.lock()
            if self.received_at:
                return
            self.declined_because, self.returned_because = because, ""
            self.save(update_fields=["declined_because", "returned_because"])
            note = f"{self.name}: {because}"
            signals.document_declined.send(RequestedDocument, subject=self.request, by=by, note=note, document=self)

    def lock(self):
        """Raises RequestClosed. The request's row stands for those of its documents."""
        self.request._lock()
        self.refresh_from_db(fields=["file", "received_at", "returned_because", "declined_because"])


def today():
    """The firm's own day."""
    return timezone.localdate(timezone=Firm.current().zone)


def _names(lines):
    return ", ".join(line.name for line in lines)
