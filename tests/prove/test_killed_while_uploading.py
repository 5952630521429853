"""The server is killed again and again while people send files. What it acknowledged is there, and nothing is half there."""

import hashlib
import os
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException

import pytest

from tests import servers
from tests.prove.browser import Browser
from tests.prove.inspect_portal import events_of_uploads, state_of, sweep_as_if_later, verify

SENDERS = ["client@example.com", "other.client@example.com", "client@example.com"]
SEED = 20_260_415
NAMES = 15  # of 60 uploads, so that most are versions of a file that is there or is on its way


@dataclass
class Upload:
    name: str
    content: bytes
    status: int | None = None  # of the answer; None where none came

    @property
    def sha256(self):
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Moment:
    """When the server dies: ``part`` of the body is sent, and ``seconds`` have passed; or right upon the answer."""

    part: float = 1.0
    seconds: float = 0.0
    is_upon_answer: bool = False


@pytest.fixture(params=["SQLite and a folder", "PostgreSQL and S3"])
def killable(request):
    """(the portal, how many uploads, how many kills)"""
    if request.param == "SQLite and a folder":
        with servers.portal() as portal:
            yield portal, 60, 18
    else:
        with (
            servers.postgresql() as database,
            servers.s3() as store,
            servers.portal(DATABASE_URL=database, STORAGE_URL=store) as portal,
        ):
            yield portal, 40, 9


def test_what_was_acknowledged_survives_every_kill_and_nothing_is_half_there(killable, request, say):
    portal, count, kills = killable
    chance = random.Random(SEED)
    browsers = [Browser(portal).sign_in(email) for email in SENDERS]
    addresses = [browser.own_folder()[1] for browser in browsers]
    moments = _moments(chance, kills, _answer_seconds(browsers[0], addresses[0]))

    lives = Lives(portal, moments, chance, at_least=count)
    with ThreadPoolExecutor(len(browsers)) as threads:
        for done in [threads.submit(_send_all, *sender, lives) for sender in zip(browsers, addresses, strict=True)]:
            done.result()

    state = state_of(portal)
    acknowledged = [upload for upload in lives.uploads if upload.status == 302]
    cut_off = [upload for upload in lives.uploads if upload.status is None]
    there = {version.sha256 for version in state.versions}
    say(
        f"{request.node.callspec.id}: {len(lives.uploads)} uploads, {lives.kills} kills: {len(acknowledged)} "
        f"acknowledged, {len(cut_off)} cut off ({sum(upload.sha256 in there for upload in cut_off)} of them committed); "
        f"left behind: {state.staged} in staging, {state.unknown} objects without a version"
    )
    assert lives.kills == kills
    assert len(acknowledged) + len(cut_off) == len(lives.uploads), Counter(one.status for one in lives.uploads)
    assert acknowledged and cut_off
    _assert_rows_events_and_bytes_agree(state)
    _assert_all_there(acknowledged, state, browsers)
    verify(portal)
    _assert_leftovers_go(portal, state)


class Lives:
    """The server's lives. Each ends by SIGKILL, at the next of the moments, in the midst of somebody's upload."""

    def __init__(self, portal, moments, chance, *, at_least):
        self.uploads, self.kills = [], 0
        self._portal, self._moments, self._chance, self._at_least = portal, list(moments), chance, at_least
        self._is_up, self._lock = threading.Event(), threading.Lock()
        self._rise()

    def next_upload(self):
        """Waits until the server is up. Returns an Upload and the Moment in it at which the server dies, or None; no
        Upload when there were enough and every moment has come."""
        assert self._is_up.wait(120), "the server did not come back"
        with self._lock:
            if len(self.uploads) >= self._at_least and not self._moments:
                return None, None
            number, size = len(self.uploads), self._chance.randint(10**6, 8 * 10**6)
            self.uploads.append(Upload(f"Ledger {number % NAMES}.bin", os.urandom(size)))
            self._until_death -= 1
            return self.uploads[-1], self._moments.pop() if self._until_death == 0 and self._moments else None

    @contextmanager
    def ending_at(self, moment):
        """The server is killed, if not before then at the end of this block, and started again."""
        death = Death(self._portal, self._is_up)
        try:
            yield death
        finally:
            if moment:
                death.come()
                self.kills += 1
                self._portal.start()
                self._rise()

    def _rise(self):
        self._until_death = self._chance.choice([2, 3, 4])
        self._is_up.set()


class Death:
    """Comes once, now or after some seconds."""

    def __init__(self, portal, is_up):
        self._portal, self._is_up = portal, is_up
        self._timer = None
        self._is_over = False

    def come(self):
        if self._timer:
            self._timer.join()
        self._strike()

    def come_after(self, seconds):
        self._timer = threading.Timer(seconds, self._strike)
        self._timer.start()

    def _strike(self):
        if not self._is_over:
            self._is_over = True
            self._is_up.clear()
            self._portal.kill()


def _send_all(browser, address, lives):
    while True:
        upload, moment = lives.next_upload()
        if upload is None:
            return
        with lives.ending_at(moment) as death:
            try:
                upload.status = _send(browser, address, upload, moment, death)
            except (OSError, HTTPException):
                upload.status = None  # cut off; it is not sent again


def _send(browser, address, upload, moment, death):
    sent_first = int(len(upload.content) * moment.part) if moment else 0
    sending = browser.begin_upload(address, upload.name, len(upload.content))
    sending.send(upload.content[:sent_first])
    if moment and moment.part < 1:
        death.come()
    sending.send(upload.content[sent_first:]).end_body()
    if moment and not moment.is_upon_answer:
        death.come_after(moment.seconds)
    answer = sending.answer()
    if moment and moment.is_upon_answer:
        death.come()
    return answer.status


def _moments(chance, kills, answer_seconds):
    """A third in the body; a sixth right upon the answer; the rest between the last byte and a little after the answer,
    where the server syncs, renames and commits."""
    in_body, upon_answer = kills // 3, kills // 6
    moments = [Moment(part=chance.random()) for _ in range(in_body)]
    moments += [Moment(is_upon_answer=True) for _ in range(upon_answer)]
    moments += [Moment(seconds=chance.uniform(0, 1.2) * answer_seconds) for _ in range(kills - in_body - upon_answer)]
    chance.shuffle(moments)
    return moments


def _answer_seconds(browser, address):
    """How long this machine takes from the last byte of an upload to the answer."""
    times = []
    for _ in range(3):
        content = os.urandom(4 * 10**6)
        sending = browser.begin_upload(address, "Trial.bin", len(content)).send(content).end_body()
        started = time.monotonic()
        assert sending.answer().status == 302
        times.append(time.monotonic() - started)
    return sorted(times)[1]


def _assert_rows_events_and_bytes_agree(state):
    assert [version for version in state.versions if not version.is_whole] == []
    events = events_of_uploads(state)
    assert len(events) == len(state.versions)
    assert Counter((event.subject_id, event.size_bytes, event.note) for event in events) == Counter(
        (version.file_id, version.size_bytes, f"SHA-256 {version.sha256}") for version in state.versions
    )
    assert [event.seq for event in state.events] == list(range(1, len(state.events) + 1))


def _assert_all_there(acknowledged, state, browsers):
    versions = {version.sha256: version for version in state.versions}
    lost = [upload.name for upload in acknowledged if upload.sha256 not in versions]
    assert lost == []
    for upload in acknowledged:
        version = versions[upload.sha256]
        assert (version.name, version.size_bytes) == (upload.name, len(upload.content))
        address = f"/files/{version.file_id}/download/?version={version.number}"
        fetched = [browser.fetch(address) for browser in browsers[:2]]  # one of the two may see it
        assert sorted(one.status for one in fetched) == [200, 404]
        assert upload.sha256 in [one.sha256 for one in fetched if one.status == 200]


def _assert_leftovers_go(portal, before):
    swept = sweep_as_if_later(portal)
    assert (swept.unfinished, swept.orphans) == (before.staged, before.unknown)
    after = state_of(portal)
    assert (after.staged, after.unknown, after.lost) == (0, 0, before.unknown)
    assert [version.is_whole for version in after.versions] == [True] * len(before.versions)
