"""What the scripts add: menus that close, a selection that counts, files that can be dropped and say how far they are."""

import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import STAFF
from tests.browser.pages import COUPLE, YEAR
from tests.browser.ways import through


@pytest.fixture
def cabinet(visit, portal):
    """A firm user's page of a client's cabinet."""
    page = visit(STAFF)
    through("/files/", COUPLE)(page, portal)
    return page


@pytest.fixture
def folder(visit, portal):
    """A firm user's page of a folder with five files."""
    page = visit(STAFF)
    through("/files/", COUPLE, YEAR)(page, portal)
    return page


def test_a_menu_closes_on_escape_and_gives_the_focus_back(cabinet):
    menu, summary = cabinet.locator(".page-head details.menu"), cabinet.locator("summary", has_text="more…")
    summary.click()
    expect(menu).to_have_attribute("open", "")
    cabinet.keyboard.press("Tab")
    cabinet.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()


def test_a_menu_closes_on_a_click_elsewhere(cabinet):
    menu = cabinet.locator(".page-head details.menu")
    cabinet.locator("summary", has_text="more…").click()
    expect(menu).to_have_attribute("open", "")
    cabinet.get_by_role("heading", name=COUPLE).click()
    expect(menu).not_to_have_attribute("open", "")


def test_the_selection_counts_its_files_and_their_bytes(folder):
    words, bar = folder.locator("[data-selection-words]"), folder.locator(".selection")
    boxes = folder.locator("input[name=file]")
    sizes = [int(box.get_attribute("data-size")) for box in boxes.all()]
    expect(words).to_have_text("Tick files and folders to download, move or delete them.")
    boxes.nth(0).check()
    expect(words).to_have_text(f"1 file, {sizes[0] / 1000:.1f} KB")
    boxes.nth(1).check()
    expect(words).to_have_text(f"2 files, {sum(sizes[:2]) / 1000:.1f} KB")
    expect(bar).to_have_class(re.compile("is-live"))
    boxes.nth(0).uncheck()
    boxes.nth(1).uncheck()
    expect(words).to_have_text("Tick files and folders to download, move or delete them.")
    expect(bar).not_to_have_class(re.compile("is-live"))


def test_select_all_ticks_all_and_stands_between_when_some_are_ticked(folder):
    everything, boxes = folder.get_by_label("Select all"), folder.locator("input[name=file]")
    everything.check()
    expect(folder.locator("input[name=file]:checked")).to_have_count(boxes.count())
    boxes.first.uncheck()
    assert everything.evaluate("box => [box.checked, box.indeterminate]") == [False, True]
    boxes.first.check()
    assert everything.evaluate("box => [box.checked, box.indeterminate]") == [True, False]
    everything.uncheck()
    expect(folder.locator("input[name=file]:checked")).to_have_count(0)


def test_a_file_is_shown_beside_the_list_and_the_keys_go_on(folder):
    address, panel, opener = folder.url, folder.locator(".preview"), folder.locator("[data-preview]")
    heading = panel.locator("h2")
    expect(panel).to_be_hidden()
    opener.nth(1).click()
    expect(heading).to_be_focused()
    first = heading.text_content()
    folder.keyboard.press("ArrowRight")
    expect(heading).not_to_have_text(first)
    expect(heading).to_be_focused()
    folder.keyboard.press("ArrowLeft")
    expect(heading).to_have_text(first)
    expect(folder.locator("tr.is-shown")).to_contain_text(first[-12:])
    folder.keyboard.press("ArrowRight")
    expect(heading).not_to_have_text(first)
    folder.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(opener.nth(2)).to_be_focused()
    assert folder.url == address


def test_what_is_ticked_comes_as_one_zip_and_the_page_stays(folder, tmp_path):
    for number in (0, 1):
        folder.locator("input[name=file]").nth(number).check()
    with folder.expect_download() as download:
        folder.locator(".selection").get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "files.zip")
    with ZipFile(tmp_path / "files.zip") as archive:
        assert (archive.testzip(), len(archive.namelist())) == (None, 2)
