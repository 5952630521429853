"""The one way into the log."""

import re
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, transaction
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

_past = ContextVar("past", default=None)


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

    From here to the commit nobody else can record, so nothing slow may follow. Raises OperationalError when the lock
    cannot be had in LOCK_TIMEOUT_SECONDS: the act then fails whole.
    """
    if not connection.in_atomic_block:
        raise RecordingOutsideTransaction
    lock_log()
    head = Event.objects.order_by("-seq").only("seq", "at", "hash").first()
    seq, previous = (head.seq, bytes(head.hash)) if head else (0, chain.GENESIS)
    at, lift = _moment(head)
    origin = current_origin()
    events = []
    for entry in entries:
        seq += 1
        event = _event(entry, seq, at, origin, lift)
        event.hash = previous = chain.event_hash(event, previous)
        event.mac = chain.event_mac(event.hash, mac_key())
        events.append(event)
    Event.objects.bulk_create(events, batch_size=500)
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
    if connection.vendor != "postgresql":
        return  # SQLite's transactions are IMMEDIATE: whoever is in one is the only writer
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def _moment(head):
    """The time of the next event, and by how much it was lifted above the clock to keep time from running backwards."""
    clock = _past.get()
    if clock is not None:
        now = clock()
    elif connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            now = cursor.fetchone()[0]
    else:
        now = timezone.now()
    if head is None or now >= head.at:
        return now, None
    return head.at, head.at - now


def _event(entry, seq, at, origin, lift):
    actor, subject = entry.by, entry.subject
    client = subject.client or (actor.only_client() if actor else None)
    details = {name: _as_strings(entry.details[name]) for name in DETAILS if entry.details.get(name)}
    if lift is not None and lift > NOTED_LIFT:
        details["clock"] = f"{lift.total_seconds():.0f} s behind the event before"
    return Event(
        seq=seq,
        at=at,
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
