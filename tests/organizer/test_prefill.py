"""What a client said in an earlier year is shown, and kept with one tap."""

import pytest

from tests.organizer.asking import SSN, add_child, answer, published, sent, small
from tests.organizer.test_filling import address, press, save, words_of


def of_year(cast, year, *, change=None, **typed):
    """An organizer of this year that the client has submitted."""
    content = small() | {"tax_year": year}
    if change:
        change(content)
    organizer = sent(cast, version=published(cast, content))
    answer(organizer, cast.client, name="Ngozi", is_married="yes", **typed)
    return organizer


@pytest.fixture
def last_year(cast):
    organizer = of_year(cast, 2025, ssn=SSN, rent="900", address=["12 Elm Street", "", "Des Moines", "IA", "50309"])
    for name in ("Emma", "Noah"):
        add_child(organizer, cast.client, child_name=name, child_at_home="yes", child_ssn="123-45-6780")
    organizer.submit(signature="Ngozi Okafor", consent="I agree.", by=cast.client)
    return organizer


@pytest.fixture
def browser(sign_in, cast):
    return sign_in(cast.client)


def test_an_answer_of_last_year_is_shown_and_kept_with_all_else_that_was_typed(browser, cast, organizer, last_year):
    page = browser.get(address(organizer))
    assert "Last year: 12 Elm Street, Des Moines, IA 50309" in page.text
    assert "Last year: •••••6789" in page.text and SSN not in page.text
    assert 'aria-describedby="q-ssn-help q-ssn-earlier"' in page.text
    kept = press(browser, organizer, page, button="keep", value="address", name="Ngozi O.", moved_in="soon")
    assert "Give a year with four digits" in kept.text
    kept = save(browser, organizer, button="keep", value="ssn")
    assert kept.url == f"{address(organizer)}#q-ssn"

    assert words_of(organizer) == {
        "name": "Ngozi O.",
        "address": "12 Elm Street, Des Moines, IA 50309",
        "ssn": "•••••6789",
    }
    assert organizer.answers.get(question="ssn").plain() == SSN
    assert "Last year: •••••6789" not in browser.get(address(organizer)).text


def test_the_entries_of_last_year_are_added_with_their_answers(browser, cast, organizer, last_year):
    save(browser, organizer, is_married="yes")
    page = browser.get(address(organizer, "children"))
    assert "Last year: Emma, Noah" in page.text
    assert (
        press(browser, organizer, page, "children", "keep", "child").url
        == f"{address(organizer, 'children')}#group-child"
    )

    first, second = organizer.entries.all()
    words = words_of(organizer)
    assert (words[f"child_name.{first.pk.hex}"], words[f"child_name.{second.pk.hex}"]) == ("Emma", "Noah")
    assert organizer.answers.get(question="child_ssn", entry=second).plain() == "123-45-6780"
    press(browser, organizer, page, "children", "keep", "child")  # a second press adds none
    assert organizer.entries.count() == 2


def test_only_what_was_submitted_earlier_by_this_client_and_still_fits_is_offered(browser, cast, organizer):
    def make_rent_a_text(content):
        content["sections"][2]["items"][1] = {"key": "rent", "kind": "text", "label": "Rent"}

    def other_choices(content):
        content["sections"][0]["items"][5]["choices"] = ["Wages", "Lottery"]

    submitted = {"signature": "Ngozi Okafor", "consent": "I agree.", "by": cast.client}
    of_year(cast, 2023, notes="Of 2023", miles="7").submit(**submitted)
    of_year(cast, 2024, change=make_rent_a_text, rent="much", notes="Of 2024").submit(**submitted)
    of_year(cast, 2025, change=other_choices, income_kinds=["Lottery"], moved_in="1999").submit(**submitted)
    of_year(cast, 2025, phone="515 555 0142")  # not submitted
    of_year(cast, 2027, email="later@acme.example.com").submit(**submitted)
    other = sent(cast, client=cast.other, version=published(cast, small() | {"tax_year": 2025}))
    answer(other, cast.stranger, name="Marcus", is_married="no", born_on="4/15/1980")
    other.submit(signature="Marcus Sandoval", consent="I agree.", by=cast.stranger)

    about, money = (browser.get(address(organizer, key)).text for key in ("about", "money"))
    assert "In 2024: Of 2024" in about and "Last year: 1999" in about and "In 2023: 7" in money
    for never in ("Of 2023", "Lottery", "(515)", "later@", "1980", "much"):
        assert never not in about + money
