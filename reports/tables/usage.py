"""Who stores how much: by the people who sent it, and by the clients in whose cabinets it lies."""

from datetime import UTC, datetime
from functools import cached_property

from django.db.models import BigIntegerField, Case, CharField, ExpressionWrapper, F, FloatField, Q, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, NullIf

from accounts.models import Firm, User
from files.models import Cabinet
from files.space import space_of_firm
from reports.filters import UsageByClientFilter, UsageFilter
from reports.tables.base import Column, Table, people_for

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # sorts before every moment
COUNTED = ("file_count", "current_bytes", "earlier_bytes", "binned_bytes")
NUMBERS = (
    Column("file_count", "Files", "integer", 10, source="file_count", sort=True),
    Column("current_bytes", "Now, in bytes", "bytes", 16, source="now_bytes", sort=True),
    Column("earlier_bytes", "Earlier versions, in bytes", "bytes", 16, source="versions_bytes", sort=True),
    Column("binned_bytes", "Bin, in bytes", "bytes", 16, source="bin_bytes", sort=True),
    Column("size_bytes", "Size in bytes", "bytes", 16, source="size_bytes", sort=True),
    Column("share", "Share of the storage", "share", 12, source="share", sort=True),
    Column("last_sent_at", "Last upload", "time", 19, source="sent_at", sort=True),
    Column("last_fetched_at", "Last download by the client", "time", 19, source="fetched_at", sort=True),
)
ORDERS = {
    "share": "size_bytes",
    "last_sent_at": "sent_order",
    "last_fetched_at": "fetched_order",
}  # by name of the column, where they differ


class UsageTable(Table):
    """Figures from kept counters, which add up to what is stored."""

    template = "reports/usage.html"
    nouns = ()
    counters = ""  # where the rows find theirs

    def with_numbers(self, rows):
        """Each row has what NUMBERS show, and share, of of all that is stored."""
        now, versions, binned = (Coalesce(F(f"{self.counters}{name}"), 0) for name in COUNTED[1:])
        moments = [F(f"{self.counters}{name}") for name in ("last_sent_at", "last_fetched_at")]
        in_all = ExpressionWrapper(
            now + versions + binned, output_field=BigIntegerField()
        )  # else 32 bits would be asked
        whole = Value(max(self.total_bytes, 1), output_field=FloatField())
        return rows.annotate(
            now_bytes=now,
            versions_bytes=versions,
            bin_bytes=binned,
            size_bytes=in_all,
            share=Cast(in_all, FloatField()) / whole,
            sent_at=moments[0],
            fetched_at=moments[1],
            sent_order=Coalesce(moments[0], NEVER),
            fetched_order=Coalesce(moments[1], NEVER),
        )

    @cached_property
    def space(self):
        return space_of_firm()

    @property
    def total_bytes(self):
        """The bytes of all versions in storage, whoever sent them."""
        return self.space.current + self.space.earlier + self.space.binned

    @property
    def sort(self):
        asked = self.query.get("sort", "-size_bytes")
        sortable = [column.name for column in self.columns if column.sort]
        return asked if asked.removeprefix("-") in sortable else "-size_bytes"

    @property
    def order(self):
        name = self.sort.removeprefix("-")
        column = next(column for column in self.columns if column.name == name)
        return ORDERS.get(name, column.source)

    @property
    def descending(self):
        return self.sort.startswith("-")

    @cached_property
    def count(self):
        return self.rows.count()

    @property
    def count_words(self):
        return f"{self.count:,} {self.nouns[self.count != 1]}"


class Usage(UsageTable):
    """Who sent what is stored: every version that a person sent counts, in the bin or not."""

    slug, title = "usage", "Usage"
    lead = "Who stores how much."
    filter_class = UsageFilter
    nouns, counters = ("person", "people"), "sender__"
    columns = (
        Column("email", "User", "text", 34, source="email", sort=True),
        Column("name", "Name", "text", 24, source="name", sort=True),
        Column("client", "Client", "text", 30, source="client_name", sort=True),
        *NUMBERS,
    )

    def source(self):
        people = User.objects.filter(pk__in=people_for(self.reader).values("pk"))
        return self.with_numbers(people).annotate(
            file_count=Coalesce(F("sender__file_count"), 0),
            client_name=self.reader.visible_clients().name_of_person(),
        )


class UsageByClient(UsageTable):
    """In whose cabinet it lies: of clients, of the firm, and of its people."""

    slug, title = "usage-by-client", "Usage by client"
    lead = "Whose files take how much."
    filter_class = UsageByClientFilter
    nouns = ("cabinet", "cabinets")
    columns = (Column("client", "Client", "text", 40, source="label", sort=True), *NUMBERS)

    def source(self):
        owner = Coalesce(NullIf(F("owner__name"), Value("")), F("owner__email"), output_field=CharField())
        label = Case(
            When(kind=Cabinet.Kind.CLIENT, then=F("client__name")),
            When(kind=Cabinet.Kind.PERSONAL, then=Concat(Value("Personal cabinet of "), owner)),
            default=Value(f"{Firm.current().name} (the firm’s own)"),
            output_field=CharField(),
        )
        return self.with_numbers(_cabinets_for(self.reader)).annotate(label=label)


def _cabinets_for(reader):
    """To a firm user their clients' cabinets, the firm's and their own. Figures only: what lies there is not shown."""
    if not reader.is_firm_user:
        return Cabinet.objects.all()
    theirs = Q(client__in=reader.visible_clients()) | Q(kind=Cabinet.Kind.FIRM) | Q(owner=reader)
    return Cabinet.objects.filter(theirs)
