"""What the firm fills in to make a template: its words, its sections, its questions, and what shows them."""

import json

from django import forms
from django.core.exceptions import ValidationError

from organizer import editing
from organizer.definition import (
    FIRST_YEAR,
    LAST_YEAR,
    MOST_CHOICE,
    MOST_CHOICES,
    MOST_ENTRIES,
    MOST_TITLE,
    MOST_WORDS,
    Condition,
    DefinitionError,
    Question,
    Questionnaire,
    from_json,
    in_words,
)
from organizer.kinds import CHOSEN, Kind
from organizer.shipped import shipped

MOST_BYTES = 2 * 1000**2
TOO_LARGE = "The file has more than 2 MB: it is no template."
MOST_SHOWN = 90  # characters of a question in a list to choose from


class WordsField(forms.CharField):
    """Text of several lines, as a questionnaire keeps it."""

    def __init__(self, *, rows, **kwargs):
        super().__init__(max_length=MOST_WORDS, widget=forms.Textarea({"rows": rows}), **kwargs)

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class SeenForm(forms.Form):
    """``seen`` is the fingerprint of what the form began with; ``standing`` what somebody else made of it meanwhile."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput())
    standing = None
    is_whole = False

    def now_sees(self, part):
        """Whoever saves once more knows it."""
        self.standing = in_words(part)
        self.data = self.data.copy()
        self.data["seen"] = editing.fingerprint(part, is_whole=self.is_whole)


class RemovalForm(SeenForm):
    is_whole = True

    @classmethod
    def of(cls, part, data=None):
        return cls(data, initial={"seen": editing.fingerprint(part, is_whole=True)})


class NameForm(forms.Form):
    name = forms.CharField(max_length=MOST_TITLE, help_text="Such as “Individual (Form 1040)”. Clients read it.")
    tax_year = forms.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR, label="Tax year")
    tax_year.widget.attrs["class"] = "input input--year"


class WordsForm(SeenForm, NameForm):
    """What a template says of itself."""

    welcome = WordsField(rows=6, required=False, help_text="What clients read first. An empty line begins a paragraph.")
    sources = WordsField(
        rows=3, required=False, help_text="Forms and publications that the questions come from. Clients do not see it."
    )

    @classmethod
    def of(cls, questionnaire, data=None):
        names = ("name", "tax_year", "welcome", "sources")
        start = {name: getattr(questionnaire, name) for name in names}
        return cls(data, initial={**start, "seen": editing.fingerprint(questionnaire)})

    def fields_of_template(self):
        return {name: self.cleaned_data[name] for name in ("name", "tax_year", "welcome", "sources")}


class NewForm(NameForm):
    """A template to begin with. After validation ``questionnaire`` holds it; ``problems`` is what is wrong with a file."""

    EMPTY, FILE = "empty", "file"
    begin = forms.ChoiceField(
        label="Begin with",
        choices=lambda: [
            *(
                (key, f"{one.name}, {one.asked_count} questions, which comes with the portal")
                for key, one in shipped().items()
            ),
            (NewForm.FILE, "A file that a template was written to"),
            (NewForm.EMPTY, "An empty template"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it begins with."},
    )
    file = forms.FileField(
        label="Template file",
        help_text="A .json file, written here or in another Firm Portal.",
        widget=forms.FileInput({"accept": ".json,application/json"}),
    )
    field_order = ["begin", "file"]

    def __init__(self, *args, body_bytes=0, **kwargs):
        super().__init__(*args, **kwargs)
        self.questionnaire, self.problems = None, []
        if body_bytes > MOST_BYTES:  # of a body that is much too large, no file is kept at all
            self.fields["file"].error_messages["required"] = TOO_LARGE

    def clean(self):
        data = super().clean()
        begin = data.get("begin")
        _need(self, begin == self.EMPTY, "name", "tax_year")
        _need(self, begin == self.FILE, "file")
        if begin == self.EMPTY and not self.errors:
            self.questionnaire = Questionnaire(data["name"], data["tax_year"])
        elif begin == self.FILE and data.get("file"):
            self._read(data["file"])
        elif begin in shipped():
            self.questionnaire = shipped()[begin]
        return data

    def _read(self, file):
        if file.size > MOST_BYTES:
            self.add_error("file", TOO_LARGE)
        else:
            self._read_json(file.read())

    def _read_json(self, content):
        try:
            data = json.loads(content.decode("utf-8-sig"))
            json.dumps(data, ensure_ascii=False).encode()  # half a surrogate pair is no text
            self.questionnaire = from_json(data)
        except DefinitionError as problem:
            self.problems = problem.problems
            self.add_error("file", "Nothing was made of this file. What is wrong in it is listed below.")
        except (ValueError, RecursionError):
            self.add_error("file", "This is no template: it is not written in JSON.")

    @property
    def note(self):
        """Where it comes from, for the log."""
        begin = self.cleaned_data["begin"]
        if begin == self.FILE:
            return (
                f"from the file {''.join(letter for letter in self.cleaned_data['file'].name if letter.isprintable())}"
            )
        return "" if begin == self.EMPTY else "one that comes with the portal"


class ConditionForm(SeenForm):
    """A form whose thing may be asked only after certain answers. Which answers there are depends on the question that is
    chosen: "again" in what was sent asks for the form anew."""

    condition_question = forms.ChoiceField(required=False, label="Show it only after an answer")
    condition_answers = forms.MultipleChoiceField(
        required=False, label="Shown when the answer is", widget=forms.CheckboxSelectMultiple
    )

    def offer(self, questionnaire, earlier, standing):
        """The earlier questions to choose from, and the one that stands, though it may come later by now."""
        self._asked = {question.key: question for question in earlier}
        choices = [("", "Always shown"), *((question.key, shortened(question.label)) for question in earlier)]
        if standing and standing.question not in self._asked:
            gone = questionnaire.questions.get(standing.question)
            words = (
                f"{shortened(gone.label)} (no longer before it: choose another)" if gone else "A question that is gone"
            )
            choices.append((standing.question, words))
            if gone:
                self._asked[gone.key] = gone
        self.fields["condition_question"].choices = choices
        chosen = self._asked.get(self["condition_question"].value() or "")
        answers = editing.answers_of(chosen) if chosen else []
        kept = standing.among if standing and chosen and standing.question == chosen.key else ()
        gone = [(one, f"{one} (no longer an answer)") for one in kept if one not in dict(answers)]
        self.fields["condition_answers"].choices = answers + gone

    @property
    def has_answers(self):
        return bool(self.fields["condition_answers"].choices)

    def clean(self):
        data = super().clean()
        if data.get("condition_question") and data.get("condition_answers") == []:
            words = "Tick the answers after which it is shown." if self.has_answers else "Choose another question."
            self.add_error("condition_answers" if self.has_answers else "condition_question", words)
        return data

    @property
    def condition(self):
        data = self.cleaned_data
        key, among = data["condition_question"], data["condition_answers"]
        return Condition(key, tuple(among)) if key else None


class SectionForm(ConditionForm):
    title = forms.CharField(max_length=MOST_TITLE)
    intro = WordsField(rows=3, required=False, label="Introduction", help_text="Stands above the questions.")
    field_order = ["title", "intro"]

    @classmethod
    def of(cls, questionnaire, section=None, data=None):
        start = {}
        if section:
            start = {"title": section.title, "intro": section.intro, "seen": editing.fingerprint(section)}
        return _bound(
            cls,
            questionnaire,
            editing.earlier(questionnaire, section=section.key if section else None),
            section and section.condition,
            {**start, **_of_condition(section)},
            data,
        )

    def fields_of_section(self):
        data = self.cleaned_data
        return {"title": data["title"], "intro": data["intro"], "condition": self.condition}


class QuestionForm(ConditionForm):
    kind = forms.ChoiceField(choices=Kind.choices)
    label = WordsField(rows=2, label="Question", help_text="What the client reads; of a note, the whole text.")
    help = WordsField(rows=2, required=False, label="Help", help_text="A line that stands below the question.")
    choices = forms.CharField(
        label="Answers to choose from",
        help_text="One to a line.",
        widget=forms.Textarea({"rows": 6}),
    )
    most = forms.IntegerField(
        min_value=1,
        max_value=MOST_ENTRIES,
        initial=20,
        label="At most how many times",
        help_text="Such as 20 dependents.",
    )
    most.widget.attrs["class"] = "input input--year"
    is_required = forms.BooleanField(
        required=False, label="Required: to be answered, or explained, before the organizer is submitted"
    )
    place = forms.ChoiceField(label="Where it stands")
    stood = forms.CharField(required=False, widget=forms.HiddenInput())  # the place that the form began with
    source = forms.CharField(
        max_length=MOST_TITLE, required=False, help_text="Such as a form’s number. Clients do not see it."
    )
    field_order = ["kind", "label", "choices", "most", "help", "is_required"]

    @classmethod
    def of(cls, questionnaire, place, question=None, data=None, *, kind=""):
        """For the question, or for a new one of this kind."""
        section = questionnaire.section(place.section)
        group = questionnaire.questions.get(place.group)
        start = {"kind": kind, "place": str(place), "stood": str(place)}
        if question and data and data.get("place") == data.get("stood"):  # it stays where it stands by now
            data = data.copy()
            data["place"] = data["stood"] = str(place)
        if question:
            start |= {
                "kind": question.kind,
                "label": question.label,
                "help": question.help,
                "choices": "\n".join(question.choices),
                "most": question.most,
                "is_required": question.is_required,
                "source": question.source,
                "seen": editing.fingerprint(question),
                **_of_condition(question),
            }
            found = editing.earlier(questionnaire, question=question.key)
        else:
            found = editing.earlier_at(questionnaire, place)
        form = _bound(cls, questionnaire, found, question and question.condition, start, data)
        form._question = question
        if group:
            form.fields["kind"].choices = [one for one in Kind.choices if one[0] != Kind.GROUP]
        offered = editing.places(questionnaire, section, group, without=question.key if question else "")
        form._places = {str(one): one for _, inside in offered for one, _ in inside}
        form.fields["place"].choices = [
            (title, [(str(one), shortened(words)) for one, words in inside]) for title, inside in offered
        ]
        return form

    def clean_choices(self):
        lines = [" ".join(line.split()) for line in self.cleaned_data["choices"].splitlines()]
        return tuple(line for line in lines if line)

    def clean_kind(self):
        kind = self.cleaned_data["kind"]
        if self._question and self._question.items and kind != Kind.GROUP:
            raise ValidationError("The group has questions. Remove them first.")
        return kind

    def clean(self):
        data = super().clean()
        kind = data.get("kind")
        _need(self, kind in CHOSEN, "choices")
        _need(self, kind == Kind.GROUP, "most")
        if kind in CHOSEN and "choices" in data:
            problem = _problem_of(data["choices"])
            if problem:
                self.add_error("choices", problem)
        return data

    @property
    def place_chosen(self):
        return self._places[self.cleaned_data["place"]]

    def question(self, key):
        data = self.cleaned_data
        kind = data["kind"]
        return Question(
            key=key,
            kind=kind,
            label=data["label"],
            help=data["help"],
            is_required=data["is_required"] and kind != Kind.NOTE,
            source=data["source"],
            choices=data["choices"] if kind in CHOSEN else (),
            condition=self.condition,
            most=data["most"] if kind == Kind.GROUP else 20,
        )


def shortened(words):
    line = " ".join(words.split())
    return line if len(line) <= MOST_SHOWN else f"{line[: MOST_SHOWN - 1]}…"


def _need(form, is_needed, *names):
    """What is wrong with fields that are not needed, and not to be seen, is not told."""
    if not is_needed:
        for name in names:
            form.errors.pop(name, None)


def _of_condition(part):
    condition = part.condition if part else None
    return {"condition_question": condition.question, "condition_answers": condition.among} if condition else {}


def _bound(form, questionnaire, earlier, standing, start, data):
    """The form, with what it chooses from. Sent with "again", it holds what was sent and finds nothing wrong."""
    if data is not None and "again" in data:
        names = [name for name in form.base_fields if name != "condition_answers"]
        start = {**{name: data.get(name, "") for name in names}, "condition_answers": data.getlist("condition_answers")}
        data = None
    made = form(data, initial=start)
    made.offer(questionnaire, earlier, standing)
    return made


def _problem_of(choices):
    if not 2 <= len(choices) <= MOST_CHOICES:
        return f"Give 2 to {MOST_CHOICES} answers, one to a line."
    if len(set(choices)) < len(choices):
        return "An answer is there twice."
    if any(len(one) > MOST_CHOICE for one in choices):
        return f"An answer has at most {MOST_CHOICE} characters."
    return ""


class WholeForm(forms.Form):
    """For what cannot be taken back."""

    yes = forms.CharField(label="Type YES", widget=forms.TextInput({"autocomplete": "off"}))

    def clean_yes(self):
        if self.cleaned_data["yes"].strip() != "YES":
            raise ValidationError("Type YES in capital letters, or keep it.")
        return "YES"
