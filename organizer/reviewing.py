"""An organizer as the firm reads it: answers with who gave them and when, and what is said to each."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from organizer.models import Mark, Marked
from organizer.sheet import GroupSheet, Line, SectionSheet, Sheet

ASK, FINE = Mark.Kind.ASK, Mark.Kind.FINE


@dataclass
class Look:
    """A line with its mark. ``is_fine`` and ``comment`` are what the form shows: as saved, or as typed; ``seen`` is the mark
    that it began with."""

    line: Line
    mark: Mark | None
    by: str  # who gave the answer
    marked_by: str
    change_count: int
    of_entry: str = ""
    is_fine: bool = False
    comment: str = ""
    error: str = ""
    seen: str = ""

    is_group = False

    @property
    def question(self):
        return self.line.question

    @property
    def name(self):
        """With the entry's, where it is of one: for the log, and for whoever only hears it."""
        return f"{self.of_entry}: {self.question.label}" if self.of_entry else self.question.label

    @property
    def at(self):
        """When the answer was given, or the last of its files; None before."""
        given = self.line.files[-1] if self.line.files else self.line.answer
        return given.at if given else None

    @property
    def can_be_revealed(self):
        return bool(self.line.answer and self.line.answer.secret)

    @property
    def is_changed_since(self):
        """Whether the client has answered what was asked."""
        return bool(self.mark and self.at and self.at > self.mark.at)

    def take(self, data):
        """What was typed is said; ``error`` tells what is wrong with it."""
        self.seen = data.get(f"seen.{self.line.name}", self.seen)
        self.comment = data.get(f"ask.{self.line.name}", "").replace("\r\n", "\n").strip()
        self.is_fine = f"fine.{self.line.name}" in data and not self.comment
        most = Mark._meta.get_field("comment").max_length
        if len(self.comment) > most or "\0" in self.comment:
            self.error = f"Use at most {most:,} characters."

    def marked(self):
        kind = ASK if self.comment else FINE if self.is_fine else ""
        return Marked(self.question.key, kind, self.comment, self.line.place[1], self.seen)

    def come_late(self, typed):
        """What another Look of it could not save stands here again, with who was quicker."""
        self.comment, self.is_fine = typed.comment, typed.is_fine
        at = self.mark and date_format(timezone.localtime(self.mark.at), "M j, g:i A")
        if self.mark is None:
            words = "Somebody took the mark back while you had the page open."
        elif self.mark.kind == ASK:
            words = f"{self.marked_by} asks since {at}: “{self.mark.comment}”."
        else:
            words = f"{self.marked_by} marked it as fine {at}."
        self.error = f"{words} Save again to put yours in its place."


@dataclass
class LookedGroup:
    """A repeated group: for each entry its name, and its Looks."""

    group: GroupSheet
    entries: list

    is_group = True


@dataclass
class LookedSection:
    section: SectionSheet
    items: list

    @cached_property
    def looks(self):
        found = []
        for item in self.items:
            found += [look for _, looks in item.entries for look in looks] if item.is_group else [item]
        return found

    @property
    def ask_count(self):
        return sum(bool(look.mark and look.mark.kind == ASK) for look in self.looks)

    @property
    def errors(self):
        return [look for look in self.looks if look.error]


class Review:
    """The sections that the answers call for. Seven queries, however much was answered."""

    def __init__(self, organizer):
        self.sheet = Sheet.of(organizer)
        self._marks = {mark.place: mark for mark in organizer.marks.all()}
        self._changes = {
            (row["question"], row["entry"]): row["count"]
            for row in organizer.changes.order_by().values("question", "entry").annotate(count=Count("pk"))
        }
        ids = {mark.by_id for mark in self._marks.values()} | set(map(_given_by, self.sheet.lines.values()))
        people = User.objects.filter(pk__in=ids - {None})
        self._names = {user.pk: user.name or str(user) for user in people}
        self.sections = [self._section(section) for section in self.sheet.shown]

    def section(self, key):
        """The LookedSection, or None."""
        return next((one for one in self.sections if one.section.key == key), None)

    def look(self, name):
        """The Look whose line has this name, or None."""
        return next((look for one in self.sections for look in one.looks if look.line.name == name), None)

    @cached_property
    def asks(self):
        return [look for one in self.sections for look in one.looks if look.mark and look.mark.kind == ASK]

    def _section(self, section):
        return LookedSection(section, [self._item(item) for item in section.items if item.is_shown])

    def _item(self, item):
        if not isinstance(item, GroupSheet):
            return self._look(item)
        entries = []
        for entry in item.entries:
            name = f"{item.question.label} {entry.number}{f', {entry.title}' if entry.title else ''}"
            entries.append((name, [self._look(line, name) for line in entry.lines if line.is_shown]))
        return LookedGroup(item, entries)

    def _look(self, line, of_entry=""):
        mark = self._marks.get(line.place)
        by = self._names.get(_given_by(line), "")
        look = Look(line, mark, by, "", self._changes.get(line.place, 0), of_entry)
        if mark:
            look.marked_by, look.seen = self._names[mark.by_id], mark.said
            look.is_fine, look.comment = mark.kind == FINE, mark.comment
        return look


def _given_by(line):
    """The id of whoever gave the answer, or the last of its files."""
    given = line.files[-1] if line.files else line.answer
    return given.by_id if given else None
