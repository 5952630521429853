"""What each kind of file looks like beside the list, in the order of names; and what the browser may not show."""

import base64
import io

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser.chromium import STAFF
from tests.browser.pages import COUPLE
from tests.browser.ways import show_anew, through

# A picture of one point
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def kinds():
    """One file of each kind, by name."""
    book, sheet_bytes = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Wages", 52_000])
    book.save(sheet_bytes)
    return {
        "a document.pdf": b"%PDF-1.4",
        "b picture.png": PNG,
        "c words.txt": b"Two children, one boat. <script>",
        "d table.csv": b"month,amount\nMay,31.50\n",
        "e sheet.xlsx": sheet_bytes.getvalue(),
        "f page.html": b"<h1>Hello</h1>",
    }


def test_each_kind_of_file_is_shown_without_leaving_the_page(visit, portal, kinds):
    page = visit(STAFF)
    through("/files/", COUPLE, "New folder")(page, portal)
    page.get_by_label("Name").fill("Of each kind")
    page.get_by_role("button", name="Make the folder").click()
    page.get_by_role("heading", name="Of each kind").wait_for()
    files = [{"name": name, "mimeType": "", "buffer": content} for name, content in kinds.items()]
    page.get_by_label("Files to send").set_input_files(files)
    expect(page.locator("[data-done]")).to_contain_text("Received", timeout=30_000)
    show_anew(page, page.get_by_label("Preview e sheet.xlsx"))

    address, panel = page.url, page.locator(".preview")
    with page.expect_response("**/preview/content/") as framed:
        show_anew(page, page.get_by_label("Preview a document.pdf")).click()
    assert (framed.value.status, framed.value.headers["content-type"]) == (200, "application/pdf")
    assert framed.value.headers["content-disposition"].startswith("inline")
    expect(panel.locator("h2")).to_be_focused()
    for shows in (_picture, _words, _table, _sheet, _nothing):
        page.keyboard.press("ArrowRight")
        shows(panel)
    assert page.url == address
    expect(page.get_by_label("Preview f page.html")).to_have_count(0)


def _picture(panel):
    expect(panel.get_by_role("img", name="b picture.png")).to_be_visible()
    assert panel.get_by_role("img", name="b picture.png").evaluate(
        "image => image.decode().then(() => image.naturalWidth)"
    )


def _words(panel):
    expect(panel.locator("pre")).to_have_text("Two children, one boat. <script>")


def _table(panel):
    expect(panel.get_by_role("row")).to_have_text(["1monthamount", "2May31.50"])


def _sheet(panel):
    expect(panel.locator("td.num")).to_have_text(["52000"])


def _nothing(panel):
    expect(panel).to_contain_text("There is no preview of this kind of file.")
