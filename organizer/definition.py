"""A questionnaire: what a template asks, as it lies in the database and in a file."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from organizer.kinds import CHOSEN, DECIDING, SECRET, UNSTORABLE, YES_NO, Kind

FORMAT = "firm-portal-organizer-1"
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Names that a section's form has for itself: its buttons, and what its script says of it
OF_THE_FORM = {
    *("save", "later", "add", "remove", "restore", "keep", "files", "detach"),
    *("scripted", "section", "problems", "csrfmiddlewaretoken"),
}
MOST_TITLE, MOST_WORDS, MOST_CHOICE = 200, 5_000, 120
MOST_SECTIONS, MOST_QUESTIONS, MOST_CHOICES, MOST_ENTRIES = 100, 1_000, 100, 100
FIRST_YEAR, LAST_YEAR = 2000, 2100


class DefinitionError(ValueError):
    """This is no questionnaire. ``problems`` says in words what is wrong, each with its place."""

    def __init__(self, problems):
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Condition:
    """Holds where the answer to an earlier question is one of these."""

    question: str
    among: tuple[str, ...]

    def as_json(self):
        return {"question": self.question, "is": list(self.among)}


@dataclass(frozen=True)
class Question:
    """What is asked, or a note; a group has questions of its own, answered once for each entry."""

    key: str
    kind: str
    label: str
    help: str = ""
    is_required: bool = False
    source: str = ""  # where it comes from, for the firm
    choices: tuple[str, ...] = ()
    condition: Condition | None = None
    most: int = 20  # entries of a group
    items: tuple["Question", ...] = ()  # of a group

    @property
    def is_group(self):
        return self.kind == Kind.GROUP

    @property
    def is_note(self):
        return self.kind == Kind.NOTE

    @property
    def is_file(self):
        return self.kind == Kind.FILE

    @property
    def is_secret(self):
        return self.kind in SECRET

    def as_json(self):
        found = {"key": self.key, "kind": self.kind, "label": self.label}
        for name, value in (("help", self.help), ("required", self.is_required), ("source", self.source)):
            if value:
                found[name] = value
        if self.kind in CHOSEN:
            found["choices"] = list(self.choices)
        if self.condition:
            found["condition"] = self.condition.as_json()
        if self.is_group:
            found |= {"most": self.most, "items": [item.as_json() for item in self.items]}
        return found


@dataclass(frozen=True)
class Section:
    """A page of the organizer."""

    key: str
    title: str
    intro: str = ""
    condition: Condition | None = None
    items: tuple[Question, ...] = ()

    def as_json(self):
        found = {"key": self.key, "title": self.title}
        if self.intro:
            found["intro"] = self.intro
        if self.condition:
            found["condition"] = self.condition.as_json()
        return found | {"items": [item.as_json() for item in self.items]}


@dataclass(frozen=True)
class Questionnaire:
    """Sections of questions. ``from_json(one.as_json())`` is the same again."""

    name: str
    tax_year: int
    welcome: str = ""
    sources: str = ""
    sections: tuple[Section, ...] = ()

    def as_json(self):
        return {
            "format": FORMAT,
            "name": self.name,
            "tax_year": self.tax_year,
            "welcome": self.welcome,
            "sources": self.sources,
            "sections": [section.as_json() for section in self.sections],
        }

    @cached_property
    def questions(self):
        """All by their keys, those of groups included, in order."""
        found = {}
        for section in self.sections:
            for item in section.items:
                found[item.key] = item
                found |= {inner.key: inner for inner in item.items}
        return found

    @cached_property
    def group_of(self):
        """{the key of a question of a group: the group}"""
        groups = [item for section in self.sections for item in section.items if item.is_group]
        return {inner.key: group for group in groups for inner in group.items}

    @cached_property
    def section_of(self):
        """{a question's key: its Section}"""
        return {
            key: section
            for section in self.sections
            for item in section.items
            for key in (item.key, *(inner.key for inner in item.items))
        }

    def section(self, key):
        """The Section of this key, or None."""
        return next((section for section in self.sections if section.key == key), None)

    @property
    def asked_count(self):
        """How many questions there are; notes and groups ask nothing by themselves."""
        return sum(not (question.is_note or question.is_group) for question in self.questions.values())


def from_json(data):
    """The Questionnaire. Raises DefinitionError with all that is wrong."""
    questionnaire, problems = read(data)
    if problems:
        raise DefinitionError(problems)
    return questionnaire


def read(data):
    """(the Questionnaire, what is wrong with it in words). Of a draft, which may be unfinished, it is all there; of other
    data, only where nothing is wrong."""
    reader = _Reader()
    return reader.questionnaire(data), reader.problems


NAMES = {"tax_year": "tax year", "label": "question", "choices": "answers", "intro": "introduction", "most": "at most"}


def in_words(part):
    """A question, a section or the questionnaire, without what is in it: {"question": "Dependents", "required": "yes"}."""
    if part is None:
        return {}
    found = {}
    for name, value in part.as_json().items():
        if name in ("items", "sections", "format", "key"):
            continue
        if isinstance(value, dict):
            value = f"{value['question']}: {', '.join(value['is'])}"
        elif isinstance(value, list):
            value = ", ".join(value)
        elif name == "kind":
            value = Kind(value).label
        found[NAMES.get(name, name)] = "yes" if value is True else str(value)
    return found


def differences(before, after):
    """What an event says of a part that changed, was added (``before`` is None) or removed (``after`` is None)."""
    before, after = in_words(before), in_words(after)
    changed = [name for name in {**before, **after} if before.get(name, "") != after.get(name, "")]
    told = {"before": before, "after": after}
    return {
        when: {name: words[name] for name in changed if words.get(name)}
        for when, words in told.items()
        if any(words.get(name) for name in changed)
    }


@dataclass
class _Reader:
    """Reads on past what is wrong, so that all of it is told at once."""

    problems: list = field(default_factory=list)
    keys: set = field(default_factory=set)
    section_keys: set = field(default_factory=set)
    deciding: dict = field(default_factory=dict)  # earlier questions that a condition may ask about: key → answers

    def questionnaire(self, data):
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            self.problems.append(f"This is no template: “format” must be {FORMAT}.")
            return None
        name = self._words(data, "name", "The template", MOST_TITLE, is_needed=True)
        year = data.get("tax_year")
        if not isinstance(year, int) or isinstance(year, bool) or not FIRST_YEAR <= year <= LAST_YEAR:
            self.problems.append("The tax year must be a year with four digits.")
        sections = [
            self._section(one, number) for number, one in enumerate(self._list(data, "sections", "The template"), 1)
        ]
        if len(sections) > MOST_SECTIONS:
            self.problems.append(f"A template has at most {MOST_SECTIONS} sections.")
        if len(self.keys) > MOST_QUESTIONS:
            self.problems.append(f"A template has at most {MOST_QUESTIONS:,} questions.")
        welcome, sources = (self._words(data, part, "The template", MOST_WORDS) for part in ("welcome", "sources"))
        return Questionnaire(name, year, welcome, sources, tuple(sections))

    def _section(self, data, number):
        where = f"Section {number}"
        if not isinstance(data, dict):
            self.problems.append(f"{where} is no section.")
            return None
        title = self._words(data, "title", where, MOST_TITLE, is_needed=True)
        key = self._key(data, where, self.section_keys)
        where = f"Section “{title}”" if title else where
        condition = self._condition(data, where, {})
        items = [
            self._question(one, where, position) for position, one in enumerate(self._list(data, "items", where), 1)
        ]
        intro = self._words(data, "intro", where, MOST_WORDS)
        return Section(key, title, intro, condition, tuple(items))

    def _question(self, data, where, position, group=None):
        """``group`` holds the answers of the earlier questions of the same group."""
        where = f"{where}, question {position}"
        if not isinstance(data, dict):
            self.problems.append(f"{where} is no question.")
            return None
        kind, label = data.get("kind"), self._words(data, "label", where, MOST_WORDS, is_needed=True)
        if kind not in Kind.values or (kind == Kind.GROUP and group is not None):
            self.problems.append(f"{where}: there is no kind of question “{kind}” here.")
            return None
        key = self._key(data, where, self.keys)
        if key in OF_THE_FORM:
            self.problems.append(f"{where}: the key “{key}” is a word of the form itself. Give it another.")
        condition = self._condition(data, where, group or {})
        choices = self._choices(data, where) if kind in CHOSEN else ()
        if kind in DECIDING:
            answers = tuple(YES_NO) if kind == Kind.YES_NO else choices
            (self.deciding if group is None else group)[key] = answers
        items, most = (), 20
        if kind == Kind.GROUP:
            inner = {}
            found = enumerate(self._list(data, "items", where), 1)
            items = tuple(self._question(one, where, number, inner) for number, one in found)
            most = data.get("most", 20)
            if not isinstance(most, int) or isinstance(most, bool) or not 1 <= most <= MOST_ENTRIES:
                self.problems.append(f"{where}: a group is answered at most 1 to {MOST_ENTRIES} times.")
            if not items:
                self.problems.append(f"{where}: a group needs a question.")
        return Question(
            key=key,
            kind=kind,
            label=label,
            help=self._words(data, "help", where, MOST_WORDS),
            is_required=data.get("required") is True and kind != Kind.NOTE,
            source=self._words(data, "source", where, MOST_TITLE),
            choices=choices,
            condition=condition,
            most=most,
            items=items,
        )

    def _key(self, data, where, taken):
        key = data.get("key")
        if not isinstance(key, str) or not KEY.fullmatch(key):
            self.problems.append(f"{where}: a key begins with a letter and has letters, digits and _, at most 40.")
        elif key in taken:
            self.problems.append(f"{where}: the key “{key}” is there twice.")
        else:
            taken.add(key)
            return key
        return str(key)

    def _condition(self, data, where, group):
        condition = data.get("condition")
        if condition is None:
            return None
        if not isinstance(condition, dict) or not isinstance(condition.get("is"), list):
            self.problems.append(f"{where}: a condition names a question and what its answer is.")
            return None
        key, among = condition.get("question"), tuple(str(one) for one in condition["is"])
        answers = {**self.deciding, **group}.get(key) if isinstance(key, str) else None
        if answers is None:
            self.problems.append(f"{where}: the condition must name an earlier question with answers to choose from.")
        elif not among or set(among) - set(answers):
            self.problems.append(f"{where}: the condition names an answer that “{key}” does not have.")
        return Condition(key, among)

    def _choices(self, data, where):
        choices = data.get("choices")
        if not isinstance(choices, list) or not all(isinstance(one, str) for one in choices):
            self.problems.append(f"{where}: the answers to choose from are missing.")
            return ()
        choices = tuple(" ".join(one.split()) for one in choices)
        if not 2 <= len(choices) <= MOST_CHOICES or len(set(choices)) < len(choices) or "" in choices:
            self.problems.append(f"{where}: give 2 to {MOST_CHOICES} different answers.")
        if any(len(one) > MOST_CHOICE or UNSTORABLE.search(one) for one in choices):
            self.problems.append(f"{where}: an answer has at most {MOST_CHOICE} characters.")
        return choices

    def _words(self, data, name, where, most, *, is_needed=False):
        words = data.get(name) or ""
        if not isinstance(words, str) or UNSTORABLE.search(words) or len(words) > most:
            self.problems.append(f"{where}: “{name}” must be text of at most {most:,} characters.")
            return ""
        words = words.replace("\r\n", "\n").strip()
        if is_needed and not words:
            self.problems.append(f"{where}: “{name}” is missing.")
        return words

    def _list(self, data, name, where):
        found = data.get(name, [])
        if not isinstance(found, list):
            self.problems.append(f"{where}: “{name}” must be a list.")
            return []
        return found
