"""A list of files by keys alone: several are ticked, moved, deleted and put back."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import STAFF
from tests.browser.pages import COUPLE
from tests.browser.ways import through

NAMES = ["Key a.txt", "Key b.txt", "Key c.txt", "Key d.txt"]


@pytest.fixture
def folder(visit, portal, request):
    """A firm user's page of a new folder with four files and a folder in it."""
    page = visit(STAFF)
    through("/files/", COUPLE, "New folder")(page, portal)
    place = f"By keys, {len(request.node.name)}"
    for name in (place, "Elsewhere"):
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Make the folder").click()
        page.get_by_role("heading", name=name).wait_for()
        if name == place:
            page.get_by_role("link", name="New folder").click()
    page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name=place).click()
    files = [{"name": name, "mimeType": "text/plain", "buffer": name.encode()} for name in NAMES]
    page.get_by_label("Files to send").set_input_files(files)
    page.locator("[data-done]", has_text="Received").wait_for()
    page.get_by_label(f"Select {NAMES[-1]}").wait_for()
    return page


def tab_to(page, found):
    """As often as it takes."""
    for _ in range(80):
        if found.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab never comes there")


def test_files_are_ticked_moved_deleted_and_put_back_by_keys_alone(folder):
    page, press = folder, folder.keyboard.press
    tick = {name: page.get_by_label(f"Select {name}") for name in ["Elsewhere", *NAMES]}
    ticked = page.locator("tbody .tick:checked")
    tab_to(page, tick["Elsewhere"])
    press("ArrowDown")
    expect(tick["Key a.txt"]).to_be_focused()
    assert tick["Key a.txt"].evaluate("box => box.matches(':focus-visible')")
    press("Space")
    press("Shift+ArrowDown")
    expect(ticked).to_have_count(2)
    press("Control+a")
    expect(ticked).to_have_count(5)
    press("Escape")
    expect(ticked).to_have_count(0)
    press("Tab")  # goes on in the row, as everywhere
    expect(page.locator("tbody").get_by_role("link", name="Key b.txt", exact=True)).to_be_focused()
    press("Home")
    press("ArrowDown")
    press("Space")
    press("Shift+ArrowDown")
    expect(page.locator("[data-selection-words]")).to_have_text("2 files, 18 bytes")

    button = page.locator(".selection").get_by_role("button", name="Move or copy")
    tab_to(page, button)
    press("Enter")
    page.get_by_role("heading", name="Move or copy 2 files").wait_for()
    tab_to(page, page.get_by_role("button", name="Elsewhere"))
    press("Enter")
    page.get_by_text("No folders in here.").wait_for()
    tab_to(page, page.get_by_role("button", name="Move 2 items here"))
    press("Enter")
    page.get_by_text("Moved 2 files to").wait_for()
    expect(page.get_by_label("Select Key a.txt")).to_have_count(0)

    tab_to(page, page.get_by_label("Select Key c.txt"))
    press("Space")
    press("Shift+ArrowDown")
    press("Delete")
    page.get_by_text("2 files are in the bin.").wait_for()
    tab_to(page, page.get_by_role("button", name="Put them back"))
    press("Enter")
    page.get_by_text("2 files are back.").wait_for()
    tab_to(page, page.get_by_label("Select Key d.txt"))
    press("Enter")
    page.get_by_role("heading", name="Key d.txt").wait_for()


def test_shift_and_a_click_tick_all_between(folder):
    folder.get_by_label("Select Key a.txt").click()
    folder.get_by_label("Select Key d.txt").click(modifiers=["Shift"])
    expect(folder.locator("tbody .tick:checked")).to_have_count(4)
    expect(folder.locator("[data-selection-words]")).to_have_text("4 files, 36 bytes")
