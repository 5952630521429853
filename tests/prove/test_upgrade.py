"""A database of each earlier state of the portal, with rows in every table, is one of this release after `prepare`'s migrations:
no row is lost or changed, what is counted is right, the log verifies, and people go on with their files."""

import hashlib
import secrets
from datetime import UTC, date, datetime
from types import SimpleNamespace

import psycopg
import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import load_backend
from django.test import Client as Browser

from accounts.models import Firm, SecondFactor, User
from activity import triggers
from activity.actions import Action
from activity.keys import fingerprint
from activity.models import Event
from activity.recording import Subject, record_now
from activity.verification import verify
from files.inspection import wrong_counters, wrong_objects
from files.models import Cabinet, Version
from files.storage import storage
from operations import startup
from portal.environment import database_url
from tests import servers
from tests.conftest import PASSWORD

OURS = {"accounts", "activity", "files", "notices", "operations", "organizer", "reports"}
NOT_YET = {"mfa", "usersessions"}  # apps that the first state did not have
# What had landed when, by the last migration of each app
STATES = {
    "the foundation": {"accounts": "0001_initial", "activity": "0001_initial", "files": "0001_initial"},
    "accounts and access": {
        "accounts": "0004_people_by_role",
        "activity": "0001_initial",
        "files": "0001_initial",
    },
    "the log": {
        "accounts": "0005_log_settings",
        "activity": "0003_checkpoints_and_archives",
        "files": "0001_initial",
    },
    "the exchange": {
        "accounts": "0007_receipts_by_mail",
        "activity": "0003_checkpoints_and_archives",
        "files": "0008_uploads_in_parts",
        "notices": "0001_waiting",
    },
    "reports": {
        "accounts": "0007_receipts_by_mail",
        "activity": "0004_pairs_have_an_index",
        "files": "0009_who_uses_the_space",
        "notices": "0001_waiting",
        "reports": "0002_schedules",
    },
    "the organizer": {
        "accounts": "0008_organizer_rights",
        "activity": "0004_pairs_have_an_index",
        "files": "0009_who_uses_the_space",
        "notices": "0001_waiting",
        "reports": "0002_schedules",
        "organizer": "0002_sending",
    },
}
AT = datetime(2026, 3, 14, 15, 9, 26, 535897, tzinfo=UTC)
FIRST, SECOND, BINNED = b"%PDF-1.4 first", b"%PDF-1.4 the second", b"in the bin"


@pytest.fixture(scope="module")
def server():
    with servers.postgresql(is_durable=False) as url:
        yield url


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def empty(request, django_db_setup, django_db_blocker, tmp_path, monkeypatch):
    """A database without a table is the portal's."""
    if request.param == "SQLite":
        url = f"sqlite:///{tmp_path}/earlier.sqlite3"
    else:
        url, name = request.getfixturevalue("server"), f"earlier_{secrets.token_hex(4)}"
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(f"CREATE DATABASE {name}")
        url = url.replace("/postgres?", f"/{name}?")
    monkeypatch.setenv("EARLIER_URL", url)
    settings = database_url("EARLIER_URL", "")
    settings["OPTIONS"].pop("pool", None)
    settings = connections.configure_settings({"default": settings})["default"]
    with django_db_blocker.unblock():
        standing = connections["default"]
        connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
        ContentType.objects.clear_cache()
        try:
            yield
        finally:
            connections["default"].close()
            connections["default"] = standing
            ContentType.objects.clear_cache()


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_what_an_earlier_portal_held_is_whole_after_an_upgrade(empty, state):
    told = fill(migrate_to(state))
    before, head = all_rows(), Event.objects.last()
    assert [table for table, rows in before.items() if not rows and not table.startswith("activity_")] == []

    call_command("migrate", interactive=False, verbosity=0)

    after = all_rows()
    for table, rows in before.items():
        assert [{name: row[name] for name in rows[0]} for row in after[table]] == rows, table
    assert startup.problems() == []
    assert startup.newer() is None
    assert not list(wrong_counters())
    assert [one for one in wrong_objects(content=True) if one.is_harmful] == []
    cabinet = Cabinet.objects.get(client__name="Acme Dental PC")
    counted = (cabinet.file_count, cabinet.current_bytes, cabinet.earlier_bytes, cabinet.binned_bytes)
    assert counted == (1, len(SECOND), len(FIRST), len(BINNED))
    assert not Version.objects.filter(receipted_at=None).exists()  # nobody is mailed of what came long ago
    finding = verify()
    assert (finding.is_whole, finding.head_seq, finding.head_hash) == (True, head.seq, bytes(head.hash))
    Firm.objects.update(
        second_factor_firm=SecondFactor.OFFERED
    )  # else people of the firm set one up first, from now on
    people_go_on(told)
    assert verify().is_whole


def people_go_on(told):
    """The client signs in as ever, and fetches the file; the administrator reads the log, which has it all."""
    client = signed_in("ngozi@acme.example.com")
    answer = client.get(f"/files/{told.file.pk}/download/")
    assert b"".join(answer) == SECOND
    assert signed_in("ruth@firm.example.com").get("/activity/").status_code == 200
    actions = list(Event.objects.order_by("seq").values_list("action", flat=True))
    assert actions[0] == Action.PORTAL_PREPARED
    assert {Action.SIGNED_IN, Action.FILE_DOWNLOADED, Action.LOG_VIEWED} <= set(actions)
    assert User.objects.make("new@firm.example.com", role="firm_user").pk > told.client.pk


def signed_in(email):
    browser = Browser()
    answer = browser.post("/account/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return browser


def migrate_to(state):
    """The database is in this state. Returns its models: ``model("files", "File")``."""
    executor = MigrationExecutor(connection)
    not_yet = NOT_YET if state is STATES["the foundation"] else OURS
    others = [node for node in executor.loader.graph.leaf_nodes() if node[0] not in OURS | not_yet]
    targets = [*state.items(), *others]
    executor.migrate(targets)
    triggers.install()
    return executor.loader.project_state(targets).apps


def fill(earlier):
    """A client with its files, and at least one row in each other table that the state has."""
    get = earlier.get_model

    def make(label, **values):
        """Of the values, those that the model has in this state."""
        model = get(label)
        return model.objects.create(**{name: value for name, value in values.items() if has(model, name)})

    make("activity.LogKey", fingerprint=fingerprint())
    record_now(Action.PORTAL_PREPARED, subject=Subject("command", "", "manage.py prepare"))
    make("accounts.Firm", name="Larkin & Voss", second_factor_firm="offered", logo=b"\x89PNG\0", log_years=9)
    person = {"password": make_password(PASSWORD), "is_active": True, "joined_at": AT, "created_at": AT}
    make("accounts.User", email="ruth@firm.example.com", role="administrator", name="Ruth Larkin", **person)
    staff = make("accounts.User", email="dana@firm.example.com", role="firm_user", name="Dana Whitfield", **person)
    client = make("accounts.User", email="ngozi@acme.example.com", role="client_user", name="Ngozi Okáfor", **person)
    acme = make("accounts.Client", name="Acme Dental PC")
    make("accounts.Membership", client=acme, user=client)
    make("accounts.Assignment", client=acme, user=staff)
    make("accounts.Invitation", user=client, token_hash="ab" * 32, expires_at=AT)
    counts = {"current_bytes": len(SECOND), "earlier_bytes": len(FIRST), "binned_bytes": len(BINNED)}
    counts |= {"file_count": 1, "last_sent_at": AT}
    cabinet = make("files.Cabinet", kind="client", client=acme, reserved_bytes=70, **counts)
    folder = make("files.Folder", cabinet=cabinet, name="Acme Dental PC")
    file = make("files.File", folder=folder, name="W-2 2025.pdf", former_names="scan.pdf\n", created_at=AT)
    binned = make("files.File", folder=folder, name="old.pdf", created_at=AT, binned_at=AT, binned_by=client)

    def version(file, number, content):
        staged = storage().stage()
        staged.write(content)
        staged.keep()
        what = {"storage_key": staged.key, "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        row = make("files.Version", file=file, number=number, by=client, at=AT, receipted_at=AT, **what)
        file.current = row
        file.save()
        record_now(Action.FILE_UPLOADED, subject=Subject("file", str(file.pk), file.name, size_bytes=len(content)))

    version(file, 1, FIRST)
    version(file, 2, SECOND)
    version(binned, 1, BINNED)
    if "upload" in earlier.all_models["files"]:
        upload = {"name": "Ledger.qbb", "size_bytes": 70, "part_bytes": 70, "storage_key": "cd" * 16}
        make("files.Upload", folder=folder, by=client, **upload)
    if "sender" in earlier.all_models["files"]:
        make("files.Sender", user=client, **counts)
    for model in earlier.get_models():
        if model._meta.app_label in OURS - {"activity"}:
            for field in model._meta.many_to_many:
                getattr(row_of(model), field.name).add(row_of(field.related_model))
            row_of(model)
    last = Event.objects.last()
    make("activity.Verification", head_seq=last.seq, head_hash=bytes(last.hash))
    return SimpleNamespace(file=file, client=client)


def has(model, name):
    return name in {field.name for field in model._meta.fields}


VALUES = {
    "CharField": "x",
    "TextField": "x",
    "JSONField": {"a": [1, "é"]},
    "DateTimeField": AT,
    "DateField": date(2026, 3, 14),
}
VALUES |= {"BinaryField": b"\0\xff", "BooleanField": True}


def row_of(model):
    """A row of the model: one that is there, or a new one that refers to others."""
    if there := model.objects.first():
        return there
    values = {}
    for field in model._meta.concrete_fields:
        if field.null or field.has_default() or (field.primary_key and not field.remote_field):
            continue
        target = field.remote_field and field.related_model
        values[field.name] = row_of(target) if target else VALUES.get(field.get_internal_type(), 1)
    return model.objects.create(**values)


def all_rows():
    """{table: its rows, in the order of their first column} of the portal's own tables, as the driver gives them."""
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.partition("_")[0] in OURS:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
                names = [column[0] for column in cursor.description]
                rows[table] = [dict(zip(names, map(plain, row), strict=True)) for row in cursor.fetchall()]
    return rows


def plain(value):
    return bytes(value) if isinstance(value, memoryview) else value
