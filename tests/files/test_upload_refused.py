"""An upload that fails leaves nothing, says why, and is in the log."""

import errno
import os
import shutil
import uuid
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.test import Client

from activity import recording
from activity.actions import Action
from files.models import File, Version
from files.storage import BucketStorage, StorageUnavailable, storage
from tests.files.sending import BOUNDARY, BrokenOff, Unread, fill_the_disk, form, kept, part, post, token_part

LARGE = b"x" * 3_000_000


@pytest.fixture
def folder(cast):
    return cast.acme.cabinet.top


@pytest.fixture
def browser(cast):
    """The client's browser, where the form's token is demanded as in use. ``token`` is the one of the page."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.client)
    browser.get(cast.acme.cabinet.top.get_absolute_url())
    return browser


@pytest.fixture
def token(browser):
    return token_part(browser.cookies["portal_csrf"].value)


@pytest.fixture
def nothing_kept(events, folder, cast):
    """``nothing_kept(answer, status, words, why)``: all is as it was, the page says so and the log says why."""
    before = kept()

    def nothing_kept(answer, status, words, why):
        assert answer.status_code == status
        assert words in answer.text
        assert "Nothing was kept" in answer.text
        assert f'href="{folder.get_absolute_url()}"' in answer.text
        assert kept() == before
        (event,) = events(area="files")
        assert (event.action, event.actor_email) == (Action.UPLOAD_FAILED, cast.client.email)
        assert (event.subject_id, event.client_name) == (str(folder.pk), "Acme Dental PC")
        assert event.details == {"note": why}

    return nothing_kept


def test_who_is_not_signed_in_is_sent_to_sign_in_before_the_body_is_read(client, folder, events):
    before = kept()
    answer = post(client, folder, Unread(), length=1_000_000)

    assert answer.status_code == 302
    assert answer.url.startswith("/account/login/?next=")
    assert kept() == before
    assert events() == []


@pytest.mark.parametrize("who", ["stranger", "unassigned", "auditor"])
def test_anothers_folder_is_not_there_and_the_body_is_not_read(sign_in, cast, folder, events, who):
    before = kept()
    browser = sign_in(getattr(cast, who))
    nowhere = SimpleNamespace(pk=uuid.uuid4())
    answers = [post(browser, one, Unread(), length=1_000_000) for one in (folder, nowhere)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert kept() == before
    denied = events(action=Action.ACCESS_DENIED)
    assert [event.subject_id for event in denied] == [str(folder.pk), str(nowhere.pk)]
    assert len({(event.subject, event.client_name, event.actor_email) for event in denied}) == 1


def test_a_body_shorter_than_announced_is_refused(browser, token, folder, nothing_kept):
    body = form(token, part("W-2.pdf", LARGE))
    answer = post(browser, folder, body, length=len(body) + 1)

    nothing_kept(answer, 400, "The files did not arrive", "ConnectionLost")


@pytest.mark.parametrize("end", [b"", f"--{BOUNDARY}\r\n".encode(), f"--{BOUNDARY}-".encode(), b"--another--\r\n"])
def test_a_body_without_its_closing_boundary_is_refused(browser, token, folder, nothing_kept, end):
    answer = post(browser, folder, token + part("first.pdf") + part("W-2.pdf", LARGE) + end)

    nothing_kept(answer, 400, "The files did not arrive", "ConnectionLost")


@pytest.mark.parametrize("problem", [ConnectionResetError("reset by peer"), TimeoutError("timed out")])
def test_a_connection_that_breaks_or_stalls_is_refused(browser, token, folder, nothing_kept, problem):
    body = form(token, part("first.pdf"), part("W-2.pdf", LARGE))
    answer = post(browser, folder, BrokenOff(body[:2_000_000], problem), length=len(body))

    nothing_kept(answer, 400, "The files did not arrive", "ConnectionLost")


def test_a_form_announced_as_too_large_is_refused_before_it_is_parsed(browser, folder, nothing_kept, settings):
    settings.MAX_UPLOAD_BYTES = 1_000_000
    answer = post(browser, folder, b"no form at all" * 200_000)

    nothing_kept(answer, 413, "One upload may have 1 MB in all", "TooLarge")


def test_a_file_that_grows_too_large_is_refused(browser, token, folder, nothing_kept, settings):
    settings.MAX_UPLOAD_BYTES = 1_000_000
    answer = post(browser, folder, form(token, part("fits.pdf", b"x" * 1_000_000), part("grows.pdf", b"x" * 1_000_001)))

    nothing_kept(answer, 413, "These files are too large", "TooLarge")


def test_a_file_of_exactly_the_most_is_received(browser, token, folder, settings):
    settings.MAX_UPLOAD_BYTES = 1_000_000
    answer = post(browser, folder, form(token, part("fits.pdf", b"x" * 1_000_000)))

    assert answer.status_code == 302
    assert folder.files.get().current.size_bytes == 1_000_000


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("room", [0, 2_000_000, 5_999_999])
def test_a_disk_that_fills_up_keeps_nothing(browser, token, folder, nothing_kept, monkeypatch, room, code):
    body = form(token, part("first.pdf", LARGE), part("second.pdf", LARGE))
    with monkeypatch.context() as patch:
        fill_the_disk(patch, room=room, code=code)
        answer = post(browser, folder, body)

    nothing_kept(answer, 507, "The storage is full", "StorageFull")


def test_a_disk_that_is_full_only_when_it_writes_back_keeps_nothing(browser, token, folder, nothing_kept, monkeypatch):
    def fsync(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        answer = post(browser, folder, form(token, part("W-2.pdf", LARGE)))

    nothing_kept(answer, 507, "The storage is full", "StorageFull")


def test_where_the_disk_lacks_room_for_the_form_it_is_refused_unparsed(browser, folder, nothing_kept, settings):
    settings.KEEP_FREE_BYTES = storage().free_bytes() * 2
    answer = post(browser, folder, b"no form at all")

    nothing_kept(answer, 507, "Your firm has to make room first", "StorageFull")


@pytest.mark.parametrize("missing", ["", "staging", "objects"])
def test_a_storage_that_is_gone_does_not_answer(browser, token, folder, events, settings, tmp_path, missing):
    settings.STORAGE = SimpleNamespace(kind="folder", folder=tmp_path / "files")
    storage.cache_clear()
    storage().prepare()
    shutil.rmtree(tmp_path / "files" / missing)
    answer = post(browser, folder, form(token, part("W-2.pdf", LARGE)))

    assert answer.status_code == 503
    assert "This cannot be done just now" in answer.text
    assert not File.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [event.details["note"] for event in events(action=Action.UPLOAD_FAILED)] == ["StorageUnavailable"]


@pytest.mark.parametrize("store", ["s3"], indirect=True)
@pytest.mark.parametrize("answered", ["create_multipart_upload", "upload_part"])
def test_a_bucket_that_stops_answering_midway_keeps_nothing(
    browser, token, folder, events, store, monkeypatch, answered
):
    call = BucketStorage._call

    def _call(self, method, **arguments):
        answer = call(self, method, **arguments)
        if method == answered:
            monkeypatch.setattr(BucketStorage, "_call", silent)
        return answer

    def silent(self, method, **arguments):
        raise StorageUnavailable(method)

    store.sweep_staging(float("inf"))  # what the tests before left in the bucket
    monkeypatch.setattr(BucketStorage, "_call", _call)
    answer = post(browser, folder, form(token, part("W-2.pdf", LARGE * 3), part("second.pdf", LARGE)))
    monkeypatch.setattr(BucketStorage, "_call", call)

    assert answer.status_code == 503
    assert "This cannot be done just now" in answer.text
    assert not File.objects.exists()
    assert not Version.objects.exists()
    assert [event.details["note"] for event in events(action=Action.UPLOAD_FAILED)] == ["StorageUnavailable"]
    assert store.sweep_staging(float("inf")) == 1


def test_what_cannot_be_recorded_was_not_received(browser, token, folder, events, monkeypatch):
    def _lock_and_read():
        raise OperationalError("canceling statement due to lock timeout")

    browser.raise_request_exception = False
    monkeypatch.setattr(recording, "_lock_and_read", _lock_and_read)
    answer = post(browser, folder, form(token, part("W-2.pdf", LARGE), part("second.pdf")))

    assert answer.status_code == 503
    assert not File.objects.exists()
    assert not Version.objects.exists()
    assert events() == []


def test_a_form_that_fails_at_its_last_file_keeps_none_of_it(browser, token, folder, events, monkeypatch):
    """Each file of a form becomes an object in turn; that of the first is left for the sweeper, and no row names it."""
    rename, renamed = os.rename, []

    def failing(source, target):
        if renamed:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
        renamed.append(target)
        rename(source, target)

    staged = kept()[3]
    monkeypatch.setattr(os, "rename", failing)
    answer = post(browser, folder, form(token, part("first.pdf"), part("second.pdf")))

    assert answer.status_code == 507
    assert not File.objects.exists()
    assert not Version.objects.exists()
    assert kept()[3] == staged
    assert [event.action for event in events(area="files")] == [Action.UPLOAD_FAILED]
