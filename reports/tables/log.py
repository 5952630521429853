"""The Activity Log, and the Secure File Exchange's part of it."""

from functools import cache, cached_property

from django.db.models import Max

from activity.actions import Action
from activity.models import Event, details_in_order
from reports.filters import FileLogFilter, LogFilter
from reports.filters.log import parse_day, seq_after
from reports.sealed import SealedPage, sealed, with_numbers
from reports.tables.base import Column, Table


@cache
def _action_label(value):
    return Action(value).label if value in Action.values else value


@cache
def role_label(value):
    """The role that somebody had then, in words."""
    return Event(actor_role=value).role_label


def _details(details):
    """Before, after and note in one line of words."""
    words = []
    for name, pairs in details_in_order(details):
        text = ", ".join([f"{key} {text}".strip() for key, text in pairs])
        words.append(text if name == "note" else f"{name.capitalize()}: {text}")
    return "; ".join(words)


class ActivityLog(Table):
    """All that happened, newest first. ``upto`` keeps pages and files to what was there when the first page was made."""

    slug, title, template = "activity-log", "Activity Log", "reports/activity.html"
    lead = "Who signed in and what they did."
    filter_class = LogFilter
    order, descending = "seq", True
    most_new = 1_000
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

    def __init__(self, request):
        super().__init__(request)
        if self.is_discreet:
            self.query = with_numbers(self.query)

    def source(self):
        return Event.objects.visible_to(self.reader).with_actor()

    @property
    def is_discreet(self):
        """Whether the numbers of events stay untold: they would tell a client how much the firm does."""
        return self.reader.is_client_user

    @staticmethod
    def chosen_columns(names):
        """Those of the Activity Log's columns, in this order."""
        columns = {column.name: column for column in ActivityLog.columns}
        return tuple(columns[name] for name in names.split())

    @cached_property
    def head_seq(self):
        return Event.objects.aggregate(head=Max("seq"))["head"] or 0

    @cached_property
    def upto(self):
        asked = self.query.get("upto", "")
        return min(int(asked), self.head_seq) if asked.isdecimal() and len(asked) < 19 else self.head_seq

    @property
    def upto_in_address(self):
        return sealed(self.upto) if self.is_discreet else self.upto

    @cached_property
    def page(self):
        page = super().page
        return SealedPage(page) if self.is_discreet else page

    @property
    def page_query(self):
        """With ``day`` the page begins at the end of that day, and goes on into the days before."""
        query = {**self.query.dict(), "upto": self.upto}
        if day := parse_day(query.pop("day", "")):
            query["after"] = str(min(seq_after(day), self.upto + 1))
        return query

    @cached_property
    def rows(self):
        return super().rows.filter(seq__lte=self.upto)

    @cached_property
    def count(self):
        """How many rows there are, exactly up to ``most_counted``; one more than that stands for "more"."""
        return self.rows.count_up_to(self.most_counted + 1)

    @property
    def is_whole(self):
        """Whether every event of its days is a row, so that their numbers tell how many there are."""
        return not (self.reader.is_firm_user or self.reader.is_client_user or {*self.filter.chosen} - {"from", "to"})

    @property
    def new_words(self):
        """How many events of this filter came after ``upto``, but for the record that it was looked at."""
        own_views = {"actor_id": self.reader.pk, "action": Action.LOG_VIEWED}
        new = self.filter.rows.filter(seq__gt=self.upto).exclude(**own_views).count_up_to(self.most_new + 1)
        return f"More than {self.most_new:,} new" if new > self.most_new else f"{new:,} new" if new else ""

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
    is_whole = False

    def source(self):
        return super().source().of_files()
