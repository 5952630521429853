"""What a client's people are told of their own: the same table with fewer columns, and no number that tells of others."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from lxml import html

from activity.actions import Action
from activity.models import Event
from activity.origin import Origin, coming_from
from activity.recording import Entry, record_all, record_now
from reports import tables
from reports.sealed import sealed, unsealed
from tests.conftest import put_file
from tests.reports.conftest import flat, walk
from tests.reports.exported import KINDS, as_read, download, facts_in, table_in

ADDRESS = "/activity/mine/"


def test_it_has_what_their_people_did_and_who_at_the_firm_opened_their_files(sign_in, cast, story, told):
    signed_in, *rows = sign_in(cast.client).get(ADDRESS).context["page"]

    assert (signed_in.action, signed_in.actor_id) == (Action.SIGNED_IN, cast.client.pk)
    assert told(rows) == "binned fetched sent entered"  # not what the firm renamed, made or refused


def test_another_client_and_the_firm_have_their_own(sign_in, cast, story, told):
    _, *rows = sign_in(cast.stranger).get(ADDRESS).context["page"]
    assert told(rows) == "roofed"
    assert sign_in(cast.administrator).get(ADDRESS).status_code == 403


def test_who_may_not_see_files_reads_of_themselves_alone(sign_in, cast, story, told):
    cast.second.may_view_files = False
    cast.second.save()
    rows = sign_in(cast.second).get(ADDRESS).context["page"]
    assert {event.actor_id for event in rows} == {cast.second.pk}


def test_it_is_found_by_person_action_and_day_and_never_by_address(sign_in, cast, story, told):
    browser = sign_in(cast.client)
    for query, expected in [
        ("user={cast.client.pk}&action=files.uploaded", "sent"),
        ("from=2025-03-11&to=2025-03-11", "fetched sent entered"),
        ("action=files.downloaded&ip=192.0.2.1&q=192.0.2.1", "fetched"),
    ]:
        rows = browser.get(f"{ADDRESS}?{query.format(cast=cast)}").context["page"]
        assert told(rows) == expected, query
    assert "198.51.100.4" not in browser.get(ADDRESS).text


def test_pages_either_way_and_files_hold_the_same_rows(sign_in, cast, story, monkeypatch):
    monkeypatch.setattr(tables.Table, "rows_per_page", 2)
    browser = sign_in(cast.client)
    upto = browser.get(ADDRESS).context["table"].upto_in_address
    query = f"?upto={upto}"
    forward, last_url = walk(browser, ADDRESS + query)
    backward, _ = walk(browser, last_url, "previous_url")

    assert len(forward) > 2
    assert flat(backward[::-1]) == flat(forward)
    columns = browser.get(ADDRESS).context["table"].columns
    for kind in KINDS:
        heading, rows = table_in(kind, download(browser, f"/activity/mine.{kind}{query}"))
        assert heading == ["Date and time", "User", "Action", "What", "Client"]
        assert rows == [as_read(kind, columns, row) for row in flat(forward)], kind


@pytest.fixture
def busy(clock, story, cast):
    """A log whose numbers are like nothing else on a page."""
    with transaction.atomic():
        record_all(Entry(Action.SETTINGS_CHANGED, cast.administrator) for _ in range(7_777 - Event.objects.count()))
    clock.now += timedelta(minutes=1)
    with coming_from(Origin(ip="203.0.113.7")):
        for _ in range(3):
            record_now(Action.SIGNED_OUT, by=cast.client)


def test_no_page_and_no_file_tells_how_much_the_firm_does(sign_in, cast, busy, monkeypatch):
    monkeypatch.setattr(tables.Table, "rows_per_page", 2)
    browser, file = sign_in(cast.client), put_file(cast.acme.cabinet.top, by=cast.client)
    file.rename("Wages.pdf", by=cast.client)
    file.rename("Wages 2025.pdf", by=cast.client)
    history = f"/files/{file.pk}/history"
    first = browser.get(ADDRESS)
    texts = [first.text, browser.get(ADDRESS + first.context["page"].next_url).text, browser.get(f"{history}/").text]
    for path in ("/activity/mine", history):
        for kind in KINDS:
            response = browser.get(f"{path}.{kind}")
            texts.append(response["Content-Disposition"])
            data = b"".join(response)
            texts += [str(table_in(kind, data)), str(facts_in(kind, data)) if kind != "csv" else ""]
    texts.append(browser.get(ADDRESS).text)  # with what was exported

    assert 7_780 < Event.objects.count() < 7_800
    assert [found for text in texts for found in re.findall(r"\D7,?7[789]\d\b", text)] == []


def test_a_sealed_number_is_read_by_the_portal_alone():
    for number in (0, 1, 7_779, 10**12):
        assert unsealed(sealed(number)) == str(number)
    seal = sealed(7_779)
    changed = seal[:-2] + ("A" if seal[-2] != "A" else "B") + seal[-1]
    for guess in (changed, seal[4:], "7779", "x", "", "é", "===="):
        assert unsealed(guess) == "", guess


def test_an_empty_trail_says_what_will_be_there(sign_in, cast, story):
    page = sign_in(cast.client).get(ADDRESS, {"upto": "2025"})
    assert page.status_code == 200
    page = sign_in(cast.client).get(ADDRESS, {"to": "2001-01-01"})
    assert html.fromstring(page.content).xpath("//table") == []
    assert "Nothing fits all of these" in page.text
