"""The one way into the log."""

import re
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from functools import partial

from django.db import DatabaseError, OperationalError, connection, models, transaction
from django.utils import timezone

from accounts.models import Client, User
from activity import chain
from activity.actions import Action
from activity.keys import mac_key
from activity.models import DETAILS, Event
from activity.origin import current_origin
from activity.querysets import SYSTEM

LOCK = 0x6576656E74  # "event"
LOCK_TIMEOUT_SECONDS = 10
NOTED_LIFT = timedelta(seconds=5)
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL stores no NUL, UTF-8 no lone surrogate

FIELDS = Event._meta.concrete_fields
INSERT = (
    f"INSERT INTO activity_event ({', '.join(f.column for f in FIELDS)}) VALUES ({', '.join(['%s'] * len(FIELDS))})"
)
TAKEN_AS_THEY_ARE = (models.CharField, models.TextField, models.IntegerField)
ADAPTED = {
    field.attname: partial(field.get_db_prep_save, connection=connection)
    for field in FIELDS
    if not isinstance(field, TAKEN_AS_THEY_ARE)
}
HEAD = "SELECT {now}, seq, at, hash FROM activity_event ORDER BY seq DESC LIMIT 1"

_past = ContextVar("past", default=None)


class LogUnavailable(OperationalError):
    """The log could not take an event, so what it would have told of does not happen."""


class RecordingOutsideTransaction(RuntimeError):
    """An event must commit with the act that it tells of; this one was not inside an atomic block."""


@dataclass
class Subject:
    """What an event is about, as copied into it."""

    type: str = ""
    id: str = ""
    label: str = ""
    client: Client | None = None
    size_bytes: int | None = None


@dataclass
class Entry:
    """An event to be recorded: who did what to what."""

    action: Action
    by: User | None = None
    subject: Subject = field(default_factory=Subject)
    actor_email: str = ""
    details: dict = field(default_factory=dict)


def record(action, *, by=None, subject=None, actor_email="", **details):
    """The log ends with this event once the surrounding transaction commits. Returns the event."""
    return record_all([Entry(action, by, subject or Subject(), actor_email, details)])[0]


def record_all(entries):
    """The log ends with these events, in this order, once the surrounding transaction commits. Returns the events.

    From here to the commit nobody else can record, so nothing slow may follow. Raises LogUnavailable where the database
    refuses, or the lock cannot be had in LOCK_TIMEOUT_SECONDS: the act then fails whole.
    """
    if not connection.in_atomic_block:
        raise RecordingOutsideTransaction
    try:
        return _append(entries)
    except DatabaseError as problem:
        raise LogUnavailable(str(problem)) from problem


def _append(entries):
    origin = current_origin()
    events = [_event(entry, origin) for entry in entries]  # may look up clients: before the lock
    now, seq, last_at, previous = _lock_and_read()
    at = max(now, last_at or now)
    for event in events:
        seq += 1
        event.seq, event.at = seq, at
        if at - now > NOTED_LIFT:
            event.details["clock"] = f"{(at - now).total_seconds():.0f} s behind the event before"
        event.hash = previous = chain.event_hash(event, previous)
        event.mac = chain.event_mac(event.hash, mac_key())
    _insert(events)
    return events


@contextmanager
def in_the_past(clock):
    """Events recorded inside carry the times that ``clock()`` gives. For the demonstration, into an empty log only."""
    if Event.objects.exists():
        raise RuntimeError("Past times are for an empty log only.")
    token = _past.set(clock)
    try:
        yield
    finally:
        _past.reset(token)


def lock_log():
    """Nobody else records until the transaction ends. Raises OperationalError after LOCK_TIMEOUT_SECONDS."""
    if connection.vendor == "postgresql":  # SQLite's transactions are IMMEDIATE: whoever is in one is the only writer
        with connection.cursor() as cursor:
            cursor.execute(_locking())


def _locking():
    """The time-out holds for the rest of the transaction: from here on everybody who records waits for it."""
    return f"SELECT set_config('lock_timeout', '{LOCK_TIMEOUT_SECONDS}s', true), pg_advisory_xact_lock({LOCK})"


def _lock_and_read():
    """The log is locked as by ``lock_log()``; gives the clock's time, and the number, time and hash of the last event."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # one round trip, but two statements: only a new one sees what was committed while the first waited
            cursor.execute(f"{_locking()}; {HEAD.format(now='clock_timestamp()')}")
            cursor.nextset()
        else:
            cursor.execute(HEAD.format(now="NULL"))
        now, seq, at, previous = cursor.fetchone() or (None, 0, None, chain.GENESIS)
    if connection.vendor == "sqlite" and at:
        at = at.replace(tzinfo=UTC)
    if clock := _past.get():
        now = clock()
    return now or timezone.now(), seq, at, bytes(previous)


def _insert(events):
    """Without what the ORM does to put statements together: whoever else records waits for this."""
    rows = [_row(event) for event in events]
    with connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(INSERT, rows[0])
        else:
            cursor.executemany(INSERT, rows)


def _row(event):
    values = {field.attname: getattr(event, field.attname) for field in FIELDS}
    return [*(values | {name: adapt(values[name]) for name, adapt in ADAPTED.items()}).values()]


def _event(entry, origin):
    actor, subject = entry.by, entry.subject
    client = subject.client or (actor.only_client() if actor else None)
    details = {name: _as_strings(entry.details[name]) for name in DETAILS if entry.details.get(name)}
    return Event(
        area=entry.action.area.value,
        action=entry.action.value,
        actor_id=actor.pk if actor else None,
        actor_email=storable(actor.email if actor else entry.actor_email),
        actor_role=actor.role if actor else SYSTEM if origin.is_system else "",
        client_id=client.pk if client else None,
        client_name=storable(client.name if client else ""),
        subject_type=subject.type,
        subject_id=subject.id[:40],
        subject=storable(subject.label),
        size_bytes=subject.size_bytes,
        ip=origin.ip,
        user_agent=storable(origin.user_agent)[:400],
        request_id=origin.request_id,
        details=details,
        format=chain.FORMAT,
    )


def storable(text):
    """The text without what no database here can hold."""
    return UNSTORABLE.sub("\ufffd", str(text))


def _as_strings(value):
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return storable(value)


def record_now(action, **fields):
    """The event is in the log, committed by itself. For what happens outside any verb."""
    with transaction.atomic():
        return record(action, **fields)
