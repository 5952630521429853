"""What the log says of an export: that it began, before its first byte, and how it ended, whatever the end."""

import hashlib
import io
import zipfile

import pytest
from django.db import OperationalError

from activity.actions import Action
from reports import tables
from tests.reports.exported import KINDS, REPORTS, leave

every_kind = pytest.mark.parametrize("kind", KINDS)
every_report = pytest.mark.parametrize("report", REPORTS)
ADDRESS = "203.0.113.9"


@pytest.fixture(autouse=True)
def batches_of_three(monkeypatch):
    monkeypatch.setattr(tables.Table, "rows_per_batch", 3)


@pytest.fixture
def export(sign_in, cast, story):
    """The response to the administrator's request for a file: ``export("/activity.csv")``."""
    browser = sign_in(cast.administrator)
    return lambda url, **query: browser.get(url, query, REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT="Edge")


@pytest.fixture
def noted(events):
    """(action, subject, note) of what the log says of exports; all of it by who made them, from where they did."""

    def noted():
        found = events(area="log")
        assert {(e.actor_email, e.ip, e.user_agent) for e in found} == {("ruth@firm.example.com", ADDRESS, "Edge")}
        assert len({event.request_id for event in found}) == 1
        return [(event.action, event.subject, event.details["note"]) for event in found]

    return noted


@every_kind
@pytest.mark.parametrize(
    ("report", "title", "query", "words", "count"),
    [
        ("activity-log", "Activity Log", {}, "Everything", 13),
        ("activity-log", "Activity Log", {"q": "nobody"}, "“nobody”", 0),
        ("file-activity", "Activity", {"action": "files.uploaded"}, "Uploaded a file", 2),
        ("usage", "Usage", {}, "All Clients", 7),
    ],
)
def test_the_log_says_it_began_then_how_many_rows_it_had_and_its_sha256(
    kind, report, title, query, words, count, export, noted
):
    response = export(f"{REPORTS[report]}.{kind}", **query)
    began = (Action.EXPORT_STARTED, title, f"{words} ({kind})")
    assert noted() == [began]

    digest = hashlib.sha256(b"".join(response.streaming_content)).hexdigest()
    assert noted() == [began, (Action.EXPORT_FINISHED, f"{title}, export 14", f"{count} rows, SHA-256 {digest}")]
    leave(response)
    assert len(noted()) == 2


def test_the_end_names_the_event_of_the_beginning(export, events):
    b"".join(export("/activity.csv").streaming_content)
    began, ended = events(area="log")

    assert (began.subject_type, began.subject_id) == ("report", "activity-log")
    assert (ended.subject_type, ended.subject_id) == ("event", str(began.seq))


@every_kind
@every_report
@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_reader_who_goes_away_is_noted_wherever_it_happens(kind, report, chunks, export, noted, monkeypatch):
    response = export(f"{REPORTS[report]}.{kind}")
    for _ in range(chunks):
        assert next(response.streaming_content)
    leave(response)

    began, (action, subject, note) = noted()
    assert began[0] == Action.EXPORT_STARTED
    assert action == Action.EXPORT_BROKEN_OFF
    assert subject.endswith("export 14")
    assert note.startswith("after ") and note.endswith(" rows: the reader went away")
    if chunks == 0:
        assert note == "after 0 rows: the reader went away"
    leave(response)
    assert len(noted()) == 2


def test_the_rows_until_then_are_counted(export, noted):
    response = export("/activity.csv")
    for _ in range(3):  # the heading, and two batches
        next(response.streaming_content)
    leave(response)

    assert noted()[1][2] == "after 6 rows: the reader went away"


@every_kind
@every_report
def test_a_database_that_fails_in_the_middle_is_noted_and_leaves_nothing_that_looks_complete(
    kind, report, export, noted, monkeypatch
):
    calls = []

    def fail_at_the_second_batch():
        calls.append(None)
        if len(calls) == 2:
            raise OperationalError("the connection is gone")

    monkeypatch.setattr("reports.tables.base.release_connection", fail_at_the_second_batch)
    response = export(f"{REPORTS[report]}.{kind}")
    pieces = []
    with pytest.raises(OperationalError):
        for piece in response.streaming_content:
            pieces.append(piece)

    assert [action for action, _, _ in noted()] == [Action.EXPORT_STARTED, Action.EXPORT_BROKEN_OFF]
    in_first_batch = 2 if report == "usage-by-client" else 3  # there are no more clients
    assert noted()[1][2] == f"after {in_first_batch} rows: OperationalError"
    assert not zipfile.is_zipfile(io.BytesIO(b"".join(pieces)))
    leave(response)
    assert len(noted()) == 2


def test_what_is_exported_later_holds_what_was_noted_of_it_before(export):
    first = b"".join(export("/activity.csv", area="log").streaming_content).decode("utf-8-sig").splitlines()
    second = b"".join(export("/activity.csv", area="log").streaming_content).decode("utf-8-sig").splitlines()

    assert first[1:] == []
    assert [line.split(",")[3] for line in second[1:]] == ["Finished an export", "Started an export"]
