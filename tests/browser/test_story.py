"""The whole story in a browser: a client sends a file, the firm fetches and deletes it, and all of it stands in the log."""

import os
import re
from hashlib import sha256

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import ADMINISTRATOR, CLIENT, STAFF, sign_in
from tests.browser.pages import COUPLE
from tests.browser.reports import export, rows_of_log, rows_of_usage

SIZE_BYTES = 30_000_000
NAME = "Shoebox of receipts 2025.zip"
SHOWN = ["Date and time", "User", "Action", "What", "Client", "IP address"]
HEADING = ["Event", *SHOWN, "Size in bytes", "Details"]


def test_a_file_is_sent_fetched_and_deleted_and_the_log_and_its_exports_tell_of_it(visit, tmp_path):
    path = tmp_path / NAME
    path.write_bytes(os.urandom(SIZE_BYTES))
    digest = sha256(path.read_bytes()).hexdigest()

    _send(visit(), path)
    _fetch_and_delete(visit(), digest)
    page = visit()
    _open_log(page)

    _filter(page, user=CLIENT, action="Uploaded a file")
    assert [CLIENT, "Uploaded a file", NAME, COUPLE, "127.0.0.1"] in _events(page)
    _filter(page, user=CLIENT, action="All actions")
    told = rows_of_log(page)
    assert {user for _, user, *_ in told} == {CLIENT}
    _filter(page, user=CLIENT, action="All actions")
    for kind in ("Excel", "Word", "CSV"):
        exported = export(page, kind)
        assert exported.columns(*SHOWN) == told
        assert exported.heading == HEADING
        assert re.fullmatch(rf"activity-log_by-clientexamplecom_export-\d+\.{exported.extension}", exported.name)
        if kind != "CSV":
            _assert_facts(exported, "Activity Log", f"By {CLIENT}")

    _filter(page, user="All users", client=COUPLE, words="Shoebox")
    assert [row[:2] for row in _events(page)] == [
        [STAFF, "Moved a file to the bin"],
        [STAFF, "Put a file back"],
        [STAFF, "Moved a file to the bin"],
        [STAFF, "Downloaded a file"],
        [CLIENT, "Uploaded a file"],
    ]
    assert {tuple(row[2:]) for row in _events(page)} == {(NAME, COUPLE, "127.0.0.1")}
    page.get_by_role("link", name=NAME, exact=True).last.click()
    page.get_by_role("heading", name=NAME).wait_for()


@pytest.mark.parametrize(
    ("report", "client", "words", "kind"),
    [
        ("Activity", "All Clients", "Everything", "Excel"),
        ("Activity", COUPLE, f"Client {COUPLE}", "Word"),
        ("Usage", "All Clients", "All Clients", "Word"),
        ("Usage", COUPLE, f"Client {COUPLE}", "Excel"),
        ("Usage", COUPLE, f"Client {COUPLE}", "CSV"),
    ],
)
def test_more_leads_to_activity_and_usage_of_all_clients_or_one_and_each_is_exported(
    report, client, words, kind, visit
):
    page = visit(ADMINISTRATOR)
    _open_more(page, report, client)
    address = page.url
    assert page.get_by_label("Client", exact=True).evaluate("one => one.selectedOptions[0].text") == client
    told = rows_of_log(page) if report == "Activity" else rows_of_usage(page)
    assert told
    page.goto(address)
    exported = export(page, kind)
    assert exported.columns(*(SHOWN if report == "Activity" else ["User", "Client", "Files"])) == told
    if kind != "CSV":
        _assert_facts(exported, report, words)


def _send(page, path):
    sign_in(page, CLIENT)
    page.get_by_label("Files to send").set_input_files(path)
    page.locator("[data-done]").get_by_text(f"Received {NAME}.").wait_for(timeout=60_000)
    page.goto("/files/")
    expect(page.get_by_role("link", name=NAME, exact=True)).to_have_count(1)
    expect(page.get_by_role("row", name=NAME).get_by_text("30 MB")).to_have_count(1)


def _fetch_and_delete(page, digest):
    sign_in(page, STAFF)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Secure File Exchange").click()
    page.get_by_role("link", name=COUPLE).click()
    with page.expect_download() as started:
        page.get_by_role("link", name=f"Download {NAME}").click()
    assert started.value.suggested_filename == NAME
    with open(started.value.path(), "rb") as fetched:
        assert sha256(fetched.read()).hexdigest() == digest
    _move_to_bin(page)
    page.get_by_role("link", name="Open the bin").click()
    page.get_by_role("button", name=f"Put back {NAME}").click()
    page.get_by_text(f"{NAME} is back in its folder.").wait_for()
    _move_to_bin(page)
    expect(page.get_by_role("link", name=NAME, exact=True)).to_have_count(0)


def _move_to_bin(page):
    page.get_by_role("link", name=NAME, exact=True).click()
    page.get_by_role("button", name="Move to bin").click()
    page.get_by_text(f"{NAME} is in the bin.").wait_for()


def _open_log(page):
    sign_in(page, ADMINISTRATOR)
    menu = page.get_by_role("navigation", name="Main").get_by_role("list", name="Account Information")
    menu.get_by_role("link", name="Activity Log").click()
    page.get_by_role("heading", name="Activity Log").wait_for()


def _filter(page, *, words="", **chosen):
    for label, option in chosen.items():
        page.get_by_label(label.capitalize(), exact=True).select_option(label=option)
    page.get_by_role("searchbox", name="Words").fill(words)
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()


def _events(page):
    """The rows of this page, without their times."""
    return [row[1:] for row in rows_of_log(page)]


def _open_more(page, report, client):
    page.goto("/files/")
    if client != "All Clients":
        page.get_by_role("link", name=client).click()
    page.locator("summary", has_text="more…").click()
    page.locator("main").get_by_role("link", name=report).click()
    page.get_by_role("heading", name=report, exact=True).wait_for()


def _assert_facts(exported, report, words):
    facts = {name: exported.facts[name] for name in ("Firm", "Report", "Filter", "Made by", "Time zone")}
    assert facts == {
        "Firm": "Larkin & Voss",
        "Report": report,
        "Filter": words,
        "Made by": ADMINISTRATOR,
        "Time zone": "America/New_York",
    }
