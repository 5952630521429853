"""The database's own refusal to change or delete an event, put back after every migrate."""

from contextlib import contextmanager

from django.db import connection, transaction

from activity.recording import lock_log

TABLE = "activity_event"
REFUSAL = "events are never changed or deleted"

SQLITE = {
    "activity_event_no_update": f"BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    "activity_event_no_delete": f"BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    # REPLACE deletes without asking the trigger above; it cannot bring a new highest number
    "activity_event_in_order": (
        f"BEFORE INSERT ON {TABLE} WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM {TABLE}) "
        "BEGIN SELECT RAISE(ABORT, 'events are numbered without gaps'); END"
    ),
}
# word for word as pg_get_triggerdef gives them back
POSTGRESQL = {
    "activity_event_no_change": "BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION activity_event_refuse()",
    "activity_event_no_truncate": "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION activity_event_refuse()",
}
FUNCTION_BODY = f" BEGIN RAISE EXCEPTION '{REFUSAL}'; END "


def install(**kwargs):
    """The triggers stand, as this release knows them. Also the receiver of ``post_migrate``."""
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        if connection.vendor == "sqlite":
            for name, body in SQLITE.items():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(f"CREATE TRIGGER {name} {body}")
            return
        cursor.execute(
            "CREATE OR REPLACE FUNCTION activity_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$${FUNCTION_BODY}$$"
        )
        for name, body in POSTGRESQL.items():
            cursor.execute(f"CREATE OR REPLACE TRIGGER {name} {body.format(table=TABLE)}")
            # ALWAYS also holds where a session plays replica
            cursor.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {name}")


@contextmanager
def standing_aside():
    """Inside, events may be changed and deleted: for pruning, and for a migration that rewrites them.

    The triggers stand again before the transaction commits, whatever happens inside, so that no commit shows the table
    without them; to other connections they never left. Nobody else can record from here to that commit, nor (on
    PostgreSQL, whose ALTER TABLE locks the table) write to it in any other way: have everything ready first.
    """
    with transaction.atomic():
        lock_log()  # before the table, in the order in which whoever records locks them
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                for name in SQLITE:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            else:
                cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
        yield
        install()


def missing():
    """The names of triggers that do not stand word for word (on PostgreSQL: or are not always on)."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            bodies = SQLITE
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE])
        else:
            bodies = {name: body.format(table=TABLE) for name, body in POSTGRESQL.items()}
            cursor.execute(
                "SELECT tgname, pg_get_triggerdef(t.oid, true) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
                "WHERE tgrelid = to_regclass(%s) AND tgenabled = 'A' AND prosrc = %s",
                [TABLE, FUNCTION_BODY],
            )
        standing = dict(cursor.fetchall())
    return sorted(name for name, body in bodies.items() if standing.get(name) != f"CREATE TRIGGER {name} {body}")
