"""What was stored on each day of the last twelve months, drawn and in words."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from files.models import Snapshot
from reports.filters import UsageFilter

DAYS = 366
WIDTH, HEIGHT = 1_000, 200  # of the drawing, which is stretched to its place


class TrendFilter(UsageFilter):
    """One client's cabinet, or all of them together."""

    class Meta:
        model = Snapshot
        fields = []

    def of_client(self, snapshots, name, client):
        return snapshots.filter(cabinet__client=client)

    @property
    def rows(self):
        return super().rows if self.chosen else super().rows.filter(cabinet=None)


@dataclass(frozen=True)
class Kind:
    """A layer of the drawing: what lies under its upper edge is drawn over by the next."""

    label: str
    points: str


class Trend:
    """The days of the last twelve months that have figures, as one reader sees them."""

    slug = "usage-trend"

    def __init__(self, request, *, today):
        self.query = request.GET
        days = Snapshot.objects.filter(day__gt=today - timedelta(days=DAYS)).order_by("day")
        self.filter = TrendFilter(request.GET, queryset=days, request=request)
        self._today = today

    @cached_property
    def days(self):
        return list(self.filter.rows)

    @property
    def is_drawn(self):
        return len(self.days) > 1

    @property
    def most_bytes(self):
        return max(one.size_bytes for one in self.days)

    @property
    def layers(self):
        """All, without the bin, and without earlier versions: each an area over the whole width."""
        yield Kind("Bin", self._area(lambda one: one.size_bytes))
        yield Kind("Earlier versions", self._area(lambda one: one.current_bytes + one.earlier_bytes))
        yield Kind("Now", self._area(lambda one: one.current_bytes))

    def _area(self, value):
        first, last, most = self.days[0].day, self.days[-1].day, max(1, self.most_bytes)
        points = [
            f"{(one.day - first).days * WIDTH / (last - first).days:.1f},{HEIGHT - value(one) * HEIGHT / most:.1f}"
            for one in self.days
        ]
        return " ".join([f"0,{HEIGHT}", *points, f"{WIDTH},{HEIGHT}"])

    @property
    def months(self):
        """The first day of each month that has figures, and the last day of all; the newest first."""
        firsts = {}
        for one in self.days:
            firsts.setdefault((one.day.year, one.day.month), one)
        return list(dict.fromkeys([self.days[-1], *reversed(firsts.values())]))
