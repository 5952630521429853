"""Answers are saved as they are left, by a script: the reply says of each what became of it."""

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from organizer import kinds
from organizer.definition import Question
from organizer.filling_forms import editable
from tests.organizer.asking import SSN, add_child, answer
from tests.organizer.test_filling import words_of


@pytest.fixture
def leave(sign_in, cast, organizer):
    """The client leaves answers; returns the reply, by their names."""
    browser = sign_in(cast.client)

    def leave(**fields):
        reply = browser.post(reverse("organizer-answers", args=[organizer.pk]), fields)
        assert reply.status_code == 200
        return {one.pop("name"): one for one in reply.json()["answers"]}

    return leave


def test_each_answer_is_saved_told_or_shown_as_anothers(leave, cast, organizer):
    answer(organizer, cast.second, is_married="no")
    fields = {"name": "Ngozi", "born_on": "soon", "is_married": "yes", "ssn": SSN}
    reply = leave(**fields, **{f"{name}.seen": "0-" for name in fields})

    assert words_of(organizer) == {"name": "Ngozi", "is_married": "No", "ssn": "•••••6789"}
    assert reply["born_on"] == {"error": "Give a date like 4/15/2026."}
    assert "Daniel Okafor answered “No” just now; you wrote “Yes”." in reply["is_married"]["conflict"]
    assert reply["ssn"] == {"seen": "1-", "masked": "•••••6789"}
    seen = reply["name"]["seen"]
    again = leave(name="Ngozi Okafor", **{"name.seen": seen})
    assert again["name"]["seen"].startswith("2-")
    assert "conflict" in leave(name="Ngozi O.", **{"name.seen": seen})["name"]
    assert leave(name="Ngozi Okafor", **{"name.seen": seen})["name"] == again["name"]  # sent again after a lost reply
    taken = {"is_married": "yes", "is_married.seen": "0-", "is_married.choose": "mine", "is_married.now": "1"}
    assert leave(**taken)["is_married"]["seen"].startswith("2-")
    assert words_of(organizer)["is_married"] == "Yes"


def test_the_reply_says_how_far_one_is(sign_in, cast, organizer):
    browser, about = sign_in(cast.client), {"section": "about", "name.seen": "0-", "is_married.seen": "0-"}

    def steps(**fields):
        reply = browser.post(reverse("organizer-answers", args=[organizer.pk]), about | fields).json()
        return [
            " ".join(step.text_content().split()) for step in html.fromstring(reply["steps"]).xpath("//ol/li")
        ], reply

    shown, reply = steps(name="Ngozi")
    assert shown == ["About you", "Money, not started", "All answers, and sign"]
    assert "0 done" in reply["steps"] and "step--done" not in reply["steps"]
    shown, reply = steps(is_married="yes", **{"name.seen": ""})
    assert shown == ["About you", "Children, not started", "Money, not started", "All answers, and sign"]
    assert "1 done" in reply["steps"] and "Section 1 of 3" in reply["steps"]
    assert "step--error" in steps(problems="1")[1]["steps"]  # what else the page tells of
    assert "step--error" in steps(ssn="12", **{"ssn.seen": "0-"})[1]["steps"]
    reply = browser.post(reverse("organizer-answers", args=[organizer.pk]), about | {"section": "nowhere"}).json()
    assert reply["steps"] == ""


def test_the_answers_of_an_entry_that_was_removed_are_told(leave, cast, organizer):
    answer(organizer, cast.client, name="Ngozi", is_married="yes")
    entry = add_child(organizer, cast.client)
    name = f"child_name.{entry.pk.hex}"
    leave(**{name: "Emma", f"{name}.seen": "0-"})
    assert words_of(organizer)[name] == "Emma"
    organizer.remove_entry(entry, by=cast.second)
    assert leave(**{name: "Emily", f"{name}.seen": "1-"}) == {name: {"error": "Somebody has removed this meanwhile."}}


def test_nothing_is_saved_once_it_is_with_the_firm(sign_in, cast, organizer):
    answer(organizer, cast.client, name="Ngozi", is_married="no")
    organizer.submit(signature="Ngozi Okafor", consent="I agree.", by=cast.client)
    fields = {"name": "Other", "name.seen": "1-"}
    reply = sign_in(cast.client).post(reverse("organizer-answers", args=[organizer.pk]), fields)
    assert reply.status_code == 409 and "sent to the firm already" in reply.json()["error"]
    assert words_of(organizer)["name"] == "Ngozi"


CHOICES = ["Wages", "Interest", "Dividends"]
TYPED = st.one_of(
    st.tuples(st.just("text"), st.text(max_size=40)),
    st.tuples(st.just("long_text"), st.text(max_size=80)),
    st.tuples(st.just("choices"), st.lists(st.sampled_from(CHOICES))),
    st.tuples(st.just("date"), st.dates().map(str)),
    st.tuples(st.just("number"), st.integers(-(10**11), 10**11).map(str)),
    st.tuples(st.just("money"), st.decimals(-(10**9), 10**9, places=2).map(str)),
    st.tuples(st.just("percent"), st.decimals(-100, 100, places=3).map(str)),
    st.tuples(
        st.just("phone"), st.from_regex(r"\(?[2-9][0-9]{2}\)? ?[0-9]{3}-?[0-9]{4}( ?x[0-9]{1,4})?", fullmatch=True)
    ),
    st.tuples(st.just("address"), st.lists(st.text(max_size=9), min_size=5, max_size=5)),
)


@settings(max_examples=300, deadline=None)
@given(TYPED)
def test_what_stands_in_a_control_is_read_as_the_same_answer(typed):
    """Else a form that nobody touched would change the answer."""
    kind, text = typed
    one = Question("key", kinds.Kind(kind), "Label", choices=tuple(CHOICES))
    try:
        saved = kinds.read(one, text)
    except kinds.ValidationError:
        return
    assert kinds.read(one, editable(one, saved)) == saved
