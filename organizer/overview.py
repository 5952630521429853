"""An organizer's answers for reading, section by section, each with the way to where it is given."""

from dataclasses import dataclass, field

from django.urls import reverse

from organizer.sheet import GroupSheet


@dataclass
class Row:
    """A question and its answer. ``url`` leads to its field, "" where nothing can be changed."""

    id: str
    label: str
    words: str
    files: list
    is_missing: bool
    url: str
    ask: object


@dataclass
class EntryRows:
    name: str
    answers: list[Row]


@dataclass
class GroupRows:
    label: str
    entries: list[EntryRows]
    because: str
    is_missing: bool


@dataclass
class SectionRows:
    key: str
    title: str
    answers: list[Row] = field(default_factory=list)
    groups: list[GroupRows] = field(default_factory=list)


@dataclass(frozen=True)
class Missing:
    label: str
    section: str
    url: str


def field_id(line):
    return f"q-{line.name.replace('.', '-')}"


class Overview:
    """``asks``: {place: the Mark with which the firm asks about it}."""

    def __init__(self, organizer, sheet, asks):
        self._organizer, self._asks = organizer, asks
        self.sections = [self._section(section) for section in sheet.shown]
        self.missing = [self._missing(section, one) for section in sheet.shown for one in section.missing]

    def _section(self, section):
        found = SectionRows(section.key, section.title)
        for item in section.items:
            if isinstance(item, GroupSheet):
                if item.is_shown:
                    entries = [
                        EntryRows(entry.name(item.question), self._rows(section, entry.lines)) for entry in item.entries
                    ]
                    found.groups.append(GroupRows(item.question.label, entries, item.because, item.is_missing))
            else:
                found.answers += self._rows(section, [item])
        return found

    def _rows(self, section, lines):
        return [
            Row(
                id=field_id(line),
                label=line.question.label,
                words="" if line.files else line.words,
                files=[attachment.file for attachment in (*line.files, *line.binned)],
                is_missing=line.is_missing,
                url=self._address(section, field_id(line)) if self._organizer.is_with_client else "",
                ask=self._asks.get(line.place),
            )
            for line in lines
            if line.is_asked
        ]

    def _missing(self, section, one):
        if isinstance(one, GroupSheet):
            return Missing(one.question.label, section.title, self._address(section, f"group-{one.question.key}"))
        of_entry = {entry.entry: entry.name(group.question) for group in section.groups for entry in group.entries}
        label = f"{of_entry[one.entry]}: {one.question.label}" if one.entry else one.question.label
        return Missing(label, section.title, self._address(section, field_id(one)))

    def _address(self, section, anchor):
        return f"{reverse('organizer-section', args=[self._organizer.pk, section.key])}#{anchor}"
