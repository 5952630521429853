"""What the firm does with an organizer that a client has, or has sent back."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from files.models.requests import today
from organizer import signals
from organizer.models.answers import Mark, fingerprint

STALLED_AFTER = timedelta(days=14)
WEEKLY = -7  # among reminder_days: each week after the day that it is due
REMINDERS = {
    14: "14 days before",
    7: "7 days before",
    3: "3 days before",
    1: "the day before",
    0: "on the day",
    WEEKLY: "each week after",
}


class WrongOrder(ValueError):
    """This does not follow from where the organizer stands; it says why to whoever tried."""


@dataclass(frozen=True)
class Marked:
    """What a reviewer says to an answer. ``kind`` is a Mark.Kind, or "" where nothing is said. ``seen`` is the
    ``said`` of the Mark that they saw, "" where there was none."""

    question: str
    kind: str
    comment: str = ""
    entry_id: uuid.UUID | None = None
    seen: str = ""

    @property
    def place(self):
        return self.question, self.entry_id

    @property
    def said(self):
        return fingerprint(self.kind, self.comment)


class Followed:
    """The firm's verbs of an Organizer."""

    @property
    def is_submitted(self):
        """It waits for the firm's review."""
        return self.status == self.Status.SUBMITTED

    @property
    def is_stalled(self):
        last = max(filter(None, (self.saved_at, self.reopened_at)), default=None)
        is_started = self.is_with_client and self.status == self.Status.STARTED
        return is_started and last is not None and last < timezone.now() - STALLED_AFTER

    @property
    def can_be_reopened(self):
        return self.status in (self.Status.SUBMITTED, self.Status.REVIEWED)

    @property
    def was_reminded_today(self):
        return self.reminded_on == today()

    @property
    def reminders_in_words(self):
        """What goes out without anybody's doing; "" for nothing."""
        days = [words for day, words in REMINDERS.items() if day in self.reminder_days]
        return ", ".join(days) if self.due_on else ""

    def change(self, *, by, **fields):
        """The due day, message and reminder days are as given. Raises NotWithClient."""
        with transaction.atomic():
            self._lock_with_client()
            before = self._in_words()
            for name, value in fields.items():
                setattr(self, name, value)
            self.save(update_fields=[*fields])
            after = self._in_words()
            changed = [key for key in after if before[key] != after[key]]
            if changed:
                before, after = ({key: words[key] for key in changed} for words in (before, after))
                signals.organizer_changed.send(type(self), subject=self, by=by, before=before, after=after)

    def _in_words(self):
        return {"due": str(self.due_on or ""), "message": self.message, "reminders": self.reminders_in_words}

    def remind(self, *, by):
        """The client's people are reminded, once a day. Raises NotWithClient, WrongOrder."""
        with transaction.atomic():
            self._lock_with_client()
            if self.was_reminded_today:
                raise WrongOrder("A reminder went out today already. The next one can go tomorrow.")
            self.reminded_on = today()
            self.save(update_fields=["reminded_on"])
            signals.organizer_reminded.send(type(self), subject=self, by=by)

    def withdraw(self, *, by):
        """The client no longer sees it, and nobody is reminded. Its answers are kept. Raises NotWithClient."""
        with transaction.atomic():
            self._lock_with_client()
            self.withdrawn_at = timezone.now()
            self.save(update_fields=["withdrawn_at"])
            signals.organizer_withdrawn.send(type(self), subject=self, by=by)

    def send_again(self, *, by):
        """What was withdrawn is with the client as it was."""
        with transaction.atomic():
            self._lock()
            if self.withdrawn_at is not None:
                self.withdrawn_at, self.reminded_on = None, today()
                self.save(update_fields=["withdrawn_at", "reminded_on"])
                signals.organizer_sent.send(type(self), subjects=[self], by=by, note="again, after it was withdrawn")

    def mark(self, marks, *, by):
        """The answers have these marks, where nobody else has said another thing meanwhile, and others the ones they had;
        the log is told once. Returns {place: the Mark that stands instead, or None where it was taken back}. Raises
        WrongOrder."""
        with transaction.atomic():
            self._lock()
            self._must_be(self.Status.SUBMITTED, "Only what a client has submitted can be marked.")
            standing = {mark.place: mark for mark in self.marks.select_related("by")}
            said = {place: mark.said for place, mark in standing.items()}
            wanted = [one for one in marks if one.said not in (one.seen, said.get(one.place, ""))]
            changed = [one for one in wanted if one.seen == said.get(one.place, "")]
            late = {one.place: standing.get(one.place) for one in wanted if one not in changed}
            for one in changed:
                self._mark(standing.get(one.place), one, by)
            if changed:
                signals.answers_marked.send(type(self), subject=self, by=by, note=self._marks_in_words(changed))
        return late

    def _mark(self, mark, one, by):
        if not one.kind:
            mark.delete()
            return
        mark = mark or Mark(organizer=self, question=one.question, entry_id=one.entry_id)
        mark.kind, mark.comment, mark.by, mark.at = one.kind, one.comment, by, timezone.now()
        mark.save()

    def _marks_in_words(self, changed):
        titles = dict.fromkeys(self.version.questionnaire.section_of[one.question].title for one in changed)
        counts = {
            "fine": sum(one.kind == Mark.Kind.FINE for one in changed),
            "to ask": sum(one.kind == Mark.Kind.ASK for one in changed),
            "taken back": sum(not one.kind for one in changed),
        }
        return f"{', '.join(titles)}: {', '.join(f'{count} {words}' for words, count in counts.items() if count)}"

    def reopen(self, because, *, by):
        """The client fills it in again, and reads why and what the marks ask. Raises WrongOrder."""
        with transaction.atomic():
            self._lock()
            if not self.can_be_reopened:
                raise WrongOrder("Only what is submitted or reviewed, and not sealed, can be opened again.")
            self.status, self.reopened_because, self.reopened_at = self.Status.STARTED, because, timezone.now()
            self.reviewed_at = self.reviewed_by = None
            self.reminded_on = today()  # the mail about this is enough for a day
            self.save(
                update_fields=[
                    *("status", "reopened_because", "reopened_at", "reviewed_at", "reviewed_by", "reminded_on")
                ]
            )
            self.count_again()  # files may have gone to the bin since it was submitted
            signals.organizer_reopened.send(type(self), subject=self, by=by, note=because)

    def review(self, *, by):
        """The firm has read it and needs nothing more. Raises WrongOrder."""
        with transaction.atomic():
            self._lock()
            self._must_be(self.Status.SUBMITTED, "Only what a client has submitted can be marked as reviewed.")
            self.status, self.reviewed_at, self.reviewed_by = self.Status.REVIEWED, timezone.now(), by
            self.save(update_fields=["status", "reviewed_at", "reviewed_by"])
            signals.organizer_reviewed.send(type(self), subject=self, by=by)

    def seal(self, *, by):
        """Nobody changes it any more. Raises WrongOrder."""
        with transaction.atomic():
            self._lock()
            self._must_be(self.Status.REVIEWED, "Mark it as reviewed first; then it can be sealed.")
            self.status, self.sealed_at, self.sealed_by = self.Status.SEALED, timezone.now(), by
            self.save(update_fields=["status", "sealed_at", "sealed_by"])
            signals.organizer_sealed.send(type(self), subject=self, by=by)

    def reveal(self, answer, *, where, by):
        """The secret itself. That ``by`` looked at it is in the log by then; ``where`` says which it is."""
        with transaction.atomic():
            signals.secret_revealed.send(type(self), subject=self, by=by, note=where)
        return answer.plain()

    def _must_be(self, status, words):
        if self.status != status or self.withdrawn_at is not None:
            raise WrongOrder(words)
