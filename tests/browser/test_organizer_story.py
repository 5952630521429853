"""The whole way of an organizer in browsers: made and sent by the firm, filled in on two devices, reviewed, opened again, sealed and
taken away; with a script at a phone's width, and without one."""

import csv
import io
import re

import docx
import openpyxl
import pytest
from playwright.sync_api import expect

from organizer.kinds import CHOSEN, Kind
from reports.organizers.copies import ABOUT
from tests.browser.chromium import ADMINISTRATOR, CLIENT, PHONE, STAFF, WIDE
from tests.browser.pages import COUPLE
from tests.browser.templates import add_section, fill_question, make_empty, show_after

SAVED = re.compile("^Saved")
TYPED = {
    Kind.TEXT: "Ngozi",
    Kind.LONG_TEXT: "Moved in June.",
    Kind.DATE: "1980-04-15",
    Kind.YEAR: "2024",
    Kind.NUMBER: "12,345",
    Kind.MONEY: "1,234.50",
    Kind.PERCENT: "12.5",
    Kind.EMAIL: "ngozi@example.com",
    Kind.PHONE: "515 555 0142",
    Kind.EIN: "12-3456789",
    Kind.SSN_OR_EIN: "98-7654321",
    Kind.BANK_ACCOUNT: "0012345678",
    Kind.ROUTING_NUMBER: "021000021",
}
SSN, WRONG = "468-31-9052", "468-31-905"
TOLD = {  # as the firm reads them
    "A Short text": "Ngozi",
    "A Long text": "Moved in June.",
    "A Yes or no": "Yes",
    "A One of": "Green",
    "A Several of": "Red, Green",
    "A Date": "April 15, 1980",
    "A Year": "2024",
    "A Whole number": "12,345",
    "A Money": "$1,234.50",
    "A Percentage": "12.5%",
    "A E-mail address": "ngozi@example.com",
    "A Phone": "(515) 555-0142",
    "A Address": "12 Elm Street, Des Moines, IA 50309",
    "A SSN": "•••••9052",
    "A EIN": "•••••6789",
    "A SSN or EIN": "•••••4321",
    "A Bank account number": "•••••5678",
    "A Bank routing number": "021000021",
    "Name": "Emma",
}


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_an_organizer_goes_all_its_way(visit, portal, tmp_path, has_script):
    name = f"Whole way {has_script}"
    office = {"size": WIDE, "java_script_enabled": has_script}
    _make(visit(ADMINISTRATOR, **office), name)
    staff = visit(STAFF, **office)
    _send(staff, name)
    paper = tmp_path / f"Wages {has_script}.txt"
    paper.write_text("Wages")

    phone = visit(CLIENT, size=PHONE, java_script_enabled=has_script)
    address = _open(phone, name)
    _fill_first_session(phone, has_script)
    phone.context.close()
    other_device = visit(CLIENT, size=PHONE, java_script_enabled=has_script)
    other_device.goto(address)
    _fill_second_session(other_device, paper, has_script)
    _submit(other_device)

    staff.goto(address)
    look = staff.locator("#look-a_year")
    look.get_by_text("Ask the client").click()
    look.get_by_role("textbox").fill("Are you sure?")
    staff.get_by_role("button", name="Save the marks").click()
    staff.get_by_role("link", name="Open again").click()
    staff.get_by_label("What is it about?").fill("One question is left.")
    staff.get_by_role("button", name="Open it again").click()

    other_device.goto(address)
    other_device.get_by_text("One question is left.").wait_for()
    other_device.get_by_role("link", name="All of it").click()
    other_device.get_by_text("Are you sure?").wait_for()
    other_device.get_by_label("A Year", exact=True).fill("2023")
    _look_over(other_device)
    _submit(other_device)

    staff.goto(address)
    staff.get_by_role("button", name="Mark as reviewed").click()
    staff.get_by_role("link", name="Seal").click()
    staff.get_by_label("YES").fill("YES")
    staff.get_by_role("button", name="Seal it for good").click()
    staff.get_by_role("button", name="Open again").wait_for(state="detached")
    told = {**TOLD, "A File": paper.name, "A Year": "2023"}
    for kind in ("Word", "Excel", "CSV"):
        assert _exported(staff, kind) == told, kind
    other_device.goto(address)
    expect(other_device.get_by_role("button", name="Save")).to_have_count(0)
    kept = [path.read_bytes() for path in portal.var.rglob("*") if path.is_file()]  # output, and on SQLite the database
    assert holds(kept, TYPED[Kind.LONG_TEXT]) or "postgres" in portal.env.get("DATABASE_URL", "")
    assert not holds(kept, *(written for number in (SSN, WRONG) for written in (number, number.replace("-", ""))))


def holds(contents, *words):
    return any(word.encode() in content for content in contents for word in words)


def _make(page, name):
    make_empty(page, name, "2026")
    add_section(page, "All of it")
    page.get_by_role("link", name="Add a question").first.click()
    for kind in Kind:
        choices = "Red\nGreen" if kind in CHOSEN else ""
        fill_question(page, f"A {kind.label}", kind, choices=choices, is_required=kind == Kind.SSN)
        page.get_by_role("button", name="Add the question" if kind == list(Kind)[-1] else "Add it and the next").click()
    page.get_by_role("link", name="A Repeated group").click()
    page.get_by_role("link", name="Add a question to it").click()
    fill_question(page, "Name", Kind.TEXT, is_required=True)
    page.get_by_role("button", name="Add the question").click()
    page.get_by_role("link", name="All of it").click()
    page.get_by_role("link", name="A Money", exact=True).click()
    show_after(page, "A One of", "Green")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("After “Green” to “A One of”").wait_for()
    page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name=f"{name} 2026").click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("can be sent.").wait_for()


def _send(page, name):
    page.goto("/organizer/send/")
    page.get_by_label("Template").select_option(label=f"{name} 2026")
    page.get_by_label(COUPLE).check()
    page.get_by_role("button", name="Go on with the ticked clients").click()
    page.get_by_role("button", name="Send to 1 client").click()
    page.get_by_role("heading", name="Sent to 1 client").wait_for()


def _open(page, name):
    page.goto("/organizer/")
    page.get_by_role("link", name=name).click()
    page.get_by_role("heading", name=f"2026 {name}").wait_for()
    address = page.url
    page.get_by_role("link", name="Start").click()
    return address


def _fill_first_session(page, has_script):
    """A number is wrong, and with a script the connection is lost: no answer is."""
    expect(page.get_by_label("A Money", exact=True)).to_be_hidden()
    page.get_by_role("group", name="A One of").get_by_label("Green").check()
    page.get_by_label("A SSN (needed)").fill(WRONG)
    if has_script:
        page.keyboard.press("Tab")
        expect(page.locator("[data-state]")).to_contain_text("Not all is saved yet")
        page.context.set_offline(True)
    for kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.DATE, Kind.YEAR):
        page.get_by_label(f"A {kind.label}", exact=True).fill(TYPED[kind])
    if has_script:
        page.keyboard.press("Tab")
        expect(page.locator("[data-state]")).to_contain_text("no connection")
        page.context.set_offline(False)
    else:
        page.get_by_role("button", name=re.compile("Save and")).last.click()
    page.get_by_text("An SSN has nine digits").first.wait_for()
    page.get_by_label("A SSN (needed)").fill(SSN)
    if has_script:
        page.keyboard.press("Tab")
        expect(page.locator("[data-state]")).to_have_text(SAVED)
        page.complaints.clear()  # of the connection
    else:
        page.get_by_role("button", name=re.compile("Save and")).last.click()


def _fill_second_session(page, paper, has_script):
    page.get_by_role("link", name="All of it").click()
    expect(page.get_by_label("A Long text", exact=True)).to_have_value(TYPED[Kind.LONG_TEXT])
    page.get_by_text("•••••9052").wait_for()
    page.get_by_role("group", name="A Yes or no").get_by_label("Yes").check()
    for choice in ("Red", "Green"):
        page.get_by_role("group", name="A Several of").get_by_label(choice).check()
    for kind, text in TYPED.items():
        page.get_by_label(f"A {kind.label}", exact=True).fill(text)
    home = page.get_by_role("group", name="A Address")
    for label, text in (("Street", "12 Elm Street"), ("City", "Des Moines"), ("State", "IA"), ("ZIP", "50309")):
        home.get_by_label(label).fill(text)
    page.get_by_role("button", name="Add: A Repeated group").click()
    page.get_by_label("Name (needed)").fill("Emma")
    page.wait_for_load_state()  # of the page with the new entry: its script is to answer the button
    button = page.get_by_role("button", name="Add a file or photo")
    if has_script:
        with page.expect_file_chooser() as chooser:
            button.click()
        chooser.value.set_files(paper)
    else:
        button.click()
        page.get_by_label("Files to send").set_input_files(paper)
        page.get_by_role("button", name="Send to").click()
    page.get_by_role("link", name=paper.name).wait_for()
    _look_over(page)


def _look_over(page):
    page.get_by_role("button", name="Save and look it over").last.click()
    page.get_by_text("Nothing is missing.").wait_for()


def _submit(page):
    page.get_by_label("I agree to this").check()
    page.get_by_label("Your full name").fill("Ngozi Okafor")
    page.get_by_role("button", name="Send to your firm").click()
    page.get_by_role("heading", name="Thank you.").wait_for()


def _exported(page, kind):
    """{question: answer} of the copy."""
    with page.expect_download() as started:
        page.locator(".taking").get_by_role("button", name=kind).click()
    content = io.BytesIO(open(started.value.path(), "rb").read())
    if kind == "CSV":
        rows = csv.reader(io.StringIO(content.read().decode("utf-8-sig"), newline=""))
        rows = [row for row in rows if row[0] != ABOUT]  # it has no other place for the facts
    elif kind == "Excel":
        rows = [list(row) for row in openpyxl.load_workbook(content).worksheets[1].values]
    else:
        rows = [[cell.text for cell in row.cells] for row in docx.Document(content).tables[-1].rows]
    heading, *rows = rows
    question, answer = heading.index("Question"), heading.index("Answer")
    return {row[question].rpartition(": ")[2]: row[answer] for row in rows if row[answer]}
