"""A questionnaire and its file are the same; conditions show and hide, and never lose an answer."""

import copy
import json
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organizer import kinds
from organizer.definition import DefinitionError, from_json
from organizer.kinds import Kind
from organizer.models import Answer, Entry
from organizer.sheet import GroupSheet, Sheet
from tests.organizer.asking import question, small
from tests.organizer.drawing import contents, questionnaires, values

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
thorough = settings(max_examples=100, deadline=None, database=None, derandomize=True)


@thorough
@given(contents())
def test_what_is_read_from_a_file_is_written_to_one_again(content):
    questionnaire = from_json(content)

    assert from_json(questionnaire.as_json()) == questionnaire
    assert from_json(json.loads(json.dumps(questionnaire.as_json()))) == questionnaire
    assert questionnaire.name == content["name"].strip()
    keys = [item["key"] for section in content["sections"] for item in section["items"]]
    assert [item.key for section in questionnaire.sections for item in section.items] == keys


@thorough
@given(ANYTHING)
def test_whatever_a_file_holds_it_is_a_template_or_told_why_not(content):
    with pytest.raises(DefinitionError) as refused:
        from_json(content)
    assert refused.value.problems


@thorough
@given(st.data())
def test_whatever_is_wrong_in_one_place_is_told(data):
    content = small()
    place = content
    while True:  # any place in it, a section's title or a question of a group's choices
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], (dict, list)) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(ANYTHING)
    try:
        read = from_json(content)
    except DefinitionError as refused:
        assert refused.problems
        assert all(problem.strip() for problem in refused.problems)
    else:
        json.dumps(read.as_json()).encode()
        assert from_json(read.as_json()) == read


def changed(change):
    content = copy.deepcopy(small())
    change(content)
    return content


def add(content, **item):
    content["sections"][0]["items"].append({"key": "new", "kind": "text", "label": "New", **item})


WRONG = [
    (lambda one: one.update(format="something-else"), "“format” must be"),
    (lambda one: one.update(name=" "), "“name” is missing"),
    (lambda one: one.update(name="x" * 201), "“name” must be text of at most 200"),
    (lambda one: one.update(name="half \ud83d"), "“name” must be text"),
    (lambda one: one.update(tax_year="2026"), "four digits"),
    (lambda one: one.update(tax_year=True), "four digits"),
    (lambda one: one["sections"].append({"key": "about", "title": "Again"}), "the key “about” is there twice"),
    (lambda one: add(one, key="name"), "the key “name” is there twice"),
    (lambda one: add(one, key="child_name"), "the key “child_name” is there twice"),
    (lambda one: add(one, key="Name"), "a key begins with a letter"),
    (lambda one: add(one, key=["name"], kind="yes_no"), "a key begins with a letter"),
    (lambda one: add(one, kind="signature"), "no kind of question “signature”"),
    (lambda one: add(one, kind="choice"), "the answers to choose from are missing"),
    (lambda one: add(one, kind="choice", choices=["one"]), "give 2 to 100 different answers"),
    (lambda one: add(one, kind="choice", choices=["one", " one "]), "give 2 to 100 different answers"),
    (lambda one: add(one, kind="choice", choices=["one", "x" * 121]), "at most 120 characters"),
    (lambda one: add(one, kind="group"), "a group needs a question"),
    (lambda one: add(one, kind="group", most=0, items=[question("inner", "text", "Inner")]), "at most 1 to 100 times"),
    (lambda one: add(one, kind="group", items=[question("inner", "group", "Inner")]), "no kind of question “group”"),
    (lambda one: add(one, condition={"question": "rent", "is": ["1"]}), "must name an earlier question"),
    (lambda one: add(one, condition={"question": "child_at_home", "is": ["yes"]}), "must name an earlier question"),
    (lambda one: add(one, condition={"question": "new", "is": ["yes"]}), "must name an earlier question"),
    (
        lambda one: add(one, condition={"question": "is_married", "is": ["maybe"]}),
        "an answer that “is_married” does not",
    ),
    (lambda one: add(one, condition={"question": "is_married", "is": []}), "an answer that “is_married” does not have"),
    (lambda one: add(one, condition={"question": "is_married"}), "names a question and what its answer is"),
    (lambda one: add(one, help=5), "“help” must be text"),
    (lambda one: one.update(sections={}), "“sections” must be a list"),
    (lambda one: one["sections"].append("Taxes"), "Section 4 is no section"),
]


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_what_is_wrong_is_told_with_its_place(change, words):
    with pytest.raises(DefinitionError) as refused:
        from_json(changed(change))
    (problem,) = refused.value.problems
    assert words in problem


def test_all_that_is_wrong_is_told_at_once():
    def change(content):
        add(content, key="1st")
        add(content, kind="choice", choices=[])
        content.update(name="", tax_year=26)

    with pytest.raises(DefinitionError) as refused:
        from_json(changed(change))
    assert len(refused.value.problems) == 4


@st.composite
def answered(draw):
    """(a questionnaire, entries of its groups, {place: the value that was saved}): also to what is not shown."""
    questionnaire = draw(questionnaires)
    entries, saved = [], {}
    for section in questionnaire.sections:
        for item in section.items:
            if item.is_group:
                for position in range(draw(st.integers(0, 2))):
                    entries.append(Entry(id=uuid.uuid4(), group=item.key, position=position))
                    saved |= {(inner.key, entries[-1].pk): inner for inner in item.items}
            else:
                saved[item.key, None] = item
    asked = {place: one for place, one in saved.items() if one.kind not in (Kind.NOTE, Kind.FILE)}
    return questionnaire, entries, {place: draw(values(one)) for place, one in asked.items()}


def is_shown(questionnaire, saved, question, entry=None):
    """Said anew: it and all that it hangs on hold."""
    around = [question.condition, questionnaire.section_of[question.key].condition]
    if entry:
        around.append(questionnaire.group_of[question.key].condition)
    return all(holds(questionnaire, saved, condition, entry) for condition in filter(None, around))


def holds(questionnaire, saved, condition, entry):
    decider = questionnaire.questions[condition.question]
    entry = entry if decider.key in questionnaire.group_of else None
    value = saved[decider.key, entry]
    chosen = json.loads(value or "[]") if decider.kind == Kind.CHOICES else [value]
    return is_shown(questionnaire, saved, decider, entry) and bool(set(chosen) & set(condition.among))


def sheet_of(questionnaire, entries, saved):
    answers = []
    for (key, entry_id), value in saved.items():
        answers.append(Answer(question=key, entry_id=entry_id))
        answers[-1].set(questionnaire.questions[key], value, "")
    return Sheet(questionnaire, answers, entries)


@thorough
@given(answered())
def test_conditions_show_what_they_say_and_keep_every_answer(given):
    questionnaire, entries, saved = given
    sheet = sheet_of(questionnaire, entries, saved)

    for place, value in saved.items():
        line = sheet.lines[place]
        assert line.answer.plain() == value
        assert line.is_shown == is_shown(questionnaire, saved, line.question, place[1])
    assert sheet.asked_count == sum(line.is_asked for line in sheet.lines.values())
    assert sheet.given_count == sum(line.is_asked and line.is_given for line in sheet.lines.values())
    missing = [one for one in sheet.missing if not isinstance(one, GroupSheet)]
    assert missing == [line for line in sheet.lines.values() if line.is_missing]
    assert [section.number for section in sheet.shown] == list(range(1, len(sheet.shown) + 1))


@thorough
@given(answered(), st.data())
def test_what_was_hidden_and_is_shown_again_has_its_answer(given, data):
    questionnaire, entries, saved = given
    before = sheet_of(questionnaire, entries, saved)
    deciding = [place for place in saved if questionnaire.questions[place[0]].kind in kinds.DECIDING]
    other = {place: data.draw(values(questionnaire.questions[place[0]])) for place in deciding}
    between = sheet_of(questionnaire, entries, saved | other)
    after = sheet_of(questionnaire, entries, saved)

    assert {place: line.words for place, line in after.lines.items()} == {
        place: line.words for place, line in before.lines.items()
    }
    for place, line in between.lines.items():
        assert place in other or line.words == before.lines[place].words


@thorough
@given(st.data())
def test_who_types_what_they_see_saves_the_same(data):
    questionnaire = data.draw(questionnaires)
    for one in questionnaire.questions.values():
        if one.kind in (Kind.GROUP, Kind.NOTE, Kind.FILE):
            continue
        saved = data.draw(values(one))
        if one.kind in (Kind.CHOICES, Kind.ADDRESS):  # ticked, or typed in five parts
            assert kinds.read(one, json.loads(saved or "[]")) == saved
        else:
            assert kinds.read(one, kinds.in_words(one.kind, saved)) == saved
            assert kinds.read(one, saved) == saved
