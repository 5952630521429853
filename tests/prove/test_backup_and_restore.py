"""A portal is backed up while clients send, all of it is destroyed, and it goes on elsewhere: every file, account and event that the
backup saw is back, and the log says what is lost. On one machine, and on PostgreSQL and S3, where a role that cannot change the
log makes the backup."""

import hashlib
import json
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from operations.backup.history import last_failure
from tests import servers
from tests.prove.browser import Browser

CLIENTS = ("client@example.com", "other.client@example.com")
CHECKPOINT = "from activity.checkpoints import *; print(written(make_checkpoint()), end='')"
VERSIONS = (
    "import json; from files.models import Version; "
    "print(json.dumps([[str(v.file_id), v.file.name, v.sha256, v.number] for v in Version.objects.stored()"
    ".filter(current_of__binned_at=None).exclude(current_of=None).select_related('file')]))"
)
PASSPHRASE = "a long walk by the river"


@dataclass
class Place:
    """The settings of a portal, of an empty one ``there`` and of one with the ``other`` kind of storage, what is done before it is
    backed up, and how the database and the folder of it are destroyed."""

    here: dict
    there: dict
    other: dict
    ready: Callable
    destroy: Callable


@contextmanager
def one_machine():
    with servers.s3() as store:
        yield Place({}, {}, {"STORAGE_URL": store}, lambda portal: None, lambda portal: shutil.rmtree(portal.var))


@contextmanager
def postgresql_and_s3():
    with (
        servers.postgresql(is_durable=False) as database,
        servers.s3() as store,
        psycopg.connect(database, autocommit=True) as server,
    ):
        for name in ("one", "two", "three"):
            server.execute(f"CREATE DATABASE {name}")
        one, two, three = (database.replace("/postgres?", f"/{name}?") for name in ("one", "two", "three"))
        programs = {"PG_BIN": str(servers.postgresql_programs())}

        def destroy(portal):
            server.execute("DROP DATABASE one WITH (FORCE)")
            shutil.rmtree(portal.var)

        def become_a_role_that_cannot_change_the_log(portal):
            server.execute("CREATE ROLE serving LOGIN")
            portal.manage("restrict_log", "serving")
            portal.env["DATABASE_URL"] = one.replace("//postgres:", "//serving:")

        elsewhere = store.replace("s3://portal-", "s3://elsewhere-")
        yield Place(
            {"DATABASE_URL": one, "STORAGE_URL": store, **programs},
            {"DATABASE_URL": two, "STORAGE_URL": elsewhere, **programs},
            {"DATABASE_URL": three, **programs},
            become_a_role_that_cannot_change_the_log,
            destroy,
        )


class Senders:
    """Clients who send one file after the other until they are stopped; ``sent`` is {name: SHA-256} of what was acknowledged."""

    def __init__(self, portal):
        self.sent, self.failed = {}, []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(portal, email)) for email in CLIENTS]
        for thread in self._threads:
            thread.start()

    def _send(self, portal, email):
        try:
            browser = Browser(portal).sign_in(email)
            _, address = browser.own_folder()
            while not self._stop.is_set():
                name, content = f"{secrets.token_hex(8)}.bin", secrets.token_bytes(200_000)
                answer = browser.upload(address, name, content)
                assert answer.status == 302, answer
                self.sent[name] = hashlib.sha256(content).hexdigest()
        except Exception as problem:
            self.failed.append(problem)

    def wait_for(self, count):
        until = time.monotonic() + 120
        while len(self.sent) < count and not self.failed and time.monotonic() < until:
            time.sleep(0.05)
        assert len(self.sent) >= count, self.failed

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()


def shell(portal, code):
    return portal.manage("shell", "--no-imports", "-c", code).stdout


@pytest.mark.parametrize("place", [one_machine, postgresql_and_s3])
def test_a_portal_that_was_destroyed_goes_on_elsewhere(place, tmp_path, say):
    began = time.monotonic()
    folder, words, kept = tmp_path / "backup", tmp_path / "words", tmp_path / "checkpoint.txt"
    words.write_text(PASSPHRASE)
    options = [str(folder), "--passphrase-file", str(words)]
    with place() as where:
        with servers.portal(**where.here) as portal:
            where.ready(portal)
            visitor = Browser(portal).sign_in("client@example.com")
            senders = Senders(portal)
            senders.wait_for(10)
            portal.manage("backup", *options)
            before = dict(senders.sent)
            portal.manage("backup", *options, "--keep-daily=1")
            during = dict(senders.sent)
            senders.wait_for(len(during) + 2)
            senders.stop()
            assert not senders.failed
            kept.write_text(shell(portal, CHECKPOINT))
            portal.stop()
            where.destroy(portal)
        (one_set,) = (folder / "sets").iterdir()

        with elsewhere(**where.there) as restored:
            if place is one_machine:
                refuse_what_is_damaged(restored, folder, one_set, options, kept)
            said = restored.manage("restore", *options, "--checkpoint", str(kept)).stdout
            restored.start()
            found = {
                name: (file, sha256)
                for file, name, sha256, number in json.loads(shell(restored, VERSIONS))
                if number == 1
            }
            assert set(before) <= set(found), "what was acknowledged before the backup began is in it"
            signed_in = Browser(restored).sign_in("administrator@example.com")
            for name in set(found) & set(senders.sent):
                assert found[name][1] == senders.sent[name]
            for name in list(before)[:5]:
                assert signed_in.fetch(f"/files/{found[name][0]}/download/").sha256 == before[name]
            visitor._port = restored.port
            assert visitor.get("/files/").location.startswith("/account/login/"), "nobody is signed in any more"
            checked = restored.manage("check_files", "--content")
            assert "All is as it should be." in checked.stdout
            verified = restored.manage("verify_activity", "--against", str(kept)).stdout
            for words_of in (said, verified):
                assert "are a known gap, by restore, event " in words_of
            assert restored.manage("verify_activity", "--against", str(kept.with_name("none")), check=False).returncode
            lost = set(senders.sent) - set(found)
            assert len(lost) >= 2, "what came after the backup is lost"
            again = Browser(restored).sign_in("client@example.com")
            assert again.upload(again.own_folder()[1], "after.pdf", b"%PDF-1.4 after").status == 302
            assert restored.manage("backup", *options).returncode == 0, "and the next backup goes into the same folder"

        with elsewhere(**where.other) as restored:
            restored.manage("restore", *options, "--set", one_set.name, "--checkpoint", str(kept))
            assert "All is as it should be." in restored.manage("check_files", "--content").stdout
    say(
        f"{place.__name__}: {len(before)} files before, {len(found)} restored, {len(lost)} sent later and known as lost; "
        f"{verified.strip().partition(', hash')[0]}; {time.monotonic() - began:.0f} s"
    )


@pytest.mark.django_db(transaction=True)
def test_a_passphrase_opens_it_and_another_makes_no_second_backup_there(w2, portal_with_a_key, tmp_path, settings):
    (tmp_path / "words").write_text("correct horse\n")
    call_command("backup", str(tmp_path / "b"), "--passphrase-file", str(tmp_path / "words"))
    time.sleep(1.05)  # sets are named by the second
    settings.BACKUP_PASSPHRASE = "battery staple"
    with pytest.raises(CommandError, match="No backup was made: the passphrase is wrong"):
        call_command("backup", str(tmp_path / "b"))
    assert last_failure().details["note"] == "the passphrase is wrong"
    call_command("verify_backup", str(tmp_path / "b"), "--passphrase-file", str(tmp_path / "words"))


@contextmanager
def elsewhere(**env):
    """A Portal that is not prepared: an empty installation."""
    var = Path(servers.new_folder("portal-var-"))
    portal = servers.Portal(var, demo=False, **env)
    try:
        yield portal
    finally:
        if portal.process:
            portal.stop()
        shutil.rmtree(var, ignore_errors=True)


def refuse_what_is_damaged(portal, folder, one_set, options, kept):
    """Each is named, and nothing is written."""
    some = next(folder.glob("objects/??/*.age"))
    for path in (one_set / "database.age", one_set / "secrets.age", some):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        refused = portal.manage("restore", *options, "--checkpoint", str(kept), check=False)
        assert refused.returncode == 1
        assert f"Nothing was restored: {path.relative_to(folder)} is damaged" in refused.stderr
        path.write_bytes(content)
    other = kept.with_name("other-words")
    other.write_text("another passphrase")
    wrong = portal.manage("restore", str(folder), "--passphrase-file", str(other), "--no-checkpoint", check=False)
    assert "Nothing was restored: the passphrase is wrong" in wrong.stderr
    assert {path.name for path in portal.var.iterdir()} <= {"secret-key", *LEFT_BY_LOOKING}


LEFT_BY_LOOKING = ("portal.sqlite3",)
