"""What each report is: its columns, its filter and its rows. Page, Excel, Word and CSV come from one Table."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from allauth.mfa.models import Authenticator
from django.db.models import Case, Exists, F, FloatField, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast
from django.utils.text import slugify

from accounts import rights
from accounts.connections import release_connection
from accounts.models import Invitation, Role, State, User
from accounts.paging import Page, beyond, in_order
from accounts.second_factor import FACTORS
from activity.actions import Action
from activity.models import Event, details_in_order
from files.models import Version
from reports import writers
from reports.filters import FileLogFilter, LogFilter, RosterFilter, UsageFilter

BATCH = 5_000


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
    rows_per_page = 50
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
        sources = [column.source for column in self.columns]
        natives = [column.native or _as_is for column in self.columns]
        key = None
        while True:
            rows = beyond(self.rows, self.order, key, self.descending) if key else self.rows
            found = list(in_order(rows, self.order, self.descending).values_list(*sources, self.order, "pk")[:BATCH])
            release_connection()
            if not found:
                return
            key = found[-1][-2:]
            yield [tuple(native(value) for native, value in zip(natives, row[:-2], strict=True)) for row in found]

    @property
    def file_name(self):
        """The report and its filter, for a file's name."""
        words = [slugify(words)[:40] for words, _ in self.filter.words]
        return "_".join(filter(None, [self.slug, *words]))[:150]


def _as_is(value):
    return value


def _action_label(value):
    return Action(value).label if value in Action.values else value


def _people_for(reader):
    """Whom a report on people names: to a firm user their clients' people and themselves, not their colleagues."""
    people = User.objects.visible_to(reader)
    return people.filter(Q(role=Role.CLIENT_USER) | Q(pk=reader.pk)) if reader.is_firm_user else people


def _details(details):
    """Before, after and note in one line of words."""
    words = []
    for name, pairs in details_in_order(details):
        text = ", ".join(f"{key} {text}".strip() for key, text in pairs)
        words.append(text if name == "note" else f"{name.capitalize()}: {text}")
    return "; ".join(words)


class ActivityLog(Table):
    """All that happened, newest first. ``upto`` keeps pages and files to what was there when the first page was made."""

    slug, title, template = "activity-log", "Activity Log", "reports/activity.html"
    lead = "Who signed in and what they did."
    filter_class = LogFilter
    order, descending = "seq", True
    columns = (
        Column("seq", "Event", "integer", 9, source="seq"),
        Column("at", "Date and time", "time", 19, source="at"),
        Column("user", "User", "text", 32, source="actor"),
        Column("action", "Action", "text", 26, source="action", native=_action_label),
        Column("what", "What", "text", 44, source="subject"),
        Column("client", "Client", "text", 28, source="client_name"),
        Column("ip", "IP address", "text", 16, source="ip"),
        Column("size", "Size in bytes", "bytes", 14, source="size_bytes"),
        Column("details", "Details", "text", 40, source="details", native=_details),
    )

    def source(self):
        return Event.objects.visible_to(self.reader).with_actor()

    @cached_property
    def head_seq(self):
        return Event.objects.aggregate(head=Max("seq"))["head"] or 0

    @cached_property
    def upto(self):
        asked = self.query.get("upto", "")
        return min(int(asked), self.head_seq) if asked.isdecimal() and len(asked) < 19 else self.head_seq

    @property
    def page_query(self):
        return {**self.query.dict(), "upto": self.upto}

    @cached_property
    def rows(self):
        return super().rows.filter(seq__lte=self.upto)

    @cached_property
    def count(self):
        """How many rows there are, exactly up to ``most_counted``; one more than that stands for "more"."""
        return self.rows[: self.most_counted + 1].count()

    @property
    def count_words(self):
        if self.count > self.most_counted:
            return f"More than {self.most_counted:,} events"
        return f"{self.count:,} {'event' if self.count == 1 else 'events'}" if self.count else "No events"


class FileActivity(ActivityLog):
    """The Secure File Exchange's own log: one client, or All Clients."""

    slug, title = "file-activity", "Activity"
    lead = "Who sent, fetched and deleted which file."
    filter_class = FileLogFilter

    def source(self):
        return super().source().of_files()


class Usage(Table):
    """Who stores how much: every version that a person sent counts, in the bin or not."""

    slug, title, template = "usage", "Usage", "reports/usage.html"
    lead = "Who stores how much."
    filter_class = UsageFilter
    columns = (
        Column("email", "User", "text", 34, source="email", sort=True),
        Column("name", "Name", "text", 24, source="name"),
        Column("client", "Client", "text", 30, source="client_name"),
        Column("file_count", "Files", "integer", 10, source="file_count", sort=True),
        Column("size_bytes", "Size in bytes", "bytes", 16, source="size_bytes", sort=True),
        Column("share", "Share of the storage", "share", 12, source="share"),
        Column("last_sent_at", "Last sent", "time", 19, source="last_sent_at"),
    )

    def source(self):
        people = User.objects.filter(pk__in=_people_for(self.reader).values("pk"))
        total = Value(max(self.total_bytes, 1), output_field=FloatField())
        return Version.objects.usage_by_person(people).annotate(
            client_name=self.reader.visible_clients().name_of_person(),
            share=Cast(F("size_bytes"), FloatField()) / total,
        )

    @cached_property
    def total_bytes(self):
        """The bytes of all versions in storage, whoever sent them."""
        return Version.objects.total_bytes()

    @property
    def sort(self):
        asked = self.query.get("sort", "-size_bytes")
        sortable = [column.name for column in self.columns if column.sort]
        return asked if asked.removeprefix("-") in sortable else "-size_bytes"

    @property
    def order(self):
        return self.sort.removeprefix("-")

    @property
    def descending(self):
        return self.sort.startswith("-")

    @cached_property
    def count(self):
        return self.rows.count()

    @property
    def count_words(self):
        return f"{self.count:,} {'person' if self.count == 1 else 'people'}"


class Roster(Table):
    """Who has an account, for which client, with which rights, and where it stands."""

    slug, title, template = "roster", "Roster", "reports/roster.html"
    lead = "Who has an account, and what they may do."
    filter_class = RosterFilter
    order = "email"  # as it is kept: the index has this order
    columns = (
        Column("address", "E-mail address", "text", 34, source="address"),
        Column("name", "Name", "text", 24, source="name"),
        Column("role", "Role", "text", 18, source="role", native=lambda value: Role(value).label),
        Column("client", "Client", "text", 30, source="client_name"),
        Column("state", "State", "text", 18, source="state_now", native=lambda value: State(value).label),
        Column("rights", "Rights", "text", 44, source="rights_code", native=rights.in_short),
        Column(
            "factor", "Second factor", "text", 14, source="has_factor", native=lambda value: "Yes" if value else "No"
        ),
        Column("invited_at", "Invited", "time", 19, source="invited_at"),
        Column("joined_at", "Joined", "time", 19, source="joined_at"),
        Column("last_login", "Last sign-in", "time", 19, source="last_login"),
    )

    def source(self):
        invitations = Invitation.objects.filter(user=OuterRef("pk")).order_by("-pk")
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
        people = _people_for(self.reader).with_state().with_rights()
        return people.annotate(
            address=Case(When(deleted_at=None, then=F("email")), default=F("former_email")),
            client_name=self.reader.visible_clients().names_of_person(),
            has_factor=Exists(factors),
            invited_at=Subquery(invitations.values("created_at")[:1]),
        )

    @cached_property
    def count(self):
        if self.page.is_first and not self.page.next_url:
            return len(self.page)
        return self.rows.order_by().values("pk")[: self.most_counted + 1].count()  # without what the columns look up

    @property
    def count_words(self):
        if self.count > self.most_counted:
            return f"More than {self.most_counted:,} people"
        return f"{self.count:,} {'person' if self.count == 1 else 'people'}"
