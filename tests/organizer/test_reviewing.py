"""The firm reads what came, marks it, asks, opens it again, reviews and seals it; each step only where it belongs."""

import re

import pytest
from django.urls import reverse
from lxml import html

from activity.actions import Action
from organizer.models import Mark, Marked, NotWithClient, Organizer, WrongOrder
from tests.conftest import put_file
from tests.organizer.asking import SSN, add_child, answer

Status = Organizer.Status


@pytest.fixture
def filled(cast, organizer):
    """With answers, a child, a file; not submitted."""
    answer(organizer, cast.client, name="Ngozi Okafor", is_married="yes", filing="Married filing jointly", ssn=SSN)
    answer(organizer, cast.second, name="Ngozi N. Okafor")
    add_child(organizer, cast.client, child_name="Chidi", child_ssn="234-56-7890")
    w2 = organizer.version.questionnaire.questions["w2"]
    organizer.attach(w2, [put_file(cast.acme.cabinet.top, by=cast.client)], by=cast.client)
    return organizer


@pytest.fixture
def submitted(cast, filled):
    filled.submit(signature="Ngozi Okafor", consent="True as far as I know", by=cast.client)
    return filled


def of(page, name):
    """What stands beside a question."""
    (found,) = html.fromstring(page.content).xpath(f"//*[@id='look-{name}']")
    return " ".join(found.text_content().split())


def post(browser, page, organizer, **fields):
    return browser.post(reverse(f"organizer-{page}", args=[organizer.pk]), fields, follow=True)


def test_all_answers_are_there_with_who_and_what_is_missing(cast, sign_in, filled):
    page = sign_in(cast.firm_user).get(filled.get_absolute_url())

    assert "Ngozi N. Okafor Daniel Okafor" in of(page, "name")
    assert "changed 2 times" in of(page, "name")
    assert "•••••6789" in of(page, "ssn")
    assert SSN not in page.text
    assert of(page, "w2").startswith("Your W-2s W-2 2025.pdf Ngozi Okafor,")
    child = filled.entries.get()
    assert "Chidi" in of(page, f"child_name.{child.pk.hex}")
    assert "Child 1, Chidi" in page.text
    assert "No answer" in of(page, "rent")
    filled.answers.filter(question="is_married").delete()
    page = sign_in(cast.firm_user).get(filled.get_absolute_url())
    assert "Missing" in of(page, "is_married")
    assert "Chidi" not in page.text, "what is not asked is not shown"


def test_the_page_costs_the_same_whatever_was_answered(cast, sign_in, organizer, django_assert_max_num_queries):
    browser = sign_in(cast.firm_user)
    browser.get(organizer.get_absolute_url())
    for number in range(3):
        child = add_child(organizer, cast.client, child_name=f"Child {number}")
        Mark.objects.create(organizer=organizer, question="child_name", entry=child, kind="ask", by=cast.firm_user)
    w2 = organizer.version.questionnaire.questions["w2"]
    for number in range(3):
        organizer.attach(w2, [put_file(cast.acme.cabinet.top, f"{number}.pdf", by=cast.client)], by=cast.client)
    with django_assert_max_num_queries(20):
        browser.get(organizer.get_absolute_url())


def test_marks_of_a_section_are_one_event_and_can_be_taken_back(cast, sign_in, submitted, events):
    browser = sign_in(cast.firm_user)
    child = submitted.entries.get()
    fields = {"section": "about", "fine.name": "on", "fine.ssn": "on", "ask.filing": "Why jointly?\r\nTell us."}
    page = post(browser, "mark", submitted, **fields)
    post(browser, "mark", submitted, **fields)
    post(browser, "mark", submitted, section="children", **{f"ask.child_name.{child.pk.hex}": "Full name?"})

    assert "Why jointly?" in of(page, "filing")
    marks = {mark.place: (mark.kind, mark.comment) for mark in submitted.marks.all()}
    assert marks == {
        ("name", None): ("fine", ""),
        ("ssn", None): ("fine", ""),
        ("filing", None): ("ask", "Why jointly?\nTell us."),
        ("child_name", child.pk): ("ask", "Full name?"),
    }
    told = [event.details["note"] for event in events(action=Action.ANSWERS_MARKED)]
    assert told == ["About you: 2 fine, 1 to ask", "Children: 1 to ask"]
    post(browser, "mark", submitted, section="about", **{"fine.name": "on"})
    assert {place for (place,) in submitted.marks.values_list("question")} == {"name", "child_name"}
    post(browser, "mark", submitted, section="about", all="fine", **{"ask.name": "And before?"})
    kinds = dict(submitted.marks.filter(entry=None).values_list("question", "kind"))
    assert (kinds["name"], kinds["ssn"], "hello" in kinds) == ("ask", "fine", False)


def seen_on(page, section="about"):
    """What a section's form began with, and what stands in it."""
    (form,) = html.fromstring(page.content).xpath(f"//*[@id='section-{section}']//form")
    return {name: value for name, value in form.form_values() if name != "csrfmiddlewaretoken"}


def test_two_reviewers_at_once_undo_nothing_of_each_other_and_are_told(cast, sign_in, submitted, events):
    dana, ruth = cast.firm_user, cast.administrator
    post(sign_in(dana), "mark", submitted, section="about", **{"fine.ssn": "on", "ask.filing": "Why jointly?"})
    both_saw = seen_on(sign_in(dana).get(submitted.get_absolute_url()))
    asked = {**both_saw, "ask.name": "And before?", "ask.filing": "Since when?"}
    del asked["fine.ssn"]
    page = post(sign_in(ruth), "mark", submitted, **asked)
    assert "The marks of About you are saved." in page.text
    page = post(sign_in(dana), "mark", submitted, **both_saw, **{"fine.name": "on", "fine.notes": "on"})

    kinds = {mark.place[0]: (mark.kind, mark.comment, mark.by) for mark in submitted.marks.all()}
    assert kinds == {
        "name": ("ask", "And before?", ruth),  # who came late is told
        "filing": ("ask", "Since when?", ruth),  # what they did not touch is left alone, also where it was taken back
        "notes": ("fine", "", dana),
    }
    assert "Not all marks of About you are saved: somebody else was quicker" in page.text
    assert re.search(r"Ruth Larkin asks since \w+ \d+, .*“And before\?”\. Save again to put yours", of(page, "name"))
    assert re.search("Asked by Ruth Larkin, ", of(page, "filing"))
    again = seen_on(page)
    assert "fine.name" in again
    page = post(sign_in(dana), "mark", submitted, **again)
    assert "The marks of About you are saved." in page.text
    assert submitted.marks.get(question="name").kind == "fine"
    assert [event.details["note"] for event in events(action=Action.ANSWERS_MARKED)] == [
        "About you: 1 fine, 1 to ask",
        "About you: 2 to ask, 1 taken back",
        "About you: 1 fine",
        "About you: 1 fine",
    ]


def test_too_long_a_question_is_told_and_nothing_typed_is_lost(cast, sign_in, submitted):
    long = "x" * 5001
    page = post(sign_in(cast.firm_user), "mark", submitted, section="about", **{"ask.name": long, "ask.ssn": "Why?"})

    assert "Use at most 5,000 characters." in of(page, "name")
    assert long in page.text
    assert "Why?" in of(page, "ssn")
    assert not submitted.marks.exists()
    assert post(sign_in(cast.firm_user), "mark", submitted, section="nowhere").status_code == 404


def test_the_client_is_asked_again_and_answers_and_it_is_reviewed_and_sealed(cast, sign_in, submitted, events):
    browser = sign_in(cast.firm_user)
    post(browser, "mark", submitted, section="about", **{"ask.filing": "Why jointly?"})
    assert "Why jointly?" in browser.get(reverse("organizer-reopen", args=[submitted.pk])).text
    page = post(browser, "reopen", submitted, because="One question")
    assert "Opened again" in page.text
    submitted.refresh_from_db()
    assert (submitted.status, submitted.reopened_because) == (Status.STARTED, "One question")
    answer(submitted, cast.client, filing="Married filing separately")
    submitted.submit(signature="Ngozi Okafor", consent="True", by=cast.client)
    assert "Answered since you asked" in of(browser.get(submitted.get_absolute_url()), "filing")

    post(browser, "reviewed", submitted)
    post(browser, "seal", submitted, yes="no")
    assert Organizer.objects.get().status == Status.REVIEWED
    page = post(browser, "seal", submitted, yes="YES")
    assert "Sealed" in page.text
    assert [event.action for event in events(subject_type="organizer", actor_id=cast.firm_user.pk)] == [
        *(Action.ANSWERS_MARKED, Action.ORGANIZER_REOPENED),
        *(Action.ORGANIZER_REVIEWED, Action.ORGANIZER_SEALED),
    ]
    (reopened,) = events(action=Action.ORGANIZER_REOPENED)
    assert reopened.details["note"] == "One question"


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        (Status.SENT, ["mark", "reopen", "review", "seal"]),
        (Status.STARTED, ["mark", "reopen", "review", "seal"]),
        (Status.SUBMITTED, ["seal", "withdraw", "remind", "change"]),
        (Status.REVIEWED, ["mark", "review", "withdraw", "remind", "change"]),
        (Status.SEALED, ["mark", "reopen", "review", "seal", "withdraw", "remind", "change"]),
    ],
)
def test_what_does_not_follow_is_refused_in_words_and_not_recorded(cast, sign_in, organizer, events, status, refused):
    Organizer.objects.filter(pk=organizer.pk).update(status=status)
    acts = {
        "mark": lambda: organizer.mark([Marked("name", Mark.Kind.FINE)], by=cast.firm_user),
        "reopen": lambda: organizer.reopen("Again", by=cast.firm_user),
        "review": lambda: organizer.review(by=cast.firm_user),
        "seal": lambda: organizer.seal(by=cast.firm_user),
        "withdraw": lambda: organizer.withdraw(by=cast.firm_user),
        "remind": lambda: organizer.remind(by=cast.firm_user),
        "change": lambda: organizer.change(message="Late", by=cast.firm_user),
    }
    for name in refused:
        with pytest.raises((WrongOrder, NotWithClient)):
            acts[name]()
    assert Organizer.objects.get().status == status
    pages = {"mark": {"section": "about"}, "reopen": {"because": "Again"}, "seal": {"yes": "YES"}}
    browser = sign_in(cast.firm_user)
    for name in refused:
        page = post(browser, {"review": "reviewed"}.get(name, name), organizer, **pages.get(name, {}))
        assert "notice--warn" in page.text, name
    assert not events(area="organizer")
    assert not organizer.marks.exists()


def test_a_secret_is_in_the_log_before_it_is_shown(cast, sign_in, submitted, events, monkeypatch):
    browser = sign_in(cast.firm_user)
    page = post(browser, "reveal", submitted, answer="ssn")
    assert SSN in page.text
    assert "no-store" in page["Cache-Control"]
    child = submitted.entries.get()
    assert "234-56-7890" in post(browser, "reveal", submitted, answer=f"child_ssn.{child.pk.hex}").text

    told = events(action=Action.SECRET_REVEALED)
    assert [event.details["note"] for event in told] == ["Your SSN", "Child 1, Chidi: SSN"]
    assert SSN not in str([event.details for event in events()])
    assert post(browser, "reveal", submitted, answer="name").status_code == 404, "no secret"
    monkeypatch.setattr("activity.recording._append", _refuse)
    with pytest.raises(OSError, match="log"):
        post(browser, "reveal", submitted, answer="ssn")


def _refuse(entries):
    raise OSError("the log takes nothing")


def test_home_says_what_waits_for_the_review(cast, sign_in, submitted):
    page = html.fromstring(sign_in(cast.firm_user).get("/").content)
    (link,) = page.xpath("//p[@class='page-head__lead']/a")
    assert link.text_content() == "1 Tax Organizer"
    assert "Acme Dental PC" in sign_in(cast.firm_user).get(link.get("href")).text
    assert "Tax Organizer waits" not in sign_in(cast.unassigned).get("/").text
    submitted.review(by=cast.firm_user)
    assert "Tax Organizer waits" not in sign_in(cast.firm_user).get("/").text


def test_what_was_changed_is_listed_with_before_and_after(cast, sign_in, filled):
    changes = reverse("organizer-changes", args=[filled.pk])
    page = sign_in(cast.firm_user).get(changes, {"question": "name"})
    rows = html.fromstring(page.content).xpath("//tbody/tr")
    cells = [[" ".join(cell.text_content().split()) for cell in row.xpath("./td")][1:] for row in rows]

    assert cells == [
        ["Daniel Okafor", "Your name", "Ngozi Okafor", "Ngozi N. Okafor"],
        ["Ngozi Okafor", "Your name", "", "Ngozi Okafor"],
    ]
    everything = sign_in(cast.firm_user).get(changes).text
    assert "•••••6789" in everything
    assert SSN not in everything
