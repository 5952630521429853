import hashlib
import os
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from activity import recording
from activity.actions import Action
from activity.models import Event
from files.storage import storage
from tests.conftest import put_file

CONTENT = os.urandom(100_000)


@pytest.fixture
def file(cast):
    return put_file(cast.acme.cabinet.top, "Return 2025.pdf", CONTENT, by=cast.firm_user)


def address(file, query=""):
    return reverse("file-download", args=[file.pk]) + query


def downloads(events):
    return events(action=Action.FILE_DOWNLOADED)


def test_a_file_comes_whole_and_as_nothing_but_bytes(sign_in, cast, events):
    content = os.urandom(3_000_000)
    file = put_file(cast.acme.cabinet.top, "Return 2025.pdf", content, by=cast.firm_user)
    answer = sign_in(cast.client).get(address(file))

    digest = hashlib.sha256(content).hexdigest()
    assert answer.status_code == 200
    assert hashlib.sha256(answer.getvalue()).hexdigest() == digest
    assert answer["Content-Disposition"] == 'attachment; filename="Return 2025.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Length"] == "3000000"
    assert answer["ETag"] == f'"{digest}"'
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    (event,) = downloads(events)
    assert (event.actor_email, event.subject, event.subject_id) == (cast.client.email, file.name, str(file.pk))
    assert (event.size_bytes, event.client_name, event.details) == (3_000_000, "Acme Dental PC", {})


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=5-", 5, 99_999),
        ("bytes=-5", 99_995, 99_999),
        ("bytes=10-19", 10, 19),
        ("bytes=99999-", 99_999, 99_999),
        ("bytes=99990-200000", 99_990, 99_999),
    ],
)
def test_a_range_is_sent_as_a_part(sign_in, cast, asked, start, end):
    file = put_file(cast.acme.cabinet.top, content=CONTENT, by=cast.client)
    answer = sign_in(cast.client).get(address(file), headers={"Range": asked})

    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {start}-{end}/100000"
    assert answer["Content-Length"] == str(end - start + 1)
    assert answer.getvalue() == CONTENT[start : end + 1]
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("asked", ["bytes=100000-", "bytes=100000-100001", "bytes=-0"])
def test_a_range_outside_the_file_is_refused_and_hands_out_nothing(sign_in, cast, file, events, asked):
    answer = sign_in(cast.client).get(address(file), headers={"Range": asked})

    assert (answer.status_code, answer.content) == (416, b"")
    assert answer["Content-Range"] == "bytes */100000"
    assert downloads(events) == []


@pytest.mark.parametrize(
    "asked",
    [
        *("bytes=0-", "bytes=0-99999", "bytes=-100000", "bytes=-200000", "bytes=0-0,5-9", "bytes=9-5", "bytes=-"),
        *("bytes=a-b", "bytes 0-5", "lines=0-5", "", "bytes=--5", f"bytes={'9' * 5000}-"),
    ],
)
def test_a_range_of_everything_or_one_not_understood_gives_the_whole_file(sign_in, cast, file, asked):
    answer = sign_in(cast.client).get(address(file), headers={"Range": asked})

    assert answer.status_code == 200
    assert "Content-Range" not in answer
    assert answer.getvalue() == CONTENT


@pytest.mark.parametrize(
    ("condition", "status"),
    [("{etag}", 206), ('"another"', 200), ("W/{etag}", 200), ("Thu, 12 Mar 2026 18:32:07 GMT", 200)],
)
def test_a_resumed_download_starts_anew_where_the_file_is_another(sign_in, cast, file, condition, status):
    if_range = condition.format(etag=f'"{file.current.sha256}"')
    answer = sign_in(cast.client).get(address(file), headers={"Range": "bytes=5-", "If-Range": if_range})

    assert answer.status_code == status
    assert answer.getvalue() == CONTENT[5 if status == 206 else 0 :]


@pytest.mark.parametrize(("asked", "status"), [("", 200), ("bytes=0-0", 416)])
def test_an_empty_file_is_sent_empty(sign_in, cast, asked, status):
    file = put_file(cast.acme.cabinet.top, content=b"", by=cast.client)
    answer = sign_in(cast.client).get(address(file), headers={"Range": asked})

    assert (answer.status_code, answer.getvalue()) == (status, b"")


def test_head_tells_of_a_file_and_is_no_download(sign_in, cast, file, events):
    answer = sign_in(cast.client).head(address(file))

    assert (answer.status_code, answer["Content-Length"], answer.getvalue()) == (200, "100000", b"")
    assert answer["ETag"] == f'"{file.current.sha256}"'
    assert downloads(events) == []


@pytest.mark.django_db(transaction=True)
def test_a_download_is_in_the_log_for_all_to_see_before_its_first_byte_leaves(sign_in, cast, file):
    def seen_by_others():
        try:
            return Event.objects.filter(action=Action.FILE_DOWNLOADED).count()
        finally:
            connection.close()

    answer = sign_in(cast.client).get(address(file))
    with ThreadPoolExecutor(1) as others:
        assert others.submit(seen_by_others).result() == 1
    assert answer.getvalue() == CONTENT
    assert Event.objects.filter(action=Action.FILE_DOWNLOADED).count() == 1


def test_ranges_of_one_session_are_one_download_within_the_hour(sign_in, cast, file, events):
    def get(browser, query="", **headers):
        assert browser.get(address(file, query), headers=headers).status_code in (200, 206)
        return len(downloads(events))

    browser = sign_in(cast.client)
    assert get(browser, Range="bytes=0-9") == 1
    assert get(browser, Range="bytes=10-19") == 1
    assert get(browser, Range="bytes=0-") == 1
    assert get(browser) == 2
    assert get(browser) == 3
    assert get(browser, Range="bytes=10-19") == 3

    again = Client()
    again.force_login(cast.client)
    assert get(again, Range="bytes=10-19") == 4

    put_file(file.folder, file.name, CONTENT + b"2", by=cast.firm_user)
    assert get(browser, Range="bytes=10-19") == 5
    assert get(browser, "?version=1", Range="bytes=10-19") == 5

    cache.clear()  # as it is after the hour
    assert get(browser, Range="bytes=10-19") == 6


def test_an_earlier_version_can_still_be_had(sign_in, cast, file, events):
    put_file(file.folder, file.name, b"corrected", by=cast.firm_user)
    browser = sign_in(cast.client)

    assert browser.get(address(file)).getvalue() == b"corrected"
    assert browser.get(address(file, "?version=2")).getvalue() == b"corrected"
    assert browser.get(address(file, "?version=1")).getvalue() == CONTENT
    recorded = [(event.size_bytes, event.details.get("note")) for event in downloads(events)]
    assert recorded == [(9, None), (9, None), (100_000, "version 1")]


@pytest.mark.parametrize("number", ["0", "3", "-1", "one", "1.0", "9" * 30])
def test_a_version_that_never_was_is_not_there(sign_in, cast, file, events, number):
    assert sign_in(cast.client).get(address(file, f"?version={number}")).status_code == 404
    assert [event.subject_id for event in events(action=Action.ACCESS_DENIED)] == [str(file.pk)]


def test_out_of_the_bin_only_the_firm_and_who_sent_a_file_can_fetch_it(sign_in, cast, file, w2, events):
    for one in (file, w2):
        one.move_to_bin(by=cast.firm_user)

    assert sign_in(cast.firm_user).get(address(file)).getvalue() == CONTENT
    assert sign_in(cast.client).get(address(w2)).status_code == 200
    assert sign_in(cast.client).get(address(file)).status_code == 404
    assert sign_in(cast.second).get(address(w2)).status_code == 404
    assert [event.actor_email for event in downloads(events)] == [cast.firm_user.email, cast.client.email]


@pytest.mark.parametrize("who", ["stranger", "unassigned", "auditor"])
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-0"}])
def test_anothers_file_is_as_if_it_were_not_there(sign_in, cast, file, events, who, headers):
    browser = sign_in(getattr(cast, who))
    nowhere = uuid.uuid4()
    answers = [browser.get(reverse("file-download", args=[key]), headers=headers) for key in (file.pk, nowhere)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert downloads(events) == []
    denied = events(action=Action.ACCESS_DENIED)
    assert [event.subject_id for event in denied] == [str(file.pk), str(nowhere)]
    assert len({(event.actor_email, event.subject, event.client_name) for event in denied}) == 1


def test_what_cannot_be_recorded_does_not_leave(sign_in, cast, file, events, monkeypatch):
    def _lock_and_read():
        raise OperationalError("canceling statement due to lock timeout")

    browser = sign_in(cast.client)
    browser.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(recording, "_lock_and_read", _lock_and_read)
        answers = [browser.get(address(file), headers=headers) for headers in ({}, {"Range": "bytes=0-9"})]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert not any(answer.streaming or CONTENT[:10] in answer.content for answer in answers)
    assert downloads(events) == []
    assert browser.get(address(file), headers={"Range": "bytes=0-9"}).getvalue() == CONTENT[:10]
    assert len(downloads(events)) == 1


def test_what_cannot_be_read_is_not_recorded_as_handed_out(sign_in, cast, file, events):
    storage().path(file.current.storage_key).unlink()
    answer = sign_in(cast.client).get(address(file))

    assert answer.status_code == 503
    assert "This cannot be done just now" in answer.text
    assert downloads(events) == []


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_only_get_and_head_are_answered(sign_in, cast, file, method):
    assert getattr(sign_in(cast.client), method)(address(file)).status_code == 405
