"""The questions of an organizer as a form asks them, and what is read from it."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.timesince import timesince

from organizer import kinds
from organizer.kinds import ADDRESS_PARTS, Kind
from organizer.models import Given
from organizer.overview import field_id
from organizer.sheet import GroupSheet

MOST_RADIOS = 8
MOST_REASON = 300
MINE, THEIRS = "mine", "theirs"
ADDRESS_LABELS = {
    "street": ("Street", "address-line1"),
    "unit": ("Apartment, suite or unit", "address-line2"),
    "city": ("City", "address-level2"),
    "state": ("State", "address-level1"),
    "zip": ("ZIP code", "postal-code"),
}
CONTROLS = {  # what a control of one line has: type, inputmode, autocomplete, class
    Kind.TEXT: ("text", "", "", ""),
    Kind.DATE: ("date", "", "off", "input--short"),
    Kind.YEAR: ("text", "numeric", "off", "input--year"),
    Kind.NUMBER: ("text", "numeric", "off", "input--short"),
    Kind.MONEY: ("text", "decimal", "off", "input--short input--money"),
    Kind.PERCENT: ("text", "decimal", "off", "input--short input--money"),
    Kind.EMAIL: ("email", "", "email", ""),
    Kind.PHONE: ("tel", "", "tel", "input--short"),
    Kind.SSN: ("text", "numeric", "off", "input--short"),
    Kind.EIN: ("text", "numeric", "off", "input--short"),
    Kind.SSN_OR_EIN: ("text", "numeric", "off", "input--short"),
    Kind.BANK_ACCOUNT: ("text", "", "off", "input--short"),
    Kind.ROUTING_NUMBER: ("text", "numeric", "off", "input--short"),
}


@dataclass(frozen=True)
class Part:
    """One control of several: a choice, or a line of an address."""

    id: str
    label: str
    value: str
    is_chosen: bool = False
    autocomplete: str = ""


@dataclass
class Field:
    """A question with what stands in its controls."""

    line: object
    whose: str = ""  # which entry of a group it is of
    typed: str | list = ""
    because: str = ""
    seen: str = ""  # the answer that the page shows: its revision, and what it says
    error: str = ""
    conflict: object = None
    earlier: object = None  # the answer of a year before
    ask: object = None  # the firm's Mark

    @classmethod
    def of(cls, line, whose=""):
        return cls(line, whose, editable(line.question, line.value), line.because, seen_of(line.question, line))

    @property
    def question(self):
        return self.line.question

    @property
    def name(self):
        return self.line.name

    @property
    def title(self):
        """Of its own, wherever it stands."""
        return f"{self.whose}: {self.question.label}" if self.whose else self.question.label

    @property
    def id(self):
        return field_id(self.line)

    @property
    def first_id(self):
        """Of the control where a reader begins."""
        parts = self.parts if self.is_fieldset else ()
        return parts[0].id if parts else self.id

    @property
    def type(self):
        return CONTROLS[self.question.kind][0]

    @property
    def inputmode(self):
        return CONTROLS[self.question.kind][1]

    @property
    def autocomplete(self):
        """In a group it is about somebody else than who fills it in."""
        return "off" if self.line.entry else CONTROLS[self.question.kind][2]

    @property
    def css(self):
        return CONTROLS[self.question.kind][3]

    @property
    def is_select(self):
        return self.question.kind == Kind.CHOICE and len(self.question.choices) > MOST_RADIOS

    @property
    def is_fieldset(self):
        return self.question.kind in (Kind.YES_NO, Kind.CHOICES, Kind.ADDRESS, Kind.FILE) or (
            self.question.kind == Kind.CHOICE and not self.is_select
        )

    @property
    def parts(self):
        question, chosen = self.question, self.typed
        if question.kind == Kind.ADDRESS:
            lines = (list(chosen) + [""] * len(ADDRESS_PARTS))[: len(ADDRESS_PARTS)]
            return [
                Part(f"{self.id}-{part}", label, value, autocomplete="off" if self.line.entry else token)
                for part, value, (label, token) in zip(ADDRESS_PARTS, lines, ADDRESS_LABELS.values(), strict=True)
            ]
        answers = kinds.YES_NO.items() if question.kind == Kind.YES_NO else [(one, one) for one in question.choices]
        chosen = chosen if isinstance(chosen, list) else [chosen]
        return [
            Part(f"{self.id}-{number}", label, value, value in chosen)
            for number, (value, label) in enumerate(answers, 1)
        ]

    @property
    def described_by(self):
        """The ids of what is said about it, in the order in which it stands on the page."""
        said = {
            "help": self.question.help,
            "ask": self.ask,
            "earlier": self.earlier,
            "error": self.error,
            "conflict": self.conflict,
        }
        return " ".join(f"{self.id}-{what}" for what, is_said in said.items() if is_said)

    @property
    def condition(self):
        return condition_of(self.question)

    @property
    def is_hidden(self):
        return self.question.condition is not None and not self.line.is_shown

    @property
    def is_decision(self):
        return self.question.kind in kinds.DECIDING

    @property
    def may_lack(self):
        """Whether one can say that one does not have this."""
        return self.question.is_required and (bool(self.because) or not self.line.is_given)

    def read(self, data):
        """The Given, where the form has another answer than the page showed; else None. What cannot be read is told."""
        name = self.name
        if f"{name}.seen" not in data:
            return None
        self.seen, choice = data[f"{name}.seen"], data.get(f"{name}.choose")
        self.because = " ".join(data.get(f"{name}.because", "").split())[:MOST_REASON].replace("\0", "")
        self.typed = data.getlist(name) if self.question.kind in (Kind.CHOICES, Kind.ADDRESS) else data.get(name, "")
        if choice == THEIRS:
            return None
        try:
            value = kinds.read(self.question, self.typed) if self.has_value else ""
        except ValidationError as problem:
            self.error = problem.messages[0]
            return None
        if self.question.is_secret and not value and self.line.value and f"{name}.clear" not in data:
            return None
        because = "" if value else self.because
        if choice == MINE:
            return self._given(value, because, _number(data.get(f"{name}.now", "")))
        return self._given(value, because, self.revision) if self._is_changed(value, because) else None

    @property
    def has_value(self):
        """Files and entries answer by being there; of them only why there is none is said in the form."""
        return not (self.question.is_file or self.question.is_group)

    @property
    def revision(self):
        """Of the answer that the page shows."""
        return _number(self.seen.partition("-")[0])

    def _is_changed(self, value, because):
        if self.question.is_secret:
            return bool(value) or bool(self.line.value) or because != self.line.because
        return self.seen.partition("-")[2] != _digest(value, because)

    def _given(self, value, because, revision):
        entry_id = self.line.entry.pk if self.line.entry else None
        return Given(self.question.key, value, entry_id, revision, because)

    def take_over(self, other):
        """What was typed and could not be saved stands here again, with why."""
        for name in ("typed", "because", "seen", "error", "conflict"):
            setattr(self, name, getattr(other, name))

    @property
    def conflict_words(self):
        """Who has answered what meanwhile, and what was written here."""
        answer, given = self.conflict.answer, self.conflict.given
        return {
            "by": answer.by,
            "when": _ago(answer.at),
            "theirs": answer.in_words(self.question) or "nothing",
            "mine": in_words(self.question, given) or "nothing",
            "revision": answer.revision,
        }


@dataclass
class EntryFields:
    """One of a repeated group, as its fields."""

    sheet: object
    name: str
    fields: list

    @property
    def id(self):
        return f"entry-{self.sheet.entry.pk.hex}"


@dataclass
class GroupFields:
    """A repeated group as its entries."""

    sheet: GroupSheet
    entries: list
    earlier: object = None  # the entries of a year before
    is_group: bool = True
    lack: Field | None = None  # where one says that there are none

    @property
    def question(self):
        return self.sheet.question

    @property
    def id(self):
        return f"group-{self.question.key}"

    @property
    def condition(self):
        return condition_of(self.question)

    @property
    def is_hidden(self):
        return self.question.condition is not None and not self.sheet.is_shown


@dataclass
class SectionFields:
    """A section as a form: ``items`` are Fields and GroupFields. What other sections' answers keep from being asked is not
    in it."""

    section: object
    sheet: object
    items: list = field(default_factory=list)

    @classmethod
    def of(cls, sheet, section):
        found = cls(section, sheet)
        for item in section.items:
            if not found._may_be_asked(item):
                continue
            if isinstance(item, GroupSheet):
                entries = [found._entry(item, entry) for entry in item.entries]
                lack = Field.of(item.line) if item.question.is_required and not entries else None
                found.items.append(GroupFields(item, entries, lack=lack))
            else:
                found.items.append(Field.of(item))
        return found

    def _entry(self, group, entry):
        whose = entry.name(group.question)
        return EntryFields(entry, whose, [Field.of(line, whose) for line in entry.lines if self._may_be_asked(line)])

    def _may_be_asked(self, item):
        condition = item.question.condition
        if condition is None:
            return True
        decides_here = self.sheet.questionnaire.section_of[condition.question] is self.section.section
        return decides_here or self.sheet.holds(condition)

    @property
    def fields(self):
        for item in self.items:
            if isinstance(item, GroupFields):
                for entry in item.entries:
                    yield from entry.fields
                if item.lack:
                    yield item.lack
            else:
                yield item

    @property
    def groups(self):
        return [item for item in self.items if isinstance(item, GroupFields)]

    @property
    def errors(self):
        return [one for one in self.fields if one.error]

    @property
    def conflicts(self):
        return [one for one in self.fields if one.conflict]

    @property
    def problem_count(self):
        return len(self.errors) + len(self.conflicts)

    def read(self, data):
        """The answers that were changed."""
        return [given for one in self.fields if not one.question.is_note and (given := one.read(data))]

    def take_over(self, before):
        """What could not be saved from the form ``before`` stands here again; where it is asked no more, it is not told."""
        kept = {one.name: one for one in before.fields if one.error or one.conflict}
        for one in self.fields:
            if one.name in kept and (one.line.is_shown or kept[one.name].conflict):
                one.take_over(kept[one.name])

    def tell(self, conflicts):
        by_place = {(one.given.question, one.given.entry_id): one for one in conflicts}
        for one in self.fields:
            one.conflict = by_place.get(one.line.place)


def _ago(moment):
    if timezone.now() - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment).split(',')[0]} ago"


def condition_of(question):
    """For the script: the question that decides, and the answers with which this one is asked."""
    condition = question.condition
    return {"question": condition.question, "is": json.dumps(condition.among)} if condition else None


def editable(question, value):
    """A saved answer as it stands in a control, and is read again as the same. A secret stands in none."""
    if question.kind in (Kind.CHOICES, Kind.ADDRESS):
        return json.loads(value) if value else []
    if question.is_secret:
        return ""
    if question.kind == Kind.MONEY and value:
        return f"{kinds.native(Kind.MONEY, value):,.2f}"
    return value


def seen_of(question, answer):
    """What a page shows of an Answer, or of a Line: its revision, and what it says where that is no secret."""
    return f"{answer.revision}-{'' if question.is_secret else _digest(answer.value, answer.because)}"


def fields_in(sheet, data):
    """The Fields that are in the data, and the names in it that the sheet does not have any more."""
    names = [key.removesuffix(".seen") for key in data if key.endswith(".seen")]
    groups = [group for section in sheet.sections for group in section.groups]
    lines = {line.name: line for line in sheet.lines.values() if not line.question.is_note}
    lines |= {group.question.key: group.line for group in groups}
    return [Field.of(lines[name]) for name in names if name in lines], [name for name in names if name not in lines]


def _number(text):
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _digest(value, because):
    return hashlib.sha256(f"{value}\0{because}".encode()).hexdigest()[:16]


def in_words(question, given):
    """What somebody gives, for people; a secret's last four."""
    if given.value:
        return kinds.masked(given.value) if question.is_secret else kinds.in_words(question.kind, given.value)
    return f"None: {given.because}" if given.because else ""
