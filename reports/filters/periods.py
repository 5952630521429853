"""The days that one asks for again and again."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

WHERE = ("after", "before", "upto", "day")  # a place in the rows of one query, and of no other


def midnight(day):
    """The moment at which the reader's day begins; on a day whose midnight is skipped, its first moment."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


def periods(today):
    """[(words, first day, last day)]."""
    year = today.year
    return [
        ("Today", today, today),
        ("Last 7 days", today - timedelta(days=6), today),
        ("Last 30 days", today - timedelta(days=29), today),
        ("This month", today.replace(day=1), today),
        (f"Tax season {year}", date(year, 1, 1), date(year, 4, 15)),
        ("This year", date(year, 1, 1), today),
    ]


def period_links(query):
    """[(words, query, whether it is the one chosen)]."""
    links = []
    for words, first, last in periods(timezone.localdate()):
        days = {"from": str(first), "to": str(last)}
        chosen = all(query.get(name) == day for name, day in days.items())
        other = query.copy()
        for name in WHERE:
            other.pop(name, None)
        for name, day in days.items():
            other[name] = day
        links.append((words, other.urlencode(), chosen))
    return links
