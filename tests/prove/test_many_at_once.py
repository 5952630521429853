"""Many people at once, and one very large file: nothing is lost, nobody is turned away, and memory does not grow with size."""

import hashlib
import itertools
import os
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.demonstration.people import ADMINISTRATOR, CLIENT_USERS
from tests import servers
from tests.prove.browser import Browser
from tests.prove.inspect_portal import events_of_uploads, state_of, verify

FILES_EACH = 20
READERS = 4
GIGABYTE = 1024**3
PIECE = 1024**2
GROWTH_MB = 60


@pytest.fixture
def portal():
    with servers.portal() as portal:
        yield portal


def test_eight_send_and_four_read_at_once_and_nothing_is_lost(portal, say):
    senders = [Browser(portal).sign_in(person.email) for person in CLIENT_USERS]
    readers = [Browser(portal).sign_in(ADMINISTRATOR.email) for _ in range(READERS)]
    before = state_of(portal)
    everything_sent = threading.Event()

    with ThreadPoolExecutor(len(senders) + len(readers)) as threads:
        reading = [threads.submit(_read_until, everything_sent, reader, before.versions) for reader in readers]
        try:
            sent = [one for work in [threads.submit(_send, browser) for browser in senders] for one in work.result()]
        finally:
            everything_sent.set()
        read = [one for work in reading for one in work.result()]

    after = state_of(portal)
    say(f"{len(sent)} files sent by {len(senders)}, {len(read)} downloads by {len(readers)} meanwhile")
    assert Counter(status for _, status in sent) == {302: len(senders) * FILES_EACH}
    assert len(read) >= READERS
    assert [fault for _, fault in read if fault] == []
    assert all(version.is_whole for version in after.versions)
    new = Counter(version.sha256 for version in after.versions) - Counter(version.sha256 for version in before.versions)
    assert new == Counter(sha256 for sha256, _ in sent)
    assert len(events_of_uploads(after)) == len(after.versions)
    assert _downloads(after) - _downloads(before) == len(read)
    assert [event.seq for event in after.events] == list(range(1, len(after.events) + 1))
    verify(portal)


def test_who_does_not_hang_up_keeps_nobody_waiting(portal):
    """The server's own patience with a connection that it closes is two seconds, and half the eight fall to each worker."""
    browser = Browser(portal)
    staying = [_ask_and_stay(browser) for _ in range(8)]
    began = time.monotonic()
    assert [browser.get("/account/login/").status for _ in range(8)] == [200] * 8
    assert time.monotonic() - began < 2
    assert [response.status for response in staying] == [200] * 8


def _ask_and_stay(browser):
    connection = browser._begin("GET", "/account/login/")
    connection.endheaders()
    return connection.getresponse()


def test_the_memory_of_the_server_does_not_grow_with_a_file_of_one_gigabyte(portal, say):
    browser = Browser(portal).sign_in("client@example.com")
    _, address = browser.own_folder()
    _warm_up(portal, browser, address)

    with _growth_of_workers(portal) as growth:
        sending, digest = browser.begin_upload(address, "Scans.zip", GIGABYTE), hashlib.sha256()
        for piece in _pieces(GIGABYTE):
            digest.update(piece)
            sending.send(piece)
        assert sending.finish().status == 302
    (version,) = [version for version in state_of(portal).versions if version.name == "Scans.zip"]
    assert (version.size_bytes, version.sha256, version.is_whole) == (GIGABYTE, digest.hexdigest(), True)

    with _growth_of_workers(portal) as growth_by_download:
        fetched = browser.fetch(f"/files/{version.file_id}/download/")
    assert (fetched.status, fetched.size_bytes, fetched.sha256) == (200, GIGABYTE, digest.hexdigest())

    say(
        f"1 GB: the workers grew by {sorted(growth.values())} MB at most during the upload, "
        f"by {sorted(growth_by_download.values())} MB during the download"
    )
    assert max(growth.values()) <= GROWTH_MB
    assert max(growth_by_download.values()) <= GROWTH_MB


def _send(browser):
    """FILES_EACH uploads, every fourth of a name sent before. Returns (SHA-256, status) of each."""
    _, address = browser.own_folder()
    sent = []
    for number in range(FILES_EACH):
        content = os.urandom(20_000 + 1_000 * number)
        answer = browser.upload(address, f"Receipt {number - number % 4 if number % 4 == 3 else number}.pdf", content)
        sent.append((hashlib.sha256(content).hexdigest(), answer.status))
    return sent


def _read_until(over, browser, versions):
    """Downloads one version after the other until ``over``. Returns (version, what was wrong with it) of each."""
    read = []
    for version in itertools.cycle(versions):
        fetched = browser.fetch(f"/files/{version.file_id}/download/?version={version.number}")
        is_right = (fetched.status, fetched.sha256) == (200, version.sha256)
        read.append((version, "" if is_right else f"{version.name}: {fetched}"))
        if over.is_set():
            return read


def _downloads(state):
    return sum(event.action == "files.downloaded" for event in state.events)


def _pieces(size_bytes):
    """Bytes made as they are needed, no two pieces alike."""
    noise = os.urandom(PIECE - 8)
    for number in range(size_bytes // PIECE):
        yield number.to_bytes(8) + noise


def _warm_up(portal, browser, address):
    """Every worker has received and sent a file, so that what it loads once is loaded."""
    for number in range(6):
        assert browser.upload(address, f"Warm-up {number}.bin", os.urandom(4 * PIECE)).status == 302
    for version in state_of(portal).versions:
        if version.name.startswith("Warm-up"):
            with ThreadPoolExecutor(4) as threads:
                for _ in range(4):
                    threads.submit(browser.fetch, f"/files/{version.file_id}/download/")


@contextmanager
def _growth_of_workers(portal):
    """Yields a dictionary, filled at the end: worker's process id → by how many MB its memory had grown at the most."""
    before, most, growth = _memory(portal), {}, {}
    is_over = threading.Event()

    def watch():
        while not is_over.wait(0.05):
            for worker, mb in _memory(portal).items():
                most[worker] = max(mb, most.get(worker, 0))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield growth
    finally:
        is_over.set()
        watching.join()
    assert most.keys() == before.keys(), "a worker was replaced"
    growth.update({worker: most[worker] - before[worker] for worker in before})


def _memory(portal):
    """Worker's process id → its resident memory in MB."""
    server = portal.process.pid
    workers = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return {worker: _resident_mb(worker) for worker in workers}


def _resident_mb(process):
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (resident,) = [line for line in lines if line.startswith("VmRSS:")]
    return int(resident.split()[1]) // 1024
