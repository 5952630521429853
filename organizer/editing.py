"""What a template's editor does to a Questionnaire: each gives another one, and the draft keeps it. Nothing is checked here:
a draft may be unfinished."""

import hashlib
import json
import re
from dataclasses import dataclass, replace

from organizer.definition import Question, Section
from organizer.kinds import DECIDING, YES_NO, Kind
from organizer.models.templates import ChangedMeanwhile


@dataclass(frozen=True)
class Place:
    """Where a question stands: in a section, or in a group of it; behind another one there or, without ``after``, first."""

    section: str
    group: str = ""
    after: str = ""

    def __str__(self):
        return f"{self.section}/{self.group}/{self.after}"


def key_for(label, taken):
    """A key that says what is asked, and that no other has."""
    words = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    stem = (words if words[:1].isalpha() else f"q_{words}")[:35].strip("_")
    return next(key for key in (stem, *(f"{stem}_{n}" for n in range(2, len(taken) + 3))) if key not in taken)


def change_words(questionnaire, **fields):
    """Its name, tax_year, welcome, sources."""
    return replace(questionnaire, **fields)


def add_section(questionnaire, section):
    """It is the last one."""
    return replace(questionnaire, sections=(*questionnaire.sections, section))


def change_section(questionnaire, key, **fields):
    return _with_section(questionnaire, key, lambda section: replace(section, **fields))


def move_section(questionnaire, key, to):
    """It is at this place among the sections, counted from 0."""
    return replace(questionnaire, sections=_moved(questionnaire.sections, key, to))


def remove_section(questionnaire, key):
    return replace(questionnaire, sections=_without(questionnaire.sections, key))


def add_question(questionnaire, question, place):
    """Raises ChangedMeanwhile where the section or group is gone."""

    def added(items):
        keys = [item.key for item in items]
        at = keys.index(place.after) + 1 if place.after in keys else len(keys) if place.after else 0
        return (*items[:at], question, *items[at:])

    group = questionnaire.questions.get(place.group)
    if (place.group and group is None) or questionnaire.section(place.section) is None:
        raise ChangedMeanwhile
    if group:
        return change_question(questionnaire, group.key, replace(group, items=added(group.items)))
    return _with_section(questionnaire, place.section, lambda section: replace(section, items=added(section.items)))


def change_question(questionnaire, key, question):
    return _among_its_items(
        questionnaire, key, lambda items: tuple(question if item.key == key else item for item in items)
    )


def move_question(questionnaire, key, to):
    """It is at this place among its neighbours, counted from 0."""
    return _among_its_items(questionnaire, key, lambda items: _moved(items, key, to))


def remove_question(questionnaire, key):
    return _among_its_items(questionnaire, key, lambda items: _without(items, key))


def set_question(questionnaire, key, question, place):
    """The question says this, and stands there. A group keeps its own questions."""
    standing = questionnaire.questions[key]
    question = replace(question, items=standing.items)
    if place_of(questionnaire, key) == place:
        return change_question(questionnaire, key, question)
    return add_question(remove_question(questionnaire, key), question, place)


def place_of(questionnaire, key):
    section, group = questionnaire.section_of[key], questionnaire.group_of.get(key)
    keys = [item.key for item in (group or section).items]
    before = keys[: keys.index(key)]
    return Place(section.key, group.key if group else "", before[-1] if before else "")


def end_of(section, group=None):
    items = (group or section).items
    return Place(section.key, group.key if group else "", items[-1].key if items else "")


def places(questionnaire, section, group=None, *, without=""):
    """[(a section's title, [(Place, what is before it)])] where a question may stand: in any section, or in its group."""
    if group:
        return [(group.label, _places(Place(section.key, group.key), group.items, without))]
    return [(one.title, _places(Place(one.key), one.items, without)) for one in questionnaire.sections]


def _places(first, items, without):
    others = [item for item in items if item.key != without]
    return [(first, "First"), *((replace(first, after=item.key), f"After: {item.label}") for item in others)]


def unless_changed(part, seen, **options):
    """Raises ChangedMeanwhile where the part is no longer what somebody has seen."""
    if part is None or fingerprint(part, **options) != seen:
        raise ChangedMeanwhile


def fingerprint(part, *, is_whole=False):
    """Of what one form changes: a question or section without those in it, or the first words of the questionnaire."""
    words = part.as_json()
    if not is_whole:
        words = {name: value for name, value in words.items() if name not in ("items", "sections")}
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()[:16]


def earlier(questionnaire, *, section=None, question=None):
    """The questions that a condition of this one may name, in order: those before it that are chosen from, and of groups
    only those of its own."""
    found = []
    for one in questionnaire.sections:
        if one.key == section:
            break
        for item in one.items:
            if item.key == question:
                return found
            if any(inner.key == question for inner in item.items):
                inner_keys = [inner.key for inner in item.items]
                return found + _deciding(item.items[: inner_keys.index(question)])
            found += _deciding([item])
    return found


def earlier_at(questionnaire, place):
    """As ``earlier``, for a question that is new there."""
    new = Question(key="", kind=Kind.TEXT, label="")
    return earlier(add_question(questionnaire, new, place), question="")


def _deciding(items):
    return [item for item in items if item.kind in DECIDING]


def answers_of(question):
    """[(answer as a condition keeps it, in words)], of a question that is chosen from."""
    return list(YES_NO.items()) if question.kind == Kind.YES_NO else [(one, one) for one in question.choices]


def condition_in_words(questionnaire, condition):
    """Where it holds, for people; "" where there is none."""
    if condition is None:
        return ""
    asked = questionnaire.questions.get(condition.question)
    answers = " or ".join(f"“{YES_NO.get(one, one)}”" for one in condition.among)
    return f"{answers} to “{asked.label}”" if asked else f"{answers} to a question that is gone"


def named_by(questionnaire, keys):
    """The labels and titles of what a condition on one of these questions shows."""
    return [
        part.title if isinstance(part, Section) else part.label
        for part in _parts(questionnaire)
        if part.condition and part.condition.question in keys and part.key not in keys
    ]


def _parts(questionnaire):
    for section in questionnaire.sections:
        yield section
        for item in section.items:
            yield item
            yield from item.items


def _with_section(questionnaire, key, change):
    sections = (change(section) if section.key == key else section for section in questionnaire.sections)
    return replace(questionnaire, sections=tuple(sections))


def _among_its_items(questionnaire, key, change):
    """With ``change(items)`` in place of the items that the question is one of."""

    def changed(within):
        if any(item.key == key for item in within.items):
            return replace(within, items=change(within.items))
        return replace(within, items=tuple(changed(item) for item in within.items)) if within.items else within

    return replace(questionnaire, sections=tuple(changed(section) for section in questionnaire.sections))


def _moved(items, key, to):
    moved = [item for item in items if item.key == key]
    rest = [item for item in items if item.key != key]
    at = max(0, min(to, len(rest)))
    return tuple(rest[:at] + moved + rest[at:])


def _without(items, key):
    return tuple(item for item in items if item.key != key)
