"""The Activity Log's page: what a row shows, the order, the pages, what was there, and that looking is recorded."""

from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from lxml import html

from activity.actions import Action
from activity.models import Event, Verification
from activity.origin import Origin, coming_from
from activity.recording import Subject, record_now
from reports import pages, tables
from tests.reports.conftest import flat, walk
from tests.reports.exported import download, table_in

ADDRESS = "/activity/"


def shown(response):
    """The table as read: a day's heading as a string, an event as the list of its cells."""
    rows = html.fromstring(response.content).xpath("//table//tbody/tr")
    cells = [[cell.text_content().strip() for cell in row.xpath("td")] for row in rows]
    return [row or heading.text_content().strip() for row, heading in zip(cells, rows, strict=True)]


def test_a_row_says_when_who_what_for_whom_and_from_where_under_its_day(sign_in, cast, story):
    response = sign_in(cast.administrator).get(ADDRESS, {"upto": story["roofed"].seq, "from": "2025-03-11"})

    assert shown(response) == [
        "Wednesday, March 12, 2025",
        ["1:30:00 AM", "marcus@other.example.com", "Uploaded a file", "Roof.png", "Other Roofing LLC", "2001:db8::1"],
        "Tuesday, March 11, 2025",
        ["11:30:00 PM", "dana@firm.example.com", "Renamed a file", "Wages.pdf", "Acme Dental PC", "198.51.100.4"],
        ["12:30:00 PM", "dana@firm.example.com", "Downloaded a file", "W-2 2025.pdf", "Acme Dental PC", "198.51.100.4"],
        ["11:30:00 AM", "ngozi@acme.example.com", "Uploaded a file", "W-2 2025.pdf", "Acme Dental PC", "203.0.113.7"],
        ["10:30:00 AM", "ngozi@acme.example.com", "Signed in", "", "Acme Dental PC", "203.0.113.7"],
    ]


def test_times_and_days_are_those_of_the_readers_zone(sign_in, cast, story):
    cast.auditor.time_zone = "Asia/Kolkata"
    cast.auditor.save()
    response = sign_in(cast.auditor).get(ADDRESS, {"user": cast.firm_user.pk})

    rows = [row if isinstance(row, str) else row[0] for row in shown(response)]
    assert rows == [
        "Thursday, March 13, 2025",
        "12:00:00 AM",
        "Wednesday, March 12, 2025",
        "9:00:00 AM",
        "Tuesday, March 11, 2025",
        "10:00:00 PM",
    ]
    assert "Times are Asia/Kolkata." in response.text


def test_what_nobody_signed_in_did_is_shown_with_the_address_that_was_tried(sign_in, cast, story):
    record_now(Action.LOG_VERIFIED, subject=Subject("log", "", "12 events"))
    with coming_from(Origin(ip="192.0.2.67")):
        record_now(Action.HOST_REFUSED, subject=Subject("host", "", "evil.example.com"))
    browser = sign_in(cast.administrator)
    rows = shown(browser.get(ADDRESS))

    assert ["3:30:00 PM", "x…@nowhere.example", "Sign-in failed", "", "", "192.0.2.66"] in rows
    assert ["8:00:00 AM", "System", "Verified the log", "12 events", "", ""] in rows
    assert ["8:00:00 AM", "Not signed in", "Host name refused", "evil.example.com", "", "192.0.2.67"] in rows
    _, exported = table_in("csv", download(browser, "/activity.csv"))
    assert [row[2] for row in exported if "12 events" in row or "evil.example.com" in row] == [
        "Not signed in",
        "System",
    ]
    verified, refused = Event.objects.order_by("seq")[12:14]
    assert "<dd>System</dd>" in browser.get(f"{ADDRESS}{verified.seq}/").text
    assert "<dd>Not signed in</dd>" in browser.get(f"{ADDRESS}{refused.seq}/").text


@pytest.mark.parametrize("reader", ["administrator", "auditor"])
def test_everything_is_there_newest_first(reader, sign_in, cast, story, told):
    signed_in, *rows = sign_in(getattr(cast, reader)).get(ADDRESS).context["page"]

    assert (signed_in.action, signed_in.actor_email) == (Action.SIGNED_IN, getattr(cast, reader).email)
    assert told(rows) == " ".join(reversed(story))


def test_an_event_opens_with_what_changed(sign_in, cast, story):
    browser = sign_in(cast.administrator)
    url = f"{ADDRESS}{story['renaming'].seq}/"

    assert url in browser.get(ADDRESS).text
    page = html.fromstring(browser.get(url).content)
    facts = {line[0].text_content(): line[1].text_content() for line in page.xpath("//dl/div")}
    assert page.xpath("string(//h1)") == "Changed the firm settings"
    assert [cell.text_content() for cell in page.xpath("//td")] == ["Name", "Your firm", "Larkin & Voss"]
    assert facts["Hash"] == bytes(story["renaming"].hash).hex()


@pytest.mark.parametrize("link", ["next_url", "previous_url"])
def test_pages_walked_either_way_are_all_rows_once_and_in_order(link, sign_in, cast, story, monkeypatch):
    monkeypatch.setattr(tables.ActivityLog, "rows_per_page", 4)
    browser = sign_in(cast.administrator)
    upto = Event.objects.count()
    pages, last_url = walk(browser, f"{ADDRESS}?upto={upto}")
    if link == "previous_url":
        pages = walk(browser, last_url, link)[0][::-1]

    assert [event.seq for event in flat(pages)] == list(range(upto, 0, -1))
    assert {len(page) for page in pages[1:-1]} == {4}


def test_pages_keep_their_filter(sign_in, cast, story, told, monkeypatch):
    monkeypatch.setattr(tables.ActivityLog, "rows_per_page", 2)
    pages, _ = walk(sign_in(cast.administrator), f"{ADDRESS}?q=198.51.100.4")

    assert [told(page) for page in pages] == ["foldered renamed", "fetched"]


def test_what_happens_meanwhile_does_not_move_the_pages_or_the_export(sign_in, cast, story, monkeypatch):
    monkeypatch.setattr(tables.ActivityLog, "rows_per_page", 3)
    browser = sign_in(cast.administrator)
    first = browser.get(ADDRESS)
    upto = first.context["table"].upto
    assert Event.objects.count() == upto + 1  # that it was viewed came after

    [csv] = html.fromstring(first.content).xpath("//a[contains(@href, '/activity.csv')]/@href")
    record_now(Action.SIGNED_OUT, by=cast.client)
    pages, last_url = walk(browser, ADDRESS + first.context["page"].next_url)
    again = walk(browser, last_url, "previous_url")[0][::-1]
    lines = b"".join(browser.get(csv).streaming_content).decode().splitlines()

    everything = [*range(upto, 0, -1)]
    assert [event.seq for event in [*first.context["page"], *flat(pages)]] == everything
    assert [event.seq for event in flat(again)] == everything
    assert [int(line.split(",")[0]) for line in lines[1:]] == everything


@pytest.mark.parametrize("upto", ["", "x", "-3", "99999999999999999999", "1e3"])
def test_an_upto_that_is_no_event_means_now(upto, sign_in, cast, story):
    response = sign_in(cast.administrator).get(ADDRESS, {"upto": upto})
    assert response.context["page"].rows[0].action == Action.SIGNED_IN


@pytest.mark.parametrize("key", ["after=x", "before=1~2", "after=%00", "after=" + "9" * 30, "before=-1"])
def test_a_place_that_is_no_event_is_no_trouble(key, sign_in, cast, story):
    assert sign_in(cast.administrator).get(f"{ADDRESS}?{key}").status_code == 200


@pytest.mark.parametrize(
    ("most", "query", "words"),
    [
        (10, {"upto": 1}, "1 event"),
        (10, {"upto": 9}, "9 events"),
        (10, {"upto": 10}, "10 events"),
        (10, {"upto": 11}, "More than 10 events"),
        (10, {"upto": 12, "action": Action.SIGNED_IN}, "1 event"),
        (10_000, {"upto": 12}, "12 events"),
        (10_000, {"ip": "10.9.9.9"}, "No events"),
    ],
)
def test_the_count_is_exact_up_to_its_limit(most, query, words, sign_in, cast, story, monkeypatch):
    assert tables.ActivityLog.most_counted == 10_000
    monkeypatch.setattr(tables.ActivityLog, "most_counted", most)
    page = html.fromstring(sign_in(cast.administrator).get(ADDRESS, query).content)

    assert page.xpath("string(//div[@class='chips']//strong)") == words


def views_of(events):
    return [(event.actor_email, event.subject, event.details["note"]) for event in events(action=Action.LOG_VIEWED)]


def test_who_views_the_log_is_in_it_once_per_person_filter_and_hour(client, cast, events, monkeypatch):
    for person in (cast.administrator, cast.auditor):
        client.force_login(person)
        for query in ("", "", "?area=files", "?upto=1", "?area=files"):
            client.get(ADDRESS + query)

    both = [
        (person.email, "Activity Log", words)
        for person in (cast.administrator, cast.auditor)
        for words in ("Everything", "Secure File Exchange")
    ]
    assert views_of(events) == both

    assert pages.VIEWED_ONCE_SECONDS == 3600
    cache.clear()  # as the hour's end does
    client.get(ADDRESS)
    assert views_of(events) == [*both, (cast.auditor.email, "Activity Log", "Everything")]


def test_the_view_is_forgotten_after_the_hour(sign_in, cast, events, monkeypatch):
    monkeypatch.setattr(pages, "VIEWED_ONCE_SECONDS", 0)
    browser = sign_in(cast.administrator)
    browser.get(ADDRESS)
    browser.get(ADDRESS)

    assert len(views_of(events)) == 2


def test_a_filter_that_cannot_be_understood_is_no_view(sign_in, cast, events):
    sign_in(cast.administrator).get(ADDRESS, {"from": "yesterday"})
    assert views_of(events) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [({"upto": 0}, "Nothing has happened yet"), ({"from": "2100-01-01"}, "No event fits all of these")],
)
def test_no_events_is_said_in_words(query, words, sign_in, cast, story):
    response = sign_in(cast.administrator).get(ADDRESS, query)

    assert shown(response) == []
    assert words in response.text


def test_the_page_says_how_far_the_log_was_checked(sign_in, cast, clock):
    Verification.objects.create(head_seq=1_234, at=datetime(2025, 3, 2, 17, tzinfo=UTC))
    page = sign_in(cast.administrator).get(ADDRESS).text
    assert "Unbroken up to event 1,234</a>, checked" in page
    Verification.objects.create(head_seq=1_300, first_bad_seq=1_250)
    assert "The log breaks at event 1,250" in sign_in(cast.administrator).get(ADDRESS).text
