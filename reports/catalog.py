"""Which reports have a page of their own, that a view of them can be saved of."""

from dataclasses import dataclass
from types import SimpleNamespace

from django.http import QueryDict
from django.urls import resolve, reverse

from reports import tables
from reports.filters.periods import WHERE


@dataclass(frozen=True)
class Report:
    """A table, and the name of its page's address."""

    table: type[tables.Table]
    page: str

    def opens_to(self, user):
        """What the page itself says of who may open it."""
        return resolve(reverse(self.page)).func.opens_to(user)

    @property
    def has_days(self):
        """Whether its rows can be limited to some days."""
        return {"from", "to"} <= self.table.filter_class.base_filters.keys()

    def address(self, query):
        return f"{reverse(self.page)}?{query}" if query else reverse(self.page)

    def as_seen_by(self, reader, query):
        """The table with this query, of the rows that ``reader`` may see."""
        return self.table(SimpleNamespace(user=reader, GET=QueryDict(query)))


REPORTS = {
    report.table.slug: report
    for report in (
        Report(tables.ActivityLog, "activity"),
        Report(tables.FileActivity, "file-activity"),
        Report(tables.Access, "access"),
        Report(tables.Usage, "usage"),
        Report(tables.UsageByClient, "usage-by-client"),
        Report(tables.Roster, "roster"),
        Report(tables.SignIns, "sign-ins"),
    )
}


def reports_open_to(user):
    return [slug for slug, report in REPORTS.items() if report.opens_to(user)]


def without_place(query):
    """What is asked, without where in its rows one is, and without what was left empty."""
    kept = query.copy()
    for name, values in query.lists():
        if name in WHERE or not any(values):
            del kept[name]
    return kept


def problems_of(table):
    """[(what, why)] of a filter that cannot be understood, as the reader's words for it are; empty where it can."""
    table.rows  # noqa: B018 — a filter may prove wrong only when it is looked up
    if table.filter.is_valid():
        return []
    form = table.filter.form
    return [
        (form.fields[name].label if name in form.fields else "Filter", error)
        for name, errors in form.errors.items()
        for error in errors
    ]
