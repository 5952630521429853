"""Sections and questions of a draft: every kind, order, conditions, groups, and two people at once."""

import pytest
from lxml import html

from accounts.models import Role
from organizer.definition import Condition, Question, Questionnaire, from_json
from organizer.kinds import CHOSEN, Kind
from tests.conftest import join
from tests.organizer.asking import published, small
from tests.organizer.editing import at, drafted, fields_of, save


@pytest.fixture
def editor(sign_in, cast):
    return sign_in(cast.administrator)


@pytest.fixture
def template(cast):
    return drafted(cast).template


@pytest.fixture
def empty(cast):
    """A draft without a section."""
    return drafted(cast, Questionnaire("Trust", 2026).as_json()).template


def asked(template):
    return template.draft.questionnaire


def keys(template):
    return [[item.key for item in section.items] for section in asked(template).sections]


def words_of(page):
    return " ".join(html.fromstring(page.content).xpath("string(//main)").split())


def add(browser, template, section, label, kind=Kind.TEXT, *, group="", **fields):
    url = at("question-new", template, section) + (f"?group={group}" if group else "")
    return save(browser, url, label=label, kind=kind, **fields)


def test_a_template_with_every_kind_is_made_page_by_page_and_published(editor, empty):
    save(editor, at("section-new", empty), title="About you & yours", intro="Who you are.\r\n\r\nAnd where.")
    for kind in Kind:
        more = {"choices": " Red \r\n\r\nGreen  light\r\n"} if kind in CHOSEN else {}
        more |= {"most": "7"} if kind == Kind.GROUP else {}
        add(editor, empty, "about_you_yours", f"A {kind.label}", kind, is_required="on", help="Help", **more)
    problems = empty.draft.problems
    assert problems == ["Section “About you & yours”, question 20: a group needs a question."]
    add(editor, empty, "about_you_yours", "Name", group="a_repeated_group", source="Form 1040")
    editor.post(at("publication", empty))

    (section,) = empty.published.questionnaire.sections
    assert (section.title, section.intro) == ("About you & yours", "Who you are.\n\nAnd where.")
    assert [item.kind for item in section.items] == list(Kind)
    assert [item.key for item in section.items][:3] == ["a_short_text", "a_long_text", "a_yes_or_no"]
    for item in section.items:
        assert item.is_required is (item.kind != Kind.NOTE) and item.help == "Help"
        assert item.choices == (("Red", "Green light") if item.kind in CHOSEN else ())
    group = section.items[list(Kind).index(Kind.GROUP)]
    assert group.most == 7 and group.items == (Question("name", Kind.TEXT, "Name", source="Form 1040"),)
    assert from_json(empty.published.definition) == empty.published.questionnaire


def test_a_key_comes_from_the_words_and_stays_when_they_change(editor, template):
    add(editor, template, "money", "Your name?")
    add(editor, template, "money", "2026: +++")
    add(editor, template, "money", "名前")
    assert keys(template)[2][-3:] == ["your_name", "q_2026", "q"]
    add(editor, template, "about", "Rent")
    assert "rent_2" in keys(template)[0]
    save(editor, at("question", template, "rent_2"), label="Rent that you were paid")

    assert asked(template).questions["rent_2"].label == "Rent that you were paid"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"label": " "}, "Question: Fill this in."),
        ({"kind": "essay"}, "Kind: “essay” is not in the list."),
        ({"kind": "choice", "choices": ""}, "Answers to choose from: Fill this in."),
        ({"kind": "choice", "choices": "One"}, "Answers to choose from: Give 2 to 100 answers, one to a line."),
        ({"kind": "choices", "choices": "One\nOne "}, "Answers to choose from: An answer is there twice."),
        ({"kind": "choice", "choices": "a" * 121 + "\nb"}, "An answer has at most 120 characters."),
        ({"kind": "group", "most": None}, "At most how many times: Fill this in."),
        ({"kind": "group", "most": "0"}, "At most how many times: Give 1 or more."),
        ({"condition_question": "is_married"}, "Shown when the answer is: Tick the answers after which it is shown."),
        ({"condition_question": "child_at_home", "condition_answers": "yes"}, "is not in the list"),
        ({"place": "about//nothing"}, "Where it stands"),
    ],
)
def test_what_cannot_be_asked_is_told_and_kept_in_the_form(changed, words, editor, template):
    before = asked(template)
    page = save(editor, at("question", template, "rent"), **{"label": "Rent, new", **changed})
    assert words in words_of(page)
    assert "Error: " in page.text and asked(template) == before
    assert (
        html.fromstring(page.content).xpath("string(//textarea[@name='label'])").strip()
        == changed.get("label", "Rent, new").strip()
    )


def test_a_condition_is_chosen_from_the_questions_before_and_from_their_answers(editor, template):
    url = at("question", template, "rent")
    offered = [value for value, _ in editor.get(url).context["form"].fields["condition_question"].choices]
    assert offered == ["", "is_married", "filing", "income_kinds"]
    begun = save(editor, url, condition_question="income_kinds", label="Rent, half written", again="1")
    assert begun.context["form"].errors == {}
    assert fields_of(begun)["label"] == "Rent, half written"
    answers = html.fromstring(begun.content).xpath("//input[@name='condition_answers']/@value")
    assert answers == ["Wages", "Interest", "Dividends"]
    assert asked(template).questions["rent"].label == "Rent paid"  # nothing is saved yet
    save(editor, url, condition_question="income_kinds", condition_answers=["Wages", "Dividends"])

    assert asked(template).questions["rent"].condition == Condition("income_kinds", ("Wages", "Dividends"))
    words = words_of(editor.get(at("section", template, "money")))
    assert "After “Wages” or “Dividends” to “What did you receive?”" in words
    save(editor, url, condition_question=None, condition_answers=None)
    assert asked(template).questions["rent"].condition is None


def test_a_group_has_questions_of_its_own_with_conditions_among_them(editor, template):
    within = [
        value
        for value, _ in editor.get(at("question", template, "child_months"))
        .context["form"]
        .fields["condition_question"]
        .choices
    ]
    assert within == ["", "is_married", "filing", "income_kinds", "child_at_home"]
    page = editor.get(at("question-new", template, "children") + "?group=child")
    assert Kind.GROUP not in dict(page.context["form"].fields["kind"].choices)
    add(editor, template, "children", "Tuition", Kind.MONEY, group="child", place="children/child/child_name")
    group = asked(template).questions["child"]
    assert [item.key for item in group.items][:3] == ["child_name", "tuition", "child_at_home"]
    editor.post(at("question-place", template, "tuition"), {"up": "0"})
    assert asked(template).questions["child"].items[0].key == "tuition"
    refused = save(editor, at("question", template, "child"), kind="text")
    assert "The group has questions. Remove them first." in words_of(refused)
    save(editor, at("question", template, "child"), label="Son or daughter")
    assert len(asked(template).questions["child"].items) == 6


def test_order_goes_by_buttons_and_the_focus_stays_on_them(editor, template):
    page = editor.post(at("question-place", template, "rent"), {"up": "0"}, follow=True)
    assert keys(template)[2][:2] == ["rent", "miles"]
    focused = html.fromstring(page.content).xpath("//*[@autofocus]/@aria-label")
    assert focused == ["Move down: Rent paid, 1 of 8"]  # it cannot go further up
    editor.post(at("question-place", template, "rent"), {"to": "99999"})
    assert keys(template)[2][-1] == "rent"
    page = editor.post(at("section-place", template, "money"), {"up": "1"}, follow=True)
    assert [section.key for section in asked(template).sections] == ["about", "money", "children"]
    assert html.fromstring(page.content).xpath("//*[@autofocus]/@aria-label") == ["Move up: Money, 2 of 3"]


def test_a_question_goes_to_another_section(editor, template):
    save(editor, at("question", template, "rent"), place="about//hello")
    assert keys(template)[0][:3] == ["hello", "rent", "name"] and "rent" not in keys(template)[2]
    save(editor, at("question", template, "child"), place="money//")
    assert keys(template)[1:] == [[], ["child", "miles", "share", "ein", "payer", "account", "routing", "w2"]]
    assert "Section “Children” is empty." in template.draft.problems


def test_a_condition_that_order_broke_is_told_and_stays_until_another_is_chosen(editor, template):
    editor.post(at("question-place", template, "filing"), {"up": "0"})
    problem = (
        "Section “About you”, question 1: the condition must name an earlier question with answers to choose from."
    )
    page = words_of(editor.get(at("", template)))
    assert problem in page and "To put right before it is published" in page
    refused = editor.post(at("publication", template), {"revision": template.draft.revision}, follow=True)
    assert "not published yet" in words_of(refused) and template.published is None
    save(editor, at("question", template, "filing"), help="Ask us if you are not sure.")
    assert asked(template).questions["filing"].condition == Condition("is_married", ("yes",))
    assert "no longer before it" in words_of(editor.get(at("question", template, "filing")))
    save(editor, at("question", template, "filing"), condition_question=None, condition_answers=None)

    assert template.draft.problems == []


def test_an_answer_that_is_gone_is_told_by_what_it_showed(editor, template):
    condition = {"condition_question": "filing", "condition_answers": "Married filing jointly"}
    save(editor, at("question", template, "rent"), **condition)
    save(editor, at("question", template, "filing"), choices="Jointly\nSeparately")
    assert template.draft.problems == [
        "Section “Money”, question 2: the condition names an answer that “filing” does not have."
    ]
    assert "Married filing jointly (no longer an answer)" in words_of(editor.get(at("question", template, "rent")))
    save(editor, at("question", template, "rent"), condition_answers="Jointly")
    assert template.draft.problems == []


def test_removing_asks_and_says_what_depends_on_it(editor, template, events):
    url = at("question-deletion", template, "is_married")
    page = words_of(editor.get(url))
    assert "Remove “Were you married at the end of the year?”?" in page
    assert "How do you file?" in page and "Children" in page
    assert "is_married" in asked(template).questions
    save(editor, url)

    assert "is_married" not in asked(template).questions and len(template.draft.problems) == 2
    event = events()[-1]
    assert event.details["note"] == "question removed: Were you married at the end of the year?"
    assert event.details["before"] == {
        "kind": "Yes or no",
        "question": "Were you married at the end of the year?",
        "required": "yes",
    }
    assert editor.get(at("question", template, "is_married")).status_code == 404
    page = words_of(editor.get(at("section-deletion", template, "children")))
    assert "Its 6 questions go with it." in page
    save(editor, at("section-deletion", template, "children"))
    assert [section.key for section in asked(template).sections] == ["about", "money"]


def test_the_log_says_what_was_before_and_after(editor, template, events):
    save(editor, at("question", template, "rent"), label="Rent", is_required="on")
    count = len(events())
    save(editor, at("question", template, "rent"))  # as it is
    assert len(events()) == count
    save(
        editor,
        at("section-words", template, "money"),
        title="Money & more",
        condition_question="is_married",
        condition_answers="no",
    )

    assert [event.details for event in events()[-2:]] == [
        {
            "note": "question: Rent",
            "before": {"question": "Rent paid"},
            "after": {"question": "Rent", "required": "yes"},
        },
        {
            "note": "section: Money & more",
            "before": {"title": "Money"},
            "after": {"title": "Money & more", "condition": "is_married: no"},
        },
    ]


@pytest.fixture
def two(client, cast):
    """The administrator, and an editor who has another browser."""
    other = join("ed@firm.example.com", Role.FIRM_USER, name="Ed Itor")
    other.may_edit_templates = True
    other.save(update_fields=["may_edit_templates"])
    client.force_login(cast.administrator)
    second = type(client)()
    second.force_login(other)
    return client, second


def test_two_people_at_different_questions_do_not_meet(two, template):
    first, second = two
    begun = fields_of(first.get(at("question", template, "rent")))
    save(second, at("question", template, "miles"), label="Miles, by Ed")
    first.post(at("question", template, "rent"), {**begun, "label": "Rent, by Ruth"})

    labels = {key: asked(template).questions[key].label for key in ("rent", "miles")}
    assert labels == {"rent": "Rent, by Ruth", "miles": "Miles, by Ed"}


def test_what_one_writes_does_not_undo_where_another_put_it(two, template):
    first, second = two
    begun = fields_of(first.get(at("question", template, "rent")))
    second.post(at("question-place", template, "rent"), {"to": "5"})
    save(second, at("question-deletion", template, "miles"))  # behind which it stood
    first.post(at("question", template, "rent"), {**begun, "label": "Rent, by Ruth"})

    assert asked(template).questions["rent"].label == "Rent, by Ruth"
    assert keys(template)[2].index("rent") == 4


@pytest.mark.parametrize(
    ("page", "arguments", "field"),
    [
        ("question", ["rent"], "label"),
        ("section-words", ["money"], "title"),
        ("words", [], "name"),
    ],
)
def test_two_people_at_the_same_are_told_and_nothing_is_lost(page, arguments, field, two, template):
    first, second = two
    url = at(page, template, *arguments)
    begun = fields_of(first.get(url))
    save(second, url, **{field: "As Ed has it"})
    told = first.post(url, {**begun, field: "As Ruth has it"})

    words = words_of(told)
    assert "Ed Itor changed this" in words and "What it says now" in words and "As Ed has it" in words
    assert fields_of(told)[field] == "As Ruth has it"
    assert "As Ed has it" in str(template.draft.definition)
    first.post(url, fields_of(told))  # once more, knowing
    assert "As Ruth has it" in str(template.draft.definition)


def test_what_somebody_changed_is_not_removed_unseen(two, template):
    first, second = two
    url = at("question-deletion", template, "child")
    begun = fields_of(first.get(url))
    save(second, at("question", template, "child_name"), label="Whole name")
    told = first.post(url, begun)

    assert "Ed Itor changed this" in words_of(told) and "child" in asked(template).questions
    first.post(url, fields_of(told))
    assert "child" not in asked(template).questions


def test_what_is_written_when_the_draft_is_published_or_the_section_gone_stays_in_the_form(two, template):
    first, second = two
    begun = fields_of(first.get(at("question-new", template, "children") + "?group=child"))
    save(second, at("question-deletion", template, "child"))
    told = first.post(at("question-new", template, "children") + "?group=child", {**begun, "label": "Tuition"})
    assert told.status_code == 200 and fields_of(told)["label"] == "Tuition"
    begun = fields_of(first.get(at("question", template, "rent")))
    save(second, at("section-deletion", template, "children"))
    second.post(at("publication", template))
    told = first.post(at("question", template, "rent"), {**begun, "label": "Too late"})

    assert "was published meanwhile" in words_of(told) and fields_of(told)["label"] == "Too late"
    assert template.published.questionnaire.questions["rent"].label == "Rent paid"


def test_a_published_one_has_no_pages_to_edit_it(editor, cast):
    template = published(cast).template
    for page, arguments in (("section", ["money"]), ("question", ["rent"]), ("question-deletion", ["rent"])):
        assert editor.get(at(page, template, *arguments)).url == at("", template)
    moved = editor.post(at("question-place", template, "rent"), {"up": "0"}, follow=True)
    assert "was published meanwhile" in words_of(moved)
    assert template.published.questionnaire == from_json(small())


def test_add_it_and_the_next_goes_on_with_the_same_kind(editor, template):
    answer = add(editor, template, "children", "Sport", Kind.MONEY, group="child", next="1")
    assert answer.url == at("question-new", template, "children") + "?kind=money&group=child"
    assert fields_of(editor.get(answer.url))["kind"] == "money"
