"""The templates that come with the portal: complete, in the field's terms, and asking nobody what does not concern them."""

import json
import re
import uuid
from pathlib import Path

import pytest

import organizer
from organizer.definition import from_json
from organizer.kinds import CHOSEN, SECRET, Kind, read
from organizer.models import Answer, Entry, Given, Organizer, Template
from organizer.sheet import Sheet

INDIVIDUAL, BUSINESS = "individual-1040", "business-1120s-1065"
NOTHING = "None of these"
# What a complete organizer of an individual asks about, by the forms that it comes from
FORMS = """W-2 1099-INT 1099-DIV 1099-B 1099-DA 1099-S 1099-R SSA-1099 RRB-1099 1099-G K-1 1099-NEC 1099-MISC 1099-K W-2G 1099-C
    3921 4137 Schedule_1-A Schedule_C 4562 8829 Schedule_E Schedule_F 5498 8889 1098 1098-VLI Schedule_A 4684 8283 1098-T 1098-E
    1099-Q 2441 8839 8332 4547 5695 8936 8911 1095-A 8962 1040-ES Form_114 8938 1116 Schedule_H 709 CP01A 3903 8888 9465"""


TYPED = {
    Kind.TEXT: "Cedar Valley Bank",
    Kind.LONG_TEXT: "In March.\nThe papers follow.",
    Kind.DATE: "3/12/2026",
    Kind.NUMBER: "1,204",
    Kind.MONEY: "$4,860.50",
    Kind.PERCENT: "50%",
    Kind.EMAIL: "ngozi@acme.example.com",
    Kind.PHONE: "(515) 555-0142",
    Kind.ADDRESS: ["12 Mill Road", "", "Des Moines", "IA", "50309"],
    Kind.SSN: "123-45-6789",
    Kind.EIN: "12-3456789",
    Kind.SSN_OR_EIN: "12-3456789",
    Kind.BANK_ACCOUNT: "0012345678",
    Kind.ROUTING_NUMBER: "073000228",
}


def file_of(name):
    return json.loads((Path(organizer.__file__).parent / "shipped" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def templates():
    return {name: from_json(file_of(name)) for name in (INDIVIDUAL, BUSINESS)}


@pytest.fixture(scope="module", params=[INDIVIDUAL, BUSINESS])
def template(request, templates):
    return templates[request.param]


def sheet(template, say):
    """As somebody sees it who has one entry in each group, and to whatever decides answers ``say(question)``."""
    groups = [key for key, question in template.questions.items() if question.is_group]
    entries = {key: Entry(pk=uuid.uuid4(), group=key, position=1) for key in groups}
    answers = []
    for key, question in template.questions.items():
        if question.kind in {Kind.YES_NO, *CHOSEN}:
            group = template.group_of.get(key)
            said = say(question)
            value = json.dumps(said) if isinstance(said, list) else said
            answers.append(Answer(question=key, entry_id=entries[group.key].pk if group else None, value=value))
    return Sheet(template, answers, entries.values())


def plain(**said):
    """Says this, and no or nothing to all else."""

    def say(question):
        if question.key in said:
            return said[question.key]
        if question.kind == Kind.YES_NO:
            return "no"
        return [NOTHING] if NOTHING in question.choices else question.choices[0]

    return say


def ample(number):
    """Says yes to all, ticks all, and of several takes this one."""

    def say(question):
        if question.kind == Kind.YES_NO:
            return "yes"
        if question.kind == Kind.CHOICES:
            return [one for one in question.choices if one != NOTHING]
        return question.choices[min(number, len(question.choices) - 1)]

    return say


def shown(found):
    return {line.question.key for section in found.shown for line in section.lines if line.is_shown}


@pytest.mark.parametrize("name", [INDIVIDUAL, BUSINESS])
def test_a_shipped_file_is_a_template_and_says_nothing_that_reading_drops(name):
    assert from_json(file_of(name)).as_json() == file_of(name)


def test_the_one_for_individuals_is_complete(templates):
    template = templates[INDIVIDUAL]
    asked = " ".join(question.source for question in template.questions.values())
    assert len(template.sections) >= 14 and template.asked_count >= 120
    assert [
        form for form in FORMS.split() if not re.search(rf"(?<![\w-]){form.replace('_', ' ')}(?![\w-])", asked)
    ] == []
    assert 40 <= templates[BUSINESS].asked_count <= 60


def test_each_question_says_where_it_comes_from(template):
    without = [question.key for question in template.questions.values() if not (question.is_note or question.source)]
    assert without == [] and len(template.sources) > 100


def test_numbers_of_people_and_accounts_are_asked_for_as_secrets(template):
    named = re.compile(r"Social Security number|\bEIN\b|\bITIN\b|account number", re.IGNORECASE)
    asked = [question for question in template.questions.values() if named.search(question.label)]
    assert asked and [question.key for question in asked if question.kind not in SECRET] == []
    pins = [question for question in template.questions.values() if "PIN" in question.label]
    assert {question.kind for question in pins} <= {Kind.FILE, Kind.YES_NO}  # never as text


def test_its_words_last_longer_than_the_year(template):
    """A template is copied for the next year: only help and notes may name one."""
    labels = [section.title for section in template.sections]
    labels += [question.label for question in template.questions.values() if not question.is_note]
    labels += [choice for question in template.questions.values() for choice in question.choices]
    assert [label for label in labels if str(template.tax_year) in label or str(template.tax_year - 1) in label] == []


def test_several_answers_can_be_told_apart_where_they_stand_in_one_line(template):
    assert [choice for q in template.questions.values() for choice in q.choices if ", " in choice] == []


def test_each_question_comes_up_for_somebody(template):
    """No two conditions on the way to a question contradict each other."""
    people = [ample(number) for number in range(10)]
    people.append(lambda question: "no" if question.key == "married" else ample(1)(question))
    seen = set().union(*(shown(sheet(template, say)) for say in people))
    assert [q.key for q in template.questions.values() if not q.is_group and q.key not in seen] == []


def test_somebody_with_one_job_and_nothing_else_is_asked_little(templates):
    wages = templates[INDIVIDUAL].questions["income_kinds"].choices[0]
    found = sheet(templates[INDIVIDUAL], plain(income_kinds=[wages], bank_use=["To receive a refund"]))
    assert [section.key for section in found.shown] == [
        "you",
        "dependents",
        "residency",
        "overview",
        "wages",
        "health",
        "foreign",
        "matters",
        "refund",
        "documents",
    ]
    assert found.asked_count <= 65
    assert sheet(templates[INDIVIDUAL], ample(0)).asked_count >= 220


def test_no_question_about_a_spouse_reaches_who_has_none(templates):
    template = templates[INDIVIDUAL]
    alone = shown(sheet(template, lambda question: "no" if question.key == "married" else ample(0)(question)))
    joint = shown(sheet(template, ample(0)))
    about_spouse = {
        question.key
        for question in template.questions.values()
        if re.match(r"spouse_|doc_spouse_", question.key) or question.key.endswith("_whose")
    }
    assert len(about_spouse) >= 14
    assert about_spouse <= joint and not about_spouse & alone


def test_what_the_answers_call_for_is_marked_as_missing(templates):
    """Ticking W-2 wages, and a child, without an entry for either."""
    template = templates[INDIVIDUAL]
    wages = template.questions["income_kinds"].choices[0]
    answers = [
        Answer(question="has_dependents", value="yes"),
        Answer(question="income_kinds", value=json.dumps([wages])),
    ]
    missing = {one.question.key for one in Sheet(template, answers).missing}
    assert {"dependent", "w2", "ssn", "married", "paid_kinds", "digital_assets", "foreign_account"} <= missing
    assert not {"spouse_ssn", "business", "property", "bank_account"} & missing


@pytest.mark.parametrize("name", [INDIVIDUAL, BUSINESS])
def test_a_client_to_whom_all_of_it_applies_fills_it_in_and_submits(name, cast):
    draft = Template.make(from_json(file_of(name)), by=cast.administrator)
    draft.publish(by=cast.administrator)
    [sent] = Organizer.send(draft, [cast.acme], by=cast.firm_user)
    questions = draft.questionnaire.questions
    entries = {key: sent.add_entry(q, by=cast.client).pk for key, q in questions.items() if q.is_group}

    given = []
    for key, question in questions.items():
        if not (question.is_note or question.is_group):
            group = draft.questionnaire.group_of.get(key)
            typed = TYPED.get(question.kind) or ("" if question.is_file else ample(0)(question))
            because = "It comes in March" if question.is_file else ""
            given.append(Given(key, read(question, typed) if typed else "", group and entries[group.key], 0, because))
    saved, conflicts = sent.save_answers(given, by=cast.client)
    sent.submit(signature="Ngozi Okafor", consent="This is true", by=cast.client)

    found = Sheet.of(sent)
    assert len(saved) == len(given) == draft.questionnaire.asked_count and conflicts == []
    assert sent.status == Organizer.Status.SUBMITTED and found.given_count == found.asked_count == sent.given_count
    assert "123-45-6789" not in " ".join(sent.answers.values_list("value", flat=True))
