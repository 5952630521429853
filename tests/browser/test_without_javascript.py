"""Every page works with JavaScript off: links, forms, details and :target carry all of it."""

import csv
import io

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import ADMINISTRATOR, CLIENT, PHONE, STAFF, sign_in
from tests.browser.pages import COUPLE
from tests.browser.ways import show_anew


@pytest.fixture
def bare_visit(visit):
    """As ``visit``, with JavaScript off."""
    return lambda email="", **options: visit(email, java_script_enabled=False, **options)


@pytest.fixture
def notes(tmp_path):
    """A small file to send."""
    path = tmp_path / "Notes for the preparer.txt"
    path.write_text("Two children, one boat.")
    return path


def test_one_signs_in_and_out(bare_visit):
    page = bare_visit()
    sign_in(page, CLIENT)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in to the Firm Portal").wait_for()


def test_a_client_sends_renames_deletes_and_puts_back_a_file(bare_visit, notes):
    page = bare_visit(CLIENT)
    page.goto("/")
    page.get_by_label("Files to send").set_input_files(notes)
    page.get_by_role("button", name="Send to Larkin & Voss").click()
    page.get_by_text(f"Received {notes.name}.").wait_for()

    page.get_by_role("link", name=notes.name, exact=True).click()
    page.get_by_role("link", name="Rename").click()
    page.get_by_label("Name").fill("Notes.txt")
    page.get_by_role("button", name="Rename the file").click()
    page.get_by_role("heading", name="Notes.txt", exact=True).wait_for()

    page.get_by_role("link", name="Your files").first.click()
    expect(page.get_by_label("Select all")).to_be_hidden()
    page.get_by_label("Select Notes.txt").check()
    page.locator(".selection").get_by_role("button", name="Move to bin").click()
    page.get_by_text("Notes.txt is in the bin.").wait_for()
    expect(page.get_by_role("link", name="Notes.txt", exact=True)).to_have_count(0)

    page.get_by_role("link", name="Open the bin").click()
    page.get_by_role("button", name="Put back Notes.txt").click()
    page.get_by_text("Notes.txt is back in its folder.").wait_for()
    expect(page.get_by_role("link", name="Notes.txt", exact=True)).to_have_count(1)


def test_a_folder_and_a_file_are_moved_fetched_deleted_and_put_back(bare_visit, notes):
    page = bare_visit(CLIENT)
    page.goto("/files/")
    page.get_by_label("Files to send").set_input_files(notes)
    page.get_by_role("button", name="Send", exact=True).click()
    for name in ("Bare", "Barer"):
        page.get_by_role("link", name="New folder").click()
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Make the folder").click()
        page.get_by_role("heading", name=name, exact=True).wait_for()
        page.get_by_role("link", name="Your files").first.click()

    page.get_by_label(f"Select {notes.name}").check()
    page.get_by_label("Select Barer").check()
    page.locator(".selection").get_by_role("button", name="Move or copy").click()
    page.get_by_role("button", name="Bare", exact=True).click()
    page.get_by_role("button", name="Move 2 items here").click()
    page.get_by_role("link", name="Bare", exact=True).last.click()
    fetch = show_anew(page, page.get_by_role("link", name=f"Download {notes.name}"))
    with page.expect_download() as started:
        fetch.click()
    assert started.value.path().read_text() == notes.read_text()

    page.locator("summary[aria-label='More for Barer']").click()
    page.get_by_role("row", name="Barer").get_by_role("button", name="Move to bin").click()
    page.get_by_text("Barer is in the bin.").wait_for()
    page.get_by_role("button", name="Put it back").click()
    page.get_by_text("Barer is back in its folder.").wait_for()
    expect(page.get_by_role("link", name="Barer", exact=True)).to_have_count(1)


def test_a_firm_user_makes_a_folder(bare_visit):
    page = bare_visit(STAFF)
    page.goto("/files/")
    page.get_by_role("link", name=COUPLE).click()
    page.get_by_role("link", name="New folder").click()
    page.get_by_label("Name").fill("Without a script")
    page.get_by_role("button", name="Make the folder").click()
    page.get_by_role("heading", name="Without a script").wait_for()
    page.get_by_text("No files yet").wait_for()


def test_an_administrator_filters_the_activity_log_and_exports_it(bare_visit):
    page = bare_visit(ADMINISTRATOR)
    page.goto("/activity/")
    page.get_by_label("Action", exact=True).select_option(label="Renamed a file")
    page.get_by_label("Client", exact=True).select_option(label="Sandoval Roofing LLC")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("Client Sandoval Roofing LLC").wait_for()
    shown = page.locator(".log td.log__what").all_text_contents()
    assert shown

    page.locator("summary", has_text="Export").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()
    with open(started.value.path(), encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(io.StringIO(file.read(), newline=""))
    assert [row[heading.index("What")] for row in rows] == [what.strip() for what in shown]


def test_the_menu_and_the_filter_open_on_a_phone(bare_visit):
    page = bare_visit(ADMINISTRATOR, size=PHONE)
    page.goto("/")
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    page.get_by_role("link", name="Menu", exact=True).click()
    menu.get_by_role("link", name="Close menu").click()
    menu.wait_for(state="hidden")
    page.get_by_role("link", name="Menu", exact=True).click()
    menu.get_by_role("link", name="Activity Log").click()
    page.get_by_role("heading", name="Activity Log").wait_for()
    expect(page.locator("#id_q")).to_be_hidden()
    page.get_by_role("link", name="Filter").click()
    page.locator("#id_q").fill("Ngozi")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("“Ngozi”").wait_for()
