"""A log as long as one likes, quickly: what was recorded, again and again. Its hashes do not fit together: for reading only."""

import hashlib

from django.db import connection, transaction

from activity import triggers
from activity.actions import Action
from activity.models import Event
from activity.origin import Origin, coming_from
from activity.recording import Entry, Subject, record_all

RECORDED = 5_000
DAY = [Action.SIGNED_IN, Action.FILE_UPLOADED, Action.FILE_DOWNLOADED, Action.FILE_BINNED, Action.SIGNED_OUT]
COLUMNS = [field.column for field in Event._meta.concrete_fields]
SECONDS_APART = 37
FIRST = 1_577_880_000  # January 1, 2020
AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', {seconds}, 'unixepoch')",
    "postgresql": "to_timestamp({seconds})",
}


def grow(count, *, by, clients):
    """The log has ``count`` events, at least: people come, send, fetch, delete and go, on and on for years."""
    with transaction.atomic(), coming_from(Origin(ip="203.0.113.7", user_agent="Firefox")):
        record_all(entry_of(n, by, clients) for n in range(RECORDED))
    with transaction.atomic(), triggers.standing_aside(), connection.cursor() as cursor:
        cursor.execute("SELECT MAX(seq) FROM activity_event")
        (head,) = cursor.fetchone()
        values = ["{seq}" if column == "seq" else "{at}" if column == "at" else column for column in COLUMNS]
        for start in range(head, count, RECORDED):
            seq = f"seq - {head - RECORDED} + {start}"
            seconds = f"{FIRST} + ({seq}) * {SECONDS_APART}"
            select = ", ".join(values).format(seq=seq, at=AT[connection.vendor].format(seconds=seconds))
            cursor.execute(
                f"INSERT INTO activity_event ({', '.join(COLUMNS)}) SELECT {select} FROM activity_event "
                f"WHERE seq > {head - RECORDED} AND seq <= {min(head, head - RECORDED + count - start)} ORDER BY seq"
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE activity_event")


def entry_of(n, people, clients):
    """What somebody does as the n-th of all: five acts of one person follow each other."""
    action, person, client = DAY[n % len(DAY)], people[n // len(DAY) % len(people)], clients[n % len(clients)]
    if action in (Action.SIGNED_IN, Action.SIGNED_OUT):
        return Entry(action, person)
    details = {}
    if action in (Action.FILE_UPLOADED, Action.FILE_DOWNLOADED):
        details["after"] = {"version": "1", "sha256": hashlib.sha256(str(n).encode()).hexdigest()}
    return Entry(action, person, Subject("file", f"{n:032x}", f"Bank statement {n}.pdf", client, n), details=details)
