"""A log as a firm has it after some years: most of it from January to April, a few clients very busy, some actions rare."""

import random
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice

from django.db import connection, transaction

from accounts.models import Assignment, Client, Membership, Role, User
from activity import triggers
from activity.actions import Action, Area
from activity.recording import FIELDS

BEGIN, DAYS = datetime(2023, 1, 1, 14, tzinfo=UTC), 1_096
CLIENTS, ASSIGNED, STAFF = 600, 300, 30
ACTS_PER_SESSION, PER_TRANSACTION = 25, 50_000
OFFICE = "198.51.100.4"
OFTEN = [
    Action.FILE_DOWNLOADED,
    Action.FILE_PREVIEWED,
    Action.FILE_UPLOADED,
    Action.FILE_DOWNLOADED,
    Action.FILE_RENAMED,
]
RARE = [Action.FILE_PURGED, Action.HOLD_PLACED, Action.FILE_QUARANTINED]
RARE_EVENTS = 300  # of these there are as many in a log of any length
SEASON, REST = 6, 1  # events of a day from January to April 15, and of any other


class Firm:
    """Its people and clients; ``firm.fill(count)`` makes its log anew."""

    def __init__(self):
        self.clients = Client.objects.bulk_create(Client(name=f"Client {number:03}") for number in range(CLIENTS))
        self.administrator, *self.staff = self._people(
            [("bench@example.com", Role.ADMINISTRATOR)]
            + [(f"staff{number:02}@example.com", Role.FIRM_USER) for number in range(STAFF)]
        )
        theirs = self._people([(f"person{number:03}@example.com", Role.CLIENT_USER) for number in range(CLIENTS * 2)])
        self.people = {client: theirs[number * 2 : number * 2 + 2] for number, client in enumerate(self.clients)}
        Membership.objects.bulk_create(
            Membership(client=client, user=user) for client, people in self.people.items() for user in people
        )
        Assignment.objects.bulk_create(
            Assignment(client=client, user=self.staff[0]) for client in self.clients[::2][:ASSIGNED]
        )
        self.days = [
            day
            for day in range(DAYS)
            for _ in range(SEASON if (BEGIN + timedelta(days=day)).timetuple().tm_yday <= 105 else REST)
        ]

    def _people(self, accounts):
        return User.objects.bulk_create(User(email=email, role=role, is_active=True) for email, role in accounts)

    def fill(self, count):
        """The log holds ``count`` events, of all these days. Nothing here asks whether it is whole: no hash is worked out."""
        clear()
        chance, busy = random.Random(count), [1 / (1 + number) ** 1.1 for number in range(CLIENTS)]
        order = chance.sample(self.clients, CLIENTS)
        self.busy, self.quiet = order[0], order[-1]
        rows = self._rows(chance, order, busy, count)
        while some := list(islice(rows, PER_TRANSACTION)):
            _insert(some)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE activity_event")  # as it does by itself in time

    def _rows(self, chance, order, busy, count):
        weights, seq = list(accumulate(busy)), 0
        written = "%Y-%m-%d %H:%M:%S" if _is_sqlite() else "%Y-%m-%d %H:%M:%S+00:00"
        while seq < count:
            (client,) = chance.choices(order, cum_weights=weights)
            is_staff = chance.random() < 0.4
            by = self.staff[int(STAFF * chance.random() ** 3)] if is_staff else chance.choice(self.people[client])
            ip = OFFICE if is_staff and chance.random() < 0.8 else f"203.0.{by.pk // 250 % 250}.{by.pk % 250}"
            for action in self._session(chance, min(ACTS_PER_SESSION, count - seq), RARE_EVENTS / count):
                seq += 1
                is_of_file = action.area == Area.FILES
                file = f"{client.pk:08x}-0000-4000-8000-{chance.randrange(200):012x}" if is_of_file else ""
                of = client if is_of_file or not is_staff else None
                name = (of.pk, of.name) if of else (None, "")
                subject = ("file", file, f"Statement {seq}.pdf", seq) if is_of_file else ("", "", "", None)
                at = self._moment(seq / count).strftime(written)
                who = (by.pk, by.email, by.role)
                yield (
                    seq,
                    at,
                    action.area.value,
                    action.value,
                    *who,
                    *name,
                    *subject,
                    ip,
                    "Firefox",
                    "",
                    "{}",
                    1,
                    b"",
                    b"",
                )

    def _session(self, chance, count, rare):
        """Somebody signs in, does this and that to the client's files, and signs out."""
        acts = [Action.SIGNED_IN]
        while len(acts) < count - 1:
            acts.append(chance.choice(RARE) if chance.random() < rare else chance.choice(OFTEN))
        return [*acts, Action.SIGNED_OUT][:count]

    def _moment(self, share):
        place = share * (len(self.days) - 1)
        return BEGIN + timedelta(days=self.days[int(place)], seconds=int(place % 1 * 36_000))


def _is_sqlite():
    return connection.vendor == "sqlite"


def clear():
    """The log is empty."""
    with triggers.standing_aside(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM activity_event" if _is_sqlite() else "TRUNCATE activity_event")


def _insert(rows):
    names = [field.column for field in FIELDS]
    with transaction.atomic(), connection.cursor() as cursor:
        if _is_sqlite():
            cursor.cursor.connection.executemany(
                f"INSERT INTO activity_event ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows
            )
            return
        with cursor.copy(f"COPY activity_event ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
