import hashlib
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from files.models import File
from organizer import kinds, secrets
from organizer.definition import MOST_WORDS


def once(name, *fields):
    """One for each question of an organizer, or of one of its entries: NULLs are never the same to a database."""
    fields = ["organizer", "question", *fields]
    return [
        models.UniqueConstraint(fields=fields, condition=models.Q(entry=None), name=name),
        models.UniqueConstraint(fields=[*fields, "entry"], name=f"{name}_of_entry"),
    ]


PERSON = {"to": settings.AUTH_USER_MODEL, "on_delete": models.PROTECT, "related_name": "+"}


class Entry(models.Model):
    """One of a repeated group: a dependent, a property. Removed ones keep their answers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organizer = models.ForeignKey("Organizer", on_delete=models.PROTECT, related_name="entries")
    group = models.CharField(max_length=40)
    position = models.PositiveIntegerField()
    by = models.ForeignKey(**PERSON)
    at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]


class Answer(models.Model):
    """What an organizer says to a question, in the form that ``organizer.kinds`` gives it. A secret lies encrypted, and
    ``value`` holds its last four."""

    id = models.BigAutoField(primary_key=True)
    organizer = models.ForeignKey("Organizer", on_delete=models.PROTECT, related_name="answers")
    question = models.CharField(max_length=40)  # its key
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="answers")
    value = models.TextField(blank=True)
    secret = models.TextField(blank=True)
    because = models.CharField(max_length=300, blank=True)  # why there is none
    revision = models.PositiveIntegerField(default=0)  # one more with each change
    by = models.ForeignKey(**PERSON)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = once("one_answer")

    @property
    def place(self):
        return self.question, self.entry_id

    @property
    def is_given(self):
        """Whether there is an answer, or a reason why there is none."""
        return bool(self.value or self.because)

    def plain(self):
        """The answer itself, decrypted where it is secret."""
        return secrets.decrypt(self.secret) if self.secret else self.value

    def says(self, value, because):
        return self.plain() == value and self.because == because

    def set(self, question, value, because):
        self.because = because
        if question.is_secret:
            self.secret = secrets.encrypt(value) if value else ""
            self.value = kinds.masked(value)
        else:
            self.value = value

    def in_words(self, question):
        """For people; a secret shows its last four."""
        if self.value:
            return self.value if question.is_secret else kinds.in_words(question.kind, self.value)
        return f"None: {self.because}" if self.because else ""


class Attachment(models.Model):
    """A file of the client's cabinet that answers a question."""

    organizer = models.ForeignKey("Organizer", on_delete=models.PROTECT, related_name="attachments")
    question = models.CharField(max_length=40)
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(**PERSON)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = once("attached_once", "file")

    @property
    def place(self):
        return self.question, self.entry_id


class Change(models.Model):
    """Who changed an answer, when, from what to what, in words; secrets show their last four."""

    id = models.BigAutoField(primary_key=True)
    organizer = models.ForeignKey("Organizer", on_delete=models.PROTECT, related_name="changes")
    question = models.CharField(max_length=40)
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    by = models.ForeignKey(**PERSON)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["organizer", "question"], name="changes_of_question")]


class Mark(models.Model):
    """What the firm says to an answer while it reviews: it is fine, or the client is asked."""

    class Kind(models.TextChoices):
        FINE = "fine", "Fine"
        ASK = "ask", "Ask the client"

    organizer = models.ForeignKey("Organizer", on_delete=models.PROTECT, related_name="marks")
    question = models.CharField(max_length=40)
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=4, choices=Kind)
    comment = models.CharField(max_length=MOST_WORDS, blank=True)  # for the client
    by = models.ForeignKey(**PERSON)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = once("one_mark")

    @property
    def place(self):
        return self.question, self.entry_id

    @property
    def said(self):
        return fingerprint(self.kind, self.comment)


def fingerprint(kind, comment):
    """What tells a mark from another; "" where nothing is said."""
    return hashlib.sha256(f"{kind}\0{comment}".encode()).hexdigest()[:16] if kind else ""
