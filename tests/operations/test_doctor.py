"""The doctor names each fault of an installation in a line of its own, says how to mend it, and changes nothing."""

import base64
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.core.signing import TimestampSigner
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import keyfile
from accounts.models import Firm, Role, SecondFactor, User
from activity import keys
from activity.actions import Action
from activity.models import Event
from activity.recording import in_the_past, record_now
from files.models import HousekeepingRun
from files.storage import storage
from files.tasks import check_waiting
from operations import mirror
from operations.checks import address, database, machine
from operations.checks.keys import of_another_user
from operations.doctor import CHECKS, examine
from operations.findings import Level
from operations.heartbeat import beat
from operations.models import Heartbeat
from portal.console import QUIET
from portal.environment import BaseUrl, StorageUrl, storage_url
from tests.conftest import join
from tests.servers import ROOT, free_port

SMTP = "django.core.mail.backends.smtp.EmailBackend"
PUBLIC = BaseUrl("https", "portal.example.com", "https://portal.example.com")


def found(*names):
    """[(level, words)] of these checks."""
    return [(finding.level.value, finding.words) for finding in examine(names)]


def says(name, level, *parts):
    """The check finds one thing, of this level, and its words have these parts."""
    ((found_level, words),) = found(name)
    assert found_level == level, words
    assert [part for part in parts if part not in words] == [], words
    assert "\n" not in words
    return words


@pytest.fixture
def mended(portal_with_a_key, settings, tmp_path):
    """A portal of its own folder and key file, which the doctor finds fault with nowhere but where a test spoils it."""
    settings.PORTAL_KEYS = tmp_path / "portal.keys"
    keyfile.key.cache_clear()
    keys.LogKey.objects.all().delete()
    keys.prepare_keys()
    yield settings
    keyfile.key.cache_clear()


# The command


def doctor(*arguments):
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out)
        failed = ""
    except CommandError as problem:
        failed = str(problem)
    return out.getvalue().splitlines(), failed


def test_each_finding_is_a_line_and_what_is_wrong_makes_the_command_fail(mended, events):
    lines, failed = doctor("keys", "secret")
    assert not failed
    assert [line.split(":")[0] for line in lines] == [
        "OK       Key file",
        "OK       SECRET_KEY",
        "2 OK, 0 to look at, 0 wrong.",
    ]

    mended.PORTAL_KEYS.chmod(0o644)
    lines, failed = doctor("keys", "secret")
    assert lines[0] == (
        f"wrong    Key file: others can read {mended.PORTAL_KEYS} (mode 644); run `chmod 600 {mended.PORTAL_KEYS}`"
    )
    assert failed == "1 OK, 0 to look at, 1 wrong."
    assert not events(), "it looks, and leaves no trace"


def test_what_it_does_not_know_is_said(db):
    assert "There is no check teeth. There are: start, address" in doctor("teeth")[1]
    assert doctor("--mail", "nobody")[1] == "nobody is no e-mail address."


def test_a_mail_is_sent_where_that_is_asked_for_and_the_log_says_so(mended, events):
    lines, failed = doctor("secret", "--mail", "ruth@firm.example.com")

    assert not failed
    assert lines[1].startswith("warning  Test mail: no mail server is set")
    assert [one.to for one in mail.outbox] == [["ruth@firm.example.com"]]
    (event,) = events()
    assert (event.action, event.actor_role, event.subject) == (Action.INSTALLATION_TESTED, "system", "Test mail")


def test_every_check_says_what_it_is_for():
    assert all(check.look.__doc__ for check in CHECKS)
    assert len({check.name for check in CHECKS}) == len({check.title for check in CHECKS}) == len(CHECKS)
    assert "doctor" in QUIET


class Broken:
    def __init__(self, problem):
        self.problem = problem

    def set(self, *_):
        raise self.problem


def test_a_check_that_fails_itself_is_a_finding_and_the_others_are_made(mended, monkeypatch):
    monkeypatch.setattr(database, "cache", Broken(RuntimeError("it broke\nat length")))
    assert found("cache", "secret")[0] == ("wrong", "could not be looked at: RuntimeError: it broke")
    assert len(found("cache", "secret")) == 2
    monkeypatch.setattr(database, "cache", Broken(DatabaseError("connection refused")))
    says("cache", "warning", "the database does not answer or was never prepared")


def run(var, *arguments, **env):
    clean = {
        name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL")
    }
    command = [sys.executable, "manage.py", "doctor", *arguments]
    env = {**clean, "VAR_DIR": str(var), "BASE_URL": f"http://localhost:{free_port()}", **env}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)


def test_before_anything_is_prepared_it_says_what_to_begin_with(tmp_path):
    done = run(tmp_path)

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "wrong    Start: the database is not up to date; run `manage.py prepare`"
    assert any(line.startswith("warning  Worker: not looked at, since the database") for line in lines)
    assert "Traceback" not in done.stdout + done.stderr
    assert (tmp_path / "portal.sqlite3").stat().st_mode & 0o077 == 0


def test_no_secret_is_printed(tmp_path):
    secrets = {
        "EMAIL_URL": f"smtp+tls://portal:very-secret-1@127.0.0.1:{free_port()}",
        "SECRET_KEY": "very-secret-2-" + "abcdefghijklmnop" * 4,
        "AWS_ACCESS_KEY_ID": "portal",
        "AWS_SECRET_ACCESS_KEY": "very-secret-3",
        "STORAGE_URL": f"s3://bucket?endpoint=http://127.0.0.1:{free_port()}",
    }
    done = run(tmp_path, **secrets)
    assert "very-secret" not in done.stdout + done.stderr
    assert "wrong    Storage: the bucket bucket cannot be used" in done.stdout
    assert "wrong    Mail server: nobody listens at 127.0.0.1" in done.stdout


# Keys and secrets


def test_a_key_file_that_is_lost_or_another_logs_is_wrong(mended):
    mended.PORTAL_KEYS.unlink()
    says("keys", "wrong", "is missing; put it back from the backup")


def test_a_key_file_of_another_user_is_to_be_given_to_the_portals(mended, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: mended.PORTAL_KEYS.stat().st_uid + 1000)
    says("keys", "wrong", "belongs to user", "chown")


def test_root_is_told_to_look_as_the_portals_user(mended, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    finding = of_another_user(mended.PORTAL_KEYS, 12_345)
    assert finding.level == Level.WARNING
    assert "belongs to user 12345; run this as that user" in finding.words


@pytest.mark.parametrize(
    ("key", "level", "words"),
    [
        ("abcdefghij" * 6, "OK", "has 60 characters"),
        ("abcdefghij" * 4, "warning", "has 40 characters; make one"),
        ("abababab" * 8, "wrong", "looks made up"),
        ("change-me-" + "abcdefghijklmnop" * 4, "wrong", "looks made up"),
    ],
)
def test_a_secret_key_that_can_be_guessed_is_said(db, settings, key, level, words):
    settings.SECRET_KEY = key
    assert key not in says("secret", level, words)


def test_what_everybody_on_the_machine_can_read_is_said(db, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    secret = tmp_path / "secret-key"
    secret.write_text("s" * 50)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/tmp"):
            folder.chmod(0o755)
    secret.chmod(0o644)
    assert ("warning", f"everybody on this machine can read {secret}; run `chmod o-rwx {secret}`") in found("private")

    tmp_path.chmod(0o700)
    assert str(secret) not in str(found("private")), "nobody comes through the folder"


# Database


def test_what_keeps_the_portal_from_starting_is_wrong(mended):
    says("start", "OK", "up to date", "triggers stand")
    keys.LogKey.objects.create(fingerprint="ab" * 32)
    says("start", "wrong", "the database knows two keys")


MOUNTS = """\
22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw
30 22 0:26 / /srv rw shared:1 - nfs4 server:/srv rw,vers=4.2
31 30 0:27 / /srv/my\\040files rw - fuse.sshfs me@host: rw
32 22 0:28 / /srvr rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/portal.sqlite3", "ext4"),
        ("/srv/portal.sqlite3", "nfs4"),
        ("/srv/my files/a", "fuse.sshfs"),
        ("/srvr/a", "tmpfs"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_the_nearest_mount(path, kind):
    assert database.file_system_of(Path(path), MOUNTS) == kind
    assert database.file_system_of(Path(path), "") == ""


if connection.vendor == "sqlite":

    def test_sqlite_on_a_network_file_system_is_wrong(db, monkeypatch):
        says("database", "OK", "SQLite 3.")
        monkeypatch.setattr(database, "file_system_of", lambda path: "nfs4")
        says("database", "wrong", "network file system (nfs4)", "use PostgreSQL")


if connection.vendor == "postgresql":

    def test_postgresql_is_asked_for_its_settings_and_for_what_its_role_may_do(db, monkeypatch):
        words = dict(found("database"))
        assert "a superuser, who could change the log" in words["warning"]  # as this server is made
        says("log", "OK", "triggers protect it")
        monkeypatch.setenv("PORTAL_WORKERS", "1000")
        assert any("raise max_connections" in line for _, line in found("database"))

        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE ROLE portal_reader; GRANT SELECT ON activity_event TO portal_reader")
            cursor.execute("SET LOCAL ROLE portal_reader")
            says("log", "wrong", "may not write into the log")
            cursor.execute("RESET ROLE; GRANT INSERT ON activity_event TO portal_reader; SET LOCAL ROLE portal_reader")
            says("log", "OK", "append to it, and change nothing")
            transaction.set_rollback(True)


def test_a_cache_that_keeps_nothing_is_wrong(db, monkeypatch):
    says("cache", "OK")
    monkeypatch.setattr(cache, "get", lambda key: None)
    says("cache", "wrong", "nothing limits tries to sign in")


# The machine


def test_a_full_disk_is_wrong_before_uploads_are_refused_in_the_middle(db, settings):
    assert all(level == "OK" for level, _ in found("space"))
    settings.KEEP_FREE_BYTES = 10**18
    assert all("uploads are refused below" in words for level, words in found("space") if level == "wrong")
    assert {level for level, _ in found("space")} == {"wrong"}


def test_a_disk_is_looked_at_once_and_little_room_is_said(db, settings, monkeypatch):
    usage = machine.shutil._ntuple_diskusage(10 * 1024**3, 9 * 1024**3, 1024**3 - 1)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda folder: usage)
    folders = {folder.stat().st_dev for _, folder in machine._folders()}
    lines = found("space")
    assert len(lines) == len(folders)
    assert all(level == "warning" and "make room soon" in words for level, words in lines)


def test_a_file_system_without_inodes_is_wrong(db, monkeypatch):
    kept = os.statvfs("/")
    entries = os.statvfs_result([*kept[:5], 1_000_000, 10, 10, *kept[8:]])
    monkeypatch.setattr(machine.os, "statvfs", lambda folder: entries)
    assert {level for level, _ in found("space")} == {"wrong"}
    assert "room for 10 more files (inodes)" in found("space")[0][1]


def clock_finds(**skew):
    return [(one.level.value, one.words) for one in machine.clock(now=lambda: timezone.now() + timedelta(**skew))]


def test_a_clock_that_agrees_is_in_order(db):
    ((level, _),) = clock_finds()
    assert level == "OK"


def test_a_clock_that_went_back_is_seen_by_the_log(portal_with_a_key):
    ahead = timezone.now() + timedelta(minutes=5)
    with in_the_past(lambda: ahead):
        record_now(Action.COMMAND_RUN)

    assert any(level == "wrong" and "the log's last event is" in words for level, words in clock_finds(minutes=0))
    assert Event.objects.count() == 1


if connection.vendor == "postgresql":  # SQLite has no clock of its own

    def test_a_clock_that_differs_from_the_databases_is_said(db):
        assert clock_finds(seconds=10) == [
            ("warning", "it is 10 s ahead of that of the database; let NTP (chrony, timesyncd) set both")
        ]
        assert clock_finds(minutes=-2)[0][0] == "wrong"


def test_a_clock_that_differs_from_the_buckets_is_said(db, settings, s3):
    ((level, words),) = [one for one in clock_finds(minutes=20) if "bucket" in one[1]]
    assert level == "wrong"
    assert "s ahead of that of the bucket" in words


def test_processes_are_to_fit_the_processors(db, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(4)))
    for workers, level in {"2": "OK", "9": "OK", "10": "warning", "1": "warning"}.items():
        monkeypatch.setenv("PORTAL_WORKERS", workers)
        says("processes", level, f"PORTAL_WORKERS is {workers}, and this machine has 4 processors")


# Mail


class MailServer:
    """Speaks as much SMTP as it takes: lets in whoever gives ``password``, and keeps what it was sent."""

    def __init__(self, password="", refuses=b""):
        self.password, self.refuses, self.said = password, refuses, []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                one, _ = self._listening.accept()
            except OSError:
                return
            with suppress(OSError), one, one.makefile("rwb", buffering=0) as lines:
                self._talk(lines)

    def _talk(self, lines):
        lines.write(b"220 mail\r\n")
        is_data = False
        for line in lines:
            self.said.append(line.strip().decode("utf-8", "replace"))
            word = line.upper()
            if is_data:
                if line == b".\r\n":
                    is_data = False
                    lines.write(b"250 kept\r\n")
            elif self.refuses and word.startswith(self.refuses):
                lines.write(b"550 5.7.1 very-secret: not you\r\n")
            elif word.startswith(b"EHLO"):
                lines.write(b"250-mail\r\n250 AUTH PLAIN\r\n")
            elif word.startswith(b"AUTH"):
                lines.write(b"235 in\r\n" if self.password.encode() in _plain(line) else b"535 5.7.8 very-secret\r\n")
            elif word.startswith(b"DATA"):
                is_data = True
                lines.write(b"354 go on\r\n")
            elif word.startswith(b"QUIT"):
                lines.write(b"221 bye\r\n")
                return
            else:
                lines.write(b"250 yes\r\n")

    def stop(self):
        self._listening.close()


def _plain(line):
    return base64.b64decode(line.split()[-1])


@pytest.fixture
def mail_server(settings):
    """``mail_server(user=, password=, refuses=)``: the portal's, which wants the password "right"."""
    servers = []

    def mail_server(*, user="", password="", refuses=b""):
        servers.append(MailServer("right", refuses))
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", servers[-1].port
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = user, password
        settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL, settings.EMAIL_TIMEOUT = False, False, 5
        return servers[-1]

    yield mail_server
    for server in servers:
        server.stop()


def test_without_a_mail_server_nobody_gets_a_mail(db):
    says("mail", "warning", "no mail server is set", "Set EMAIL_URL")


def test_a_mail_server_is_signed_in_to_and_nothing_is_sent(db, mail_server):
    server = mail_server(user="portal", password="right")
    says("mail", "OK", "takes the portal's user and password")
    assert not [line for line in server.said if line.startswith(("mail", "MAIL", "rcpt", "DATA"))]


def test_a_wrong_password_of_the_mail_server_is_said_without_its_words(db, mail_server):
    mail_server(user="portal", password="very-wrong")
    words = says("mail", "wrong", "refuses the user or password of EMAIL_URL (535)")
    assert "very" not in words


@pytest.mark.parametrize(
    ("refuses", "words"), [(b"MAIL", "refuses the sender (550)"), (b"RCPT", "refuses the recipient")]
)
def test_what_only_a_mail_shows_is_said_by_the_test_mail(mended, mail_server, refuses, words):
    mail_server(refuses=refuses)
    says("mail", "OK")
    lines, failed = doctor("secret", "--mail", "ruth@firm.example.com")
    assert words in lines[1]
    assert failed
    assert "very-secret" not in lines[1]


def test_a_mail_that_is_taken_is_said(mended, mail_server):
    server = mail_server()
    lines, failed = doctor("secret", "--mail", "ruth@firm.example.com")
    assert not failed
    assert "the mail server took a mail to ruth@firm.example.com" in lines[1]
    assert any("RCPT TO:<ruth@firm.example.com>".lower() in line.lower() for line in server.said)


def test_a_dead_port_a_wrong_name_and_no_tls_are_said(db, mail_server, settings):
    mail_server()
    settings.EMAIL_USE_TLS = True
    says("mail", "wrong", "does not do what EMAIL_URL asks for")
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = False, True
    says("mail", "wrong", "do not agree on TLS")
    settings.EMAIL_USE_SSL, settings.EMAIL_PORT = False, free_port()
    says("mail", "wrong", "nobody listens at 127.0.0.1", "EMAIL_URL")
    settings.EMAIL_HOST = "mail.invalid"
    says("mail", "wrong", "the name mail.invalid leads to no machine")


def test_a_sender_that_other_servers_refuse_is_said(db, settings):
    settings.DEFAULT_FROM_EMAIL = "Firm Portal <portal@localhost>"
    says("sender", "warning", "set EMAIL_FROM")
    settings.DEFAULT_FROM_EMAIL = "Larkin <portal@firm.example.com>"
    says("sender", "OK", "SPF")


# Storage


@pytest.fixture
def s3(settings, s3_url, monkeypatch):
    monkeypatch.setenv("DOCTORS_STORAGE_URL", s3_url)
    settings.STORAGE = storage_url("DOCTORS_STORAGE_URL", "")
    storage.cache_clear()
    storage().prepare()
    yield storage()
    storage.cache_clear()


def test_a_storage_gives_back_what_it_was_given_and_nothing_is_left(db, store):
    before = sorted(store.stored()), sorted(store.staged())
    says("storage", "OK", "keeps, gives and removes a file")
    assert (sorted(store.stored()), sorted(store.staged())) == before


def test_a_storage_that_is_not_there_is_wrong(db, settings, tmp_path):
    settings.STORAGE = StorageUrl("folder", folder=tmp_path / "not-there")
    storage.cache_clear()
    says("storage", "wrong", "not-there cannot be used", "run `manage.py prepare`")


def test_a_bucket_that_refuses_the_key_or_is_not_there_is_wrong(db, settings, s3, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    storage.cache_clear()
    says("storage", "wrong", "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY")

    settings.STORAGE = StorageUrl("s3", bucket="bucket", endpoint=f"http://127.0.0.1:{free_port()}")
    storage.cache_clear()
    says("storage", "wrong", "the bucket bucket cannot be used", "look at STORAGE_URL")


def test_a_bucket_that_browsers_may_not_send_to_is_wrong(db, settings, s3):
    before = sorted(s3.staged())
    says("bucket", "OK", settings.BASE_URL.origin)
    rule = {"AllowedOrigins": ["https://elsewhere.example.com"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"]}
    s3.client.put_bucket_cors(Bucket=s3.bucket, CORSConfiguration={"CORSRules": [rule]})
    says("bucket", "wrong", f"does not let pages of {settings.BASE_URL.origin} send files", "`manage.py prepare`")
    assert sorted(s3.staged()) == before
    s3.prepare()
    says("bucket", "OK")


def test_a_bucket_that_browsers_cannot_reach_is_wrong(db, settings, s3):
    settings.BASE_URL = PUBLIC
    s3.prepare()
    words = [words for level, words in found("bucket") if level == "wrong"]
    assert len(words) == 1
    assert "give it an https:// endpoint" in words[0]

    settings.BASE_URL = BaseUrl("http", "portal.example.com", "http://portal.example.com")
    assert any("give a public endpoint" in words for _, words in found("bucket"))


def test_a_folder_needs_nothing_of_browsers(db):
    assert found("bucket") == []


# The scanner


def test_without_a_scanner_that_is_said(db):
    says("scanner", "warning", "no scanner is set up")
    assert found("limits") == []


def test_a_scanner_answers_and_its_signatures_are_old(db, clamd):
    says("scanner", "warning", "ClamAV 1.4.3 answers; its signatures are", "let freshclam run")
    assert clamd.seen == [b"Nothing harmful is in here.\n"]
    clamd.reply = lambda content: b"stream: Zealous.Rule FOUND\0"
    says("scanner", "wrong", "finds Zealous.Rule in a text that is clean")
    clamd.stop()
    says("scanner", "wrong", "The scanner does not answer", "start clamd")
    clamd.start()


def is_small(content):
    return len(content) < 100_000


def test_a_scanner_with_clamds_own_limits_is_told_from_one_that_is_set_up(db, clamd, settings):
    settings.CLAMAV_MAX_BYTES = 1024**2  # no more is given to it
    exceeded = b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0"
    clamd.reply = lambda content: exceeded if is_small(content) else b"stream: OK\0"
    says("limits", "OK", "it looks at 1 MB at once")
    clamd.reply = lambda content: exceeded if is_small(content) else b"INSTREAM size limit exceeded. ERROR\0"
    says("limits", "wrong", "clamd ends before 1 MB", "StreamMaxLength")
    clamd.reply = lambda content: exceeded
    says("limits", "wrong", "does not look through 1 MB")


def test_a_scanner_that_calls_clean_what_it_did_not_look_into_is_wrong(db, clamd, settings):
    settings.CLAMAV_MAX_BYTES = 1024**2
    assert [words for level, words in found("limits") if level == "wrong"] == [
        "it calls an archive with a password clean; set AlertEncrypted yes in clamd.conf",
        "it calls an archive that it did not look through clean; set AlertExceedsMax yes in clamd.conf",
    ]


# Worker and clock


def test_a_worker_that_does_not_run_is_said(db):
    says("worker", "warning", "was not heard of yet; start `manage.py work`")
    beat("worker")
    says("worker", "OK", "it runs")
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=30))
    says("worker", "wrong", "last heard of 30 min ago; start `manage.py work`")


def test_a_task_that_waits_and_one_that_failed_are_said(db):
    beat("worker")
    check_waiting.using(run_after=timezone.now() + timedelta(hours=1)).enqueue()
    check_waiting.enqueue()
    says("worker", "OK")
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(minutes=30))
    says("worker", "warning", "a task should have begun 30 min ago")
    DBTaskResult.objects.update(status="FAILED", finished_at=timezone.now())
    says("worker", "warning", "2 tasks failed within a day")


def test_a_clock_that_does_not_work_is_seen_by_its_last_report(db):
    says("hourly", "warning", "was not heard of yet; start `manage.py clock`")
    beat("clock")
    says("hourly", "warning", "has not done its hourly work yet")
    run = HousekeepingRun.keep({}, {})
    says("hourly", "OK", "0 min ago")
    HousekeepingRun.objects.filter(pk=run.pk).update(problems={"sweep": "Could not be done"})
    says("hourly", "warning", "with problems")
    HousekeepingRun.objects.filter(pk=run.pk).update(at=timezone.now() - timedelta(days=3))
    says("hourly", "wrong", "its hourly work was done 3 days ago")
    Heartbeat.objects.update(at=timezone.now() - timedelta(hours=3))
    says("hourly", "wrong", "last heard of 3 h ago; start `manage.py clock`")


# People


def test_who_can_sign_in_is_looked_at(db):
    says("people", "warning", "`manage.py prepare` prints the link")
    join("ruth@firm.example.com", Role.ADMINISTRATOR)
    says("people", "OK", "there is one administrator")
    Firm.objects.update(second_factor_firm=SecondFactor.OFF)
    says("people", "warning", "with a password alone")
    assert found("demonstration") == []
    User.objects.update(is_demonstration=True)
    says("demonstration", "warning", "whose passwords everybody knows")


# The address, and what stands in front


@pytest.fixture
def answering(settings):
    """``answering(status, headers, text)``: what is at BASE_URL."""
    servers = []

    def answering(status=200, headers=(), text="ready\n"):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                for name, value in dict(headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                """Not into the test's own output."""

        servers.append(HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        port = servers[-1].server_port
        settings.BASE_URL = BaseUrl("http", "127.0.0.1", f"http://127.0.0.1:{port}")

    yield answering
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "headers", "level", "words"),
    [
        (200, {}, "OK", "answers, and is ready"),
        (503, {}, "wrong", "it is not ready: ready"),
        (301, {"Location": "https://www.example.com/"}, "wrong", "sends on to https://www.example.com/"),
        (502, {}, "wrong", "the proxy at http://127.0.0.1"),
        (404, {}, "wrong", "something else than the portal is there"),
    ],
)
def test_what_is_at_the_address_is_said(db, answering, status, headers, level, words):
    answering(status, headers)
    (local, (found_level, found_words)) = found("address")
    assert local[0] == "warning"
    assert "for this machine alone" in local[1]
    assert (found_level, words in found_words) == (level, True), found_words


def test_an_address_where_nobody_is_may_only_not_run_yet(db, settings):
    settings.BASE_URL = BaseUrl("https", "localhost", f"https://localhost:{free_port()}")
    assert found("address")[1] == (
        "warning",
        f"{settings.BASE_URL.origin}: nobody listens there; start the web process and the proxy",
    )
    says("proxies", "warning", "where a proxy speaks TLS, set it to 1")
    assert found("certificate") == []


def test_a_name_that_leads_nowhere_and_a_port_without_tls_are_wrong(db, settings, answering):
    settings.BASE_URL = BaseUrl("https", "portal.invalid", "https://portal.invalid")
    says("address", "wrong", "leads to no machine", "DNS")
    answering()
    port = settings.BASE_URL.origin.rpartition(":")[2]
    settings.BASE_URL = BaseUrl("https", "localhost", f"https://localhost:{port}")
    assert "does not speak TLS" in found("address")[1][1]


def test_another_portal_at_the_address_is_told_from_this_one(db, answering):
    answering(404, text="nothing here")
    says("proxies", "wrong", "is not this portal, or runs with another SECRET_KEY")


def reflected(**changes):
    """What the doctor says of a visit that arrived so."""
    as_shipped = {
        "peer": "127.0.0.1", "forwarded_for": "203.0.113.9", "forwarded_proto": "https", "host": "portal.example.com",
        "client": "203.0.113.9", "is_secure": True, "base_url": PUBLIC.origin, "proxy_count": 1, "seconds": time.time(),
    }  # fmt: skip
    return [(one.level, one.words) for one in address.judge(mirror.Reflection(**{**as_shipped, **changes}))]


FORGED = mirror.FORGED


@pytest.mark.parametrize(
    ("count", "changes", "words"),
    [
        (1, {"client": FORGED, "forwarded_for": FORGED}, "visitors can choose which address the log shows"),
        (2, {"client": FORGED, "forwarded_for": f"{FORGED}, 203.0.113.9"}, "or set the number to 1"),
        (0, {"client": "127.0.0.1", "is_secure": False}, "set TRUSTED_PROXY_COUNT to 1"),
        (
            1,
            {"client": "10.0.0.2", "forwarded_for": f"{FORGED}, 203.0.113.9, 10.0.0.2"},
            "set TRUSTED_PROXY_COUNT to 2",
        ),
        (2, {"client": "127.0.0.1"}, "TRUSTED_PROXY_COUNT is 2, but 1 proxy adds"),
        (1, {"is_secure": False, "forwarded_proto": ""}, "no X-Forwarded-Proto arrives"),
        (1, {"is_secure": False, "forwarded_proto": "http"}, "X-Forwarded-Proto: http arrives"),
        (1, {"host": "127.0.0.1:8000"}, "the proxy hands on the host '127.0.0.1:8000'"),
        (1, {"base_url": "https://old.example.com"}, "start it again with the same settings"),
    ],
)
def test_what_proxies_do_is_compared_with_what_the_portal_believes(settings, count, changes, words):
    settings.BASE_URL, settings.TRUSTED_PROXY_COUNT = PUBLIC, count
    lines = reflected(proxy_count=count, **changes)
    assert {level for level, _ in lines} == {Level.WRONG}
    assert any(words in line for _, line in lines), lines


def test_a_proxy_as_shipped_is_in_order(settings):
    settings.BASE_URL, settings.TRUSTED_PROXY_COUNT = PUBLIC, 1
    assert reflected() == [(Level.OK, "1 proxy in front; the portal saw this visit come from 203.0.113.9 over https")]
    assert reflected(forwarded_for=f"{FORGED}, 203.0.113.9", host="portal.example.com:443")[0][0] == Level.OK


def ask_mirror(client, question, **more):
    return client.get(mirror.PATH, HTTP_X_PORTAL_QUESTION=question, **more)


def test_the_mirror_shows_a_request_to_who_holds_the_key_and_to_nobody_else(db, client, settings, events):
    settings.TRUSTED_PROXY_COUNT = 1
    sent = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_HOST": "anything.example.com", "HTTP_COOKIE": "very=secret"}
    answer = ask_mirror(client, mirror._signer().sign("?"), **sent)
    told = answer.json()
    assert (told["client"], told["host"], told["peer"]) == ("203.0.113.9", "anything.example.com", "127.0.0.1")
    assert "secret" not in answer.text
    assert not answer.cookies
    assert not events()

    for question in ("", "?", TimestampSigner(salt="another").sign("?"), mirror._signer().sign("?")[:-1]):
        assert ask_mirror(client, question).status_code in (302, 404)


def test_a_question_is_old_after_a_minute(db, client, monkeypatch):
    question = mirror._signer().sign("?")
    monkeypatch.setattr(mirror, "SECONDS", -1)
    assert ask_mirror(client, question).status_code != 200
