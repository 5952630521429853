"""What a client answered in an earlier year, offered again: found by the questions' keys, which a copied template keeps."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from organizer import kinds
from organizer.filling_forms import editable
from organizer.kinds import Kind
from organizer.models import Given, Organizer
from organizer.sheet import Sheet

MOST_LOOKED_AT = 4  # organizers of earlier years: a client may have one for the business as well
NEVER_OFFERED = {Kind.FILE, Kind.NOTE, Kind.GROUP}


@dataclass
class Earlier:
    """An answer of an earlier year: ``when`` and ``words`` are shown, ``value`` is what is kept."""

    when: str
    words: str
    value: str


@dataclass
class EarlierGroup:
    """The entries of a repeated group in an earlier year, each as {question's key: Earlier}."""

    when: str
    entries: list[dict]
    titles: list[str]

    @property
    def words(self):
        return ", ".join(self.titles)


def submitted_before(organizer):
    """The client's organizers of earlier years that were sent back, the newest first."""
    done = (Organizer.Status.SUBMITTED, Organizer.Status.REVIEWED, Organizer.Status.SEALED)
    earlier = Organizer.objects.filter(client=organizer.client_id, tax_year__lt=organizer.tax_year, status__in=done)
    return earlier.filter(withdrawn_at=None).select_related("version").order_by("-tax_year", "-submitted_at")


class EarlierAnswers:
    """Looks up what earlier years said, for the questions of one organizer. Four queries for each year looked at."""

    def __init__(self, organizer):
        self._sheets = [(_when(one, organizer), Sheet.of(one)) for one in submitted_before(organizer)[:MOST_LOOKED_AT]]

    def of(self, question):
        """The newest answer to a question outside groups, or None."""
        for when, sheet in self._sheets:
            line = sheet.lines.get((question.key, None))
            if line and line.is_shown and (found := _offered(question, line, when)):
                return found
        return None

    def of_group(self, question):
        """The newest year that had entries, or None."""
        for when, sheet in self._sheets:
            for group in (group for section in sheet.shown for group in section.groups):
                if group.question.key == question.key and group.is_shown and group.entries:
                    return self._entries(question, group, when)
        return None

    def _entries(self, question, group, when):
        entries, titles = [], []
        for entry in group.entries[: question.most]:
            lines = {line.question.key: line for line in entry.lines}
            pairs = ((item, lines.get(item.key)) for item in question.items)
            found = {
                item.key: earlier
                for item, line in pairs
                if line and (earlier := _offered(item, line, when)) is not None
            }
            if found:
                entries.append(found)
                titles.append(entry.title or f"{question.label} {entry.number}")
        return EarlierGroup(when, entries, titles) if entries else None


def _when(earlier, organizer):
    return "Last year" if earlier.tax_year == organizer.tax_year - 1 else f"In {earlier.tax_year}"


def _offered(question, line, when):
    """None where it has no answer, or none that the question takes today."""
    if question.kind in NEVER_OFFERED or line.question.kind != question.kind or not line.value:
        return None
    value = line.answer.plain()
    try:
        kinds.read(question, value if question.is_secret else editable(question, value))
    except ValidationError:
        return None
    return Earlier(when, line.words, value)


def offer(form, organizer):
    """What is not answered in the section's form has the earlier answer beside it."""
    earlier = EarlierAnswers(organizer)
    for field in form.fields:
        if field.line.entry is None and not field.line.is_given:
            field.earlier = earlier.of(field.question)
    for group in form.groups:
        if not group.entries:
            group.earlier = earlier.of_group(group.question)


def bring(organizer, question, earlier, *, by):
    """The group has the entries of the earlier year, with their answers."""
    with transaction.atomic():
        Organizer.objects.select_for_update().get(pk=organizer.pk)
        if organizer.entries.filter(group=question.key, removed_at=None).exists():
            return  # another of the client's people has brought them
        for answers in earlier.entries:
            entry = organizer.add_entry(question, by=by)
            given = [Given(key, one.value, entry.pk) for key, one in answers.items()]
            organizer.save_answers(given, by=by)
