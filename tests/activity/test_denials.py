import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse

from activity.actions import Action
from activity.models import Event
from activity.recording import record
from portal import urls
from tests.conftest import put_file

MISSING = uuid.UUID(int=7)


@pytest.fixture
def theirs(cast):
    """A file of another client."""
    return put_file(cast.other.cabinet.top, "Payroll 2025.xlsx", by=cast.stranger)


def test_the_object_of_another_client_is_denied_and_recorded_once(sign_in, cast, theirs, events):
    answer = sign_in(cast.client).get(
        reverse("file", args=[theirs.pk]), REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="Telescope 1.0"
    )

    assert answer.status_code == 404
    (event,) = events(area="access")
    assert (event.action, event.actor_email) == (Action.ACCESS_DENIED, cast.client.email)
    assert (event.subject_type, event.subject_id) == ("file", str(theirs.pk))
    assert event.details == {"note": f"/files/{theirs.pk}/"}
    assert (event.ip, event.user_agent) == ("203.0.113.9", "Telescope 1.0")
    assert (event.client_id, event.client_name) == (cast.acme.pk, "Acme Dental PC"), (
        "whose person it was, not whose file"
    )
    assert "Payroll" not in event.subject + str(event.details)


ADDRESSES = {
    "file": lambda cast, theirs: theirs.pk,
    "file-download": lambda cast, theirs: theirs.pk,
    "folder": lambda cast, theirs: theirs.folder_id,
    "cabinet": lambda cast, theirs: theirs.folder.cabinet_id,
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_what_is_not_theirs_looks_as_what_is_not_there(sign_in, cast, theirs, events, name):
    browser, there = sign_in(cast.client), ADDRESSES[name](cast, theirs)
    browser.get("/help/")  # what is made once is made
    addresses = [reverse(name, args=[number]) for number in (there, MISSING)]
    answers, work = [], []
    for address in addresses:
        with CaptureQueriesContext(connection) as queries:
            answers.append(browser.get(address))
        work.append(len(queries))

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    headers = [{k: v for k, v in answer.headers.items() if k != "X-Request-ID"} for answer in answers]
    assert headers[0] == headers[1]
    assert work[0] == work[1]
    first, second = events(area="access")
    same = ("action", "actor_id", "client_id", "subject_type", "subject")
    assert [getattr(first, field) for field in same] == [getattr(second, field) for field in same]
    assert [first.details["note"], second.details["note"]] == addresses


def test_a_page_that_is_not_for_ones_role_is_denied_and_recorded_once(sign_in, cast, events):
    answer = sign_in(cast.client).get("/accounts/clients/new/", {"token": "secret"})

    assert answer.status_code == 403
    assert "This is not open to you" in answer.text
    (event,) = events(area="access")
    assert (event.action, event.actor_email, event.subject_type, event.subject) == (
        Action.ACCESS_DENIED,
        cast.client.email,
        "page",
        "/accounts/clients/new/",
    )
    assert "secret" not in str(event.details)


def test_a_page_that_does_not_exist_is_no_denial(sign_in, cast, events):
    assert sign_in(cast.client).get("/nowhere/").status_code == 404
    assert not events(area="access")


@pytest.mark.parametrize("address", ["/nowhere/", "/files/{}/", "/accounts/clients/new/", "/accounts/invitations/x/"])
def test_a_stranger_to_the_portal_records_nothing(cast, theirs, events, address):
    answer = Browser().get(address.format(theirs.pk))

    assert answer.status_code in (302, 404, 410)
    assert not events(area="access")


def deny(request):
    with transaction.atomic():
        record(Action.LOG_VIEWED, by=request.user, note="undone")
        raise PermissionDenied


urlpatterns = [*urls.urlpatterns, path("deny/", deny)]
handler403 = urls.handler403


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_the_denial_stays_where_the_work_of_the_view_is_undone(sign_in, cast):
    answer = sign_in(cast.client).get("/deny/")

    assert answer.status_code == 403
    assert [event.subject for event in Event.objects.filter(action=Action.ACCESS_DENIED)] == ["/deny/"]
    assert not Event.objects.filter(action=Action.LOG_VIEWED).exists()


def test_the_number_of_the_request_is_in_the_answer_and_in_the_event(sign_in, cast, events):
    browser = sign_in(cast.client)
    answers = [browser.get("/accounts/clients/new/") for _ in range(2)]
    plain = browser.get("/help/", HTTP_X_REQUEST_ID="forged")

    numbers = [answer["X-Request-ID"] for answer in answers]
    assert [event.request_id for event in events(area="access")] == numbers
    assert len({*numbers, plain["X-Request-ID"]}) == 3
    assert all(len(number) == 32 for number in numbers)
    assert plain["X-Request-ID"] != "forged"


def test_where_the_log_cannot_take_a_denial_the_page_stays_closed(sign_in, cast, monkeypatch):
    browser = sign_in(cast.client)
    browser.raise_request_exception = False

    def fail(*args, **kwargs):
        raise OSError("the log is full")

    monkeypatch.setattr("activity.recording.chain.event_mac", fail)
    assert browser.get("/accounts/clients/new/").status_code == 500
