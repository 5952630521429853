"""What the three reports' files hold: the page's rows, all of them, in its order, and the facts of the export."""

from datetime import datetime

import pytest
from lxml import html

from activity.checkpoints import make_checkpoint, public_key
from activity.models import Event
from reports import exports, tables
from tests.conftest import put_file
from tests.reports.conftest import flat, walk
from tests.reports.exported import KINDS, REPORTS, as_read, download, facts_in, leave, table_in
from tests.reports.written import read_xlsx

every_kind = pytest.mark.parametrize("kind", KINDS)
every_report = pytest.mark.parametrize("report", REPORTS)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Pages of four rows and batches of three, so that every export is made of several."""
    monkeypatch.setattr(tables.Table, "rows_per_page", 4)
    monkeypatch.setattr(tables.Table, "rows_per_batch", 3)


@every_kind
@every_report
@pytest.mark.parametrize(
    ("reader", "query"),
    [
        ("administrator", ""),
        ("administrator", "client={acme.pk}&sort=email"),
        ("firm_user", "q=okafor&sort=-file_count"),
        ("auditor", "from=2025-03-12&ip=10.9.9.9&sort=file_count"),
    ],
)
def test_the_file_holds_the_rows_of_all_pages_in_their_order(kind, report, reader, query, sign_in, cast, story):
    if (report, reader) == ("activity-log", "firm_user"):
        reader = "auditor"
    put_file(cast.acme.cabinet.top, '=1+1, "a".pdf', by=cast.client)
    browser = sign_in(getattr(cast, reader))
    url = f"{REPORTS[report]}/?{query.format(**vars(cast))}"
    first = browser.get(url)
    [link] = html.fromstring(first.content).xpath(f"//a[@data-export and contains(@href, '.{kind}')]/@href")
    table = first.context["table"]
    rows = list(first.context["page"])
    if first.context["page"].next_url:
        rows += flat(walk(browser, f"{REPORTS[report]}/{first.context['page'].next_url}")[0])

    heading, found = table_in(kind, download(browser, link))
    assert found == [as_read(kind, table.columns, row) for row in rows]
    assert heading == [column.label for column in table.columns] or (kind, rows) == ("docx", [])


LOG_HEADING = [
    *("Event", "Date and time", "User", "Action", "What", "Client", "IP address", "Size in bytes", "Details"),
]
RENAMED = ["6", "2025-03-11 23:30:00", "dana@firm.example.com", "Renamed a file", "Wages.pdf", "Acme Dental PC"]
RENAMED += ["198.51.100.4", "100", "Before: name W-2 2025.pdf; After: name Wages.pdf"]
USAGE_HEADING = ["User", "Name", "Client"]
IN_NUMBERS = ["Files", "Now, in bytes", "Earlier versions, in bytes", "Bin, in bytes", "Size in bytes"]
IN_NUMBERS += ["Share of the storage", "Last upload", "Last download by the client"]
NGOZI = ["ngozi@acme.example.com", "Ngozi Okafor", "Acme Dental PC", "1", "75", "0", "100", "175", "0.875"]


@pytest.mark.parametrize(
    ("report", "heading", "row"),
    [
        ("activity-log", LOG_HEADING, RENAMED),
        ("file-activity", LOG_HEADING, RENAMED),
        ("usage", [*USAGE_HEADING, *IN_NUMBERS], NGOZI),
        ("usage-by-client", ["Client", *IN_NUMBERS], ["Acme Dental PC", "2", "95", "0", "100", "195", "0.975"]),
    ],
)
def test_the_columns_are_those_that_the_help_names(report, heading, row, sign_in, cast, story):
    put_file(cast.acme.cabinet.top, "75.pdf", b"." * 75, by=cast.client)
    put_file(cast.acme.cabinet.top, "20.pdf", b"." * 20, by=cast.firm_user)

    found, rows = table_in("csv", download(sign_in(cast.administrator), REPORTS[report] + ".csv"))
    assert found == heading
    assert row in [one[: len(row)] for one in rows]


def test_in_excel_times_are_times_and_sizes_numbers(sign_in, cast, story):
    browser = sign_in(cast.auditor)
    _, [log] = read_xlsx(download(browser, "/activity.xlsx?action=files.renamed"))
    _, [usage] = read_xlsx(download(browser, f"/files/usage.xlsx?client={cast.other.pk}"))

    assert log["A2"].value == 6
    assert (log["B2"].value, log["B2"].is_date) == (datetime(2025, 3, 11, 23, 30), True)
    assert log["H2"].value == 100
    assert usage["D2"].value == 1
    assert [usage[f"{column}2"].value for column in "EFGH"] == [5, 0, 0, 5]
    assert usage["I2"].value == pytest.approx(5 / 105)
    assert usage["I2"].number_format.endswith("%")
    assert usage["J2"].is_date


def test_times_are_in_the_readers_zone(sign_in, cast, story):
    cast.auditor.time_zone = "Asia/Kolkata"
    cast.auditor.save()
    browser = sign_in(cast.auditor)
    for kind in KINDS:
        data = download(browser, f"/activity.{kind}?action=files.renamed")
        [row] = table_in(kind, data)[1]
        assert str(row[1]) == "2025-03-12 09:00:00"
        if kind != "csv":
            assert facts_in(kind, data)["Time zone"] == "Asia/Kolkata"


@pytest.mark.parametrize("kind", ["xlsx", "docx"])
@pytest.mark.parametrize(
    ("report", "title", "query", "words"),
    [
        ("activity-log", "Activity Log", "", "Everything"),
        (
            "file-activity",
            "Activity",
            "from=2025-03-11&to=2025-03-11&q=w-2&upto=12",
            "On Mar 11, 2025; “w-2”",
        ),
        ("usage", "Usage", "client={acme.pk}", "Client Acme Dental PC"),
    ],
)
def test_the_file_tells_of_itself(kind, report, title, query, words, sign_in, cast, story, settings):
    browser = sign_in(cast.administrator)
    checkpoint = make_checkpoint()
    data = download(browser, f"{REPORTS[report]}.{kind}?{query.format(**vars(cast))}")
    started = Event.objects.get(action="log.export-started")

    assert facts_in(kind, data) == {
        "Firm": "Larkin & Voss",
        "Report": title,
        "Filter": words,
        "Time zone": "America/New_York",
        "Made by": "ruth@firm.example.com",
        "Made at": "Mar 20, 2025, 8:00:00 AM",
        "Made on": settings.BASE_URL.origin,
        "Export": f"Event {started.seq} of the Activity Log",
        "Head of the log": f"Event {started.seq}, hash {bytes(started.hash).hex()}",
        "Checkpoint": checkpoint.text,
        "Signature": f"{checkpoint.signature}, by the key {public_key()}",
    }
    if kind == "xlsx":
        assert read_xlsx(data)[0].title == "About this export"


@every_kind
@pytest.mark.parametrize(
    ("report", "query", "name"),
    [
        ("activity-log", "", "activity-log_export-14"),
        (
            "activity-log",
            "from=2025-03-11&action=files.uploaded",
            "activity-log_uploaded-a-file_from-mar-11-2025_export-14",
        ),
        (
            "file-activity",
            "client={acme.pk}&q=" + "ü" * 300,
            "file-activity_client-acme-dental-pc_" + "u" * 40 + "_export-14",
        ),
        ("usage", "client={other.pk}", "usage_client-other-roofing-llc_export-14"),
    ],
)
def test_the_name_says_what_it_is_and_nobody_keeps_a_copy_on_the_way(kind, report, query, name, sign_in, cast, story):
    response = sign_in(cast.administrator).get(f"{REPORTS[report]}.{kind}?{query.format(**vars(cast))}")
    newest = Event.objects.newest_first().first()
    leave(response)

    assert newest.seq == 14
    assert response["Content-Disposition"] == f'attachment; filename="{name}.{kind}"'
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert (
        response["Content-Type"]
        == {
            "csv": "text/csv; charset=utf-8",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }[kind]
    )


@pytest.mark.parametrize(
    ("url", "count"),
    [("/activity{}?upto=12", 12), ("/files/activity{}?upto=12&client={}", 5), ("/files/usage{}", 7)],
)
def test_more_rows_than_word_opens_are_refused_in_words_for_word_alone(
    url, count, sign_in, cast, story, events, monkeypatch
):
    assert exports.MOST_ROWS == {"docx": 10_000}
    assert tables.ActivityLog.most_counted >= 10_000  # else the limit would not be seen
    browser = sign_in(cast.administrator)
    statuses = []
    for most in (count, count - 1):
        monkeypatch.setattr(exports, "MOST_ROWS", {"docx": most})
        response = browser.get(url.format(".docx", cast.acme.pk))
        statuses.append(response.status_code)
        leave(response)
    noted = len(events(area="log"))

    assert statuses == [200, 400]
    assert f"Word opens at most {count - 1} rows" in response.text
    assert len(events(area="log")) == noted == 2  # of the one that was made
    for kind in ("csv", "xlsx"):
        assert len(table_in(kind, download(browser, url.format(f".{kind}", cast.acme.pk)))[1]) == count


@every_kind
@pytest.mark.parametrize(
    ("reader", "url", "words"),
    [
        ("administrator", "/activity.{}?from=yesterday", "From: This is no date. Write it like 3/12/2026."),
        ("auditor", "/activity.{}?user=999999", "User: That is not in the list."),
        ("firm_user", "/files/activity.{}?client={other.pk}", "Client: That is not in the list."),
        ("firm_user", "/files/usage.{}?client={other.pk}", "Client: That is not in the list."),
        ("administrator", "/files/activity.{}?q=o", "Words: More than 1 names contain “o”."),
    ],
)
def test_a_filter_that_cannot_be_understood_exports_nothing(
    kind, reader, url, words, sign_in, cast, events, monkeypatch
):
    monkeypatch.setattr("reports.filters.log.MOST_NAMES", 1)
    response = sign_in(getattr(cast, reader)).get(url.format(kind, **vars(cast)))

    assert response.status_code == 400
    assert words in response.text
    assert events(area="log") == []
