"""The editor's functions: whatever is done to a questionnaire, in whatever order, nothing else is lost and it reads the same
again; and many may do it at once."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organizer import editing
from organizer.definition import Condition, Question, Questionnaire, Section, from_json, read
from organizer.kinds import CHOSEN, DECIDING, Kind
from organizer.models import Template
from tests.activity.test_concurrency import together
from tests.conftest import make_cast
from tests.organizer.asking import small


def test_every_place_that_is_offered_can_be_taken():
    questionnaire = from_json(small())
    for key, question in questionnaire.questions.items():
        group = questionnaire.group_of.get(key)
        offered = editing.places(questionnaire, questionnaire.section_of[key], group, without=key)
        for place in [place for _, inside in offered for place, _ in inside]:
            moved = editing.set_question(questionnaire, key, replace(question, label="New words"), place)
            assert editing.place_of(moved, key) == place
            assert moved.questions[key].label == "New words" and moved.questions[key].items == question.items
            assert sorted(moved.questions) == sorted(questionnaire.questions)


def test_a_condition_names_what_reading_takes():
    """Of each question, those and only those before it that a condition may ask about."""
    questionnaire = from_json(small())
    for key in questionnaire.questions:
        offered = {one.key for one in editing.earlier(questionnaire, question=key)}
        for other, asked in questionnaire.questions.items():
            among = (editing.answers_of(asked)[0][0],) if asked.kind in DECIDING else ("yes",)
            changed = replace(questionnaire.questions[key], condition=Condition(other, among))
            _, problems = read(editing.change_question(questionnaire, key, changed).as_json())
            assert (problems == []) is (other in offered), (key, other)


def test_a_section_and_a_group_may_have_the_same_key():
    group = Question("child", Kind.GROUP, "Child", items=(Question("name", Kind.TEXT, "Name"),))
    questionnaire = Questionnaire("Small", 2026, sections=(Section("child", "Children", items=(group,)),))
    new = Question("age", Kind.NUMBER, "Age")
    in_group = editing.add_question(questionnaire, new, editing.Place("child", "child", "name"))
    in_section = editing.add_question(questionnaire, new, editing.Place("child"))

    assert [item.key for item in in_group.questions["child"].items] == ["name", "age"]
    assert [item.key for item in in_section.sections[0].items] == ["age", "child"]


LABELS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60).filter(
    str.strip
)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_draft_reads_the_same_again_whatever_was_done_to_it(data):
    questionnaire, removed = from_json(small()), set()
    for _ in range(data.draw(st.integers(1, 12))):
        before = set(questionnaire.questions)
        questionnaire, gone = done(data, questionnaire)
        removed |= gone
        assert before - gone <= set(questionnaire.questions)
        found, problems = read(questionnaire.as_json())
        questionnaire = found  # as a draft keeps it
        assert all("condition" in problem or "a group needs a question" in problem for problem in problems), problems
        assert read(questionnaire.as_json()) == (questionnaire, problems)
    assert set(from_json(small()).questions) - removed <= set(questionnaire.questions)


def done(data, questionnaire):
    """(the questionnaire after an edit that the page offers, the keys of the questions that it removed)"""
    sections, questions = [one.key for one in questionnaire.sections], list(questionnaire.questions)
    act = data.draw(st.sampled_from(["add", "add section", "move", "move section", "set", "remove", "remove section"]))
    label = data.draw(LABELS)
    if act == "add section" or not sections:
        return editing.add_section(questionnaire, Section(editing.key_for(label, sections), label)), set()
    section = questionnaire.section(data.draw(st.sampled_from(sections)))
    if act == "add" or not questions:
        kind = data.draw(st.sampled_from(Kind))
        choices = ("Red", "Green") if kind in CHOSEN else ()
        new = Question(editing.key_for(label, questions), kind, label, choices=choices)
        return editing.add_question(questionnaire, new, editing.end_of(section)), set()
    key = data.draw(st.sampled_from(questions))
    if act == "move":
        return editing.move_question(questionnaire, key, data.draw(st.integers(0, 30))), set()
    if act == "move section":
        return editing.move_section(questionnaire, section.key, data.draw(st.integers(0, 9))), set()
    if act == "set":
        group = questionnaire.group_of.get(key)
        offered = editing.places(questionnaire, questionnaire.section_of[key], group, without=key)
        place = data.draw(st.sampled_from([place for _, inside in offered for place, _ in inside]))
        said = replace(questionnaire.questions[key], label=label)
        return editing.set_question(questionnaire, key, said, place), set()
    if act == "remove":
        gone = {key, *(inner.key for inner in questionnaire.questions[key].items)}
        return editing.remove_question(questionnaire, key), gone
    gone = {key for key, one in questionnaire.section_of.items() if one.key == section.key}
    return editing.remove_section(questionnaire, section.key), gone


@pytest.mark.django_db(transaction=True)
def test_what_many_write_at_once_is_all_there():
    cast = make_cast()
    draft = Template.make(from_json(small()), by=cast.administrator)

    def add(number):
        mine = Template.objects.get().draft
        section = Section(f"of_{number}", f"Section {number}")
        mine.edit(lambda found: editing.add_section(found, section), by=cast.administrator)

    together(add)
    draft.refresh_from_db()
    assert {section.key for section in draft.questionnaire.sections} >= {f"of_{number}" for number in range(8)}
    assert draft.revision == 9
