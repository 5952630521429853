"""Who accessed a client's files: by person, address and file, with what a notice of a breach must say."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from activity.models import Event
from activity.origin import Origin, coming_from
from reports import tables
from tests.conftest import put_file
from tests.reports.conftest import flat, walk
from tests.reports.exported import KINDS, as_read, download, table_in

ADDRESS = "/files/access/"
OFFICE, HOME, CAFE = "198.51.100.4", "203.0.113.7", "2001:db8::7"


@pytest.fixture
def opened(clock, cast):
    """Two files of Acme's and one of another client, and who opened them on days of March: an event for each."""
    wages = put_file(cast.acme.cabinet.top, "W-2 2025.pdf", by=cast.client)
    deed = put_file(cast.acme.cabinet.top, "Deed.pdf", by=cast.client)
    roof = put_file(cast.other.cabinet.top, "Roof.png", by=cast.stranger)
    for day, person, ip, file in [
        (3, cast.firm_user, OFFICE, wages),
        (4, cast.firm_user, OFFICE, wages),
        (5, cast.firm_user, CAFE, wages),
        (6, cast.administrator, OFFICE, deed),
        (7, cast.client, HOME, wages),
        (8, cast.stranger, HOME, roof),
        (9, cast.firm_user, OFFICE, deed),
    ]:
        clock.now = datetime(2025, 3, day, 15, tzinfo=UTC)
        with coming_from(Origin(ip=ip)):
            file.current.hand_out(by=person)
    return wages, deed


def lines(table):
    """Each row in short: who or what it is for, and its figures."""
    rows = []
    for row in table.page:
        shown = [column for column in table.columns if column.name not in ("role", "first_at", "last_at")]
        values = [(column.native or str)(getattr(row, column.source)) for column in shown]
        rows.append(" ".join(map(str, values)))
    return rows


def test_a_line_for_each_person_address_and_file_says_how_often_first_and_last(sign_in, cast, opened):
    page = sign_in(cast.administrator).get(ADDRESS, {"client": cast.acme.pk})

    table = page.context["table"]
    assert lines(table) == [
        "dana@firm.example.com 198.51.100.4 Deed.pdf 1",
        "ngozi@acme.example.com 203.0.113.7 W-2 2025.pdf 1",
        "ruth@firm.example.com 198.51.100.4 Deed.pdf 1",
        "dana@firm.example.com 2001:db8::7 W-2 2025.pdf 1",
        "dana@firm.example.com 198.51.100.4 W-2 2025.pdf 2",
    ]
    twice = table.page.rows[-1]
    assert (twice.figures["first_at"].day, twice.at.day) == (3, 4)
    words = html.fromstring(page.content).xpath("string(//div[@class='chips']//strong)")
    assert words == "Opened 6 times: 2 files by 3 people from 3 addresses"


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("person", ["dana@firm.example.com 2 2 4", "ngozi@acme.example.com 1 1 1", "ruth@firm.example.com 1 1 1"]),
        ("address", ["198.51.100.4 2 2 4", "203.0.113.7 1 1 1", "2001:db8::7 1 1 1"]),
        ("file", ["Deed.pdf 2 1 2", "W-2 2025.pdf 2 3 4"]),
    ],
)
def test_lines_are_put_together_by_person_address_or_file(by, expected, sign_in, cast, opened):
    table = sign_in(cast.administrator).get(ADDRESS, {"client": cast.acme.pk, "by": by}).context["table"]
    assert lines(table) == expected


def test_who_changed_their_address_is_one_person(sign_in, cast, opened):
    wages, _ = opened
    before = cast.firm_user.email
    cast.firm_user.change_email("dana.larkin@firm.example.com", by=cast.firm_user)
    with coming_from(Origin(ip=OFFICE)):
        wages.current.hand_out(by=cast.firm_user)
    table = sign_in(cast.administrator).get(ADDRESS, {"client": cast.acme.pk, "by": "person"}).context["table"]

    assert lines(table)[0] == "dana.larkin@firm.example.com 2 2 5"
    assert before not in "".join(lines(table))


def test_days_narrow_first_last_and_how_often(sign_in, cast, opened):
    query = {"client": cast.acme.pk, "from": "2025-03-04", "to": "2025-03-05", "by": "person"}
    table = sign_in(cast.auditor).get(ADDRESS, query).context["table"]

    assert lines(table) == ["dana@firm.example.com 2 1 2"]
    assert (table.page.rows[0].figures["first_at"].day, table.page.rows[0].at.day) == (4, 5)


@pytest.mark.parametrize("by", ["", "person"])
def test_pages_either_way_and_files_hold_the_same_lines(by, sign_in, cast, opened, monkeypatch):
    monkeypatch.setattr(tables.Table, "rows_per_page", 2)
    monkeypatch.setattr(tables.Table, "rows_per_batch", 2)
    browser, query = sign_in(cast.firm_user), f"?client={cast.acme.pk}&by={by}&upto={Event.objects.count()}"
    forward, last_url = walk(browser, ADDRESS + query)
    backward, _ = walk(browser, last_url, "previous_url")

    assert len(flat(forward)) == (3 if by else 5)
    assert flat(backward[::-1]) == flat(forward)
    columns = browser.get(ADDRESS + query).context["table"].columns
    for kind in KINDS:
        heading, rows = table_in(kind, download(browser, f"/files/access.{kind}{query}"))
        assert heading == [column.label for column in columns]
        assert rows == [as_read(kind, columns, row) for row in flat(forward)], kind


def test_nothing_is_shown_or_handed_over_before_a_client_is_chosen(sign_in, cast, opened):
    browser = sign_in(cast.administrator)
    page = browser.get(ADDRESS)

    assert (page.context["page"].rows, "Whose files?" in page.text) == ([], True)
    answer = browser.get("/files/access.csv")
    assert (answer.status_code, answer.url) == (302, ADDRESS)


def test_a_firm_user_asks_of_their_clients_alone(sign_in, cast, opened):
    browser = sign_in(cast.firm_user)
    assert not browser.get(ADDRESS, {"client": cast.other.pk}).context["is_valid"]
    assert browser.get("/files/access.csv", {"client": cast.other.pk}).status_code == 400
    cast.firm_user.may_read_reports = False
    cast.firm_user.save()
    assert browser.get(ADDRESS, {"client": cast.acme.pk}).status_code == 403


def test_nobody_is_said_in_words(sign_in, cast, opened):
    page = sign_in(cast.administrator).get(ADDRESS, {"client": cast.acme.pk, "ip": "192.0.2.1"})
    assert "Nobody opened a file" in page.text


def test_a_file_is_read_in_as_many_statements_for_many_lines_as_for_few(sign_in, cast, opened):
    wages, _ = opened
    browser, counts = sign_in(cast.administrator), []
    for addresses in (range(1), range(1, 60)):
        for number in addresses:
            with coming_from(Origin(ip=f"192.0.2.{number}")):
                wages.current.hand_out(by=cast.second)
        browser.get(ADDRESS, {"client": cast.acme.pk})
        for url in (ADDRESS, "/files/access.xlsx"):
            with CaptureQueriesContext(connection) as asked:
                b"".join(browser.get(url, {"client": cast.acme.pk}))
            counts.append(len(asked))
    assert counts[:2] == counts[2:]
