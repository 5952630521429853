"""An administrator brings the firm's clients from a spreadsheet, in a browser; or a list with mistakes, and nothing comes."""

import csv
import io
import json
import re
from email import message_from_bytes

import openpyxl
import pytest
from playwright.sync_api import expect

from tests import servers
from tests.browser.chromium import ADMINISTRATOR, STAFF, Visits, sign_in
from tests.browser.conftest import same_engine

CLIENTS, PEOPLE_OF_EACH = 10, 3
COUNTED = """
import json
from accounts.import_batches import ImportBatch
from accounts.models import Assignment, Client, Invitation, Membership, User
from activity.models import Event
models = (Client, User, Membership, Assignment, Invitation, ImportBatch)
events = Event.objects.exclude(action__startswith="sign-in").exclude(action="system.command")  # its own
print(json.dumps([*(model.objects.count() for model in models), events.count()]))
"""


@pytest.fixture(scope="module")
def portal(request):
    """One of this module's own: what is imported would stand in the lists of other tests."""
    with same_engine(request) as options, servers.portal(**options) as portal:
        yield portal


@pytest.fixture(scope="module")
def visits(portal, browser):
    return Visits(browser, portal.url)


def counts(portal):
    """How many clients, people, memberships, assignments, invitations and lists there are, and events but for sign-ins."""
    return json.loads(portal.manage("shell", "-v", "0", "-c", COUNTED).stdout)


def test_a_list_comes_in_its_invitations_are_held_then_sent_and_a_link_opens(visit, portal, tmp_path):
    page = visit(ADMINISTRATOR)
    page.goto("/accounts/clients/")
    page.get_by_role("link", name="Import").click()
    list_path = tmp_path / "Our clients.xlsx"
    _fill(_template(page, "Template for Excel"), list_path)
    _check(page, list_path)

    page.get_by_role("heading", name="10 new clients, 30 new people").wait_for()
    expect(page.get_by_role("row")).to_have_count(31)
    expect(page.get_by_role("cell", name="person0.2@client9.example")).to_have_count(1)
    before = counts(portal)
    page.get_by_label("Hold them").check()
    page.get_by_role("button", name="Import 30 rows").click()
    page.get_by_role("heading", name="10 clients and 30 people imported").wait_for()
    added = [now - then for now, then in zip(counts(portal), before, strict=True)]
    assert added == [10, 30, 30, 10, 0, 0, 10 + 10 + 30 + 1]  # each client with its folders

    page.get_by_role("link", name="send them all").click()
    page.get_by_text("30 people have an account and no invitation yet.").wait_for()
    page.get_by_role("button", name="Send 30 invitations").click()
    page.get_by_text("Everybody is invited.").wait_for()
    page.get_by_role("heading", name="Nobody is held").wait_for()

    portal.manage("work", "--batch")
    mails = _mails(portal)
    assert sorted(mails) == sorted(row[1] for row in _rows())
    person = visit()
    person.goto(mails["person0.2@client9.example"])
    person.get_by_text("You will sign in as person0.2@client9.example.").wait_for()
    person.get_by_label("Password").fill("a few good words")
    person.get_by_role("button", name="Set the password").click()
    person.get_by_text("Your password is set.").wait_for()
    sign_in(person, "person0.2@client9.example", "a few good words")
    page.goto("/accounts/roster/?q=person0.2@client9.example")
    page.get_by_role("row", name="person0.2@client9.example").get_by_text("Active").wait_for()


def test_a_list_with_37_bad_rows_names_each_row_and_column_and_writes_nothing(visit, portal, tmp_path):
    page = visit(ADMINISTRATOR)
    page.goto("/accounts/import/")
    template = _template(page, "Template as CSV").read_text("utf-8-sig")
    heading = next(csv.reader(io.StringIO(template)))
    bad = {
        number: [("Client", ""), ("E-mail address", f"person {number}"), ("Looked after by", "nobody@example.com")][
            number % 3
        ]
        for number in range(3, 3 + 2 * 37, 2)  # every other row
    }
    rows = [
        [
            bad[number][1] if bad.get(number, [""])[0] == column else value
            for column, value in zip(heading, row, strict=True)
        ]
        for number, row in enumerate([[f"Fine {n}", f"p{n}@fine.example", f"Person {n}", STAFF] for n in range(80)], 2)
    ]
    list_path = tmp_path / "mistakes.csv"
    with list_path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([heading, *rows])
    before = counts(portal)

    _check(page, list_path)
    page.get_by_role("heading", name="37 things to put right in mistakes.csv").wait_for()
    assert page.title().startswith("Error:")
    shown = [row.get_by_role("cell").all_inner_texts() for row in page.get_by_role("row").all()[1:]]
    assert {int(number): column for number, column, _ in shown} == {
        number: column for number, (column, _) in bad.items()
    }
    assert all(sentence.endswith(".") for *_, sentence in shown)
    expect(page.get_by_text("Nothing was imported.")).to_have_count(1)
    assert counts(portal) == before


def _template(page, words):
    with page.expect_download() as started:
        page.get_by_role("link", name=words).click()
    return started.value.path()


def _rows():
    return [
        [f"Client {client:02}, Inc.", f"person{one}.2@client{client}.example", f"Person {one} of {client}", STAFF]
        for client in range(CLIENTS)
        for one in range(PEOPLE_OF_EACH)
    ]


def _fill(template_path, path):
    """The template's example is written over, as its first row asks."""
    with template_path.open("rb") as file:
        book = openpyxl.load_workbook(io.BytesIO(file.read()))
    for number, row in enumerate(_rows(), 2):
        for column, value in enumerate(row, 1):
            book.active.cell(number, column).value = value
    book.save(path)


def _check(page, path):
    page.get_by_label("Your list").set_input_files(path)
    page.get_by_role("button", name="Check the list").click()


def _mails(portal):
    """Address → the link in its mail."""
    words = (path.read_bytes() for path in (portal.var / "mail").iterdir())
    mails = [message_from_bytes(one) for content in words for one in content.split(b"-" * 79 + b"\n") if one.strip()]
    bodies = {mail["To"]: mail.get_payload(decode=True).decode() for mail in mails}
    return {to: re.search(rf"{portal.url}/accounts/invitations/\S+", body).group() for to, body in bodies.items()}
