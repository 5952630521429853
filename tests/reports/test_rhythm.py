"""When a scheduled report is due by the firm's clocks, and which days it is about."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.rhythm import Rhythm

NEW_YORK = ZoneInfo("America/New_York")
ZONES = ["America/New_York", "UTC", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "Asia/Kathmandu"]


def local(*args, fold=0):
    return datetime(*args, tzinfo=NEW_YORK, fold=fold).astimezone(UTC)


def rhythm(every, hour, *, weekday=0, month_day=1, zone=NEW_YORK):
    return Rhythm(every, weekday, month_day, hour, zone)


@pytest.mark.parametrize(
    ("every", "now", "latest", "following"),
    [
        (rhythm("day", 7), (2026, 1, 5, 7), (2026, 1, 5, 7), (2026, 1, 6, 7)),
        (rhythm("day", 7), (2026, 1, 5, 6, 59), (2026, 1, 4, 7), (2026, 1, 5, 7)),
        (rhythm("day", 7), (2026, 3, 8, 12), (2026, 3, 8, 7), (2026, 3, 9, 7)),  # summer time began
        (rhythm("day", 2), (2026, 3, 8, 12), (2026, 3, 8, 3), (2026, 3, 9, 2)),  # there was no 2 AM
        (rhythm("day", 1), (2026, 11, 1, 12), (2026, 11, 1, 1), (2026, 11, 2, 1)),  # there were two 1 AM
        (rhythm("week", 0, weekday=6), (2026, 1, 5, 9), (2026, 1, 4, 0), (2026, 1, 11, 0)),
        (rhythm("week", 23, weekday=0), (2026, 1, 5, 22), (2025, 12, 29, 23), (2026, 1, 5, 23)),
        (rhythm("month", 7, month_day=31), (2026, 3, 1), (2026, 2, 28, 7), (2026, 3, 31, 7)),
        (rhythm("month", 7, month_day=31), (2028, 2, 29, 8), (2028, 2, 29, 7), (2028, 3, 31, 7)),
        (rhythm("month", 7, month_day=1), (2026, 1, 1, 6), (2025, 12, 1, 7), (2026, 1, 1, 7)),
    ],
)
def test_it_is_due_at_the_firms_hour_on_its_day(every, now, latest, following):
    assert every.latest(local(*now)) == local(*latest)
    assert every.next(local(*now)) == local(*following)


def test_an_hour_that_comes_twice_counts_once():
    every = rhythm("day", 1)
    first, second = local(2026, 11, 1, 1), local(2026, 11, 1, 1, fold=1)
    assert second - first == timedelta(hours=1)
    assert every.latest(second) == first
    assert every.next(first) == local(2026, 11, 2, 1)


@pytest.mark.parametrize(
    ("every", "moment", "first", "last"),
    [
        (rhythm("day", 7), (2026, 3, 9, 7), date(2026, 3, 8), date(2026, 3, 8)),
        (rhythm("day", 23), (2026, 1, 1, 23), date(2025, 12, 31), date(2025, 12, 31)),  # by UTC it is the next day
        (rhythm("week", 7, weekday=0), (2026, 1, 5, 7), date(2025, 12, 29), date(2026, 1, 4)),
        (rhythm("month", 7, month_day=15), (2026, 3, 15, 7), date(2026, 2, 1), date(2026, 2, 28)),
        (rhythm("month", 7, month_day=1), (2026, 1, 1, 7), date(2025, 12, 1), date(2025, 12, 31)),
    ],
)
def test_it_is_about_the_whole_days_before_it(every, moment, first, last):
    assert every.period(local(*moment)) == (first, last)


@given(
    every=st.sampled_from(["day", "week", "month"]),
    weekday=st.integers(0, 6),
    month_day=st.integers(1, 31),
    hour=st.integers(0, 23),
    zone=st.sampled_from(ZONES),
    now=st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)),
)
def test_one_moment_follows_another_and_none_is_passed_over(every, weekday, month_day, hour, zone, now):
    every, now = Rhythm(every, weekday, month_day, hour, ZoneInfo(zone)), now.replace(tzinfo=UTC)
    latest, following = every.latest(now), every.next(now)
    assert latest <= now < following
    assert every.next(latest) == following
    assert every.latest(following) == following
    assert following - latest < timedelta(days=32, hours=2)
