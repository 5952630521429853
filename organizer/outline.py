"""A questionnaire as pages list it: its sections and questions, numbered, with their conditions in words."""

from dataclasses import dataclass, field

from organizer.definition import Question, Section
from organizer.editing import answers_of, condition_in_words
from organizer.kinds import Kind

SHORT = {
    *(Kind.DATE, Kind.YEAR, Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.PHONE, Kind.SSN, Kind.EIN),
    *(Kind.SSN_OR_EIN, Kind.BANK_ACCOUNT, Kind.ROUTING_NUMBER),
}
SAMPLES = {
    Kind.DATE: "4/15/2026",
    Kind.YEAR: "2025",
    Kind.NUMBER: "12",
    Kind.MONEY: "$1,234.50",
    Kind.PERCENT: "12.5%",
    Kind.EMAIL: "name@example.com",
    Kind.PHONE: "(515) 555-0142",
    Kind.SSN: "123-45-6789",
    Kind.EIN: "12-3456789",
    Kind.SSN_OR_EIN: "123-45-6789 or 12-3456789",
    Kind.ROUTING_NUMBER: "Nine digits",
    Kind.BANK_ACCOUNT: "4 to 17 digits",
}
ADDRESS = ("Street", "Apartment or unit", "City", "State", "ZIP code")


@dataclass
class Row:
    position: int  # among its neighbours, counted from 0
    count: int  # of them, with it
    condition: str  # in words

    @property
    def is_last(self):
        return self.after == self.count

    @property
    def before(self):
        return self.position - 1

    @property
    def after(self):
        return self.position + 1


@dataclass
class QuestionRow(Row):
    question: Question
    inner: list = field(default_factory=list)  # of a group

    @property
    def kind(self):
        return Kind(self.question.kind).label

    @property
    def symbol(self):
        if self.question.is_group:
            return "versions"
        if self.question.is_note:
            return "info"
        return "upload" if self.question.is_file else "lock" if self.question.is_secret else "circle"

    @property
    def options(self):
        """What is ticked, in words."""
        return [words for _, words in answers_of(self.question)]

    @property
    def box(self):
        return "checkbox" if self.question.kind == Kind.CHOICES else "radio"

    @property
    def inputs(self):
        """What stands in the fields as a sample."""
        return ADDRESS if self.question.kind == Kind.ADDRESS else [SAMPLES.get(self.question.kind, "Text")]

    @property
    def is_short(self):
        return self.question.kind in SHORT


@dataclass
class SectionRow(Row):
    section: Section
    items: list[QuestionRow]

    @property
    def number(self):
        return self.position + 1

    @property
    def asked_count(self):
        rows = [row for item in self.items for row in (item, *item.inner)]
        return sum(not (row.question.is_note or row.question.is_group) for row in rows)


def outline(questionnaire):
    return [
        SectionRow(
            *_place(questionnaire, questionnaire.sections, number),
            section,
            rows(questionnaire, section.items),
        )
        for number, section in enumerate(questionnaire.sections)
    ]


def rows(questionnaire, items):
    return [
        QuestionRow(*_place(questionnaire, items, number), item, rows(questionnaire, item.items))
        for number, item in enumerate(items)
    ]


def _place(questionnaire, parts, number):
    return number, len(parts), condition_in_words(questionnaire, parts[number].condition)
