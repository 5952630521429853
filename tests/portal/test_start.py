"""The portal starts ready, or says in one line why it does not."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder

from accounts import keyfile
from accounts.models import User
from activity import keys
from activity.models import Event, LogKey
from files.storage import storage
from operations import startup
from operations.umask import umask
from portal.environment import BaseUrl, StorageUrl
from tests.activity import attack
from tests.servers import ROOT, Portal

MAC = "ab" * 32


@pytest.fixture
def ready(db, settings, tmp_path):
    """A portal that could start: its key file is a copy that tests may spoil."""
    settings.PORTAL_KEYS = tmp_path / "portal.keys"
    settings.PORTAL_KEYS.write_text(json.dumps({"mac": MAC, "factors": MAC}))
    keyfile.key.cache_clear()
    keys.prepare_keys()
    assert startup.problems() == []
    keyfile.key.cache_clear()  # as a process that begins
    yield settings
    keyfile.key.cache_clear()


def drop_a_trigger(settings):
    attack.drop_triggers()


def lose_the_key_file(settings):
    settings.PORTAL_KEYS.unlink()


def write_keys(text):
    return lambda settings: settings.PORTAL_KEYS.write_text(text)


def add_a_key(settings):
    LogKey.objects.create(fingerprint="ab" * 32)


def forget_the_key(settings):
    LogKey.objects.all().delete()


def miss_a_migration(settings):
    MigrationRecorder.Migration.objects.filter(app="activity").delete()


def lose_the_storage(settings):
    settings.STORAGE = StorageUrl("folder", folder=settings.PORTAL_KEYS.parent / "not-there")
    storage.cache_clear()


def put_a_file_where_the_storage_is(settings):
    (settings.PORTAL_KEYS.parent / "a-file").write_text("")
    settings.STORAGE = StorageUrl("folder", folder=settings.PORTAL_KEYS.parent / "a-file")
    storage.cache_clear()


def go_public(settings):
    settings.BASE_URL = BaseUrl("https", "portal.example.com", "https://portal.example.com")


def go_public_with_a_demonstration(settings):
    User.objects.make("client@example.com", role="client_user", is_active=True, is_demonstration=True)
    go_public(settings)


PROBLEMS = [
    (drop_a_trigger, "the log is not protected, activity_event_.* is missing"),
    (lose_the_key_file, "the key file .*portal.keys is missing; put it back from the backup"),
    (write_keys(json.dumps({"mac": "cd" * 32, "factors": MAC})), "the key file .*portal.keys belongs to another log"),
    *[
        (write_keys(text), "the key file .*portal.keys cannot be read")
        for text in ("", "not JSON", "{}", "[]", '{"mac": "ab"}', '{"mac": "not hexadecimal"}', '{"mac": 7}')
    ],
    (add_a_key, "the database knows two keys, but a log has one"),
    (forget_the_key, "the log has no key yet; run `manage.py prepare`"),
    (miss_a_migration, "the database is not up to date; run `manage.py prepare`"),
    (lose_the_storage, "the storage cannot be used: .*not-there"),
    (put_a_file_where_the_storage_is, "the storage cannot be used: .*a-file"),
    (
        go_public_with_a_demonstration,
        "the demonstration accounts, whose password everybody knows, are in this database",
    ),
]


@pytest.mark.parametrize(("spoil", "words"), PROBLEMS)
def test_each_problem_is_named_in_a_line_of_its_own(ready, client, spoil, words):
    spoil(ready)

    (problem,) = startup.problems()
    assert re.match(words, problem)
    assert "\n" not in problem
    with pytest.raises(ImproperlyConfigured, match=words):
        startup.refuse_unless_ready()
    answer = client.get("/healthz", HTTP_HOST=ready.BASE_URL.host, secure=ready.BASE_URL.is_secure)
    assert (answer.status_code, answer.text) == (503, problem + "\n")
    assert not Event.objects.exists()


LATER = [("files", "0999_of_a_later_release"), ("later", "0001_initial")]


@pytest.fixture
def newer(ready):
    """A later release has prepared the database."""
    for app, name in LATER:
        MigrationRecorder.Migration.objects.create(app=app, name=name)


REFUSED = (
    r"^the database is newer than this release, which does not know files\.0999_of_a_later_release, later\.0001_initial; "
    "install the newer release again$"
)


def test_nothing_starts_on_a_database_that_is_newer(newer):
    with pytest.raises(ImproperlyConfigured, match=REFUSED):
        startup.refuse_unless_ready()
    for command in ("prepare", "work", "clock"):
        with pytest.raises(ImproperlyConfigured, match=REFUSED):
            call_command(command)
    assert not Event.objects.exists()


def test_what_serves_already_goes_on_while_a_later_release_prepares_the_database(newer, client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ready\n")


def test_a_public_portal_without_demonstration_accounts_may_start(ready):
    User.objects.make("old@example.com", role="client_user", is_demonstration=True)  # not active: nobody signs in
    go_public(ready)

    assert startup.problems() == []


def test_a_key_file_of_another_log_is_refused_before_anything_is_written_with_it(ready):
    write_keys(json.dumps({"mac": "cd" * 32, "factors": MAC}))(ready)

    with pytest.raises(ImproperlyConfigured, match="belongs to another log"):
        keys.prepare_keys()
    assert LogKey.objects.count() == 1


def test_a_new_key_file_is_for_its_owner_alone(db, settings, tmp_path):
    settings.PORTAL_KEYS = tmp_path / "deep" / "portal.keys"
    with umask(0o022):
        try:
            keys.prepare_keys()
        finally:
            keyfile.key.cache_clear()

    assert settings.PORTAL_KEYS.stat().st_mode & 0o777 == 0o600
    assert len(bytes.fromhex(json.loads(settings.PORTAL_KEYS.read_text())["mac"])) == 32


@pytest.mark.parametrize("host", ["localhost:8000", "evil.example.com", "10.1.2.3", "not a host"])
def test_health_is_told_to_anybody_and_leaves_no_trace(ready, client, host):
    ready.SECURE_SSL_REDIRECT = True
    answer = client.get("/healthz", HTTP_HOST=host)

    assert (answer.status_code, answer.text) == (200, "ready\n")
    assert answer["Content-Type"].startswith("text/plain")
    assert not answer.cookies
    assert not Event.objects.exists()
    assert not Session.objects.exists()


def test_a_database_that_does_not_answer_is_ill_health(ready, client, monkeypatch):
    def fail(*args, **kwargs):
        raise DatabaseError("connection refused")

    monkeypatch.setattr(startup, "MigrationExecutor", fail)
    answer = client.get("/healthz")

    assert (answer.status_code, answer.text) == (503, "the database does not answer: connection refused\n")


@pytest.fixture
def run(tmp_path):
    """Runs Python with an environment of its own: ``run(command, NAME=value)``."""

    def run(*command, **env):
        inherited = (
            "DJANGO_SETTINGS_MODULE",
            "DATABASE_URL",
            "STORAGE_URL",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
        )
        clean = {name: value for name, value in os.environ.items() if name not in inherited}
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={**clean, "VAR_DIR": str(tmp_path / "var"), **env},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


PUBLIC = {"BASE_URL": "https://portal.example.com"}
WRONG = [
    ({"BASE_URL": "portal.example.com"}, "BASE_URL is 'portal.example.com'; give the address people type"),
    ({"BASE_URL": "https://portal.example.com/portal"}, "BASE_URL is 'https://portal.example.com/portal'; give"),
    ({"BASE_URL": "http://portal.example.com"}, "anywhere but on localhost it must begin with https://"),
    ({"BASE_URL": "http://[portal"}, "BASE_URL is 'http://[portal'; give the address people type"),
    ({"BASE_URL": "https://portal.example.com:https"}, "give the address people type"),
    (
        {"STORAGE_URL": "ftp://files.example.com/portal"},
        "STORAGE_URL is 'ftp://files.example.com/portal'; give a folder",
    ),
    (
        {"CLAMAV_URL": "clamd:3310"},
        "CLAMAV_URL is 'clamd:3310'; give tcp://host:port, or unix:///path of clamd's socket",
    ),
    ({"STORAGE_URL": ""}, "STORAGE_URL is empty; give a folder"),
    ({"DATABASE_URL": "sqlite:///"}, "DATABASE_URL is 'sqlite:///'; it names no database"),
    ({"EMAIL_URL": "nonsense"}, "EMAIL_URL is no mail server's address; give smtp+tls://"),
    ({"SECRET_KEY_FILE": "/nowhere/secret"}, "SECRET_KEY_FILE cannot be read"),
    ({"DATABASE_URL": "portal.sqlite3"}, "DATABASE_URL is not a database address"),
    ({"DATABASE_URL": "mysql://portal@127.0.0.1/portal"}, "give sqlite:///file or postgresql://…"),
    ({"STORAGE_URL": "s3://"}, "STORAGE_URL is 's3://'; give a folder, or s3://bucket?endpoint="),
    ({"STORAGE_URL": "s3://bucket?endpont=http://127.0.0.1"}, "give a folder, or s3://bucket?endpoint="),
    ({"TRUSTED_PROXY_COUNT": "one"}, "TRUSTED_PROXY_COUNT must be a whole number"),
    ({"TRUSTED_PROXY_COUNT": "-1"}, "TRUSTED_PROXY_COUNT is -1; it must be at least 0"),
    ({**PUBLIC, "SECRET_KEY": "short"}, "SECRET_KEY is too short; give at least 50 random characters"),
    (PUBLIC, "SECRET_KEY is not set; give at least 50 random characters"),
]


@pytest.mark.parametrize(("env", "words"), WRONG, ids=[words for _, words in WRONG])
def test_a_wrong_setting_stops_the_start_with_one_clear_line(run, env, words):
    done = run("manage.py", "check", **env)

    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Firm Portal cannot start: ")
    assert words in line


def test_a_setting_may_lie_in_a_file(run, tmp_path):
    (tmp_path / "address").write_text("https://portal.example.com")
    (tmp_path / "secret").write_text("s" * 50)
    command = "from django.conf import settings as s; print(s.BASE_URL.origin, s.SECRET_KEY)"
    files = {"BASE_URL_FILE": str(tmp_path / "address"), "SECRET_KEY_FILE": str(tmp_path / "secret")}
    done = run("-c", command, DJANGO_SETTINGS_MODULE="portal.settings", **files)

    assert done.stdout.split() == ["https://portal.example.com", "s" * 50]


MAIL = "from django.conf import settings as s; print(s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS, s.EMAIL_USE_SSL, s.EMAIL_HOST_PASSWORD)"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("smtp+tls://portal:p%40ss@mail.example.com:2525", "mail.example.com 2525 True False p@ss"),
        ("smtp+tls://portal:secret@mail.example.com", "mail.example.com 587 True False secret"),
        ("smtp+ssl://portal:secret@mail.example.com", "mail.example.com 465 False True secret"),
        ("smtp://portal:secret@mail.example.com", "mail.example.com 25 False False secret"),
        ("submission://portal:secret@mail.example.com", "mail.example.com 587 True False secret"),
    ],
)
def test_a_mail_server_is_named_with_how_it_speaks_tls(run, url, words):
    done = run("-c", MAIL, DJANGO_SETTINGS_MODULE="portal.settings", EMAIL_URL=url)
    assert done.stdout.strip() == words, done.stderr


def test_a_portal_that_was_never_prepared_is_not_served(run):
    done = run("-c", "import portal.wsgi")

    assert done.returncode == 3
    last = done.stderr.splitlines()[-1]
    assert last == "Firm Portal cannot start: the database is not up to date; run `manage.py prepare`"


def link_in(output):
    return re.search(r"http\S+/accounts/invitations/\S+", output).group()


def test_a_new_portal_is_prepared_once_and_its_first_administrator_joins_by_the_printed_link(tmp_path):
    portal = Portal(tmp_path, demo=False)
    first = link_in(portal.prepare().stdout)
    made = {name: (tmp_path / name).read_bytes() for name in ("portal.keys", "secret-key")}
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in made] == [0o600, 0o600]
    second = link_in(portal.prepare().stdout)
    assert {name: (tmp_path / name).read_bytes() for name in made} == made, "prepared again, it keeps its keys"

    portal.start()
    try:
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        with pytest.raises(HTTPError, match="410"):
            browser.open(first)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.open(second).read().decode()).group(1)
        given = {"name": "Ruth", "email": "ruth@firm.example.com", "password": "correct horse battery"}
        page = browser.open(second, urlencode({**given, "csrfmiddlewaretoken": token}).encode()).read().decode()
        assert "Your password is set. Sign in with it." in page
        with pytest.raises(HTTPError, match="410"):
            browser.open(second)
    finally:
        portal.stop()
    assert "invitations" not in portal.prepare().stdout, "with an administrator there is no other way in"
    assert "unbroken" in portal.manage("verify_activity").stdout


def test_a_portal_without_the_logs_triggers_says_so_and_does_not_start_again_until_it_is_prepared(tmp_path):
    portal = Portal(tmp_path, demo=False, PORTAL_WORKERS="1")
    portal.prepare()
    portal.start()
    try:
        with closing(sqlite3.connect(tmp_path / "portal.sqlite3")) as database:
            database.execute("DROP TRIGGER activity_event_no_delete")
        with pytest.raises(HTTPError, match="503") as ill:
            build_opener().open(f"{portal.url}/healthz")
        assert b"the log is not protected, activity_event_no_delete is missing" in ill.value.read()
        portal.stop()
        with pytest.raises(RuntimeError, match="before it answered"):
            portal.start()
        assert "Firm Portal cannot start: the log is not protected" in (tmp_path / "server.log").read_text()
        portal.prepare()
        portal.start()
    finally:
        portal.stop()
