"""From one machine to many: a portal that served from SQLite and a folder goes on with PostgreSQL and a bucket. Every row and
every byte is there, the log verifies, nobody signs in anew, and the files come back to a folder."""

import hashlib
import json
import re
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC

import psycopg
import pytest

from tests import servers
from tests.prove.browser import Browser
from tests.prove.inspect_portal import check, state_of, verify

BOOL, BYTES, DATE, TIME, UUID, JSON, IP = 16, 17, 1082, 1184, 2950, 3802, 869  # types of PostgreSQL, by number
NOT_MOVED = {"django_migrations", "portal_cache", "sqlite_sequence"}


@pytest.fixture
def portal():
    with servers.portal() as portal:
        yield portal


@pytest.fixture
def many():
    """Settings for many machines."""
    with servers.postgresql() as database, servers.s3() as bucket:
        yield {"DATABASE_URL": database, "STORAGE_URL": bucket, **servers.S3_KEYS}


def test_a_portal_outgrows_its_machine(portal, many, say):
    client = Browser(portal).sign_in("client@example.com")
    _, address = client.own_folder()
    assert client.upload(address, "before.bin", b"before" * 1_000_000).status == 302

    for number in range(20):
        assert client.upload(address, f"{number}.bin", secrets.token_bytes(2_000_000)).status == 302

    portal.env.update(servers.S3_KEYS)
    there = kill_while_it_moves(portal, many["STORAGE_URL"])
    said = portal.manage("move_storage", many["STORAGE_URL"]).stdout
    assert "To finish, stop the portal" in said
    assert there <= int(re.search(r"there before: (\d+)", said)[1]) < len(state_of(portal).versions)
    assert client.upload(address, "meanwhile.bin", b"meanwhile").status == 302
    old, alone = portal.var / "portal.sqlite3", dict(portal.env)
    portal.env.update(DATABASE_URL=many["DATABASE_URL"])
    assert "stop the portal first" in portal.manage("move_database", str(old), check=False).stderr
    portal.env = alone
    portal.stop()
    copied = portal.manage("move_storage", many["STORAGE_URL"], "--last").stdout
    assert "SHA-256: 1 (9" in copied
    before = state_of(portal)
    digest = hashlib.sha256(old.read_bytes()).hexdigest()

    portal.env.update(many)
    moved = portal.manage("move_database", str(old)).stdout
    say(f"{copied.splitlines()[0]} {moved.splitlines()[0]}")
    assert hashlib.sha256(old.read_bytes()).hexdigest() == digest
    compare_all(old, many["DATABASE_URL"])
    portal.prepare()
    portal.start()

    # the same sessions, rows with new numbers, and the same bytes out of the bucket
    assert client.upload(address, "after.bin", b"after").status == 302
    Browser(portal).sign_in("client@example.com")
    after = state_of(portal)
    assert after.events[: len(before.events)] == before.events
    told = [event.action for event in after.events[len(before.events) :]]
    assert told[:2] == ["system.database-moved", "system.prepared"]
    assert {"files.uploaded", "sign-in.signed-in"} <= set(told)
    assert len(after.versions) == len(before.versions) + 1
    assert all(version.is_whole for version in after.versions)
    for name, content in [("before.bin", b"before" * 1_000_000), ("meanwhile.bin", b"meanwhile")]:
        (version,) = [version for version in after.versions if version.name == name]
        fetched = client.fetch(f"/files/{version.file_id}/download/")
        assert (fetched.status, fetched.sha256) == (200, hashlib.sha256(content).hexdigest())
    verify(portal)
    check(portal)

    portal.stop()
    back = portal.manage("move_storage", str(portal.var / "files"), "--last").stdout
    assert "SHA-256: 1 (5" in back
    portal.env["STORAGE_URL"] = str(portal.var / "files")
    check(portal)
    verify(portal)


def kill_while_it_moves(portal, url):
    """SIGKILL to a move that has not come far. Returns how many objects it knew to be there."""
    process = subprocess.Popen([sys.executable, "manage.py", "move_storage", url], cwd=servers.ROOT, env=portal.env)
    lists = portal.var / "moving-storage"
    while not any(path.stat().st_size for path in lists.glob("*/??")):
        assert process.poll() is None, "it ended before anything was there"
        time.sleep(0.005)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    return sum(len(path.read_text().split()) for path in lists.glob("*/??"))


def compare_all(file, url):
    """Each row of each table of the SQLite file is in the PostgreSQL database, with the same values, and no others are but
    the event that says so."""
    with closing(sqlite3.connect(file)) as old, psycopg.connect(url) as new:
        tables = {name for (name,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'")} - NOT_MOVED
        assert len(tables) > 50
        for table in sorted(tables):
            there = new.execute(f'SELECT * FROM "{table}"')
            columns = [(column.name, column.type_code) for column in there.description]
            names = ", ".join(f'"{name}"' for name, _ in columns)
            here = old.execute(f'SELECT {names} FROM "{table}"')  # noqa: S608 — names of tables
            types = [type_ for _, type_ in columns]
            expected = sorted(repr([from_sqlite(*each) for each in zip(row, types, strict=True)]) for row in here)
            found = sorted(repr([from_postgresql(*each) for each in zip(row, types, strict=True)]) for row in there)
            if table == "activity_event":
                (told,) = set(found) - set(expected)
                assert "system.database-moved" in told
                found.remove(told)
            assert found == expected, table


def from_sqlite(value, type_):
    if value is None:
        return None
    if type_ == JSON:
        return json.dumps(json.loads(value), sort_keys=True)
    if type_ == TIME:
        return value if "." in value else f"{value}.000000"
    return bool(value) if type_ == BOOL else value


def from_postgresql(value, type_):
    if value is None:
        return None
    if type_ == TIME:
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    if type_ == JSON:
        return json.dumps(value, sort_keys=True)
    if type_ == IP:
        return str(value)
    if type_ == UUID:
        return value.hex
    if type_ == BYTES:
        return bytes(value)
    return value.isoformat() if type_ == DATE else value
