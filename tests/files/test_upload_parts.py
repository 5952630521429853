"""Files in parts, on a folder and on a real S3 server: begun, resumed, completed once, given up, and over after a week."""

import errno
import fcntl
import hashlib
import os
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Firm
from activity.actions import Action
from files import guests, sending
from files.checking import refusal
from files.housekeeping import expire, sweep
from files.models import Cabinet, File, RequestLink, Upload, Version
from files.models import Request as Asked
from files.models.uploads import part_bytes_for
from files.parts import StillArriving
from files.storage import storage
from tests.conftest import begin_upload, put_file
from tests.files.sending import BrokenOff, form, part, post

PART = 5 * 1024**2  # the least that S3 takes
CONTENT = os.urandom(PART) * 2 + b"and a rest"


@pytest.fixture
def folder(cast):
    return cast.acme.cabinet.top


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setattr("files.models.uploads.PART_BYTES", PART)


def begin(browser, folder, name="Ledger.qbb", content=CONTENT, **fields):
    return browser.post(
        reverse("uploads"),
        {"folder": folder.pk, "name": name, "size": len(content), "changed_at": "1767225600000", **fields},
    )


def piece(content, number):
    return content[(number - 1) * PART : number * PART]


def put(browser, state, number, body=None, content=CONTENT, **environ):
    """The part goes where the answer says: to the portal, or to the store itself. Returns the status."""
    body = piece(content, number) if body is None else body
    address = f"{state['address']}parts/{number}/"
    if state["where"] == "portal":
        return browser.generic("PUT", address, body, **environ).status_code
    answer = browser.post(f"{state['address']}parts/", {"number": number})
    if answer.status_code != 200:
        return answer.status_code
    return put_to_store(answer.json()["urls"][str(number)], body)


def put_to_store(url, body):
    try:
        with urlopen(Request(url, data=body, method="PUT"), timeout=20) as answer:
            return answer.status
    except HTTPError as refused:
        return refused.code


def reserved(folder):
    return Cabinet.objects.get(pk=folder.cabinet_id).reserved_bytes


def content_of(version):
    return b"".join(storage().open(version.storage_key))


def test_a_file_in_parts_is_resumed_completed_once_and_in_the_log(sign_in, cast, folder, events, store):
    browser = sign_in(cast.client)
    answer = begin(browser, folder, path="2025//../Bank statements/")
    state = answer.json()

    assert answer.status_code == 201
    assert (state["part_bytes"], state["parts"], state["becomes_version"]) == (PART, [], None)
    assert state["where"] == ("portal" if store.where == "portal" else "store")
    assert reserved(folder) == len(CONTENT)
    assert [put(browser, state, number) for number in (3, 1)] == [200, 200]
    assert put(browser, state, 1) == 200  # again
    refused = browser.post(f"{state['address']}complete/")
    assert (refused.status_code, refused.json()) == (409, {"error": "Parts of this file are still missing."})

    resumed = begin(browser, folder, path="2025/Bank statements").json()
    assert (resumed["address"], resumed["parts"]) == (state["address"], [1, 3])
    assert browser.get(state["address"]).json()["parts"] == [1, 3]
    assert put(browser, state, 2) == 200
    late = browser.post(f"{state['address']}parts/", {"number": 1}).json()["urls"]
    received = [browser.post(f"{state['address']}complete/").json() for _ in range(2)]

    version = Version.objects.get()
    assert received[0] == received[1]
    assert received[0] == {
        "address": version.file.get_absolute_url(),
        "name": "Ledger.qbb",
        "version": 1,
        "duplicates": [],
        "receipt": f"{reverse('file-receipt', args=[version.file_id])}?version=1",
        "held": refusal(version) or "",
    }
    assert [one.name for one in version.file.folder.trail()][1:] + [version.file.folder.name] == [
        "2025",
        "Bank statements",
    ]
    assert content_of(version) == CONTENT
    cabinet = Cabinet.objects.get(pk=folder.cabinet_id)
    assert (cabinet.current_bytes, cabinet.reserved_bytes) == (len(CONTENT), 0)
    digest = hashlib.sha256(CONTENT).hexdigest()
    if store.where == "portal":
        assert (version.state, version.sha256) == (Version.State.RECEIVED, digest)
        assert not any(store.staging.iterdir())
    else:
        assert (version.state, version.sha256) == (Version.State.CHECKING, "")
    assert [event.action for event in events(area="files")] == [Action.FOLDER_CREATED] * 2 + [Action.FILE_UPLOADED]
    (event,) = events(action=Action.FILE_UPLOADED)
    assert event.details == {"after": version.in_words}
    assert put(browser, state, 1, b"x" * PART) == 410
    if store.where == "store":
        assert put_to_store(late["1"], b"x" * PART) == 404
    assert content_of(version) == CONTENT
    assert [begin(browser, folder, name).json()["becomes_version"] for name in ("Ledger.qbb", "other.qbb")] == [
        None,
        None,
    ]


def test_an_empty_file_arrives(sign_in, cast, folder, store):
    browser = sign_in(cast.client)
    state = begin(browser, folder, content=b"").json()

    assert browser.post(f"{state['address']}complete/").status_code == 200
    assert content_of(Version.objects.get()) == b""


def test_the_same_name_becomes_a_version_or_keeps_both_and_twins_are_named(sign_in, cast, folder):
    put_file(folder, "Ledger.qbb", b"old", by=cast.client)
    twin = put_file(folder, "Copy.qbb", CONTENT, by=cast.second)
    browser = sign_in(cast.client)
    received = []
    for changed_at, fields in (("1", {}), ("2", {"separate": "1"})):
        state = begin(browser, folder, changed_at=changed_at).json()
        for number in (1, 2, 3):
            put(browser, state, number)
        received.append(browser.post(f"{state['address']}complete/", fields).json())
        assert state["becomes_version"] == len(received) + 1

    assert [(one["name"], one["version"]) for one in received] == [("Ledger.qbb", 2), ("Ledger (2).qbb", 1)]
    assert received[0]["duplicates"] == [{"name": "Copy.qbb", "address": twin.get_absolute_url()}]
    post(browser, folder, form(part("Ledger.qbb"), part("1", field="x")))
    plain = browser.post(reverse("folder-files", args=[folder.pk]), {"files": _named("Ledger.qbb"), "separate": "1"})
    assert plain.status_code == 302
    assert set(folder.files.values_list("name", flat=True)) == {
        *("Copy.qbb", "Ledger.qbb", "Ledger (2).qbb", "Ledger (3).qbb")
    }


def _named(name):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, b"beside it")


def test_a_part_of_another_length_is_refused_on_both_stores(sign_in, cast, folder, store):
    browser = sign_in(cast.client)
    state = begin(browser, folder).json()
    statuses = [put(browser, state, 1, b"x" * length) for length in (PART - 1, PART + 1)]

    assert statuses == ([400, 413] if store.where == "portal" else [403, 403])
    assert begin(browser, folder).json()["parts"] == []
    if store.where == "portal":
        assert put(browser, state, 1, CONTENT_LENGTH="") == 411
        assert put(browser, state, 4, b"x") == 400


def test_a_part_that_breaks_off_or_finds_no_room_does_not_count(sign_in, cast, folder, events, monkeypatch):
    browser = sign_in(cast.client)
    state = begin(browser, folder).json()
    assert put(browser, state, 1) == 200
    address = f"{state['address']}parts/1/"
    stream = BrokenOff(CONTENT[:1000], ConnectionResetError("reset by peer"))
    answer = browser.generic("PUT", address, **{"wsgi.input": stream, "CONTENT_LENGTH": str(PART)})

    assert answer.status_code == 400
    assert begin(browser, folder).json()["parts"] == []
    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", _full)
        assert put(browser, state, 2) == 507
    assert begin(browser, folder).json()["parts"] == []
    assert [event.details["note"] for event in events(area="files")] == ["StorageFull"]
    assert [put(browser, state, number) for number in (1, 2, 3)] == [200] * 3
    browser.post(f"{state['address']}complete/")
    assert content_of(Version.objects.get()) == CONTENT


def _full(*args):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_no_part_is_written_while_it_is_completed_and_none_completes_while_a_part_is_written(sign_in, cast, folder):
    browser = sign_in(cast.client)
    state = begin(browser, folder).json()
    for number in (1, 2, 3):
        put(browser, state, number)
    upload = Upload.objects.get()
    with storage().open_to_parts(upload.storage_key):
        assert browser.post(f"{state['address']}complete/").status_code == 409
        with storage().open_to_parts(upload.storage_key):
            pass  # parts do not wait for each other
    with storage().closed_to_parts(upload.storage_key), pytest.raises(StillArriving):
        storage()._locked(upload.storage_key, fcntl.LOCK_SH)
    with storage().closed_to_parts(upload.storage_key):
        assert put(browser, state, 1) == 409
    assert browser.post(f"{state['address']}complete/").status_code == 200


def test_who_was_interrupted_after_the_rename_completes_again(sign_in, cast, folder, store, monkeypatch):
    browser = sign_in(cast.client)
    state = begin(browser, folder).json()
    for number in (1, 2, 3):
        put(browser, state, number)
    browser.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(Upload, "finish", lambda *args, **kwargs: 1 / 0)
        assert browser.post(f"{state['address']}complete/").status_code == 500
    sweep(now=(timezone.now() + timedelta(days=3)).timestamp())
    assert begin(browser, folder).json()["parts"] == [1, 2, 3]
    assert browser.post(f"{state['address']}complete/").status_code == 200

    assert content_of(Version.objects.get()) == CONTENT
    assert reserved(folder) == 0


def test_bytes_that_are_gone_are_sent_again(sign_in, cast, folder, events):
    browser = sign_in(cast.client)
    state = begin(browser, folder).json()
    for number in (1, 2, 3):
        put(browser, state, number)
    (storage().staging / Upload.objects.get().storage_key).unlink()

    assert put(browser, state, 1) == 410
    assert begin(browser, folder).json()["parts"] == []
    assert reserved(folder) == len(CONTENT)
    assert [event.details["note"] for event in events(area="files")] == ["its bytes are gone"]


def test_larger_files_are_read_later(sign_in, cast, folder, monkeypatch):
    monkeypatch.setattr(sending, "READ_AT_ONCE_BYTES", 1000)
    browser = sign_in(cast.client)
    state = begin(browser, folder).json()
    for number in (1, 2, 3):
        put(browser, state, number)
    browser.post(f"{state['address']}complete/")

    version = Version.objects.get()
    assert (version.state, version.sha256) == (Version.State.CHECKING, "")
    assert part_bytes_for(50_000_000_000) == PART
    assert -(-200_000_000_000 // part_bytes_for(200_000_000_000)) <= 10_000


def test_room_is_checked_before_the_first_byte_and_reserved(sign_in, cast, folder, events, settings):
    browser = sign_in(cast.client)
    Firm.objects.update(quota_bytes=len(CONTENT) + 100)
    state = begin(browser, folder).json()
    answers = [begin(browser, folder, "second.qbb"), post(browser, folder, form(part("third.pdf", b"x" * 500)))]
    assert [answer.status_code for answer in answers] == [507, 507]
    assert answers[0].json()["error"] == "There is no room for this file. The firm has to make room first."
    assert browser.delete(state["address"]).status_code == 200
    assert browser.delete(state["address"]).status_code == 200
    assert reserved(folder) == 0
    assert not storage().holds_parts(Upload.objects.get(name="Ledger.qbb").storage_key)
    assert post(browser, folder, form(part("third.pdf", b"x" * 500))).status_code == 302
    assert reserved(folder) == 0
    settings.KEEP_FREE_BYTES = storage().free_bytes() - 50 * len(CONTENT)
    Firm.objects.update(quota_bytes=None)
    assert begin(browser, folder).status_code == 201
    settings.KEEP_FREE_BYTES = storage().free_bytes() - len(CONTENT) - 1000  # there is room for what has begun
    assert begin(browser, folder, "fourth.qbb").status_code == 507
    settings.KEEP_FREE_BYTES, settings.MAX_UPLOAD_BYTES = 0, 1000
    assert begin(browser, folder, "fifth.qbb").status_code == 413

    assert [(event.action, event.details.get("note")) for event in events(area="files")] == [
        (Action.UPLOAD_FAILED, "QuotaExceeded"),
        (Action.UPLOAD_FAILED, "QuotaExceeded"),
        (Action.UPLOAD_GIVEN_UP, None),
        (Action.FILE_UPLOADED, None),
        (Action.UPLOAD_FAILED, "StorageFull"),
        (Action.UPLOAD_FAILED, "TooLarge"),
    ]


def test_what_nothing_comes_to_for_a_week_is_over_and_never_sooner(sign_in, cast, folder, events, store):
    browser = sign_in(cast.client)
    state = begin(browser, folder).json()
    put(browser, state, 1)
    Upload.reserve_form(folder=folder, by=cast.client, size_bytes=500)
    sweep(now=(timezone.now() + timedelta(days=6)).timestamp())
    assert begin(browser, folder).json()["parts"] == [1]
    assert expire(now=timezone.now() + timedelta(days=6)) == {"expired": 0}
    assert reserved(folder) == len(CONTENT)  # the form's is free
    assert expire(now=timezone.now() + timedelta(days=8)) == {"expired": 1}

    assert reserved(folder) == 0
    assert Upload.objects.open().count() == 0
    (event,) = events(action=Action.UPLOAD_GIVEN_UP)
    assert (event.subject, event.actor_role, event.client_name) == ("Ledger.qbb", "system", "Acme Dental PC")
    assert event.details == {"note": "nothing came for 7 days"}
    assert browser.post(f"{state['address']}complete/").status_code == 410
    assert begin(browser, folder).json()["address"] != state["address"]
    assert store.sweep_staging(float("inf"), but={Upload.objects.open().get().storage_key}) == 0


def test_only_who_began_it_goes_on_with_it_and_only_while_they_may(sign_in, cast, folder):
    state = begin(sign_in(cast.client), folder).json()
    asks = [
        ("get", ""),
        ("delete", ""),
        ("put", "parts/1/"),
        ("post", "parts/"),
        ("post", "complete/"),
        ("post", "end/"),
    ]

    def statuses(browser):
        return {getattr(browser, method)(state["address"] + rest).status_code for method, rest in asks}

    assert statuses(sign_in(cast.second)) == {404}
    assert statuses(sign_in(cast.administrator)) == {404}
    browser = sign_in(cast.client)
    for change, back, status in (
        ({"is_view_only": True}, {"is_view_only": False}, 403),
        ({"binned_at": timezone.now()}, {"binned_at": None}, 404),
    ):
        type(folder).objects.filter(pk=folder.pk).update(**change)
        assert statuses(browser) == {status}
        assert begin(browser, folder).status_code == status
        type(folder).objects.filter(pk=folder.pk).update(**back)
    type(cast.client).objects.filter(pk=cast.client.pk).update(may_send_files=False)
    assert statuses(browser) == {403}
    type(cast.client).objects.filter(pk=cast.client.pk).update(may_send_files=True)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.client)
    assert strict.put(f"{state['address']}parts/1/").status_code == 403
    assert browser.get(state["address"]).json()["parts"] == []


def test_a_view_only_folder_below_takes_nothing_from_a_client(sign_in, cast, folder):
    below = folder.add_folder("From the firm", by=cast.administrator)
    type(folder).objects.filter(pk=below.pk).update(is_view_only=True)

    assert begin(sign_in(cast.client), folder, path="From the firm/2025").status_code == 403
    assert begin(sign_in(cast.firm_user), folder, path="From the firm/2025").status_code == 201
    deep = begin(sign_in(cast.client), folder, path="/".join("abcdefghijklmnopqrstuvwxyz"))
    assert (deep.status_code, Upload.objects.filter(by=cast.client).count()) == (400, 0)


def test_what_the_firm_asked_for_comes_also_where_clients_look_only(sign_in, cast, folder):
    elsewhere = folder.add_folder("Elsewhere", by=cast.firm_user)
    asked = Asked.objects.create(client=cast.acme, folder=folder, title="Taxes", by=cast.administrator)
    document = asked.documents.create(position=1, name="W-2")
    folder.set_view_only(True, by=cast.firm_user)
    browser = sign_in(cast.client)

    assert begin(browser, folder).status_code == 403
    assert begin(browser, elsewhere, document=document.pk).status_code == 404
    state = begin(browser, folder, document=document.pk).json()
    assert {put(browser, state, number) for number in (1, 2, 3)} == {200}
    assert browser.post(f"{state['address']}complete/").status_code == 200
    document.refresh_from_db()
    assert document.file.folder == folder


def test_a_document_of_another_client_is_not_there(sign_in, cast, folder):
    asked = Asked.objects.create(client=cast.other, folder=cast.other.cabinet.top, title="Taxes", by=cast.administrator)
    document = asked.documents.create(position=1, name="W-2")

    assert begin(sign_in(cast.firm_user), folder, document=document.pk).status_code == 404
    assert begin(sign_in(cast.firm_user), folder, document=uuid.uuid4()).status_code == 404


def test_a_guest_sends_over_a_link_until_it_is_revoked_or_used_up(client, cast, folder, events):
    link = RequestLink.objects.create(
        folder=folder,
        email="broker@example.com",
        title="K-1",
        token_hash="x",
        most_files=2,
        expires_at=timezone.now() + timedelta(days=1),
        by=cast.firm_user,
    )
    put_file(folder, "Ledger.qbb", b"the client's own", by=cast.client)
    assert begin(client, folder).status_code == 302
    session = client.session
    session.update({guests.LINK: str(link.pk), guests.TOKEN: link.token_hash, guests.SEEN: int(time.time())})
    session.save()

    assert begin(client, cast.other.cabinet.top).status_code == 404
    state = begin(client, folder).json()
    assert state["becomes_version"] is None
    for number in (1, 2, 3):
        put(client, state, number)
    received = client.post(f"{state['address']}complete/").json()
    told = {"address": "", "name": "Ledger.qbb", "version": 1, "duplicates": [], "receipt": "", "held": ""}
    assert received == told, "not that the client has a file of this name"
    version = Version.objects.get(file__name="Ledger (2).qbb")
    assert (version.by, version.link, version.sender) == (cast.firm_user, link, "broker@example.com")
    event = events(action=Action.FILE_UPLOADED)[-1]
    assert (event.actor_email, event.actor_role, event.client_name) == ("broker@example.com", "guest", "Acme Dental PC")
    second = begin(client, folder, "second.qbb").json()
    assert begin(client, folder, "third.qbb").status_code == 403
    RequestLink.objects.update(revoked_at=timezone.now())
    assert client.get(second["address"]).status_code == 302
    assert client.post(f"{second['address']}complete/").status_code == 302


def test_unfinished_uploads_are_listed_and_given_up(sign_in, cast, folder, events):
    browser = sign_in(cast.client)
    assert "Nothing is unfinished" in browser.get(reverse("uploads")).text
    assert "unfinished upload" not in browser.get(folder.get_absolute_url()).text
    state = begin(browser, folder, path="2025").json()
    put(browser, state, 1)
    page = browser.get(reverse("uploads")).text
    assert "Ledger.qbb" in page and "49%" in page and "/2025" in page
    assert "1 unfinished upload" in browser.get(folder.get_absolute_url()).text
    assert "Ledger.qbb" not in sign_in(cast.second).get(reverse("uploads")).text
    browser = sign_in(cast.client)
    assert "Ledger.qbb is no longer waited for." in browser.post(f"{state['address']}end/", follow=True).text

    assert [event.action for event in events(area="files")] == [Action.UPLOAD_GIVEN_UP]


@pytest.mark.django_db(transaction=True)
def test_many_complete_and_begin_at_once_and_there_is_one_version(sign_in, cast, folder):
    browser = sign_in(cast.client)
    with ThreadPoolExecutor(4) as threads:

        def alone(act):
            try:
                return act(_another(browser))
            finally:
                connection.close()

        states = list(threads.map(alone, [lambda one: begin(one, folder).json()] * 4))
        assert len({state["address"] for state in states}) == 1
        assert reserved(folder) == len(CONTENT)
        parts = [lambda one, number=number: put(one, states[0], number) for number in (1, 2, 3)]
        assert set(threads.map(alone, parts)) == {200}
        completing = [lambda one: one.post(f"{states[0]['address']}complete/").status_code] * 4
        statuses = list(threads.map(alone, completing))

    assert set(statuses) <= {200, 409} and 200 in statuses
    assert content_of(Version.objects.get()) == CONTENT
    assert File.objects.get().current.number == 1
    cabinet = Cabinet.objects.get(pk=folder.cabinet_id)
    assert (cabinet.current_bytes, cabinet.reserved_bytes) == (len(CONTENT), 0)
    assert begin_upload(folder, by=cast.client, size_bytes=1).part_count == 1


def _another(browser):
    other = Client()
    other.cookies = browser.cookies
    return other
