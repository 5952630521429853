"""move_database: every row comes into an empty PostgreSQL, or none does and the error says which could not."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import keyfile
from accounts.models import Client, User
from activity.actions import Action
from activity.models import Event, LogKey
from files.models import Version
from operations import moving_database
from tests.servers import Portal


def test_each_column_of_the_portal_is_of_a_kind_that_is_looked_at():
    fields = [field for model in apps.get_models(include_auto_created=True) for field in model._meta.concrete_fields]

    assert {moving_database._kind(field) for field in fields} == set(moving_database.TYPES)


if connection.vendor == "sqlite":

    def test_the_new_database_is_a_postgresql(db, tmp_path):
        with pytest.raises(
            CommandError, match="DATABASE_URL names the new database, and must be that of a PostgreSQL one"
        ):
            call_command("move_database", str(tmp_path / "portal.sqlite3"))
        assert not Event.objects.exists()

else:
    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture(scope="module")
    def portal(tmp_path_factory):
        """An empty portal, in a file."""
        portal = Portal(tmp_path_factory.mktemp("old"), demo=False)
        portal.prepare()
        return portal

    @pytest.fixture
    def file(portal, tmp_path, settings):
        """A copy of its file, of which this portal has the keys."""
        settings.PORTAL_KEYS = portal.var / "portal.keys"
        return shutil.copy(portal.var / "portal.sqlite3", tmp_path / "portal.sqlite3")

    @pytest.fixture(autouse=True)
    def _keys_are_read_anew():
        keyfile.key.cache_clear()
        yield
        keyfile.key.cache_clear()

    def change(file, *statements):
        """As somebody would who has the file: neither triggers nor references stand in the way."""
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA ignore_check_constraints = ON")
            for statement in statements:
                database.execute(statement)
            database.commit()

    def in_file(file, question):
        with closing(sqlite3.connect(file)) as database:
            return database.execute(question).fetchone()[0]

    def test_all_of_it_comes_and_the_log_says_so(file, capsys):
        count = in_file(file, "SELECT count(*) FROM activity_event")
        call_command("move_database", str(file))

        assert f"the log is unbroken up to event {count:,}.\n" in capsys.readouterr().out
        event = Event.objects.last()
        assert (event.seq, event.action, event.actor_role) == (count + 1, Action.DATABASE_MOVED, "system")
        assert event.details["before"] == {"database": "SQLite, portal.sqlite3"}
        assert event.details["after"] == {"database": "PostgreSQL"}
        assert in_file(file, "SELECT count(*) FROM activity_event") == count
        call_command("verify_activity")
        Client.objects.create(name="One more")  # with a number that none of the others has

        with pytest.raises(
            CommandError, match="Nothing was moved: the new database is not empty: accounts_client has rows"
        ):
            call_command("move_database", str(file))

    SESSION = "INSERT INTO django_session (session_key, session_data, expire_date) VALUES ({})"
    WRONG = {
        "a NUL in a text": (
            SESSION.format("'k', 'a' || char(0) || 'b', '2026-11-29 10:00:00'"),
            "django_session, the row session_key=k: PostgreSQL takes none such: .*NUL",
        ),
        "a NUL in JSON": (
            "INSERT INTO files_housekeepingrun (at, figures, problems) "
            "VALUES ('2026-11-29 10:00:00', '{}', json_object('a', char(0)))",
            r"files_housekeepingrun, the row id=1, problems: PostgreSQL takes none such: .*\\u0000",
        ),
        "a word where a number belongs": (
            "UPDATE auth_permission SET content_type_id = 'many' WHERE id = 3",
            "auth_permission, the row id=3, content_type_id: is 'many', and no int",
        ),
        "bytes where a text belongs": (
            SESSION.format("'k', x'41', '2026-11-29 10:00:00'"),
            "django_session, the row session_key=k, session_data: is b'A', and no str",
        ),
        "a text that is no UTF-8": (
            SESSION.format("'k', CAST(x'ff' AS TEXT), '2026-11-29 10:00:00'"),
            "django_session, the row session_key=k cannot be read",
        ),
        "no time": (
            SESSION.format("'k', 'data', 'yesterday'"),
            "django_session, the row session_key=k",
        ),
        "a text that is too long": (
            SESSION.format("printf('%.50c', 'k'), 'data', '2026-11-29 10:00:00'"),
            "django_session, the row session_key=k+, session_key: PostgreSQL takes none such: value too long",
        ),
        "a reference to nothing": (
            "UPDATE auth_permission SET content_type_id = 999 WHERE id = 3",
            '"auth_permission" violates foreign key constraint',
        ),
        "a table of somebody's": ("CREATE TABLE mine (id int)", "has tables that the portal does not know: mine"),
        "another release": (
            "DELETE FROM django_migrations WHERE app = 'organizer'",
            "the old database is of another release: run `manage.py prepare` with it first",
        ),
        "a log that was changed": (
            "UPDATE activity_event SET subject = 'x' WHERE seq = 1",
            "the log is broken: event 1 was changed, or one before it; see to it where it is",
        ),
        "the key of another log": ("UPDATE activity_logkey SET fingerprint = 'x'", "belongs to another log"),
    }

    @pytest.mark.parametrize(("statement", "said"), WRONG.values(), ids=WRONG)
    def test_nothing_comes_where_something_cannot(file, statement, said):
        change(file, "DROP TRIGGER activity_event_no_update", statement)

        with pytest.raises(CommandError, match=f"Nothing was moved: .*{said}"):
            call_command("move_database", str(file))

        assert not any(model.objects.exists() for model in (User, Event, Version, LogKey))
        assert ContentType.objects.exists()
        assert Permission.objects.exists()

    def test_nothing_comes_while_the_portal_has_the_file_open(file):
        with closing(sqlite3.connect(file)) as database:
            database.execute("SELECT count(*) FROM activity_event")
            with pytest.raises(CommandError, match="open: stop the portal first, all of its processes"):
                call_command("move_database", str(file))
        assert not Event.objects.exists()

    def test_there_must_be_a_file(tmp_path):
        with pytest.raises(CommandError, match="there is no file"):
            call_command("move_database", str(tmp_path / "nothing"))
