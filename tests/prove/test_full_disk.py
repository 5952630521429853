"""The disk fills up: before an upload, in the midst of one, between its bytes and its row. Nothing is half there, and once
there is room again all goes on."""

import os
import re
import time
from contextlib import contextmanager

import pytest

from tests import servers
from tests.prove.browser import Browser
from tests.prove.inspect_portal import events_of_uploads, state_of, sweep_as_if_later, verify
from tests.prove.machine import fill, free_bytes, small_disk

MB = 1024**2
RESERVATION_BYTES = 16 * 4096  # what the database writes before the first byte is taken; the row itself needs more
NAME = "Bank statements 2025.pdf"
FULL = "The storage is full"


@contextmanager
def portal_on(var, **env):
    portal = servers.Portal(var, KEEP_FREE_BYTES="0", **env)
    portal.prepare()
    portal.start()
    try:
        yield portal
    finally:
        portal.stop()


@pytest.fixture
def files_on_small_disk(tmp_path):
    """(a portal whose files lie on a disk of 24 MB, its database elsewhere; that disk)"""
    with small_disk(24) as disk, portal_on(tmp_path, STORAGE_URL=str(disk / "files")) as portal:
        yield portal, disk


@pytest.fixture
def all_on_small_disk():
    """(a portal all of which lies on a disk of 64 MB; that disk)"""
    with small_disk(64) as disk, portal_on(disk) as portal:
        yield portal, disk


class Sender:
    """A client at their folder, and what they find there."""

    def __init__(self, portal):
        self.portal = portal
        self.browser = Browser(portal).sign_in("client@example.com")
        self.cabinet, self.address = self.browser.own_folder()
        self.versions_before = len(state_of(portal).versions)

    def begin(self, size_bytes):
        return self.browser.begin_upload(self.address, NAME, size_bytes)

    def upload(self, content):
        return self.browser.upload(self.address, NAME, content)

    def assert_nothing_is_there(self):
        """Neither on the page, nor in the database, nor in staging."""
        page = self.browser.get(self.cabinet)
        assert page.status == 200
        assert NAME not in page.text
        state = state_of(self.portal)
        assert len(state.versions) == len(events_of_uploads(state)) == self.versions_before
        assert state.staged == 0
        assert NAME not in [event.subject for event in state.events]
        verify(self.portal)
        return state

    def assert_is_there_whole(self, fetched_like):
        page = self.browser.get(self.cabinet)
        assert NAME in page.text
        state = state_of(self.portal)
        assert len(state.versions) == len(events_of_uploads(state)) == self.versions_before + 1
        assert all(version.is_whole for version in state.versions)
        (version,) = [version for version in state.versions if version.name == NAME]
        assert self.browser.fetch(f"/files/{version.file_id}/download/").sha256 == version.sha256
        assert version.size_bytes == len(fetched_like)
        verify(self.portal)


def test_what_cannot_fit_is_refused_before_its_first_byte_is_kept(files_on_small_disk):
    portal, disk = files_on_small_disk
    sender = Sender(portal)
    free = free_bytes(disk)

    sending = sender.begin(free + MB)
    _send_in_pieces(sending, free // 2)
    assert free_bytes(disk) == free
    assert [*(disk / "files" / "staging").iterdir()] == []
    _send_in_pieces(sending, free + MB - free // 2)
    answer = sending.finish()

    assert (answer.status, FULL in answer.text) == (507, True)
    state = sender.assert_nothing_is_there()
    assert (state.events[-1].action, state.events[-1].note) == ("files.upload-failed", "StorageFull")
    assert free_bytes(disk) == free


def test_a_disk_that_fills_up_during_an_upload_leaves_nothing_of_it(files_on_small_disk):
    portal, disk = files_on_small_disk
    sender = Sender(portal)
    content = os.urandom(12 * MB)

    answer = _upload_while_the_disk_fills(sender, disk, content)
    assert (answer.status, FULL in answer.text) == (507, True)
    state = sender.assert_nothing_is_there()
    assert (state.events[-1].action, state.events[-1].note) == ("files.upload-failed", "StorageFull")
    assert state.unknown == 0

    (disk / "filler").unlink()
    assert sender.upload(content).status == 302
    sender.assert_is_there_whole(content)


def test_a_full_disk_below_the_database_too_leaves_nothing_half_done(all_on_small_disk, say):
    portal, disk = all_on_small_disk
    sender = Sender(portal)
    content = os.urandom(12 * MB)

    answer = _upload_while_the_disk_fills(sender, disk, content)
    say(f"the database on the disk that fills up: answered {answer.status}")
    assert answer.status in (503, 507)
    assert re.search("nothing half-done was kept|Nothing was kept", answer.text)
    assert sender.browser.get(sender.cabinet).status == 200
    (disk / "filler").unlink()
    sender.assert_nothing_is_there()

    assert sender.upload(content).status == 302
    sender.assert_is_there_whole(content)


def test_room_for_the_bytes_but_none_for_the_row_is_a_refusal(all_on_small_disk):
    portal, disk = all_on_small_disk
    sender = Sender(portal)
    content = os.urandom(8 * MB)

    # SQLite's log of a portal just started grows with every commit, so that the row needs room of its own
    filler = fill(disk, but=len(content) + RESERVATION_BYTES)
    answer = sender.upload(content)
    left = free_bytes(disk)
    assert answer.status == 503, answer
    assert "Nothing was changed." in answer.text
    assert left <= RESERVATION_BYTES, "the bytes do not lie there, so that it was not the row alone that failed"
    filler.unlink()
    state = sender.assert_nothing_is_there()
    assert state.unknown == 1, "the bytes are kept for the sweeper: the commit might have come through after all"

    assert sender.upload(content).status == 302
    sender.assert_is_there_whole(content)
    assert sweep_as_if_later(portal).orphans == 1
    sender.assert_is_there_whole(content)


def _upload_while_the_disk_fills(sender, disk, content):
    half = len(content) // 2
    sending = sender.begin(len(content)).send(content[:half])
    staging = disk / "files" / "staging"
    _wait_until(lambda: any(path.stat().st_size > MB for path in staging.iterdir()))
    fill(disk)
    return sending.send(content[half:]).finish()


def _send_in_pieces(sending, size_bytes):
    for start in range(0, size_bytes, MB):
        sending.send(bytes(min(MB, size_bytes - start)))


def _wait_until(is_so, *, seconds=60):
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)
