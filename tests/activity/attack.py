"""What somebody with the database in hand can do, past the portal and past its triggers. Undone with the test's transaction."""

from django.db import connection

from activity import chain, triggers
from activity.keys import mac_key
from activity.models import Event


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


def change(seq, /, **columns):
    """The row is changed in place, past the model."""
    Event._base_manager.filter(seq=seq).update(**columns)


def rewrite(seq, /, key=None, **columns):
    """The event is changed, and all from it on get hashes and macs that fit together, as a forger with ``key`` (without: the
    portal's own) would make them."""
    change(seq, **columns)
    before = Event.objects.filter(seq=seq - 1).first()
    previous = bytes(before.hash) if before else chain.GENESIS
    for event in Event.objects.filter(seq__gte=seq).order_by("seq"):
        previous = chain.event_hash(event, previous)
        change(event.seq, hash=previous, mac=chain.event_mac(previous, key or mac_key()))
