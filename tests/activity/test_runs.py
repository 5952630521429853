"""The first events of a query come through the indexes, and are those that the query itself would give."""

import random
import re
from itertools import combinations

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from accounts.models import Assignment, Client, Membership, User
from activity import runs
from activity.actions import Action, Area
from activity.models import Event
from activity.origin import Origin, coming_from
from activity.recording import Entry, Subject, record_all
from activity.runs import Found

ACTIONS = [Action.SIGNED_IN, Action.FILE_DOWNLOADED, Action.FILE_UPLOADED, Action.CLIENT_CHANGED]
ADDRESSES = ["198.51.100.4", "203.0.113.7", "2001:db8::1"]


@pytest.fixture
def log(cast):
    """600 events of everybody, everywhere, and 30 clients of which the firm user looks after 20."""
    chance = random.Random(6)
    clients = Client.objects.bulk_create(Client(name=f"Client {n:02}") for n in range(30))
    Assignment.objects.bulk_create(Assignment(client=client, user=cast.firm_user) for client in clients[:20])
    Membership.objects.bulk_create(Membership(client=client, user=cast.second) for client in clients[18:22])
    people = [cast.administrator, cast.firm_user, cast.client, cast.second, cast.stranger]
    for _ in range(60):
        entries = []
        for _ in range(10):
            client = chance.choice([None, *clients, cast.acme, cast.acme, cast.other])
            subject = Subject("file", f"{chance.randrange(8)}", "W-2.pdf", client)
            entries.append(Entry(chance.choice(ACTIONS), chance.choice([None, *people]), subject))
        with transaction.atomic(), coming_from(Origin(ip=chance.choice(ADDRESSES))):
            record_all(entries)
    return clients


def conditions(cast, clients):
    theirs = [client.pk for client in clients[3:25]]
    return {
        "user": Q(actor_id=cast.firm_user.pk),
        "client": Q(client_id=cast.acme.pk),
        "action": Q(action=Action.FILE_DOWNLOADED),
        "area": Q(area=Area.FILES),
        "ip": Q(ip=ADDRESSES[0]),
        "object": Q(subject_type="file", subject_id="3"),
        "clients": Q(client_id__in=theirs),
        "people": Q(actor_id__in=User.objects.filter(name__icontains="okafor").values("pk")),
        "words": Q(actor_id__in=[cast.client.pk]) | Q(subject_type="file", subject_id__in=["1", "2"]) | Q(client_id__in=theirs[:3]),
        "dates": Q(seq__gte=150, seq__lt=420),
        "upto": Q(seq__lte=500),
        "other": Q(subject__contains="W") & ~Q(ip=ADDRESSES[1]),
    }  # fmt: skip


def seqs(events):
    return [event.seq for event in events]


@pytest.mark.parametrize("reader", ["administrator", "firm_user", "unassigned", "second"])
def test_the_first_events_are_those_of_the_query_for_every_pair_of_conditions(reader, cast, log, monkeypatch):
    monkeypatch.setattr(runs, "MOST_AT_ONCE", 8)
    visible = Event.objects.visible_to(getattr(cast, reader)).with_actor()
    every = conditions(cast, log).values()
    for pair in [(), *((one,) for one in every), *list(combinations(every, 2))[::3]]:
        events = visible.filter(*pair)
        plain = seqs(events.order_by("seq"))
        for count in (7, 9, 1_000):
            assert seqs(events.first_by("-seq", count)) == plain[::-1][:count], pair
        assert seqs(events.first_by("seq", 7)) == plain[:7], pair
        assert (events.count_up_to(11), events.count_up_to(1_000)) == (min(len(plain), 11), len(plain)), pair
    assert all(event.actor for event in visible.first_by("-seq", 3))


def test_what_cannot_be_or_is_not_asked_by_an_index_is_found_as_ever(cast, log):
    none = Event.objects.filter(client_id__in=[1]).filter(client_id__in=[2])
    for events in (none, Event.objects.none(), Event.objects.filter(actor_id=cast.client.pk, actor_id__in=[])):
        assert (seqs(events.first_by("-seq", 5)), events.count_up_to(5)) == ([], 0)
    contrary = Event.objects.filter(action=Action.FILE_UPLOADED, area=Area.SIGN_IN)
    with CaptureQueriesContext(connection) as asked:
        assert (seqs(contrary.first_by("-seq", 5)), contrary.count_up_to(5)) == ([], 0)
    assert len(asked) == 0
    either = Event.objects.filter(Q(actor_id=cast.client.pk) | Q(subject__contains="2"))
    assert seqs(either.first_by("-seq", 5)) == seqs(either.order_by("-seq")[:5])
    assert Event.objects.filter(actor_id=cast.client.pk, actor_id__in=[cast.second.pk]).count_up_to(5) == 0


def test_of_several_bounds_only_the_tightest_are_asked_for(log):
    """SQLite begins at any of them, and walks from there: a page far back would cost as much as all that came later."""
    events = (
        Event.objects.filter(seq__lte=590, ip__gt="").filter(seq__lt=555, seq__gt=20).filter(seq__gte=3, seq__lte=560)
    )
    with CaptureQueriesContext(connection) as asked:
        assert seqs(events.first_by("-seq", 3)) == [554, 553, 552]
        assert seqs(events.first_by("seq", 2)) == [21, 22]
        assert events.count_up_to(1_000) == 534
    bounds = [re.findall(r'"seq" ([<>]=?) (\d+)', statement["sql"]) for statement in asked]
    assert bounds == [[(">=", "21"), ("<", "555")]] * 3
    either = Event.objects.filter(seq__lt=4) | Event.objects.filter(seq__gt=597)
    assert seqs(either.first_by("seq", 5)) == [1, 2, 3, 598, 599]


EXPECTED = {
    "user": "event_by_actor",
    "client": "event_by_client",
    "action": "event_by_action",
    "area": "event_by_area",
    "ip": "event_by_ip",
    "object": "event_by_subject",
    "clients": "event_by_client",
    "user action": "event_by_actor_action",
    "user area": "event_by_actor_area",
    "user client": "event_by_actor_client",
    "user ip": "event_by_ip_actor",
    "client action": "event_by_client_action",
    "client area": "event_by_client_area",
    "client ip": "event_by_ip_client",
    "action ip": "event_by_ip_action",
    "area ip": "event_by_ip_area",
    "clients area": "event_by_client_area",
    "clients action": "event_by_client_action",
    "clients user": "event_by_actor_client",
    "clients user area": "event_by_actor_client",
    "user object": "event_by_subject",
    "clients action area": "event_by_client_action",
}


@pytest.mark.parametrize(("names", "index"), EXPECTED.items())
def test_each_condition_and_pair_has_an_index_which_the_database_takes(names, index, cast, log):
    every = conditions(cast, log)
    events = Event.objects.filter(*(every[name] for name in names.split()), seq__lte=550)
    assert {runs.index for runs in Found.of(events.query).runs} == {index}

    with CaptureQueriesContext(connection) as asked:
        list(events.first_by("-seq", 5))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a log as short as this would be read whole, and sorted
            for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute("ANALYZE activity_event")
        cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + asked[-1]["sql"])
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert f"{index} " in plan
    is_filtered = "object" in names or names == "clients user area"
    assert ("Filter: " not in plan or is_filtered) and "SCAN activity_event" not in plan, plan
    if (
        "clients" in names and connection.vendor == "postgresql"
    ):  # bounds of a row would be looked up by its first column alone
        assert "client_id = k.k" in plan, plan
