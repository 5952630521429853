"""A role of PostgreSQL that the portal can serve with, and that can only read the log and append to it."""

import secrets

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from activity import triggers
from activity.actions import Action
from activity.models import Event
from activity.verification import verify
from tests.activity import attack
from tests.conftest import PASSWORD, put_file

if connection.vendor == "sqlite":

    def test_sqlite_knows_no_roles(db):
        with pytest.raises(CommandError, match="SQLite knows no roles"):
            call_command("restrict_log", "portal_web")
        assert not Event.objects.exists()

else:
    pytestmark = pytest.mark.django_db(transaction=True)
    FORBIDDEN = {
        "update": "UPDATE activity_event SET subject = 'x'",
        "update of one column": "UPDATE activity_event SET seq = 7 WHERE seq = 1",
        "delete": "DELETE FROM activity_event",
        "truncate": "TRUNCATE activity_event",
        "upsert": attack.EVERYWHERE["upsert"],
        "alter": "ALTER TABLE activity_event ADD COLUMN place text",
        "disable triggers": "ALTER TABLE activity_event DISABLE TRIGGER USER",
        "play replica": "SET session_replication_role = replica",
        "drop a trigger": "DROP TRIGGER activity_event_no_change ON activity_event",
        "add a trigger": (
            "CREATE TRIGGER mine BEFORE INSERT ON activity_event FOR EACH ROW EXECUTE FUNCTION activity_event_refuse()"
        ),
        "hollow the function": (
            "CREATE OR REPLACE FUNCTION activity_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$"
        ),
        "drop": "DROP TABLE activity_event",
        "rename": "ALTER TABLE activity_event RENAME TO old_events",
    }

    @pytest.fixture
    def role(transactional_db):
        """An existing role with no rights; gone at the end."""
        name = f"portal web {secrets.token_hex(4)}"  # a name that must be quoted
        attack.execute(f'CREATE ROLE "{name}" LOGIN')
        yield name
        attack.execute(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')

    @pytest.fixture
    def become(role):
        """From ``become()`` on the portal is connected as the role."""
        owner = connection.settings_dict["USER"]

        def connect_as(user):
            connection.close()
            connection.settings_dict["USER"] = user

        yield lambda: connect_as(role)
        connect_as(owner)

    @pytest.fixture
    def later():
        """A table that a later release brings: ``later()`` makes it."""
        yield lambda: attack.execute("CREATE TABLE later (id bigserial PRIMARY KEY, word text)")
        attack.execute("DROP TABLE later")

    def test_the_portal_serves_with_the_role_and_records(role, become, cast, client):
        call_command("restrict_log", role)
        restricted = Event.objects.latest("seq")
        become()

        answer = client.post("/account/login/", {"login": cast.client.email, "password": PASSWORD})
        assert answer.status_code == 302
        file = put_file(cast.acme.cabinet.top, by=cast.client)
        assert client.post(f"/files/{file.pk}/name/", {"name": "Renamed.pdf"}).status_code == 302
        assert client.get(f"/files/{file.pk}/download/").status_code == 200
        call_command("verify_activity")
        call_command("housekeeping")
        client.post("/account/logout/")

        assert triggers.missing() == []
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (role,)
        assert (restricted.action, restricted.details) == (Action.LOG_RESTRICTED, {"note": f"role {role}"})
        assert list(Event.objects.filter(seq__gt=restricted.seq).order_by("seq").values_list("action", flat=True)) == [
            Action.SIGNED_IN,
            Action.FILE_UPLOADED,
            Action.FILE_RENAMED,
            Action.FILE_DOWNLOADED,
            Action.LOG_VERIFIED,
            Action.CHECKPOINT_MADE,
            Action.SIGNED_OUT,
        ]
        assert verify().is_whole

    def test_what_would_change_the_log_is_refused_by_permission(role, become):
        call_command("restrict_log", role)
        before = list(Event.objects.values())
        become()

        for name, statement in FORBIDDEN.items():
            with pytest.raises(ProgrammingError, match="permission denied|must be owner"), transaction.atomic():
                attack.execute(statement)
                pytest.fail(f"{name} was let through")
        assert list(Event.objects.values()) == before

    def test_rights_that_the_role_had_are_taken_and_a_second_time_changes_nothing(role, become):
        attack.execute(f'GRANT ALL ON activity_event TO "{role}"; GRANT UPDATE (subject) ON activity_event TO "{role}"')
        call_command("restrict_log", role)
        call_command("restrict_log", role)
        become()

        with pytest.raises(ProgrammingError, match="permission denied"):
            attack.execute(FORBIDDEN["update"])

    def test_a_table_that_a_later_release_adds_is_open_to_it(role, later, become):
        call_command("restrict_log", role)
        later()
        become()
        attack.execute("INSERT INTO later (word) VALUES ('a'); UPDATE later SET word = 'b'; DELETE FROM later")

    OTHERS = {
        "superuser": ('ALTER ROLE "{role}" SUPERUSER', "is a superuser"),
        "may become a superuser": ('GRANT postgres TO "{role}"', "may become one"),
        "owner": ('ALTER TABLE activity_event OWNER TO "{role}"', "owns the log"),
        "right of all": ("GRANT UPDATE ON activity_event TO PUBLIC", "by a right of PUBLIC"),
        "right of all to a column": ("GRANT UPDATE (subject) ON activity_event TO PUBLIC", "by a right of PUBLIC"),
    }

    @pytest.mark.django_db(transaction=False)
    @pytest.mark.parametrize(("grant", "words"), OTHERS.values(), ids=OTHERS.keys())
    def test_a_role_that_no_grant_restricts_is_refused(db, grant, words):
        role = f"portal_{secrets.token_hex(4)}"  # undone with the test's transaction, as all of it is
        attack.execute(f'CREATE ROLE "{role}"')
        attack.execute(grant.format(role=role))
        with pytest.raises(CommandError, match=words):
            call_command("restrict_log", role)
        assert not Event.objects.exists()

    def test_an_unknown_role_is_refused(db):
        with pytest.raises(CommandError, match="There is no role nobody"):
            call_command("restrict_log", "nobody")
        assert not Event.objects.exists()
