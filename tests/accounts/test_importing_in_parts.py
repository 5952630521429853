import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tasks_db.models import DBTaskResult

from accounts import import_batches, import_views
from accounts.import_batches import ImportBatch
from accounts.models import Client, Invitation, User
from activity.actions import Action
from files.models import Cabinet
from tests.accounts.lists import DANA, URL, imported, many, uploaded


@pytest.fixture
def administrator(sign_in, cast):
    return sign_in(cast.administrator)


def test_an_import_that_stopped_goes_on_where_it_was(administrator, cast, events, monkeypatch):
    monkeypatch.setattr(import_views, "SECONDS_AT_ONCE", 0)
    url = uploaded(administrator, many(250, people=2))
    administrator.post(url, {"invitations": "send"})
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.done_count) == (ImportBatch.State.RUNNING, 200)
    assert "200 of 500 rows imported" in administrator.get(url).text
    assert "clients.csv" in administrator.get(URL).text

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):  # the worker dies at the end of the second part
        patch.setattr(import_batches, "_announce", lambda *args: (_ for _ in ()).throw(RuntimeError))
        administrator.post(url)
    batch.refresh_from_db()
    assert (batch.done_count, Client.objects.filter(name__startswith="Client ").count()) == (200, 100)

    for _ in range(4):
        administrator.post(url)
    batch.refresh_from_db()
    assert (batch.is_done, batch.done_count) == (True, 500)
    assert batch.counts == {"clients": 250, "people": 500, "joining": 0, "unchanged": 0}
    assert User.objects.filter(email__endswith="@many.example").count() == Invitation.objects.count() == 500
    assert DBTaskResult.objects.count() == 500
    found = events()
    assert [found.count(event) for event in found if event.action == Action.CLIENTS_IMPORTED] == [1]
    invited = [event.subject for event in found if event.action == Action.USER_INVITED]
    assert (len(invited), len(set(invited))) == (500, 500)
    assert "Not finished" not in administrator.get(URL).text


def test_a_client_whose_rows_are_in_two_parts_has_its_whole_team(administrator, cast, monkeypatch):
    monkeypatch.setattr(import_batches, "ROWS_AT_ONCE", 2)
    rows = [
        ["One LLC", "a@one.example", "A", ""],
        ["Two LLC", "", "", DANA],
        ["One LLC", "b@one.example", "B", ""],
        ["One LLC", "c@one.example", "C", "theo@firm.example.com"],
        ["Two LLC", "a@one.example", "A", ""],
    ]
    imported(administrator, rows)
    one, two = Client.objects.get(name="One LLC"), Client.objects.get(name="Two LLC")
    assert [user.email for user in one.firm_users.all()] == ["theo@firm.example.com"]
    assert one.people.count() == 3
    assert [user.email for user in two.people.all()] == ["a@one.example"]


def test_a_list_that_was_confirmed_is_met_by_what_changed_meanwhile(administrator, cast, events):
    url = uploaded(administrator, [["Late LLC", "late@late.example", "Late", ""], ["Fine LLC", "", "", ""]])
    late = Client.add("Late LLC", by=cast.administrator)
    late.archive(by=cast.administrator)

    page = administrator.post(url, {"invitations": "hold"})
    assert "Late LLC is archived" in page.text
    assert ImportBatch.objects.get().state == ImportBatch.State.WAITING

    ImportBatch.objects.get().confirm(sends_invitations=False)  # as if it changed only now
    administrator.post(url)
    batch = ImportBatch.objects.get()
    assert batch.left_out == [[2, "Client", "Late LLC is archived. Open it again first, or give another name."]]
    assert "Late LLC is archived" in administrator.get(url).text
    assert Client.objects.filter(name="Fine LLC").exists()
    assert events(action=Action.CLIENTS_IMPORTED)[0].details["after"]["left out"] == "1"


def test_five_thousand_rows_at_once(administrator, cast):
    """By the processor's clock: how long a busy machine keeps others waiting besides is not for a test to say."""
    began, longest = time.process_time(), 0.0
    url = uploaded(administrator, many(5000))
    batch = ImportBatch.objects.get()
    batch.confirm(sends_invitations=True)
    while not batch.is_done:
        part_began = time.process_time()
        batch.write(seconds=0, by=cast.administrator)
        longest = max(longest, time.process_time() - part_began)
        batch.refresh_from_db()
    took = time.process_time() - began

    assert "5,000 clients and 5,000 people imported" in administrator.get(url).text
    assert Client.objects.filter(name__startswith="Client ", firm_users=cast.firm_user).count() == 5000
    assert Cabinet.objects.filter(client__name__startswith="Client ").count() == 5000
    assert took < 30, took
    assert longest < 1, longest


def test_queries_do_not_grow_with_the_rows(administrator, cast):
    def queries_of(rows):
        url = uploaded(administrator, rows)
        with CaptureQueriesContext(connection) as preview:
            administrator.get(url)
        batch = ImportBatch.objects.get()
        batch.confirm(sends_invitations=False)
        with CaptureQueriesContext(connection) as part:
            batch.write(seconds=0, by=cast.administrator)
        batch.delete()
        return len(preview), len([query for query in part if "INSERT" not in query["sql"]])

    few, more = many(10), [[f"B{name}", f"b{email}", *rest] for name, email, *rest in many(150)]
    assert queries_of(more) == queries_of(few)


def test_a_single_client_still_gets_a_cabinet(cast):
    client = Client.add("Alone LLC", by=cast.administrator)
    assert (client.cabinet.kind, client.cabinet.top.name) == (Cabinet.Kind.CLIENT, "Alone LLC")
