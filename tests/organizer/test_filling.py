"""A client fills in an organizer, section by section, looks it over and signs it."""

import re
from html import unescape

import pytest
from django.urls import reverse
from lxml import html

from activity.actions import Action
from organizer.definition import OF_THE_FORM, DefinitionError, from_json
from organizer.editing import key_for
from organizer.models import Organizer
from organizer.sheet import Sheet
from tests.organizer.asking import ANSWERS, SSN, add_child, answer, published, sent, small


@pytest.fixture
def browser(sign_in, cast):
    return sign_in(cast.client)


def address(organizer, key="about"):
    return reverse("organizer-section", args=[organizer.pk, key])


def fields_of(page):
    """What a browser without scripts would send of the section's form: {name: value, or list of values}."""
    form = re.search(r'<form class="form organizer".*?</form>', page.text, re.S)[0]
    found = {}
    for tag in re.findall(r"<(?:input|textarea|select)\b[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        name, kind = attributes.get("name"), attributes.get("type")
        if not name or (kind in ("radio", "checkbox") and not re.search(r"\bchecked\b", tag)):
            continue
        found.setdefault(name, []).append(unescape(attributes.get("value", "")))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = [unescape(text).replace("\n", "\r\n")]
    return found


def save(browser, organizer, key="about", button="save", value="1", **typed):
    """The section is opened, typed into, and a button of it is pressed. Returns the answer."""
    page = browser.get(address(organizer, key))
    return press(browser, organizer, page, key, button, value, **typed)


def press(browser, organizer, page, key="about", button="save", value="1", **typed):
    return browser.post(address(organizer, key), fields_of(page) | typed | {button: value})


def words_of(organizer):
    return {line.name: line.words for line in Sheet.of(organizer).lines.values() if line.words}


def test_a_client_answers_section_by_section_and_submits(browser, cast, organizer, events):
    page = browser.get(organizer.get_absolute_url())
    assert "Take your time." in page.text
    about = {key: ANSWERS[key] for key in ("name", "notes", "filing", "income_kinds", "born_on", "moved_in")}
    about |= {key: ANSWERS[key] for key in ("email", "phone", "address", "ssn")}
    saved = save(browser, organizer, **about, is_married="yes")
    assert saved.url == address(organizer)  # more questions follow, as the page says
    assert "More questions follow" in browser.get(saved.url).text
    saved = save(browser, organizer)
    assert saved.url == address(organizer, "children")
    assert save(browser, organizer, "children").url == address(organizer, "money")
    saved = save(browser, organizer, "money", **{key: ANSWERS[key] for key in ("miles", "rent", "share", "ein")})
    assert saved.url == reverse("organizer-check", args=[organizer.pk])

    words = words_of(organizer)
    assert (words["name"], words["filing"]) == ("Ngozi Okafor", "Married filing jointly")
    assert (words["income_kinds"], words["born_on"]) == ("Wages, Interest", "April 15, 1980")
    assert (words["address"], words["ssn"]) == ("12 Elm Street, Des Moines, IA 50309", "•••••6789")
    page = browser.get(saved.url)
    assert SSN not in page.text
    assert "Nothing is missing" in page.text
    signed = browser.post(
        reverse("organizer-submit", args=[organizer.pk]), {"signature": "Ngozi Okafor", "agrees": "on"}
    )
    assert signed.url == reverse("organizer-done", args=[organizer.pk])
    assert "Thank you" in browser.get(signed.url).text
    organizer.refresh_from_db()
    assert (organizer.status, organizer.signature, organizer.submitted_by) == ("submitted", "Ngozi Okafor", cast.client)
    assert "true, correct and complete" in organizer.consent
    told = [event.action for event in events(area="organizer") if event.actor_id == cast.client.pk]
    saves = [Action.SECTION_SAVED] * 3
    assert told == [Action.ORGANIZER_OPENED, Action.ORGANIZER_STARTED, *saves, Action.ORGANIZER_SUBMITTED]


def test_what_is_valid_is_saved_and_what_is_not_is_told_at_its_field(browser, organizer):
    page = save(browser, organizer, name="Ngozi Okafor", ssn="123-45-678", born_on="soon")

    assert page.status_code == 200
    assert "<title>Error: About you" in page.text
    assert '<a href="#q-ssn">Your SSN: An SSN has nine digits, like 123-45-6789.</a>' in page.text
    assert 'value="123-45-678"' in page.text
    assert 'aria-describedby="q-ssn-help q-ssn-error" aria-invalid="true"' in page.text
    order = ('<label class="field__label" for="q-ssn">', 'id="q-ssn-help"', 'id="q-ssn-error"', 'id="q-ssn" name="ssn"')
    places = [page.text.index(one) for one in order]  # as it is read aloud
    assert places == sorted(places)
    assert words_of(organizer) == {"name": "Ngozi Okafor"}
    press(browser, organizer, page, ssn=SSN, born_on="1980-04-15")
    assert words_of(organizer)["ssn"] == "•••••6789"


def test_a_form_that_nobody_touched_changes_nothing_whatever_stands_in_it(browser, cast, organizer):
    answer(organizer, cast.client, **ANSWERS)
    add_child(organizer, cast.client, child_name="“Em” <&\"'>", child_ssn=SSN, child_at_home="no")
    pages = {key: browser.get(address(organizer, key)) for key in ("about", "children", "money")}
    answer(organizer, cast.second, name="Daniel", ssn="123-45-6780", rent="5", notes="", income_kinds=["Dividends"])
    before = list(organizer.changes.values_list("pk", "after"))

    for key, page in pages.items():
        assert press(browser, organizer, page, key).status_code == 302  # and no conflict is told
    assert list(organizer.changes.values_list("pk", "after")) == before


def test_a_secret_is_shown_by_its_end_kept_changed_and_deleted(browser, organizer):
    save(browser, organizer, ssn=SSN)
    page = browser.get(address(organizer))
    assert SSN not in page.text and "•••••6789" in page.text
    press(browser, organizer, page, name="Ngozi")
    assert words_of(organizer) == {"name": "Ngozi", "ssn": "•••••6789"}
    save(browser, organizer, ssn="123-45-6780")
    assert words_of(organizer)["ssn"] == "•••••6780"
    save(browser, organizer, **{"ssn.clear": "1"})
    assert words_of(organizer) == {"name": "Ngozi"}


def test_a_question_that_is_asked_no_more_keeps_its_answer(browser, organizer):
    save(browser, organizer, is_married="yes", filing="Married filing jointly")
    page = save(browser, organizer, is_married="no")
    assert page.url == address(organizer, "money")  # the section about children is asked no more
    assert re.search(r'data-question="filing"[^>]* hidden>', browser.get(address(organizer)).text)
    page = browser.get(address(organizer, "children"), follow=True)
    assert "“Children” is not asked any more" in page.text
    assert browser.get(address(organizer, "nothing")).status_code == 404
    assert words_of(organizer)["filing"] == "Married filing jointly"
    save(browser, organizer, is_married="yes")
    assert (
        "checked"
        in re.search(r'<input[^>]*value="Married filing jointly"[^>]*>', browser.get(address(organizer)).text)[0]
    )


def test_entries_of_a_group_are_added_removed_and_put_back(browser, cast, organizer):
    save(browser, organizer, is_married="yes")
    added = save(browser, organizer, "children", "add", "child")
    entry = organizer.entries.get()
    assert added.url == f"{address(organizer, 'children')}#entry-{entry.pk.hex}"
    key = entry.pk.hex
    save(browser, organizer, "children", **{f"child_name.{key}": "Emma", f"child_at_home.{key}": "yes"})
    page = save(browser, organizer, "children", **{f"child_ssn.{key}": "12"})
    assert "Child 1, Emma: SSN: An SSN has nine digits" in page.text
    page = browser.get(address(organizer, "children"))
    assert '<legend class="visually-hidden">Child 1, Emma</legend>' in page.text
    removed = press(browser, organizer, page, "children", "remove", str(entry.pk))
    page = browser.get(removed.url)
    assert "It is removed" in page.text and "Emma" not in page.text
    press(browser, organizer, page, "children", "restore", str(entry.pk))
    assert words_of(organizer)[f"child_name.{key}"] == "Emma"
    for _ in range(3):
        save(browser, organizer, "children", "add", "child")
    assert organizer.entries.filter(removed_at=None).count() == 3


def test_an_entry_comes_back_only_where_the_group_has_room_for_it(browser, cast, organizer):
    answer(organizer, cast.client, is_married="yes")
    first = add_child(organizer, cast.client, child_name="Emma")
    organizer.remove_entry(first, by=cast.client)
    others = [add_child(organizer, cast.client, child_name=name) for name in ("Noah", "Mia", "Leo")]
    page = save(browser, organizer, "children", "restore", str(first.pk))

    assert f"removed={first.pk}" in page.url  # where it is offered again
    page = browser.get(page.url)
    assert "Not put back: there may be 3 under “Child”, and there are. Remove another one first." in page.text
    assert "Emma" not in page.text
    organizer.remove_entry(others[0], by=cast.second)
    press(browser, organizer, page, "children", "restore", str(first.pk))
    assert [one.pk for one in organizer.entries.filter(removed_at=None)] == [first.pk, others[1].pk, others[2].pk]
    changes = organizer.changes.count()
    organizer.restore_entry(first, by=cast.second)  # who comes second changes nothing
    assert organizer.changes.count() == changes


def test_what_was_written_into_an_entry_that_somebody_removed_meanwhile_can_be_put_back(browser, cast, organizer):
    answer(organizer, cast.client, name="Ngozi", is_married="yes")
    entry = add_child(organizer, cast.client, child_name="Emma")
    page = browser.get(address(organizer, "children"))
    organizer.remove_entry(entry, by=cast.second)
    assert press(browser, organizer, page, "children").url == address(organizer, "money")  # nothing was written
    saved = press(browser, organizer, page, "children", **{f"child_name.{entry.pk.hex}": "Emily"})
    page = browser.get(saved.url)
    assert "Somebody has removed what you wrote in meanwhile." in page.text and "Emily" not in page.text
    press(browser, organizer, page, "children", "restore", str(entry.pk))
    assert words_of(organizer)[f"child_name.{entry.pk.hex}"] == "Emily"


def test_what_somebody_does_not_have_is_explained(browser, organizer):
    save(browser, organizer, **{"name.because": "We are two"})
    assert words_of(organizer) == {"name": "None: We are two"}
    save(browser, organizer, name="Ngozi")
    assert organizer.answers.get(question="name").because == ""


def test_why_there_is_none_of_a_group_is_explained(browser, cast):
    content = small()
    content["sections"][1]["items"][0]["required"] = True
    organizer = sent(cast, version=published(cast, content))
    answer(organizer, cast.client, name="Ngozi", is_married="yes")
    assert [one.question.key for one in Sheet.of(organizer).missing] == ["child"]
    save(browser, organizer, "children", **{"child.because": "They are grown up"})
    assert Sheet.of(organizer).missing == []
    assert "Child: none, They are grown up" in browser.get(reverse("organizer-check", args=[organizer.pk])).text
    child = {"child.seen": f"1-{'0' * 16}", "child.because": "They are 30"}
    assert "conflict" not in browser.post(reverse("organizer-answers", args=[organizer.pk]), child).text
    assert "They are 30" in browser.get(address(organizer, "children")).text


def test_two_people_who_answer_at_once_are_told_and_choose(browser, cast, organizer):
    page = browser.get(address(organizer))
    answer(organizer, cast.second, is_married="no", name="Daniel", ssn=SSN)

    page = press(browser, organizer, page, is_married="yes", moved_in="2024")
    assert "Daniel Okafor answered “No” just now; you wrote “Yes”." in page.text
    assert words_of(organizer) == {"is_married": "No", "name": "Daniel", "ssn": "•••••6789", "moved_in": "2024"}
    again = press(browser, organizer, page)
    assert "you wrote “Yes”" in again.text
    press(browser, organizer, again, **{"is_married.choose": "theirs"})
    assert words_of(organizer)["is_married"] == "No"
    press(browser, organizer, again, **{"is_married.choose": "mine"})
    assert words_of(organizer)["is_married"] == "Yes"


def test_no_question_takes_a_name_that_the_form_has_for_itself(browser, cast):
    content = small()
    content["sections"][0]["items"][1]["key"] = "save"
    with pytest.raises(DefinitionError, match="the key “save” is a word of the form itself"):
        from_json(content)
    assert key_for("Files", OF_THE_FORM) == "files_2"
    organizer = sent(cast)
    answer(organizer, cast.client, is_married="yes")
    removed, kept = add_child(organizer, cast.client), add_child(organizer, cast.client)
    organizer.remove_entry(removed, by=cast.client)
    questions = organizer.version.questionnaire.questions
    names = set()
    for key in ("about", "children", "money"):
        page = html.fromstring(browser.get(address(organizer, key), {"removed": removed.pk}).content)
        names |= set(page.xpath("//form[contains(@class, 'organizer')]//@name"))
    assert {name for name in names if name.partition(".")[0] not in questions} <= OF_THE_FORM
    assert {"add", "remove", "restore", "files", "save", "later"} <= names
    assert f"child_name.{kept.pk.hex}" in names


def test_submitting_needs_all_that_is_needed_a_name_and_the_tick(browser, cast, organizer):
    check, submit = (reverse(f"organizer-{name}", args=[organizer.pk]) for name in ("check", "submit"))
    page = browser.get(check)
    assert "2 needed answers are missing" in page.text and f"{address(organizer)}#q-is_married" in page.text
    assert browser.post(submit, {"signature": "Ngozi Okafor", "agrees": "on"}).url == check
    answer(organizer, cast.client, name="Ngozi", is_married="no")
    page = browser.post(submit, {"signature": "4", "agrees": ""})
    assert "Type your full name, as you would sign a paper." in page.text and "Tick the box" in page.text
    assert Organizer.objects.get().status == "started"


def test_what_was_submitted_can_be_read_and_no_longer_changed(browser, cast, organizer):
    page = browser.get(address(organizer))
    answer(organizer, cast.client, name="Ngozi", is_married="no")
    organizer.submit(signature="Ngozi Okafor", consent="I agree.", by=cast.client)
    check = reverse("organizer-check", args=[organizer.pk])

    assert press(browser, organizer, page, moved_in="2024").url == check
    assert browser.post(reverse("organizer-submit", args=[organizer.pk])).url == check
    assert browser.get(address(organizer)).url == check
    page = browser.get(check)
    assert "was sent to the firm already" in page.text and "Send to your firm" not in page.text
    assert "moved_in" not in words_of(organizer)


def test_what_the_firm_asks_stands_at_its_question(browser, cast, organizer):
    answer(organizer, cast.client, name="Ngozi", is_married="no")
    organizer.marks.create(question="name", kind="ask", comment="And your middle name?", by=cast.firm_user)
    Organizer.objects.update(reopened_because="One thing is open.")

    assert "One thing is open." in browser.get(organizer.get_absolute_url()).text
    page = browser.get(address(organizer))
    assert 'aria-describedby="q-name-ask"' in page.text and "And your middle name?" in page.text
    assert "And your middle name?" in browser.get(reverse("organizer-check", args=[organizer.pk])).text


def test_the_list_and_the_first_page_say_how_far_one_is(browser, cast, organizer):
    earlier = sent(cast, version=organizer.version)
    answer(earlier, cast.client, name="Ngozi", is_married="yes")
    add_child(earlier, cast.client, child_name="Emma")
    earlier.submit(signature="Ngozi Okafor", consent="I agree.", by=cast.client)
    save(browser, organizer, is_married="yes", name="Ngozi")

    page = browser.get(reverse("organizers"))
    assert "questions answered" in page.text and "Signed by Ngozi Okafor" in page.text
    page = browser.get(organizer.get_absolute_url())
    assert "1 of 3 sections done." in page.text and "Next: Children." in page.text
    assert f'href="{address(organizer, "children")}">Go on where you stopped' in page.text


def test_nobody_else_reaches_it(client, sign_in, cast, organizer):
    pages = [organizer.get_absolute_url(), address(organizer), reverse("organizer-check", args=[organizer.pk])]
    assert {sign_in(cast.stranger).get(page).status_code for page in pages} == {404}
    cast.second.may_use_organizer = False
    cast.second.save()
    assert {sign_in(cast.second).get(page).status_code for page in pages} == {403}
    assert client.get(reverse("organizers")).status_code == 403


def test_the_home_page_shows_what_is_waited_for(browser, cast, organizer):
    answer(organizer, cast.client, name="Ngozi", is_married="no")
    page = browser.get("/")
    assert f'href="{organizer.get_absolute_url()}">Continue' in page.text
    assert f"2 of {Organizer.objects.get().asked_count} questions answered." in page.text
    organizer.submit(signature="Ngozi Okafor", consent="I agree.", by=cast.client)
    assert organizer.get_absolute_url() not in browser.get("/").text


def test_a_section_asks_the_database_as_often_for_many_entries_as_for_few(
    browser, cast, organizer, django_assert_max_num_queries
):
    answer(organizer, cast.client, name="Ngozi", is_married="yes")
    counts = []
    for _ in range(3):
        add_child(organizer, cast.client, child_name="Emma", child_ssn=SSN)
        browser.get(address(organizer, "children"))
        with django_assert_max_num_queries(40) as asked:
            browser.get(address(organizer, "children"))
        counts.append(len(asked))
    assert len(set(counts)) == 1
