"""When a scheduled report is due, by the firm's clocks, and which days it is about."""

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models

MOST_DAYS = 63  # between two moments of any rhythm lie fewer


class Every(models.TextChoices):
    DAY = "day", "Every day"
    WEEK = "week", "Every week"
    MONTH = "month", "Every month"


PERIODS = {
    Every.DAY: "the day before",
    Every.WEEK: "the seven days before",
    Every.MONTH: "the calendar month before",
}


@dataclass(frozen=True)
class Rhythm:
    """Every day, one weekday (0 is Monday) or one day of the month, the last one where a month is shorter, at an hour. On
    the day that skips this hour, it is the one after; on the day that has it twice, the first."""

    every: str
    weekday: int
    month_day: int
    hour: int
    zone: ZoneInfo

    def latest(self, now):
        """The last moment that is not after ``now``."""
        return next(moment for moment in self._moments(now, -1) if moment <= now)

    def next(self, now):
        """The first moment after ``now``."""
        return next(moment for moment in self._moments(now, 1) if moment > now)

    def period(self, moment):
        """The first and last whole day of the firm's that a report of this moment is about."""
        day = moment.astimezone(self.zone).date()
        if self.every == Every.MONTH:
            last = day.replace(day=1) - timedelta(days=1)
            return last.replace(day=1), last
        return day - timedelta(days=7 if self.every == Every.WEEK else 1), day - timedelta(days=1)

    def _moments(self, now, step):
        today = now.astimezone(self.zone).date()
        for days in range(MOST_DAYS):
            day = today + timedelta(days=step * days)
            if self._falls_on(day):
                yield datetime.combine(day, time(self.hour), tzinfo=self.zone).astimezone(UTC)

    def _falls_on(self, day):
        if self.every == Every.WEEK:
            return day.weekday() == self.weekday
        if self.every == Every.MONTH:
            return day.day == min(self.month_day, calendar.monthrange(day.year, day.month)[1])
        return True
