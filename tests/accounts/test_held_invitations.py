import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from accounts import held_invitations, import_views
from accounts.held_invitations import send_held_invitations
from accounts.models import Client, Invitation, Membership, Role, State, User
from activity.actions import Action
from tests.accounts.lists import imported

URL = "/accounts/held-invitations/"


@pytest.fixture
def administrator(sign_in, cast):
    return sign_in(cast.administrator)


def hold(client, *names):
    """People of the client as an import leaves them."""
    people = User.objects.bulk_create(
        User(email=f"{name}@held.example", name=name.capitalize(), role=Role.CLIENT_USER) for name in names
    )
    Membership.objects.bulk_create(Membership(client=client, user=user) for user in people)
    return people


def invited():
    return sorted(Invitation.objects.values_list("user__email", flat=True))


def test_all_held_invitations_are_sent_at_once(administrator, cast, events):
    imported(administrator, [["New LLC", "a@held.example", "Ana", ""], ["New LLC", "b@held.example", "", ""]])
    hold(cast.other, "cleo")
    page = administrator.get(URL)
    assert "3 people have an account and no invitation yet" in page.text
    assert all(words in page.text for words in ("a@held.example", "Ana", "New LLC", "Other Roofing LLC"))
    assert not Invitation.objects.exists()
    before = len(events())

    assert administrator.post(URL).url == URL
    page = administrator.get(URL)
    assert "Everybody is invited" in page.text and "Nobody is held" in page.text
    assert invited() == ["a@held.example", "b@held.example", "cleo@held.example"]
    assert {user.state for user in User.objects.filter(email__endswith="@held.example")} == {State.INVITED}
    assert DBTaskResult.objects.count() == 3
    found = events()[before:]
    assert [(event.action, event.subject, event.client_name, event.actor_email) for event in found] == [
        (Action.USER_INVITED, "a@held.example", "New LLC", cast.administrator.email),
        (Action.USER_INVITED, "b@held.example", "New LLC", cast.administrator.email),
        (Action.USER_INVITED, "cleo@held.example", "Other Roofing LLC", cast.administrator.email),
    ]
    assert {str(event.details) for event in found} == {str({"after": {"role": "Client user"}})}


@pytest.mark.django_db(transaction=True)
def test_the_worker_mails_a_link_that_works(cast, client, mailoutbox):
    hold(cast.acme, "ana")
    client.force_login(cast.administrator)
    client.post(URL)
    assert mailoutbox == []
    call_command("work", batch=True)
    (mail,) = mailoutbox
    assert mail.to == ["ana@held.example"]
    client.logout()
    (link,) = [word for word in mail.body.split() if "/accounts/invitations/" in word]
    assert "You will sign in as ana@held.example" in client.get(link).text


def test_who_is_deleted_invited_joined_or_of_closed_clients_alone_is_left_out(administrator, cast):
    archived = Client.add("Closed LLC", by=cast.administrator)
    ana, deleted, sent, both, _ = hold(cast.acme, "ana", "deleted", "sent", "both", "revoked")
    hold(archived, "closed")
    archived.archive(by=cast.administrator)
    Membership.objects.create(client=archived, user=both)
    deleted.delete_account(by=cast.administrator)
    administrator.post(reverse("person-invitations", args=[sent.pk]))
    revoked = User.objects.get(email="revoked@held.example")
    Invitation.issue(revoked, by=cast.administrator)
    administrator.post(reverse("person-revocation", args=[revoked.pk]))
    User.objects.get(email=cast.second.email).deactivate(by=cast.administrator)

    before = set(invited())
    assert "2 people have" in administrator.get(URL).text
    administrator.post(URL)
    assert set(invited()) - before == {ana.email, both.email}
    assert Invitation.objects.count() == 4


def test_what_there_is_no_time_for_goes_on(administrator, cast, events, monkeypatch):
    monkeypatch.setattr(import_views, "SECONDS_AT_ONCE", 0)
    monkeypatch.setattr(held_invitations, "PEOPLE_AT_ONCE", 2)
    hold(cast.acme, *"abcde")
    assert "data-behaviour" not in administrator.get(URL).text
    page = administrator.post(URL)
    assert "2 sent just now, 3 to go" in page.text and 'data-behaviour="go-on"' in page.text
    assert "1 to go" in administrator.post(URL).text
    assert administrator.post(URL).status_code == 302
    assert administrator.post(URL).status_code == 200
    assert len(invited()) == len(set(invited())) == DBTaskResult.objects.count() == 5
    assert len(events(action=Action.USER_INVITED)) == 5


def test_a_part_that_fails_leaves_nothing(administrator, cast, events, monkeypatch):
    monkeypatch.setattr(held_invitations, "PEOPLE_AT_ONCE", 2)
    hold(cast.acme, *"abc")

    def fail(user):
        if user.name == "C":
            raise RuntimeError
        return {}

    monkeypatch.setattr(held_invitations, "_details_of", fail)
    with pytest.raises(RuntimeError):
        administrator.post(URL)
    assert invited() == ["a@held.example", "b@held.example"]
    assert DBTaskResult.objects.count() == len(events(action=Action.USER_INVITED)) == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_the_same_moment_invite_nobody_twice(cast, monkeypatch):
    monkeypatch.setattr(held_invitations, "PEOPLE_AT_ONCE", 5)
    hold(cast.acme, *(f"p{number}" for number in range(20)))
    start = threading.Barrier(4)

    def press(number):
        start.wait(timeout=20)
        try:
            return send_held_invitations(seconds=30, by=cast.administrator)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(press, range(4)))
    assert sum(counts) == 20
    assert len(invited()) == len(set(invited())) == DBTaskResult.objects.count() == 20


def test_five_thousand_in_parts_of_less_than_a_second(cast):
    hold(cast.acme, *(f"p{number:04}" for number in range(5_000)))
    longest, sent = 0.0, 0
    while sent < 5_000:
        began = time.process_time()
        sent += send_held_invitations(seconds=0, by=cast.administrator)
        longest = max(longest, time.process_time() - began)
    assert len(set(invited())) == 5_000
    assert longest < 1, longest


def test_queries_do_not_grow_with_the_people(cast):
    def reads():
        with CaptureQueriesContext(connection) as asked:
            send_held_invitations(seconds=0, by=cast.administrator)
        return len([query for query in asked if "INSERT" not in query["sql"] and "SAVEPOINT" not in query["sql"]])

    hold(cast.acme, *"ab")
    few = reads()
    hold(cast.acme, *(f"p{number}" for number in range(150)))
    assert reads() == few


def test_roster_and_import_lead_there_for_administrators_only(sign_in, cast):
    link = f'href="{URL}"'
    assert link not in sign_in(cast.administrator).get("/accounts/roster/").text
    batch = imported(sign_in(cast.administrator), [["Acme Dental PC", "ana@held.example", "Ana", ""]])
    assert link in sign_in(cast.administrator).get("/accounts/roster/?state=held").text
    assert link in sign_in(cast.administrator).get(reverse("import-batch", args=[batch.pk])).text
    assert link not in sign_in(cast.firm_user).get("/accounts/roster/?state=held").text
