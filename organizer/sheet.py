"""An organizer as it stands: its questions with their answers, what is shown, and what is missing."""

import json
from dataclasses import dataclass, field
from functools import cached_property

from organizer.definition import Question, Section
from organizer.kinds import Kind
from organizer.models.answers import Answer, Attachment, Entry


@dataclass
class Line:
    """A question with its answer, of the organizer itself or of an entry of a group."""

    question: Question
    entry: Entry | None = None
    answer: Answer | None = None
    files: list[Attachment] = field(default_factory=list)
    binned: list[Attachment] = field(default_factory=list)  # that answered it until they went to the bin
    is_shown: bool = True

    @property
    def name(self):
        """Of its fields in a form."""
        return f"{self.question.key}.{self.entry.pk.hex}" if self.entry else self.question.key

    @property
    def place(self):
        return self.question.key, self.entry.pk if self.entry else None

    @property
    def value(self):
        return self.answer.value if self.answer else ""

    @property
    def because(self):
        return self.answer.because if self.answer else ""

    @property
    def revision(self):
        return self.answer.revision if self.answer else 0

    @property
    def is_asked(self):
        return self.is_shown and not self.question.is_note

    @property
    def is_given(self):
        return bool(self.files) or bool(self.answer and self.answer.is_given)

    @property
    def is_missing(self):
        return self.is_asked and self.question.is_required and not self.is_given

    @property
    def words(self):
        """The answer as people read it; a secret's last four."""
        if self.files:
            return ", ".join(attachment.file.name for attachment in self.files)
        return self.answer.in_words(self.question) if self.answer else ""


@dataclass
class EntrySheet:
    """One of a repeated group, with its lines."""

    entry: Entry
    number: int
    lines: list[Line]

    @property
    def title(self):
        """What tells it from the others: its first text."""
        told = (line.words for line in self.lines if line.question.kind == Kind.TEXT and line.value)
        return next(told, "")

    def name(self, group):
        """Which of the group's it is: Child 2, Noah."""
        return f"{group.label} {self.number}{f', {self.title}' if self.title else ''}"


@dataclass
class GroupSheet:
    """A repeated group with its entries."""

    question: Question
    entries: list[EntrySheet]
    is_shown: bool = True
    line: Line | None = None  # why there are none

    @property
    def because(self):
        """Why there are none, in the client's words."""
        return "" if self.entries else self.line.because

    @property
    def is_missing(self):
        return self.is_shown and self.question.is_required and not self.entries and not self.because

    @property
    def may_grow(self):
        return len(self.entries) < self.question.most


@dataclass
class SectionSheet:
    """A section with its items: Lines and GroupSheets."""

    section: Section
    number: int  # among those that are shown
    items: list
    is_shown: bool = True

    @property
    def key(self):
        return self.section.key

    @property
    def title(self):
        return self.section.title

    @cached_property
    def lines(self):
        """All, those of entries included."""
        found = []
        for item in self.items:
            if isinstance(item, GroupSheet):
                found += [line for entry in item.entries for line in entry.lines]
            else:
                found.append(item)
        return found

    @cached_property
    def groups(self):
        return [item for item in self.items if isinstance(item, GroupSheet)]

    @cached_property
    def asked_count(self):
        return sum(line.is_asked for line in self.lines)

    @cached_property
    def given_count(self):
        return sum(line.is_asked and line.is_given for line in self.lines)

    @cached_property
    def missing(self):
        """The Lines and GroupSheets that are required and have nothing."""
        return [one for one in (*self.lines, *self.groups) if one.is_missing]

    @property
    def is_answered(self):
        """Whether somebody began with it, and nothing that is required is missing."""
        return self.is_begun and not self.missing

    @property
    def is_complete(self):
        return not self.missing and (self.given_count == self.asked_count)

    @property
    def is_begun(self):
        return self.given_count > 0


class Sheet:
    """``sections`` are all of them, in order; ``shown`` those that the answers call for. A file that lies in the bin is no
    answer, unless the organizer was sent back (``is_sent_back``) with it."""

    def __init__(self, questionnaire, answers, entries=(), attachments=(), *, is_sent_back=False):
        self.questionnaire = questionnaire
        self._answers = {answer.place: answer for answer in answers}
        self._entries, self._files, self._binned = {}, {}, {}
        for entry in entries:
            if entry.removed_at is None:
                self._entries.setdefault(entry.group, []).append(entry)
        for attachment in attachments:
            is_answer = is_sent_back or attachment.file.binned_at is None
            (self._files if is_answer else self._binned).setdefault(attachment.place, []).append(attachment)
        self._values = {}  # what the shown questions outside groups say, for conditions
        self.sections = []
        for section in questionnaire.sections:
            is_shown = self._holds(section.condition, self._values)
            number = sum(one.is_shown for one in self.sections) + is_shown
            items = [self._item(item, is_shown) for item in section.items]
            self.sections.append(SectionSheet(section, number, items, is_shown))

    @classmethod
    def of(cls, organizer, *, though_removed=()):
        """Four queries, however much was answered. ``though_removed``: ids, as hexadecimal, of entries that are in it even
        where somebody has removed them."""
        entries = list(organizer.entries.all())
        for entry in entries:
            if entry.pk.hex in though_removed:
                entry.removed_at = None
        return cls(
            organizer.version.questionnaire,
            organizer.answers.all(),
            entries,
            organizer.attachments.select_related("file"),
            is_sent_back=organizer.is_sent_back,
        )

    @cached_property
    def shown(self):
        return [section for section in self.sections if section.is_shown]

    @cached_property
    def lines(self):
        """{(question's key, entry's id or None): Line}, hidden ones included"""
        return {line.place: line for section in self.sections for line in section.lines}

    def section(self, key):
        """The SectionSheet, or None where there is none or it is not shown."""
        return next((section for section in self.shown if section.key == key), None)

    def holds(self, condition):
        """Whether a condition about a question outside groups holds, with all that is answered."""
        return self._holds(condition, self._values)

    @property
    def asked_count(self):
        return sum(section.asked_count for section in self.shown)

    @property
    def given_count(self):
        return sum(section.given_count for section in self.shown)

    @cached_property
    def missing(self):
        return [one for section in self.shown for one in section.missing]

    def _item(self, item, is_shown):
        is_shown = is_shown and self._holds(item.condition, self._values)
        if not item.is_group:
            return self._line(item, None, is_shown, self._values)
        entries = []
        for number, entry in enumerate(self._entries.get(item.key, ()), 1):
            values = dict(self._values)
            lines = []
            for inner in item.items:
                lines.append(self._line(inner, entry, is_shown and self._holds(inner.condition, values), values))
            entries.append(EntrySheet(entry, number, lines))
        return GroupSheet(
            item, entries, is_shown, Line(item, answer=self._answers.get((item.key, None)), is_shown=is_shown)
        )

    def _line(self, question, entry, is_shown, values):
        line = Line(question, entry, is_shown=is_shown)
        line.answer, line.files = self._answers.get(line.place), self._files.get(line.place, [])
        line.binned = self._binned.get(line.place, [])
        if is_shown:
            values[question.key] = line.value
        return line

    def _holds(self, condition, values):
        """A question that is not shown has no answer here, whatever it was answered before."""
        if condition is None:
            return True
        value = values.get(condition.question, "")
        is_list = self.questionnaire.questions[condition.question].kind == Kind.CHOICES
        chosen = json.loads(value or "[]") if is_list else [value]
        return any(one in condition.among for one in chosen)
