"""What somebody with the database in hand can do, past the portal and past its triggers. Undone with the test's transaction."""

from django.db import connection
from django.db.models import QuerySet

from activity import chain, triggers
from activity.keys import mac_key
from activity.models import Event

NAMES = sorted(triggers.SQLITE if connection.vendor == "sqlite" else triggers.POSTGRESQL)
COLUMNS = ", ".join(field.column for field in Event._meta.fields)
COPY = COLUMNS.replace("seq", "{seq}", 1)
EVERYWHERE = {
    "update": "UPDATE activity_event SET actor_email = 'x'",
    "update one": "UPDATE activity_event SET details = '{}' WHERE seq = 2",
    "renumber": "UPDATE activity_event SET seq = seq + 1000",
    "delete": "DELETE FROM activity_event",
    "delete the last": "DELETE FROM activity_event WHERE seq = 3",
    "upsert": (
        f"INSERT INTO activity_event ({COLUMNS}) SELECT {COLUMNS} FROM activity_event WHERE seq = 3 "
        "ON CONFLICT (seq) DO UPDATE SET subject = 'x'"
    ),
}
STATEMENTS = {
    "postgresql": {
        **EVERYWHERE,
        "truncate": "TRUNCATE activity_event",
        "truncate cascade": "TRUNCATE activity_event RESTART IDENTITY CASCADE",
        "update as a replica": "SET LOCAL session_replication_role = replica; UPDATE activity_event SET subject = 'x'",
        "delete as a replica": "SET LOCAL session_replication_role = replica; DELETE FROM activity_event",
    },
    "sqlite": {
        **EVERYWHERE,
        "replace": f"REPLACE INTO activity_event ({COLUMNS}) SELECT {COLUMNS} FROM activity_event WHERE seq = 2",
        "insert or replace": (
            f"INSERT OR REPLACE INTO activity_event ({COLUMNS}) SELECT {COLUMNS} FROM activity_event WHERE seq = 3"
        ),
        "update or replace": "UPDATE OR REPLACE activity_event SET seq = 1 WHERE seq = 2",
        **{
            f"insert out of order, {seq}": (
                f"INSERT INTO activity_event ({COLUMNS}) SELECT {COPY.format(seq=seq)} FROM activity_event WHERE seq = 3"
            )
            for seq in (-1, 0, 5, 100)
        },
    },
}[connection.vendor]
THROUGH_DJANGO = {
    "update": lambda: Event.objects.filter(seq=1).update(subject="x"),
    "delete": lambda: Event.objects.all().delete(),
    "bulk update": lambda: Event.objects.bulk_update([Event.objects.first()], ["subject"]),
    "save": lambda: Event.objects.first().save(),
    "save one field": lambda: Event.objects.first().save(update_fields=["subject"]),
    "delete one": lambda: Event.objects.last().delete(),
    "create": lambda: Event.objects.create(seq=4, at="2026-01-01", format=1),
    "get or create": lambda: Event.objects.get_or_create(seq=4),
}
PAST_DJANGO = {
    "base manager": lambda: Event._base_manager.update(subject="x"),
    "save_base": lambda: Event.objects.first().save_base(force_update=True),
    "raw delete": lambda: Event.objects.all()._raw_delete("default"),
    "raw update": lambda: list(Event.objects.raw("UPDATE activity_event SET subject = 'x' RETURNING *")),
    "bulk update": lambda: QuerySet(Event).bulk_update([Event(seq=1, subject="x")], ["subject"]),
}


def drop(name):
    """One trigger is gone."""
    on = f" ON {triggers.TABLE}" if connection.vendor == "postgresql" else ""
    execute(f"DROP TRIGGER {name}{on}")


def drop_triggers():
    """All are gone, and the names say which stood."""
    for name in NAMES:
        drop(name)
    return NAMES


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
