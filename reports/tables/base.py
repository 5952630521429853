"""A report: its columns, its filter and its rows. Page, Excel, Word and CSV come from one Table."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q
from django.utils.text import slugify

from accounts.connections import release_connection
from accounts.models import Role, User
from accounts.paging import Page, beyond, first
from reports import writers
from reports.tables.reading import Reading


@dataclass(frozen=True)
class Column(writers.Column):
    """A column of a report: where its value comes from in the row, and how that becomes a native value in a file."""

    source: str = ""
    native: Callable | None = None
    sort: bool = False


class Table:
    """A report as one reader sees it, with their filter."""

    slug = title = lead = template = ""
    columns = ()
    filter_class = None
    rows_per_page, rows_per_batch = 50, 5_000
    most_counted = 10_000
    order, descending = "pk", False
    upto = None  # the last event of a log that is shown

    def __init__(self, request):
        self.reader = request.user
        self.query = request.GET
        self.filter = self.filter_class(request.GET, queryset=self.source(), request=request)

    def source(self):
        """Every row that this reader may see."""
        raise NotImplementedError

    @property
    def upto_in_address(self):
        return self.upto

    @cached_property
    def rows(self):
        return self.filter.rows

    @cached_property
    def page(self):
        return Page(self.rows, self.order, self.page_query, size=self.rows_per_page, descending=self.descending)

    @property
    def page_query(self):
        return self.query

    def batches(self):
        """Lists of native rows in the page's order. Each is read by one statement that is over before its bytes go out."""
        reading = Reading(self.columns, self.rows.model, (self.order, "pk"))
        key = None
        while True:
            rows = beyond(self.rows, self.order, key, self.descending) if key else self.rows
            rows = first(rows, self.order, self.descending, self.rows_per_batch)
            found, key = reading.of(rows)
            release_connection()
            if not found:
                return
            yield found

    @property
    def file_name(self):
        """The report and its filter, for a file's name."""
        words = [slugify(words)[:40] for words, _ in self.filter.words]
        return "_".join(filter(None, [self.slug, *words]))[:150]


def people_for(reader):
    """Whom a report on people names: to a firm user their clients' people and themselves, not their colleagues."""
    people = User.objects.visible_to(reader)
    return people.filter(Q(role=Role.CLIENT_USER) | Q(pk=reader.pk)) if reader.is_firm_user else people
