import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape
from django_tasks_db.models import DBTaskResult

from accounts import signals
from accounts.import_batches import ImportBatch, ImportPart
from accounts.models import Client, Invitation, Membership, Role, State, User
from activity.actions import Action
from activity.models import Event
from files.models import Cabinet, Folder
from tests.accounts.lists import DANA, as_csv, imported, problems, upload, uploaded


@pytest.fixture
def administrator(sign_in, cast):
    return sign_in(cast.administrator)


def counts():
    return [
        model.objects.count() for model in (Client, User, Membership, Invitation, Cabinet, Folder, Event, DBTaskResult)
    ]


def test_a_preview_writes_nothing_of_clients_and_people(administrator, cast):
    browser, before = administrator, counts()
    heard = []
    for signal in (signals.client_created, signals.user_invited, signals.member_added, signals.clients_imported):
        signal.connect(lambda **kwargs: heard.append(kwargs), weak=False, dispatch_uid="test")
    rows = [["New LLC", "a@new.example", "Ana", DANA], ["Acme Dental PC", cast.client.email, "", ""]]
    try:
        with CaptureQueriesContext(connection) as queries:
            url = upload(browser, as_csv(rows)).url
        with CaptureQueriesContext(connection) as queries_of_the_page:
            page = browser.get(url)
        with CaptureQueriesContext(connection) as queries_of_bad_rows:
            upload(browser, as_csv([*rows, ["", "nobody", "", ""]]))
    finally:
        for signal in (signals.client_created, signals.user_invited, signals.member_added, signals.clients_imported):
            signal.disconnect(dispatch_uid="test")

    assert "1 new client, 1 new person" in page.text
    assert (counts(), heard) == (before, [])
    written = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql.split('"')[1] for sql in written] == ["accounts_importbatch", "accounts_importpart"]
    for captured in (queries_of_the_page, queries_of_bad_rows):  # no transaction either that would be rolled back
        assert [query["sql"] for query in captured if not query["sql"].startswith("SELECT")] == []


def test_confirmed_rows_are_there_with_one_event_each(administrator, cast, events):
    start = len(events())
    rows = [
        ["Larkspur Bakery", "ana@larkspur.example", "Ana Reyes", f"{DANA}; theo@firm.example.com"],
        ["Acme Dental PC", "new@acme.example.com", "New at Acme", ""],
        ["Larkspur Bakery", "ben@larkspur.example", "Ben Reyes", ""],
        ["Quiet Trust", "", "", ""],
        ["Acme Dental PC", cast.client.email, "Another name", "theo@firm.example.com"],
        ["Other Roofing LLC", cast.client.email, "", ""],
    ]
    batch = imported(administrator, rows)

    bakery = Client.objects.get(name="Larkspur Bakery")
    assert {user.email for user in bakery.people.all()} == {"ana@larkspur.example", "ben@larkspur.example"}
    assert {user.email for user in bakery.firm_users.all()} == {DANA, "theo@firm.example.com"}
    assert bakery.cabinet.top.name == "Larkspur Bakery"
    assert Client.objects.get(name="Quiet Trust").people.count() == 0
    ana = User.objects.get(email="ana@larkspur.example")
    assert (ana.name, ana.role, ana.is_active, ana.has_usable_password()) == ("Ana Reyes", "client_user", False, False)
    cast.client.refresh_from_db()
    assert cast.client.name == "Ngozi Okafor"
    assert {client.name for client in cast.client.clients.all()} == {"Acme Dental PC", "Other Roofing LLC"}
    assert [user.email for user in cast.acme.firm_users.all()] == [DANA]

    recorded = [event for event in events() if event.action not in (Action.SIGNED_IN, Action.LOG_VIEWED)][start:]
    assert [(event.action, event.subject, event.client_name) for event in recorded] == [
        (Action.CLIENT_CREATED, "Larkspur Bakery", "Larkspur Bakery"),
        (Action.CLIENT_CREATED, "Quiet Trust", "Quiet Trust"),
        (Action.USER_INVITED, "ana@larkspur.example", "Larkspur Bakery"),
        (Action.USER_INVITED, "ben@larkspur.example", "Larkspur Bakery"),
        (Action.USER_INVITED, "new@acme.example.com", "Acme Dental PC"),
        (Action.MEMBER_ADDED, cast.client.email, "Other Roofing LLC"),
        (Action.CLIENTS_IMPORTED, "clients.csv", ""),
    ]
    assert {event.actor_email for event in recorded} == {cast.administrator.email}
    team = f"{DANA}, theo@firm.example.com"
    assert recorded[0].details["after"] == {"looked after by": team, "told of files": team}
    assert recorded[-1].details["after"] == {
        "clients": "2",
        "people": "3",
        "known people added": "1",
        "unchanged": "1",
        "left out": "0",
        "invitations": "held",
    }
    assert batch.counts == {"clients": 2, "people": 3, "joining": 1, "unchanged": 1}
    assert not ImportPart.objects.exists()


def test_each_bad_cell_is_named_by_row_and_column_and_nothing_is_kept(administrator, cast, events):
    cast.other.archive(by=cast.administrator)
    gone = Client.add("Gone Fishing Inc", by=cast.administrator)
    gone.delete_client(by=cast.administrator)
    before = counts()
    bad = [  # the row's cells, the column that is wrong, and words of what is said
        (["", "a1@x.example", "A", ""], "Client", "Give the client's name"),
        (["", "", "", DANA], "Client", "Give the client's name"),
        (["x" * 201, "a4@x.example", "A", ""], "Client", "201 characters"),
        (["Other Roofing LLC", "a5@x.example", "A", ""], "Client", "archived"),
        (["Gone Fishing Inc", "", "", ""], "Client", "deleted"),
        (["ACME DENTAL PC", "a7@x.example", "A", ""], "Client", "Differs from the client “Acme Dental PC”"),
        (["good llc", "a8@x.example", "A", ""], "Client", "Differs from “Good LLC” in row 2"),
        (["#REF!", "a9@x.example", "A", ""], "Client", "an error of the spreadsheet"),
        (["#N/A", "", "", ""], "Client", "an error of the spreadsheet"),
        (["Bell \x07 Inc", "", "", ""], "Client", "cannot be stored"),
        (["Good LLC", "no-at-sign", "A", ""], "E-mail address", "no e-mail address"),
        (["Good LLC", "two@at@signs.example", "A", ""], "E-mail address", "no e-mail address"),
        (["Good LLC", "blank in@x.example", "A", ""], "E-mail address", "no e-mail address"),
        (["Good LLC", "a@x.example; b@x.example", "A", ""], "E-mail address", "no e-mail address"),
        (["Good LLC", "@x.example", "A", ""], "E-mail address", "no e-mail address"),
        (["Good LLC", "ana@", "A", ""], "E-mail address", "no e-mail address"),
        (["Good LLC", "Ana <ana@x.example>", "A", ""], "E-mail address", "no e-mail address"),
        (["Good LLC", "=1+1", "A", ""], "E-mail address", "no e-mail address"),
        (["Good LLC", "#VALUE!", "A", ""], "E-mail address", "an error of the spreadsheet"),
        (["Good LLC", "a" * 250 + "@x.example", "A", ""], "E-mail address", "260 characters"),
        (["Good LLC", "", "Nameless", ""], "E-mail address", "Nameless cannot be invited"),
        (["Good LLC", DANA, "Dana", ""], "E-mail address", "belongs to the firm (Firm user)"),
        (
            ["Good LLC", "RUTH@firm.example.com", "Ruth", ""],
            "E-mail address",
            "belongs to the firm (Firm administrator)",
        ),
        (["Good LLC", "good@good.example", "Good", ""], "E-mail address", "in row 2 already"),
        (["Good LLC", "GOOD@good.example", "", ""], "E-mail address", "in row 2 already"),
        (["Better LLC", "good@good.example", "Somebody else", ""], "Name", "Row 2 has the same address for Good"),
        (["Good LLC", "a28@x.example", "n" * 151, ""], "Name", "151 characters"),
        (["Good LLC", "a29@x.example", "#DIV/0!", ""], "Name", "an error of the spreadsheet"),
        (["Good LLC", "a30@x.example", "A \x01 B", ""], "Name", "cannot be stored"),
        (["Good LLC", "a31@x.example", "A", "dana"], "Looked after by", "“dana” is no e-mail address"),
        (["Good LLC", "a32@x.example", "A", "Dana Whitfield"], "Looked after by", "“Dana” is no e-mail address"),
        (["Good LLC", "a33@x.example", "A", "nobody@firm.example.com"], "Looked after by", "is no firm user"),
        (
            ["Good LLC", "a34@x.example", "A", f"{DANA}, who@x.example"],
            "Looked after by",
            "who@x.example is no firm user",
        ),
        (["Good LLC", "a35@x.example", "A", cast.client.email], "Looked after by", "is no firm user"),
        (["Good LLC", "a36@x.example", "A", cast.administrator.email], "Looked after by", "not a firm user"),
        (["Good LLC", "a37@x.example", "A", cast.auditor.email], "Looked after by", "not a firm user"),
        (
            ["Good LLC", "a38@x.example", "A", "gone@firm.example.com"],
            "Looked after by",
            "cannot sign in (Deactivated)",
        ),
    ]
    gone_user = User.objects.make("gone@firm.example.com", role=Role.FIRM_USER, joined_at=cast.administrator.joined_at)
    assert gone_user.state == State.DEACTIVATED
    before = counts()
    good = ["Good LLC", "good@good.example", "Good", DANA]
    answer = upload(administrator, as_csv([good, *(cells for cells, _, _ in bad)]))

    assert len(bad) == 37
    found = problems(answer)
    assert [(number, column) for number, column, _ in found] == [(row, bad[row - 3][1]) for row in range(3, 40)]
    for (number, column, sentence), (_, _, words) in zip(found, bad, strict=True):
        assert words in sentence
        cells = re.search(rf"<tr[^>]*>(?:(?!</tr>).)*Row </span>{number}</td>.*?</tr>", answer.text, re.S)[0]
        assert f">{column}</td>" in cells and escape(sentence) in cells
    assert counts() == before
    assert not ImportBatch.objects.exists()


def test_the_same_list_a_second_time_changes_nothing(administrator, events):
    rows = [["Twice LLC", "a@twice.example", "A", ""], ["Twice LLC", "b@twice.example", "B", ""]]
    imported(administrator, rows)
    before = counts()
    url = uploaded(administrator, rows)
    assert "Nothing to import" in administrator.get(url).text
    administrator.post(url, {"invitations": "send"})
    assert counts() == before
