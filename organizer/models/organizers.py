import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client
from files.models import Folder
from files.models.requests import today
from organizer import signals
from organizer.definition import MOST_TITLE
from organizer.models.answers import Answer, Attachment, Change, Entry
from organizer.models.following import Followed
from organizer.models.templates import TemplateVersion
from organizer.models.visits import Visit
from organizer.querysets import OrganizerQuerySet

PERSON = {"to": settings.AUTH_USER_MODEL, "null": True, "blank": True, "on_delete": models.PROTECT, "related_name": "+"}
SOON_DAYS = 7
COUNTERS = ("asked_count", "given_count", "missing_count", "section_count")


class NotWithClient(ValueError):
    """The organizer is not with the client: it was submitted, reviewed, sealed or withdrawn."""


class StillMissing(ValueError):
    """Required questions have no answer."""


class GroupFull(ValueError):
    """The repeated group has as many entries as it may have."""

    def __init__(self, group):
        super().__init__(f"{group.label}: at most {group.most}")
        self.group = group


@dataclass(frozen=True)
class Given:
    """An answer that somebody gives: ``value`` in the form of ``organizer.kinds``, and the revision that they saw."""

    question: str
    value: str
    entry_id: uuid.UUID | None = None
    revision: int = 0
    because: str = ""


@dataclass(frozen=True)
class Conflict:
    """Somebody else has answered meanwhile: ``answer`` stands, ``given`` was not saved."""

    answer: Answer
    given: Given


class Organizer(Followed, models.Model):
    """A questionnaire that one client fills in."""

    class Status(models.TextChoices):
        SENT = "sent", "Not opened"
        OPENED = "opened", "Opened"
        STARTED = "started", "Started"
        SUBMITTED = "submitted", "Submitted"
        REVIEWED = "reviewed", "Reviewed"
        SEALED = "sealed", "Sealed"

    WITH_CLIENT = (Status.SENT, Status.OPENED, Status.STARTED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="organizers")
    version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="organizers")
    title = models.CharField(max_length=MOST_TITLE)
    tax_year = models.PositiveIntegerField()
    message = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    reminder_days = models.JSONField(default=list, blank=True)  # days before due_on; 0 is that day, -7 a week after
    reminded_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.SENT)
    folder = models.ForeignKey(
        Folder, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # of its files
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    saved_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(**PERSON)
    signature = models.CharField(max_length=150, blank=True)  # the name that was typed
    consent = models.TextField(blank=True)  # the words that were agreed to
    reopened_because = models.CharField(max_length=1000, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(**PERSON)
    sealed_at = models.DateTimeField(null=True, blank=True)
    sealed_by = models.ForeignKey(**PERSON)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    # As the sheet says, kept with each change
    asked_count = models.PositiveIntegerField(default=0)
    given_count = models.PositiveIntegerField(default=0)
    missing_count = models.PositiveIntegerField(default=0)
    at_section = models.PositiveIntegerField(default=0)  # where somebody saved last, counted from 1
    section_count = models.PositiveIntegerField(default=0)

    objects = OrganizerQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["client", "-tax_year"], name="organizers_of_client"),
            models.Index(fields=["status", "-at"], name="organizers_by_status"),
            models.Index(fields=["tax_year", "status", "-at"], name="organizers_of_year"),
            models.Index(fields=["tax_year", "-at"], name="organizers_of_year_newest"),
            models.Index(fields=["-at"], name="organizers_newest"),
            models.Index(
                fields=["tax_year", "withdrawn_at", "status", "saved_at", "reopened_at", "client"],
                name="organizers_counted",
            ),
        ]

    def __str__(self):
        return f"{self.title} {self.tax_year}"

    def get_absolute_url(self):
        return reverse("organizer", args=[self.pk])

    @property
    def is_with_client(self):
        return self.status in self.WITH_CLIENT and self.withdrawn_at is None

    @property
    def is_sent_back(self):
        """The client has submitted it, and was not asked again since."""
        return self.status not in self.WITH_CLIENT

    @property
    def percent(self):
        return 100 * self.given_count // self.asked_count if self.asked_count else 0

    @property
    def due_in_days(self):
        return (self.due_on - today()).days if self.due_on else None

    @property
    def is_overdue(self):
        return self.is_with_client and self.due_on is not None and self.due_in_days < 0

    @property
    def is_due_soon(self):
        return self.is_with_client and self.due_on is not None and self.due_in_days <= SOON_DAYS

    @classmethod
    def send(cls, version, clients, *, by, **fields):
        """Each client has one to fill in. Returns them. ``fields``: message, due_on, reminder_days. Raises ValueError where
        the version cannot be sent."""
        from organizer.sheet import Sheet

        with transaction.atomic():
            version = TemplateVersion.objects.select_for_update().select_related("template").get(pk=version.pk)
            if not version.can_be_sent:
                raise ValueError(f"{version} cannot be sent")
            questionnaire = version.questionnaire
            sheet = Sheet(questionnaire, ())
            kept = {
                "version": version,
                "title": questionnaire.name,
                "tax_year": questionnaire.tax_year,
                "by": by,
                "asked_count": sheet.asked_count,
                "missing_count": len(sheet.missing),
                "section_count": len(sheet.shown),
            }
            sent = cls.objects.bulk_create(cls(client=client, **kept, **fields) for client in clients)
            if sent:
                signals.organizer_sent.send(cls, subjects=sent, by=by, note=_due_in_words(fields.get("due_on")))
        return sent

    def open(self, *, by):
        """One of the client's people has it before them; the log is told once a session and hour."""
        with transaction.atomic():
            self._lock()
            if not Visit.is_new(self, by):
                return
            if self.status == self.Status.SENT:
                self.status, self.opened_at = self.Status.OPENED, timezone.now()
                self.save(update_fields=["status", "opened_at"])
            signals.organizer_opened.send(Organizer, subject=self, by=by)

    def save_answers(self, given, *, by):
        """Those that nobody else has changed meanwhile are saved, and the log is told. Returns (the Answers, by place, as
        they stand now; the Conflicts). Raises NotWithClient."""
        with transaction.atomic():
            self._lock_with_client()
            questions = self.version.questionnaire.questions
            answers = {
                answer.place: answer for answer in self.answers.filter(question__in={one.question for one in given})
            }
            saved, conflicts, changes = {}, [], []
            for one in given:
                place = one.question, one.entry_id
                answer = answers.get(place) or Answer(
                    organizer=self, question=one.question, entry_id=one.entry_id, by=by
                )
                if not answer.says(one.value, one.because):
                    if answer.revision != one.revision:
                        conflicts.append(Conflict(answer, one))
                        continue
                    changes.append(self._answer(answer, questions[one.question], one, by))
                saved[place] = answer
            Change.objects.bulk_create(changes)
            if changes:
                self._saved({change.question for change in changes}, by)
        return saved, conflicts

    def _answer(self, answer, question, given, by):
        before = answer.in_words(question)
        answer.set(question, given.value, given.because)
        answer.revision += 1
        answer.by, answer.at = by, timezone.now()
        answer.save()
        return Change(
            organizer=self,
            question=question.key,
            entry_id=answer.entry_id,
            before=before,
            after=answer.in_words(question),
            by=by,
            at=answer.at,
        )

    def add_entry(self, group, *, by):
        """The group has one more, at its end. Raises NotWithClient, GroupFull."""
        with transaction.atomic():
            self._lock_with_client()
            last = self.entries.filter(group=group.key).aggregate(last=models.Max("position"))["last"] or 0
            self._must_have_room(group)
            entry = Entry.objects.create(organizer=self, group=group.key, position=last + 1, by=by)
            Change.objects.create(organizer=self, question=group.key, entry=entry, after="added", by=by)
            self._saved({group.key}, by)
        return entry

    def remove_entry(self, entry, *, by):
        """It is asked no more; its answers are kept. Raises NotWithClient."""
        self._set_removed(entry, timezone.now(), "removed", by)

    def restore_entry(self, entry, *, by):
        """It is there again with its answers. Raises NotWithClient, GroupFull."""
        self._set_removed(entry, None, "put back", by)

    def _set_removed(self, entry, at, after, by):
        with transaction.atomic():
            self._lock_with_client()
            entry.refresh_from_db(fields=["removed_at"])
            if (entry.removed_at is None) == (at is None):
                return  # somebody else was quicker
            if at is None:
                self._must_have_room(self.version.questionnaire.questions[entry.group])
            entry.removed_at = at
            entry.save(update_fields=["removed_at"])
            Change.objects.create(organizer=self, question=entry.group, entry=entry, after=after, by=by)
            self._saved({entry.group}, by)

    def _must_have_room(self, group):
        if self.entries.filter(group=group.key, removed_at=None).count() >= group.most:
            raise GroupFull(group)

    def attach(self, question, files, *, entry=None, by):
        """The files of the client's cabinet answer the question. Raises NotWithClient."""
        with transaction.atomic():
            self._lock_with_client()
            for file in files:
                _, is_new = Attachment.objects.get_or_create(
                    organizer=self, question=question.key, entry=entry, file=file, defaults={"by": by}
                )
                if is_new:
                    Change.objects.create(organizer=self, question=question.key, entry=entry, after=file.name, by=by)
            self._saved({question.key}, by)

    def take(self, arrived, *, question, entry=None, by):
        """The files that lie safely in storage are in the organizer's folder, and answer the question. Returns the Versions.

        Each is a file of its own, whatever it is called: two photos of a phone may both be image.jpg. Where the organizer is
        not with the client any more, they are in the folder and answer nothing: what has arrived is not lost. The folder
        stands already (``folder_for_files``): rows first, then the log."""
        with transaction.atomic():
            self._lock()
            versions = self.folder.receive(arrived, by=by, is_separate=True)
            if self.is_with_client:
                self.attach(question, [version.file for version in versions], entry=entry, by=by)
        return versions

    def detach(self, attachment, *, by):
        """The file answers the question no more; it stays in the cabinet. Raises NotWithClient."""
        with transaction.atomic():
            self._lock_with_client()
            attachment.delete()
            Change.objects.create(
                organizer=self, question=attachment.question, entry=attachment.entry, before=attachment.file.name, by=by
            )
            self._saved({attachment.question}, by)

    def pass_section(self, section, *, by):
        """Somebody has gone through the section (of a Sheet), whether or not they had anything to answer. Raises
        NotWithClient."""
        with transaction.atomic():
            self._lock_with_client()
            self.at_section = section.number
            self.save(update_fields=["at_section"])
            if Visit.is_new(self, by, section.key):
                signals.section_saved.send(Organizer, subject=self, by=by, note=section.title)

    def folder_for_files(self, *, by):
        """The folder of the client's cabinet that its files go to, made with the first."""
        with transaction.atomic():
            self._lock()
            folder, path = self.place_of_files
            self.folder = folder.add_folder(path, by=by) if path else folder
            self.save(update_fields=["folder"])
        return self.folder

    @property
    def place_of_files(self):
        """(the folder that its files go to, ""); or before the first, (the cabinet's top, the name of what is made there)."""
        if self.folder and self.folder.in_place() == self.folder:
            return self.folder, ""
        top, name = self.client.cabinet.top, f"Tax Organizer {self.tax_year}"
        found = top.at_path([name])
        return (found, "") if found else (top, name)

    def submit(self, *, signature, consent, by):
        """It is with the firm, signed. Raises NotWithClient, StillMissing."""
        from organizer.sheet import Sheet

        with transaction.atomic():
            self._lock_with_client()
            if Sheet.of(self).missing:
                raise StillMissing
            self.status, self.submitted_at, self.submitted_by = self.Status.SUBMITTED, timezone.now(), by
            self.signature, self.consent, self.reopened_because = signature, consent, ""
            self.save(
                update_fields=["status", "submitted_at", "submitted_by", "signature", "consent", "reopened_because"]
            )
            signals.organizer_submitted.send(Organizer, subject=self, by=by, note=f"signed {signature}")

    def _saved(self, keys, by):
        """The counters are right again, and the log has what was saved: once an hour for each section and person."""
        section = self.version.questionnaire.section_of[min(keys)]
        is_first = self.started_at is None
        now = timezone.now()
        self.saved_at, self.started_at = now, self.started_at or now
        self.status = self.Status.STARTED
        sheet = self._count()
        self.at_section = next((one.number for one in sheet.sections if one.key == section.key), 0)
        self.save(update_fields=["saved_at", "started_at", "status", "at_section", *COUNTERS])
        if is_first:
            signals.organizer_started.send(Organizer, subject=self, by=by)
        if Visit.is_new(self, by, section.key):
            signals.section_saved.send(Organizer, subject=self, by=by, note=section.title)

    def count_again(self):
        """The counters are right after a file went to the bin, or came out of it."""
        with transaction.atomic():
            self._lock()
            self._count()
            self.save(update_fields=COUNTERS)

    def _count(self):
        """The counters are as the sheet says, which is returned; not saved."""
        from organizer.sheet import Sheet

        sheet = Sheet.of(self)
        self.asked_count, self.given_count = sheet.asked_count, sheet.given_count
        self.missing_count, self.section_count = len(sheet.missing), len(sheet.shown)
        return sheet

    def _lock(self):
        """This object is as its row says."""
        locked = Organizer.objects.select_for_update().get(pk=self.pk)
        for field in self._meta.concrete_fields:
            if field.name not in ("client", "version"):
                setattr(self, field.attname, getattr(locked, field.attname))

    def _lock_with_client(self):
        """Raises NotWithClient."""
        self._lock()
        if not self.is_with_client:
            raise NotWithClient(self.title)


def _due_in_words(due_on):
    return f"due {due_on}" if due_on else ""
