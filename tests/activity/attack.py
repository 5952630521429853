"""What somebody with the database in hand can do, past the portal and past its triggers. Undone with the test's transaction."""

from django.db import connection

from activity import triggers


def drop(name):
    """One trigger is gone."""
    on = f" ON {triggers.TABLE}" if connection.vendor == "postgresql" else ""
    execute(f"DROP TRIGGER {name}{on}")


def drop_triggers():
    """All are gone, and the names say which stood."""
    names = sorted(triggers.SQLITE if connection.vendor == "sqlite" else triggers.POSTGRESQL)
    for name in names:
        drop(name)
    return names


def execute(statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
