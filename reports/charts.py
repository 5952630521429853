"""Events per day, counted from the log's keys in bounded time."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.utils import timezone

from activity.querysets import first_seq_at_or_after
from reports.filters.periods import WHERE, midnight

USUAL_DAYS, MOST_DAYS = 30, 90
MOST_COUNTED = 50_000
STEP, BAR, HEIGHT = 20, 14, 64  # of a day, its bar, and the tallest


@dataclass(frozen=True)
class Day:
    """A day of the chart: its events, or None where they were too many to be counted."""

    day: date
    count: int | None
    address: str
    number: int
    height: int
    has_label: bool

    @property
    def is_rest(self):
        return self.day.weekday() >= 5

    @property
    def x(self):
        return self.number * STEP + (STEP - BAR) // 2


class DayChart:
    """The events of a log's table on each day of its period: the chosen days, at most the last MOST_DAYS of them.

    Where nothing is filtered, the number of the first event of each day tells all: numbers have no gaps. Else the newest
    MOST_COUNTED are counted, and days before those stay uncounted.
    """

    bar, height = BAR, HEIGHT

    def __init__(self, table, address):
        self._table, self._address = table, address
        chosen = table.filter.chosen
        today = timezone.localdate()
        self.last = min(chosen.get("to") or today, today)
        first = chosen.get("from") or self.last - timedelta(days=USUAL_DAYS - 1)
        self.first = max(first, self.last - timedelta(days=MOST_DAYS - 1))
        self.is_cut = self.first > first

    @cached_property
    def days(self):
        found = [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]
        counts = self._counts([*found, self.last + timedelta(days=1)]) if found else []
        most = max([1, *filter(None, counts)])
        labelled = range(0, len(found) - 3, 7 if len(found) <= MOST_DAYS // 2 else 14) or [0]  # room for their words
        return [
            Day(day, count, self._of_day(day), number, -(-(count or 0) * HEIGHT // most), number in labelled)
            for number, (day, count) in enumerate(zip(found, counts, strict=True))
        ]

    def _counts(self, days):
        end = self._table.upto + 1
        bounds = [min(first_seq_at_or_after(midnight(day)), end) for day in days]
        if self._table.is_whole:
            return [later - earlier for earlier, later in zip(bounds, bounds[1:], strict=False)]
        rows = self._table.rows.filter(seq__gte=bounds[0], seq__lt=bounds[-1]).order_by("-seq")
        seqs = list(rows.values_list("seq", flat=True)[: MOST_COUNTED + 1])[::-1]
        counted_from = seqs[0] if len(seqs) > MOST_COUNTED else 0
        places = [bisect_left(seqs, bound) for bound in bounds]
        return [
            later - earlier if bound >= counted_from else None
            for bound, earlier, later in zip(bounds, places, places[1:], strict=False)
        ]

    def _of_day(self, day):
        query = self._table.query.copy()
        for name in WHERE:
            query.pop(name, None)
        query["from"] = query["to"] = day.isoformat()
        return f"{self._address}?{query.urlencode()}"

    @property
    def width(self):
        return STEP * len(self.days)

    @cached_property
    def total(self):
        return sum(day.count or 0 for day in self.days)

    @cached_property
    def busiest(self):
        return max((day for day in self.days if day.count), key=lambda day: day.count, default=None)

    @cached_property
    def uncounted(self):
        return [day for day in self.days if day.count is None]
