"""A file that was exported is known again by its bytes, or by the number that it gives for its own; a foreign one is not."""

import hashlib
import io
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from lxml import html

from activity import triggers
from activity.actions import Action
from activity.models import Event
from reports import verifying
from reports.verifying import ExportHandler
from tests.activity import attack
from tests.reports.exported import KINDS, download, leave

VERIFY = "/activity/exports/verify/"
UNCHANGED, CHANGED = "Made here, and unchanged", "Not as it was made here"
NOTHING = "Nothing is known of this file"


@pytest.fixture
def made(sign_in, cast, story):
    """The administrator's export of what was uploaded, by kind: ``made("csv")``; its number is 14."""
    browser = sign_in(cast.administrator)
    return lambda kind, query="action=files.uploaded": download(browser, f"/activity.{kind}?{query}")


@pytest.fixture
def ask(client):
    """What the page says of a file, or of a SHA-256: ``ask(data)``; by whoever signed in last."""

    def ask(data=None, *, name="renamed.bin", **fields):
        if data is not None:
            fields["compared"] = SimpleUploadedFile(name, data)
        return client.post(VERIFY, fields)

    return ask


def facts(response):
    found = html.fromstring(response.content).xpath("//dl/div")
    return {one.find("dt").text_content(): one.find("dd").text_content() for one in found}


@pytest.mark.parametrize("kind", KINDS)
def test_an_unchanged_file_is_known_by_its_bytes_whatever_its_name(kind, made, ask, events):
    data = made(kind)
    digest = hashlib.sha256(data).hexdigest()
    for response in (ask(data), ask(sha256=digest.upper()), ask(sha256=digest, name="x_export-999.csv")):
        assert UNCHANGED in response.text
        assert facts(response) == {
            "Report": f"Activity Log (.{kind})",
            "Filter": "Uploaded a file",
            "Made by": "ruth@firm.example.com",
            "Made": "Thursday, March 20, 2025, 8:00:00 AM, Eastern time",
            "Rows": "2",
            "Export": "Event 14",
            "SHA-256": digest,
        }
    noted = events(action=Action.EXPORT_VERIFIED)
    assert [(e.actor_email, e.subject, e.subject_id, e.details["note"]) for e in noted] == [
        ("ruth@firm.example.com", "Activity Log, export 14", "14", f"unchanged, SHA-256 {digest}")
    ] * 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_file_is_told_from_the_export_that_it_says_it_is(kind, made, ask):
    data = made(kind)
    then = hashlib.sha256(data).hexdigest()
    name = f"activity-log_uploaded-a-file_export-14 (1).{kind}"
    other = data + b" "
    for response in (ask(other, name=name), ask(sha256=hashlib.sha256(other).hexdigest(), number=" 14")):
        assert CHANGED in response.text
        assert "It says that it is export 14." in response.text
        assert facts(response)["SHA-256 then"] == then
        assert facts(response)["SHA-256"] == hashlib.sha256(other).hexdigest()


def saved_by_another_program(data):
    book, saved = openpyxl.load_workbook(io.BytesIO(data)), io.BytesIO()
    book.worksheets[1]["A2"] = 999
    book.save(saved)
    return saved.getvalue()


def with_other_words(data):
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"Uploaded a file", b"Deleted a file"))
    return changed.getvalue()


@pytest.mark.parametrize(("kind", "change"), [("xlsx", saved_by_another_program), ("docx", with_other_words)])
def test_a_changed_and_renamed_file_is_found_by_the_facts_inside(kind, change, made, ask, monkeypatch):
    data = change(made(kind))
    assert CHANGED in (response := ask(data)).text
    assert facts(response)["Export"] == "Event 14"

    monkeypatch.setattr(verifying, "MOST_LOOKED_INTO_BYTES", 100)  # a long file is not held in memory
    assert NOTHING in ask(data).text
    assert CHANGED in ask(data, number="14").text


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"Name,Size\r\n", "list.csv"),
        (b"Name,Size\r\n", "list_export-13.csv"),  # an event, but no export
        (b"Name,Size\r\n", "list_export-" + "9" * 30 + ".csv"),
        (b"PK\x03\x04 broken", "book.xlsx"),
        (b"", "empty.csv"),
    ],
)
def test_of_a_foreign_file_nothing_is_known(data, name, made, ask, events):
    made("csv")
    response = ask(data, name=name)
    assert NOTHING in response.text
    assert list(facts(response)) == ["SHA-256"]
    [event] = events(action=Action.EXPORT_VERIFIED)
    assert (event.subject, event.details["note"][:13]) == ("", "nothing known")


def test_what_was_broken_off_or_is_not_over_has_no_whole_file(sign_in, cast, story, ask):
    response = sign_in(cast.administrator).get("/activity.csv")
    began = next(response.streaming_content)
    assert "whose end is not in the log" in ask(began, name="activity-log_export-14.csv").text
    leave(response)
    assert "which was broken off" in ask(began, name="activity-log_export-14.csv").text


def test_bytes_that_were_exported_twice_are_those_of_the_number_that_is_given(made, ask):
    data = made("csv", "upto=12&q=w-2")
    assert made("csv", "upto=12&q=w-2") == data
    latest, first = ask(data), ask(data, name="log_export-14.csv")
    assert facts(latest)["Export"] == "Event 16; 2 exports have these very bytes"
    assert facts(first)["Export"] == "Event 14; 2 exports have these very bytes"


def test_a_firm_user_learns_of_their_own_exports_only(sign_in, cast, story, ask, made):
    theirs = made("csv")
    own = download(sign_in(cast.firm_user), "/files/activity.csv?action=files.uploaded")

    assert UNCHANGED in ask(own).text
    for response in (ask(theirs), ask(b"changed", name="activity-log_export-14.csv")):
        assert NOTHING in response.text
        assert list(facts(response)) == ["SHA-256"]
    sign_in(cast.auditor)
    assert UNCHANGED in ask(own).text
    assert UNCHANGED in ask(theirs).text


def test_a_log_that_was_changed_proves_nothing(made, ask):
    data = made("csv")
    with triggers.standing_aside():
        attack.change(15, details={"note": f"9 rows, SHA-256 {hashlib.sha256(data).hexdigest()}"})
    assert "The log itself was changed here" in ask(data).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "SHA-256: Choose the file, or give its SHA-256."),
        ({"sha256": "12"}, "SHA-256: A SHA-256 has 64 letters and digits, 0 to 9 and a to f."),
        ({"sha256": "0" * 64, "number": "twelve"}, "Export number: This is no whole number. Write it in digits."),
    ],
)
def test_what_cannot_be_looked_for_is_said_in_words(fields, words, sign_in, cast, ask, events):
    sign_in(cast.auditor)
    response = ask(**fields)
    assert words in response.text
    assert events(action=Action.EXPORT_VERIFIED) == []


def test_a_file_that_is_too_large_is_not_read_to_its_end(sign_in, cast, ask, monkeypatch):
    sign_in(cast.auditor)
    monkeypatch.setattr(ExportHandler, "most_bytes", 1024**2)
    assert "Give its SHA-256 instead" in ask(b"a" * (1024**2 + 1)).text
    assert ask(b"a" * 3 * 1024**2).status_code == 413


def test_the_form_is_taken_from_the_page_only(sign_in, cast):
    browser = sign_in(cast.auditor)
    browser.handler.enforce_csrf_checks = True
    assert browser.post(VERIFY, {"sha256": "0" * 64}).status_code == 403
    assert not Event.objects.filter(action=Action.EXPORT_VERIFIED).exists()
