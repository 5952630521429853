"""The server is killed sixty times while people send files in parts, which go on each time until they are acknowledged."""

import hashlib
import json
import os
import random
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from tests import servers
from tests.prove.browser import Browser
from tests.prove.inspect_portal import check, events_of_uploads, state_of, sweep_as_if_later, verify

SENDERS = ["client@example.com", "other.client@example.com", "client@example.com"]
NAMES = 6  # so that most uploads are versions of a file that is there or is on its way
SEED = 20_260_312


@pytest.fixture(params=["SQLite and a folder", "PostgreSQL and S3"])
def killable(request):
    """(the portal, how many kills)"""
    if request.param == "SQLite and a folder":
        with servers.portal(PORTAL_WORKERS="1") as portal:
            yield portal, 40
    else:
        with (
            servers.postgresql() as database,
            servers.s3() as store,
            servers.portal(DATABASE_URL=database, STORAGE_URL=store, PORTAL_WORKERS="1") as portal,
        ):
            yield portal, 20


def test_what_is_sent_in_parts_arrives_once_whatever_is_killed(killable, request, say):
    portal, kills = killable
    is_up, is_over, sent = threading.Event(), threading.Event(), []
    browsers = [Browser(portal).sign_in(email) for email in SENDERS]
    folders = [re.search(r"[0-9a-f-]{36}", browser.own_folder()[1])[0] for browser in browsers]
    before = len(events_of_uploads(state_of(portal)))
    is_up.set()

    def send_all(browser, folder):
        chance = random.Random(folder)
        while not is_over.is_set():
            content = os.urandom(chance.randint(1, 20 * 1024**2))
            name = f"Ledger {chance.randrange(NAMES)}.bin"
            interruptions = send_in_parts(browser, folder, name, content, is_up)
            sent.append((name, hashlib.sha256(content).hexdigest(), interruptions))

    with ThreadPoolExecutor(len(browsers)) as threads:
        sending = [threads.submit(send_all, *one) for one in zip(browsers, folders, strict=True)]
        chance = random.Random(SEED)
        started = time.monotonic()
        for _ in range(kills):
            time.sleep(chance.uniform(0.05, 0.9))
            is_up.clear()
            portal.kill()
            portal.start()
            is_up.set()
        seconds = time.monotonic() - started
        is_over.set()
        for one in sending:
            one.result()

    state = state_of(portal)
    versions = {version.sha256: version for version in state.versions}
    say(
        f"{request.node.callspec.id}: {kills} kills in {seconds:.0f} s, {len(sent)} files of up to 20 MB acknowledged, "
        f"{sum(interruptions for *_, interruptions in sent)} requests cut off, {state.staged} left in staging"
    )
    assert [name for name, digest, _ in sent if digest not in versions] == []
    assert [versions[digest].name for _, digest, _ in sent] == [name for name, *_ in sent]
    assert [version for version in state.versions if not version.is_whole] == []
    assert len(events_of_uploads(state)) == before + len(sent)  # none twice
    assert [cabinet for cabinet in state.cabinets if cabinet.counted != cabinet.rows] == []
    assert [cabinet.counted[-1] for cabinet in state.cabinets] == [0] * len(state.cabinets)
    assert state.unknown == 0
    assert sum(interruptions for *_, interruptions in sent) >= kills / 2
    verify(portal)
    check(portal)
    swept = sweep_as_if_later(portal)  # what had begun and was in no row yet
    assert (swept.unfinished, state_of(portal).staged) == (state.staged, 0)


def send_in_parts(browser, folder, name, content, is_up):
    """As the script does it: each step again until it is answered. Returns how often it was cut off."""
    cut_off = 0

    def again(act):
        nonlocal cut_off
        while True:
            assert is_up.wait(120), "the server did not come back"
            try:
                answer = act()
            except (OSError, HTTPException):
                cut_off += 1
                continue
            if answer.status in (409, 500, 502, 503):  # what the killed process had begun is still being undone
                cut_off += answer.status == 502  # nginx's word for it
                time.sleep(0.05)
                continue
            assert answer.status < 300, (answer.status, answer.text)
            return json.loads(answer.text)

    mark = str(time.time_ns())
    fields = {"folder": folder, "name": name, "size": len(content), "changed_at": mark}
    state = again(lambda: browser.ask("POST", "/files/uploads/", **fields))
    state = again(lambda: browser.ask("POST", "/files/uploads/", **fields))
    size = state["part_bytes"]
    for number in range(1, -(-len(content) // size) + 1):
        piece = content[(number - 1) * size : number * size]
        if state["where"] == "portal":
            again(lambda: browser.ask("PUT", f"{state['address']}parts/{number}/", piece))  # noqa: B023
        else:
            urls = again(lambda: browser.ask("POST", f"{state['address']}parts/", number=number))["urls"]  # noqa: B023
            put(urls[str(number)], piece)
    again(lambda: browser.ask("POST", f"{state['address']}complete/"))
    return cut_off


def put(url, piece):
    for _ in range(5):
        try:
            with urlopen(Request(url, data=piece, method="PUT"), timeout=60):
                return
        except URLError:
            time.sleep(0.2)
    raise AssertionError("the store took no part")
