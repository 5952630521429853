import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.actions import Action
from activity.models import Event
from activity.querysets import first_seq_at_or_after
from activity.recording import in_the_past, record

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def at_seconds(*seconds):
    """A log whose events happened so many seconds after START."""
    times = iter(seconds)
    with in_the_past(lambda: START + next(times) * SECOND):
        for _ in seconds:
            record(Action.LOG_VIEWED)


def test_an_empty_log_begins_with_one(db):
    assert first_seq_at_or_after(START) == 1


@pytest.mark.parametrize(
    ("second", "seq"),
    [
        (-100, 1),
        (0, 1),
        (0.000001, 2),
        (5, 2),
        (10, 2),
        (10.000001, 5),
        (20, 5),
        (20.5, 6),
        (30, 6),
        (30.000001, 7),
        (1e6, 7),
    ],
)
def test_the_first_event_at_or_after_a_moment_is_found(db, second, seq):
    at_seconds(0, 10, 10, 10, 20, 30)

    assert first_seq_at_or_after(START + second * SECOND) == seq


@pytest.mark.parametrize("second", [-1, 0, 1])
def test_one_event_is_enough(db, second):
    at_seconds(0)

    assert first_seq_at_or_after(START + second * SECOND) == (2 if second > 0 else 1)


def test_the_zone_of_the_moment_does_not_matter(db):
    at_seconds(0, 10, 20)

    assert first_seq_at_or_after((START + 10 * SECOND).astimezone(ZoneInfo("Asia/Kathmandu"))) == 2


def test_it_agrees_with_a_search_through_all(db):
    """Times with runs of equal ones and gaps, looked up at, just before and just after each of them."""
    chance = random.Random(20260301)
    seconds, now = [], 0
    for _ in range(200):
        now += chance.choice([0, 0, 0, 1, 1, 7, 3600])
        seconds.append(now)
    at_seconds(*seconds)
    all_times = list(Event.objects.order_by("seq").values_list("seq", "at"))

    for second in {*seconds, *(second + 0.5 for second in seconds), *(second - 0.5 for second in seconds)}:
        moment = START + second * SECOND
        expected = next((seq for seq, at in all_times if at >= moment), 201)
        assert first_seq_at_or_after(moment) == expected


def plan(statement):
    """How the database would go about a statement, in words."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # of a small table it would read all
            cursor.execute(f"EXPLAIN {statement}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        return "\n".join(str(row) for row in cursor.fetchall())


@pytest.mark.parametrize("count", [1, 300])
def test_it_takes_one_statement_that_never_reads_through_the_log(db, count):
    at_seconds(*range(count))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        first_seq_at_or_after(START + 50 * SECOND)

    (query,) = queries.captured_queries
    words = plan(query["sql"])
    assert "activity_event" in words
    assert "SCAN activity_event" not in words
    assert "Seq Scan on activity_event" not in words
