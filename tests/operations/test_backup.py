"""manage.py backup: one consistent set, read back, encrypted, with each object once, and in the log either way."""

import hashlib
import io
import re
import shutil
import sqlite3
import subprocess
import time
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from activity.actions import Action
from activity.models import Event
from files.models import Version
from files.storage import storage
from operations.backup import databases, making
from operations.backup.configuration import LEFT_OUT, as_lines, names, values
from operations.backup.folder import DATABASE, BackupFolder
from operations.backup.history import last_backup, last_failure
from operations.backup.problems import Refused
from operations.backup.restoring import verified
from operations.backup.sealing import unseal
from operations.umask import umask
from tests.conftest import put_file
from tests.organizer.asking import SSN, answer, sent
from tests.servers import ROOT, postgresql_programs

pytestmark = pytest.mark.django_db(transaction=True)
WAGES = b"%PDF-1.4 wages"


def next_second():
    """Sets are named by the second."""
    time.sleep(1.05)


def bytes_of(backup, name, identity):
    sink = io.BytesIO()
    unseal(backup.folder.path / name, sink, [identity], name=name)
    return sink.getvalue()


def object_of(version):
    return f"objects/{version.storage_key[:2]}/{version.storage_key}.age"


def test_a_set_holds_the_database_and_the_bytes_of_every_version(w2, backups, tmp_path):
    backup = backups.make()

    assert [name for name, _ in backup.objects()] == [object_of(w2.current)]
    assert bytes_of(backup, object_of(w2.current), backups.identity) == WAGES
    contents, _ = verified(backup, [backups.identity])
    made = Event.objects.get(action=Action.BACKUP_MADE)
    assert contents.manifest["head"]["seq"] == made.seq - 1
    assert contents.manifest["problems"] == []
    if connection.vendor == "sqlite":
        copy = tmp_path / "copy.sqlite3"
        copy.write_bytes(bytes_of(backup, f"sets/{backup.name}/{DATABASE}", backups.identity))
        assert sqlite3.connect(copy).execute("SELECT sha256 FROM files_version").fetchall() == [
            (hashlib.sha256(WAGES).hexdigest(),)
        ]


def test_what_does_not_change_is_copied_once(cast, w2, backups):
    backups.make()
    first = (backups.path / object_of(w2.current)).stat().st_mtime_ns
    put_file(cast.acme.cabinet.top, "1099.pdf", b"interest", by=cast.client)
    next_second()
    backups.make()

    event = Event.objects.filter(action=Action.BACKUP_MADE).latest("seq")
    assert event.details["after"]["objects"] == "2, 1 of them new"
    assert (backups.path / object_of(w2.current)).stat().st_mtime_ns == first
    assert event.size_bytes > 1_000


def test_nothing_in_it_is_readable_without_the_key(w2, backups):
    backups.make()
    content = b"".join(path.read_bytes() for path in backups.path.rglob("*") if path.is_file())

    for clear in (WAGES, b"ngozi@acme", b"W-2 2025", b"0f0f0f0f", w2.current.sha256.encode(), b"SQLite format"):
        assert clear not in content


def test_it_is_its_owners_alone_and_files_made_after_it_are_as_before(w2, backups, tmp_path):
    with umask(0o022):
        backups.make()
        (tmp_path / "later").touch()

    assert {path.stat().st_mode & 0o077 for path in backups.path.rglob("*")} == {0}
    assert (tmp_path / "later").stat().st_mode & 0o777 == 0o644


def test_a_secret_answer_is_encrypted_in_a_set_that_was_opened_too(cast, backups):
    answer(sent(cast), cast.client, name="Ngozi Okafor", ssn=SSN)
    backup = backups.make()

    content = bytes_of(backup, f"sets/{backup.name}/{DATABASE}", backups.identity)
    if connection.vendor == "postgresql":
        command = [postgresql_programs() / "pg_restore", "--file=-"]
        content = subprocess.run(command, input=content, capture_output=True, check=True).stdout
    assert b"Ngozi Okafor" in content
    assert not re.search(SSN.replace("-", "-?").encode(), content)


def test_its_lists_are_checked_by_sha256sum_too(w2, backups):
    backup = backups.make()
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS", "objects.sums"]

    assert subprocess.run(check, cwd=backup.path, capture_output=True).returncode == 0
    (backups.path / object_of(w2.current)).write_bytes(b"x")
    assert subprocess.run(check, cwd=backup.path, capture_output=True).returncode == 1


def test_a_file_that_is_deleted_for_good_meanwhile_is_in_no_part_of_the_set(cast, w2, backups, monkeypatch):
    """The snapshot names it, and its bytes are gone before they could be copied: the snapshot is taken anew."""
    other = put_file(cast.acme.cabinet.top, "1099.pdf", b"interest", by=cast.client)
    taken, original = [], making.snapshot

    @contextmanager
    def snapshot(folder):
        with original(folder) as found:
            yield found
        if not taken:
            other.move_to_bin(by=cast.client)
            other.purge_all([other], by=cast.administrator)
        taken.append(1)

    monkeypatch.setattr(making, "snapshot", snapshot)
    monkeypatch.setattr(making, "_live", lambda sql: ())  # nothing was copied before the snapshot
    backup = backups.make()

    assert len(taken) == 2
    assert [name for name, _ in backup.objects()] == [object_of(w2.current)]
    assert verified(backup, [backups.identity])[0].manifest["problems"] == []


@pytest.mark.parametrize("fault", ["missing", "damaged"])
def test_what_the_storage_lost_is_named_and_all_else_is_in_the_set(fault, cast, w2, backups):
    other = put_file(cast.acme.cabinet.top, "1099.pdf", b"interest", by=cast.client)
    path = storage().path(w2.current.storage_key)
    path.unlink() if fault == "missing" else path.write_bytes(b"%PDF-1.4 wagez")

    said = f"{w2.current.storage_key} (is damaged|cannot be read)"
    with pytest.raises(CommandError, match=f"was made, but {said}"):
        backups.make()
    assert [name for name, _ in backups.newest().objects()] == [object_of(other.current)]
    failed = last_failure()
    assert failed.details["note"].startswith(f"It was made, but {w2.current.storage_key}")
    assert last_backup() is None


def test_an_object_that_rots_in_the_backup_is_found_by_the_next_one(w2, backups):
    backups.make()
    (backups.path / object_of(w2.current)).write_bytes(b"rotten")
    next_second()

    with pytest.raises(CommandError, match=f"No backup was made: {object_of(w2.current)} is damaged"):
        backups.make()
    assert object_of(w2.current) in last_failure().details["note"]
    assert len(BackupFolder(backups.path).sets()) == 1, "no set that is not whole"
    (backups.path / object_of(w2.current)).unlink()
    assert backups.make(), "what is missing there is copied again"


def test_the_last_backup_and_a_failure_since_are_read_from_the_log(w2, backups):
    assert last_backup() is None
    assert last_failure() is None
    backup = backups.make("--quick")

    last = last_backup()
    assert (last.name, last.verified, last.failure) == (backup.name, "what is new", "")
    assert last.size_bytes > 1_000
    shutil.rmtree(backups.path / "sets")
    with pytest.raises(CommandError, match="is not empty, and no backup lies in it"):
        backups.make()
    assert "is not empty" in last_backup().failure


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "give --passphrase-file or BACKUP_PASSPHRASE"),
        (["--passphrase-file=/nowhere"], "the passphrase cannot be read"),
        (["--recipient=age1x"], "age1x is no public key of age"),
        (["--recipient=age1x", "--keep-daily=-1"], "is a number of days"),
    ],
)
def test_what_is_missing_is_said_and_is_in_the_log(options, said, portal_with_a_key, tmp_path):
    with pytest.raises(CommandError, match=said):
        call_command("backup", str(tmp_path / "b"), *options)
    assert said in last_failure().details["note"]


def test_one_folder_keeps_to_one_key(backups, tmp_path):
    backups.make()
    other = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

    with pytest.raises(CommandError, match="use another folder for another key"):
        call_command("backup", str(backups.path), f"--recipient={other}")
    with pytest.raises(CommandError, match="is encrypted to a public key"):
        call_command("backup", str(backups.path), "--passphrase-file", __file__)


def test_two_at_once_do_not_write_into_one_folder(backups):
    backups.make()
    with BackupFolder(backups.path).alone(), pytest.raises(CommandError, match="another backup is being made"):
        backups.make()


def test_what_a_broken_off_backup_left_is_no_set_and_goes(w2, backups):
    backups.make()
    (backups.path / "sets" / ".20260101T000000Z.part").mkdir()
    next_second()
    backups.make()

    assert len(list((backups.path / "sets").iterdir())) == 2


def test_every_documented_setting_is_in_it(monkeypatch, tmp_path):
    rows = [
        line.split("|")[1] for line in (ROOT / "docs" / "configuration.md").read_text().splitlines() if "| `" in line
    ]
    documented = {name for row in rows for name in re.findall("`([A-Z_]+)`", row)}
    assert documented <= {*names(), *LEFT_OUT}

    (tmp_path / "mail").write_text("smtp://user:password@host\n")
    monkeypatch.setenv("EMAIL_URL_FILE", str(tmp_path / "mail"))
    monkeypatch.setenv("EMAIL_FROM", "The firm's <portal@firm.example.com>")
    found = values()
    assert found["EMAIL_URL"] == "smtp://user:password@host"
    assert "EMAIL_FROM='The firm'\"'\"'s <portal@firm.example.com>'\n" in as_lines(found)


def test_pg_dump_must_be_there_and_as_new_as_the_server(tmp_path, settings):
    settings.PG_BIN = str(tmp_path)
    with pytest.raises(Refused, match=f"pg_dump is not in {tmp_path}"):
        databases.refuse_older_than(18)
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)'\n")
    program.chmod(0o755)
    with pytest.raises(Refused, match="pg_dump 15 is older than the server, which is 18: install the client programs"):
        databases.refuse_older_than(18)
    databases.refuse_older_than(15)


def test_versions_that_were_removed_are_not_asked_for(cast, w2, backups):
    w2.move_to_bin(by=cast.client)
    w2.purge_all([w2], by=cast.administrator)

    assert list(backups.make().objects()) == []
    assert not Version.objects.stored().exists()
