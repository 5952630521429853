"""One organizer to take away: as it stands, all that is asked with what was answered, by whom and when."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Firm
from files.names import unpacked_name
from organizer.models import Organizer
from organizer.sheet import GroupSheet, Sheet
from organizer.signals import organizer_exported, secret_revealed
from reports.writers import WRITERS, Column, Facts

COLUMNS = (
    Column("section", "Section", "text", 24),
    Column("question", "Question", "text", 44),
    Column("answer", "Answer", "text", 44),
    Column("by", "By", "text", 20),
    Column("at", "At", "time", 19),
)
ABOUT = "About this copy"


@dataclass
class Row:
    """A question with its answer; ``by`` and ``at`` of who gave it."""

    question: str
    answer: str = ""
    by: str = ""
    at: datetime | None = None


class Copy:
    """An organizer as ``reader`` may take it away: its secrets with their last four, or ``in_full``."""

    def __init__(self, organizer, reader, *, in_full=False):
        self.organizer, self.reader, self.in_full = organizer, reader, in_full
        self._revealed_count = 0

    @cached_property
    def sections(self):
        """[(title, its Rows)] of what is asked. What conditions hide is left out."""
        organizer = self.organizer
        sheet = Sheet(
            organizer.version.questionnaire,
            organizer.answers.select_related("by"),
            organizer.entries.all(),
            organizer.attachments.select_related("file", "by"),
            is_sent_back=organizer.is_sent_back,
        )
        return [(section.title, list(self._rows(section))) for section in sheet.shown]

    def _rows(self, section):
        for item in section.items:
            if not isinstance(item, GroupSheet):
                yield from self._row(item, item.question.label)
            elif item.is_shown and not item.entries:
                yield from self._row(item.line, item.question.label)
            else:
                for entry in item.entries:
                    for line in entry.lines:
                        yield from self._row(line, f"{item.question.label} {entry.number}: {line.question.label}")

    def _row(self, line, label):
        if not line.is_asked:
            return
        given = line.files[-1] if line.files else line.answer if line.is_given else None
        yield Row(label, self._answer(line), _name(given.by), given.at) if given else Row(label)

    def _answer(self, line):
        if self.in_full and line.question.is_secret and line.value:
            self._revealed_count += 1
            return line.answer.plain()
        return line.words

    @cached_property
    def facts(self):
        """[(what, in words)] of the organizer as a whole."""
        one = self.organizer
        facts = [
            ("Firm", Firm.current().name),
            ("Client", one.client.name),
            ("Tax Organizer", one.title),
            ("Tax year", str(one.tax_year)),
            ("Status", "Withdrawn" if one.withdrawn_at else one.get_status_display()),
            ("Sent", self._when(one.at)),
            ("Due", date_format(one.due_on, "F j, Y") if one.due_on else ""),
            ("Submitted", self._when(one.submitted_at, one.submitted_by)),
            ("Signed", one.signature),
            ("Agreed to", one.consent if one.signature else ""),
            ("Reviewed", self._when(one.reviewed_at, one.reviewed_by)),
            ("Sealed", self._when(one.sealed_at, one.sealed_by)),
            ("Numbers", "In full" if self.in_full else "The last four of SSN, EIN and account numbers"),
            ("Copy", self._when(timezone.now(), self.reader)),
        ]
        return [(label, words) for label, words in facts if words]

    def _when(self, moment, by=None):
        if moment is None:
            return ""
        words = date_format(timezone.localtime(moment), "F j, Y, g:i A")
        return f"{words}, by {_name(by)}" if by else words

    @property
    def title(self):
        return f"{self.organizer}: {self.organizer.client}"

    def file_name(self, extension):
        return unpacked_name(f"{self.organizer.client}, {self.organizer}.{extension}")

    def written(self, extension):
        """The bytes of a file. CSV, which has no other place for them, begins with the facts as rows."""
        rows = [
            (title, row.question, row.answer, row.by, row.at) for title, section in self.sections for row in section
        ]
        if extension == "csv":
            rows = [(ABOUT, label, words, "", None) for label, words in self.facts] + rows
        facts = Facts(self.title, tuple(self.facts))
        zone = timezone.get_current_timezone()
        return b"".join(WRITERS[extension].stream(COLUMNS, facts, [rows] if rows else [], zone=zone))

    def tell(self, what):
        """The log says that ``reader`` took it, and first that they saw numbers in full."""
        with transaction.atomic():
            if self._revealed_count:
                count = self._revealed_count
                note = f"{count} number{'' if count == 1 else 's'} in full, {what}"
                secret_revealed.send(Organizer, subject=self.organizer, by=self.reader, note=note)
            organizer_exported.send(Organizer, subject=self.organizer, by=self.reader, note=what)


def _name(person):
    return person.name or str(person)
