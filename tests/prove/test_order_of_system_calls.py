"""The order that makes an acknowledgement true, as the kernel saw it: bytes, names, database, and only then the answer."""

import os
import signal

import pytest

from tests import servers
from tests.prove.browser import Browser
from tests.prove.inspect_portal import state_of
from tests.prove.machine import need
from tests.prove.tracing import calls_by_thread, strace_into

SIZE_BYTES = 3 * 10**6
SYNC = ("fsync", "fdatasync")
WRITE = ("write", "writev", "pwrite64")
SEND = ("sendto", "sendmsg", "write", "writev")


@pytest.fixture
def traced_upload(tmp_path):
    """(the portal, the version that an upload under strace made, the calls of the thread that received it)"""
    need("strace", package="strace")
    trace = tmp_path / "trace"
    portal = servers.Portal(tmp_path, PORTAL_WORKERS="1", PORTAL_THREADS="2")
    portal.prepare()
    known = {version.sha256 for version in state_of(portal).versions}
    portal.start(prefix=strace_into(trace))
    try:
        browser = Browser(portal).sign_in("client@example.com")
        _, address = browser.own_folder()
        assert browser.upload(address, "Traced.bin", os.urandom(SIZE_BYTES)).status == 302
        os.killpg(
            portal.process.pid, signal.SIGTERM
        )  # to the server itself: strace waits for its end, and so has written all
        portal.process.wait(60)
    finally:
        portal.stop()
    (version,) = [version for version in state_of(portal).versions if version.sha256 not in known]
    return portal, version, _of_the_upload(calls_by_thread(trace), portal.var / "files" / "staging" / version.key)


def test_an_upload_is_acknowledged_only_after_bytes_names_and_rows_are_on_the_disk(traced_upload, say):
    portal, version, calls = traced_upload
    files, wal = portal.var / "files", portal.var / "portal.sqlite3-wal"
    staged = files / "staging" / version.key
    kept = files / "objects" / version.key[:2] / version.key

    def first(names, holds, *, after=-1):
        return next((at for at, call in enumerate(calls) if at > after and call.name in names and holds(call)), None)

    def last(names, holds):
        return max((at for at, call in enumerate(calls) if call.name in names and holds(call)), default=None)

    renamed = first(
        ("rename", "renameat", "renameat2"),
        lambda call: f'"{staged}"' in call.arguments and f'"{kept}"' in call.arguments,
    )
    assert renamed is not None, "the staged file was never renamed"
    row = first(WRITE, lambda call: call.is_to(wal) and version.key in call.arguments)
    event = first(
        WRITE, lambda call: call.is_to(wal) and "files.uploaded" in call.arguments and version.sha256 in call.arguments
    )
    assert row is not None and event is not None, "the version or its event was never written to the database's log"
    steps = {
        "the last byte is written to staging": last(WRITE, lambda call: call.is_to(staged)),
        "the staged bytes are synced": first(SYNC, lambda call: call.is_to(staged)),
        "the place of the object's folder is synced": first(SYNC, lambda call: call.is_to(files / "objects")),
        "the staged file is renamed into objects": renamed,
        "the object's folder is synced": first(SYNC, lambda call: call.is_to(kept.parent), after=renamed),
        "staging is synced": first(SYNC, lambda call: call.is_to(staged.parent), after=renamed),
        "the version's row is written": min(row, event),
        "its event is written": max(row, event),
        "the database is synced": first(SYNC, lambda call: call.is_to(wal), after=max(row, event)),
        "the answer is sent": first(
            SEND, lambda call: "socket:" in call.arguments[:40] and "HTTP/1.1 302" in call.arguments
        ),
    }
    say("\n".join(f"{'—' if at is None else at:>4}  {words}" for words, at in steps.items()))
    assert None not in steps.values(), "a step is missing"
    assert list(steps.values()) == sorted(steps.values()), "a step is out of order"
    written = sum(call.result for call in calls if call.name in WRITE and call.is_to(staged))
    assert written == SIZE_BYTES


def _of_the_upload(threads, staged):
    """The calls of the one thread that wrote the upload, from the opening of its file in staging."""
    (calls,) = [calls for calls in threads.values() if any(call.is_to(staged) for call in calls)]
    opened = next(at for at, call in enumerate(calls) if call.name == "openat" and f'"{staged}"' in call.arguments)
    return calls[opened:]
