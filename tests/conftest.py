"""The cast: an administrator, a firm user, one who is assigned nothing, an auditor, a client's two people, a stranger."""

import io
import logging
import shutil
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from accounts.models import Client, Firm, Membership, Role, SecondFactor, User
from activity import triggers
from activity.keys import prepare_keys
from activity.models import Event
from files import sending
from files.access import Sending
from files.models import Arrived
from files.storage import storage
from portal.environment import ScannerUrl
from tests import servers
from tests.files.clamd import Clamd
from tests.settings import VAR_DIR
from tests.standing import Standing, in_order

PASSWORD = "correct horse battery"


def pytest_unconfigure(config):
    """The run's own folder goes with it."""
    shutil.rmtree(VAR_DIR, ignore_errors=True)


def pytest_collection_modifyitems(items):
    items[:] = in_order(items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    STANDING.before(item)


@pytest.fixture(scope="session", autouse=True)
def _standing_ends(django_db_setup, django_db_blocker):
    STANDING.is_ready(django_db_blocker)
    yield
    with django_db_blocker.unblock():
        STANDING.end()


@pytest.fixture(scope="session", autouse=True)
def _teardown_meets_triggers(django_db_setup):
    """Transactional tests empty tables; only here, inside the flush's own transaction, the log's triggers stand aside."""
    operations = type(connection.ops)
    original = operations.execute_sql_flush

    def execute_sql_flush(self, statements):
        with triggers.standing_aside():
            original(self, statements)

    operations.execute_sql_flush = execute_sql_flush
    yield
    operations.execute_sql_flush = original


@pytest.fixture(autouse=True)
def _fresh_cache_and_storage():
    cache.clear()
    storage.cache_clear()
    storage().prepare()
    yield
    storage.cache_clear()


def join(email, role, *, client=None, name=""):
    """An active person with PASSWORD."""
    user = User.objects.make(email, role=role, name=name)
    user.join(PASSWORD, name=name)
    if client:
        Membership.objects.create(client=client, user=user)
    return user


def make_cast():
    with transaction.atomic():
        Firm.objects.update_or_create(pk=1, defaults={"second_factor_firm": SecondFactor.OFFERED})
        administrator = join("ruth@firm.example.com", Role.ADMINISTRATOR, name="Ruth Larkin")
        firm_user = join("dana@firm.example.com", Role.FIRM_USER, name="Dana Whitfield")
        acme = Client.add("Acme Dental PC", firm_users=[firm_user], by=administrator)
        other = Client.add("Other Roofing LLC", by=administrator)
        return SimpleNamespace(
            administrator=administrator,
            firm_user=firm_user,
            unassigned=join("theo@firm.example.com", Role.FIRM_USER, name="Theo Voss"),
            auditor=join("morgan@audit.example.com", Role.AUDITOR, name="Morgan Ellis"),
            client=join("ngozi@acme.example.com", Role.CLIENT_USER, client=acme, name="Ngozi Okafor"),
            second=join("daniel@acme.example.com", Role.CLIENT_USER, client=acme, name="Daniel Okafor"),
            stranger=join("marcus@other.example.com", Role.CLIENT_USER, client=other, name="Marcus Sandoval"),
            acme=acme,
            other=other,
        )


STANDING = Standing(make_cast)


@pytest.fixture
def cast(db):
    return STANDING.copy() or make_cast()


@pytest.fixture
def sign_in(client, cast):
    """Signs the browser in as a person, without the form; returns the browser."""

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


def put_file(folder, name="W-2 2025.pdf", content=b"%PDF-1.4 wages", *, by):
    """The file lies in the folder, as an upload leaves it. Returns the File."""
    staged = storage().stage()
    staged.write(content)
    staged.keep()
    (version,) = folder.receive([Arrived(name, staged.key, staged.size_bytes, staged.sha256)], by=by)
    return version.file


def take_note_of_rows():
    """PostgreSQL plans by how many rows there are, as it does some time after they came."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def begin_upload(folder, name="Ledger.qbb", *, by, size_bytes=0, **what):
    """An upload in parts that has begun, as the script begins it."""
    what = {"path": "", "changed_at": "", "is_separate": False, "document": None, **what}
    return sending.start(Sending(folder, by), name=name, size_bytes=size_bytes, **what)


@pytest.fixture
def w2(cast):
    """A file that the client sent."""
    return put_file(cast.acme.cabinet.top, by=cast.client)


@pytest.fixture
def portal_with_a_key(db, monkeypatch):
    """The key file and the log know each other, and the test's connection outlives the command that closes it."""
    prepare_keys()
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)


@pytest.fixture
def lines():
    """What the console shows, since the test began: ``lines()``."""
    (console,) = [handler for handler in logging.getLogger().handlers if handler.get_name() == "console"]
    text = io.StringIO()
    stream = console.setStream(text)
    yield lambda: text.getvalue().splitlines()
    console.setStream(stream)


@pytest.fixture
def events(db):
    """The actions in the log since the test began, oldest first: ``events()``."""
    start = Event.objects.count()

    def events(**filters):
        return list(Event.objects.filter(seq__gt=start, **filters).order_by("seq"))

    return events


@pytest.fixture
def clamd(settings):
    """A scanner that the portal asks, and that does as the test says."""
    scanner = Clamd()
    scanner.start()
    settings.CLAMAV = ScannerUrl("127.0.0.1", scanner.port)
    yield scanner
    scanner.stop()


@pytest.fixture(scope="session")
def s3_url():
    with servers.s3() as url:
        yield url


@pytest.fixture(params=["folder", "s3"])
def store(request, settings, tmp_path):
    """The storage, once on a folder and once on a real S3 server."""
    from portal import environment

    url = str(tmp_path / "files") if request.param == "folder" else request.getfixturevalue("s3_url")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_STORAGE_URL", url)
        settings.STORAGE = environment.storage_url("TEST_STORAGE_URL", "")
    storage.cache_clear()
    storage().prepare()
    return storage()
