"""All organizers of a year as one table: a row for each, a column for each question."""

import uuid
from dataclasses import dataclass
from functools import cached_property
from itertools import starmap

from django.db import transaction
from django_filters import FilterSet, ModelChoiceFilter

from accounts.connections import release_connection
from accounts.paging import beyond, first
from activity.origin import coming_from, current_origin
from organizer import kinds
from organizer.kinds import Kind
from organizer.models import Answer, Attachment, Entry, Organizer, Template, TemplateVersion
from organizer.sheet import GroupSheet, Line, Sheet
from organizer.signals import organizer_exported
from reports import writers
from reports.tables.base import Table

MOST_COLUMNS = 16_384  # of a sheet
WIDTHS = {"text": 30, "number": 14, "money": 16, "day": 14}
KINDS = {Kind.NUMBER: "number", Kind.YEAR: "number", Kind.PERCENT: "number", Kind.MONEY: "money", Kind.DATE: "day"}
OF_ORGANIZER = (
    writers.Column("client", "Client", "text", 30),
    writers.Column("organizer", "Tax Organizer", "text", 30),
    writers.Column("status", "Status", "text", 14),
    writers.Column("given", "Answered", "integer", 10),
    writers.Column("asked", "Asked", "integer", 10),
    writers.Column("due", "Due", "day", 14),
    writers.Column("sent_at", "Sent", "time", 19),
    writers.Column("saved_at", "Last saved", "time", 19),
    writers.Column("submitted_at", "Submitted", "time", 19),
    writers.Column("signature", "Signed", "text", 24),
)


class TooManyColumns(ValueError):
    """A sheet cannot hold so many questions."""


@dataclass(frozen=True)
class Column(writers.Column):
    """The answers to one question; ``place`` is (the template's id, the question's key)."""

    place: tuple = ()

    def of(self, answers):
        """Its cell. Where versions ask for different kinds of answers, all are text."""
        found = answers.get(self.place[1])
        if isinstance(found, Line):
            return _native(found) if self.kind != "text" else found.words or None
        return str(found) if self.kind == "text" and found is not None else found


class YearFilter(FilterSet):
    """The organizers of one template, or of all."""

    template = ModelChoiceFilter(
        queryset=lambda request: Template.objects.visible_to(request.user), field_name="version__template"
    )

    class Meta:
        model = Organizer
        fields = []

    @property
    def rows(self):
        return self.qs if self.is_valid() else self.queryset.none()

    @property
    def words(self):
        template = self.form.cleaned_data.get("template") if self.is_valid() else None
        return [(str(template), ("template",))] if template else []

    @property
    def sentence(self):
        return "; ".join(words for words, _ in self.words) or "All templates"


class OrganizersOfYear(Table):
    """Read some at a time, so that memory stays what it is; the log says of each whose answers are handed out."""

    slug = "organizers"
    filter_class = YearFilter
    rows_per_batch = 50
    order = "client__name"

    def __init__(self, request, year):
        self.year = year
        self._origin = current_origin()  # the request is over when the rows are read
        super().__init__(request)

    @property
    def title(self):
        return f"Tax Organizers {self.year}"

    @property
    def file_name(self):
        return f"{super().file_name}_{self.year}"

    def source(self):
        return Organizer.objects.visible_to(self.reader).filter(tax_year=self.year, withdrawn_at=None)

    @cached_property
    def versions(self):
        """{id: the TemplateVersion} of those that were sent, the newest first."""
        ids = self.rows.order_by().values("version").distinct()
        found = TemplateVersion.objects.filter(pk__in=ids).select_related("template")
        return {one.pk: one for one in found.order_by("template__name", "template", "-number")}

    @cached_property
    def columns(self):
        """Raises TooManyColumns."""
        questions = {}
        for version in self.versions.values():
            for question in version.questionnaire.questions.values():
                if not question.is_note:
                    questions.setdefault((version.template_id, question.key), []).append((question, version))
        columns = (*OF_ORGANIZER, *(_column(place, found) for place, found in questions.items()))
        if len(columns) > MOST_COLUMNS:
            raise TooManyColumns(MOST_COLUMNS)
        return columns

    def batches(self):
        """Lists of native rows, by client."""
        key = None
        while True:
            rows = beyond(self.rows, self.order, key, self.descending) if key else self.rows
            rows = rows.select_related("client")
            found = list(first(rows, self.order, self.descending, self.rows_per_batch))
            if not found:
                return
            batch = [self._row(organizer, sheet) for organizer, sheet in self._sheets(found)]
            with coming_from(self._origin), transaction.atomic():
                organizer_exported.send(Organizer, subjects=found, by=self.reader, note=f"table of {self.year}")
            key = found[-1].client.name, found[-1].pk
            release_connection()
            yield batch

    def _sheets(self, organizers):
        """Three queries for all of them."""
        answers = Answer.objects.filter(organizer__in=organizers).values_list(*Said.__slots__)
        entries = Entry.objects.filter(organizer__in=organizers)
        files = Attachment.objects.filter(organizer__in=organizers).select_related("file")
        parts = [_by_organizer(rows) for rows in (starmap(Said, answers.iterator()), entries, files)]
        for one in organizers:
            of_one = [found.get(one.pk, ()) for found in parts]
            yield one, Sheet(self.versions[one.version_id].questionnaire, *of_one, is_sent_back=one.is_sent_back)

    def _row(self, organizer, sheet):
        answers = dict(_answers(sheet))
        template_id = self.versions[organizer.version_id].template_id
        return (
            organizer.client.name,
            organizer.title,
            organizer.get_status_display(),
            organizer.given_count,
            organizer.asked_count,
            organizer.due_on,
            organizer.at,
            organizer.saved_at,
            organizer.submitted_at,
            organizer.signature,
            *(
                column.of(answers) if column.place[0] == template_id else None
                for column in self.columns[len(OF_ORGANIZER) :]
            ),
        )


@dataclass(slots=True)
class Said:
    """What an Answer says, without all that the ORM makes of each: that would be most of the time."""

    organizer_id: uuid.UUID
    question: str
    entry_id: uuid.UUID | None
    value: str
    because: str

    place, is_given, in_words = Answer.place, Answer.is_given, Answer.in_words


def _by_organizer(rows):
    found = {}
    for one in rows:
        found.setdefault(one.organizer_id, []).append(one)
    return found


def _column(place, found):
    """``found``: (the Question, its TemplateVersion) of each version that asks, the newest first."""
    question, version = found[0]
    group = version.questionnaire.group_of.get(question.key)
    kind = KINDS.get(question.kind, "text")
    if group or any(one.kind != question.kind for one, _ in found):
        kind = "text"
    elif question.is_group:
        kind = "number"  # of entries
    label = f"{group.label}: {question.label}" if group else question.label
    return Column(question.key, label, kind, WIDTHS[kind], place=place)


def _answers(sheet):
    """(the question's key, its Line; of a group how many entries there are, or why none; of its questions what they say)"""
    for section in sheet.shown:
        for item in section.items:
            if not isinstance(item, GroupSheet):
                if item.is_asked:
                    yield item.question.key, item
            elif item.is_shown:
                yield item.question.key, item.line.words if item.because else len(item.entries)
                yield from _answers_of_entries(item)


def _answers_of_entries(group):
    """Each with the number of its entry."""
    for place, question in enumerate(group.question.items):
        lines = [(entry.number, entry.lines[place]) for entry in group.entries]
        words = [f"{number}: {line.words}" for number, line in lines if line.is_asked and line.words]
        yield question.key, "\n".join(words) or None


def _native(line):
    """A reason why there is no answer stands in its place."""
    return kinds.native(line.question.kind, line.value) if line.value else line.words or None
