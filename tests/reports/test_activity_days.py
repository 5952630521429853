"""Days in the Activity Log's filter are the reader's own, both included, also where the clocks change."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Role, User
from activity.actions import Action
from activity.models import Event
from activity.recording import record
from reports.tables import ActivityLog

TICK = timedelta(microseconds=1)
# A day, and its first moments here and on the day after, by UTC.
DAYS = [
    ("America/New_York", "2026-03-07", "2026-03-07T05:00", "2026-03-08T05:00"),
    ("America/New_York", "2026-03-08", "2026-03-08T05:00", "2026-03-09T04:00"),  # 23 hours
    ("America/New_York", "2026-03-09", "2026-03-09T04:00", "2026-03-10T04:00"),
    ("America/New_York", "2026-10-31", "2026-10-31T04:00", "2026-11-01T04:00"),
    ("America/New_York", "2026-11-01", "2026-11-01T04:00", "2026-11-02T05:00"),  # 25 hours
    ("America/New_York", "2026-11-02", "2026-11-02T05:00", "2026-11-03T05:00"),
    ("Asia/Kolkata", "2026-03-08", "2026-03-07T18:30", "2026-03-08T18:30"),
    ("America/Santiago", "2026-09-06", "2026-09-06T04:00", "2026-09-07T03:00"),  # has no midnight, begins at one
    ("America/Havana", "2026-11-01", "2026-11-01T04:00", "2026-11-02T05:00"),  # has two midnights
]


def happen(clock, moments):
    """An event at each of the moments; returns their numbers."""
    seqs = []
    with transaction.atomic():
        for clock.now in moments:
            seqs.append(record(Action.SIGN_IN_LIMITED, actor_email="x…").seq)
    return seqs


@pytest.mark.parametrize(("zone", "day", "first", "end"), DAYS)
def test_a_day_goes_from_its_first_moment_to_its_last(zone, day, first, end, sign_in, cast, clock):
    cast.administrator.time_zone = zone
    cast.administrator.save()
    first, end = (datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (first, end))
    browser = sign_in(cast.administrator)
    before, *inside, after = happen(clock, [first - TICK, first, first, end - TICK, end - TICK, end])

    def found(**query):
        page = browser.get("/activity/", {**query, "area": "sign-in", "upto": after}).context["page"]
        return [event.seq for event in page if event.seq >= before][::-1]

    assert found(**{"from": day, "to": day}) == inside
    assert found(**{"from": day}) == [*inside, after]
    assert found(to=day) == [before, *inside]


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati", "America/Santiago"])
def test_any_days_give_the_events_of_those_dates(zone, cast, clock, rf):
    """Compared with each event's date in the zone, on random moments of which some are the same."""
    chance = random.Random(zone)
    spans = [datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 10, 29, tzinfo=UTC)]
    hours = [chance.randrange(7 * 24 * 4) / 4 for _ in range(60)]
    happen(clock, sorted(start + timedelta(hours=hour) for start in spans for hour in hours))
    dates = {seq: at.astimezone(ZoneInfo(zone)).date() for seq, at in Event.objects.values_list("seq", "at")}

    with timezone.override(zone):
        for start in spans:
            for _ in range(15):
                first, last = sorted(
                    date(start.year, start.month, start.day) + timedelta(chance.randrange(-2, 10)) for _ in "12"
                )
                request = rf.get("/activity/", {"from": first, "to": last})
                request.user = cast.administrator
                rows = ActivityLog(request).rows.values_list("seq", flat=True)
                assert set(rows) == {seq for seq, day in dates.items() if first <= day <= last}, (first, last)


def test_days_in_an_empty_log_give_nothing(db, rf):
    request = rf.get("/activity/", {"from": "2026-03-08", "to": "2026-03-08"})
    request.user = User.objects.make("first@firm.example.com", role=Role.ADMINISTRATOR)
    table = ActivityLog(request)

    assert (table.count_words, list(table.rows)) == ("No events", [])
