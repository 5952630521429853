"""Who accessed a client's files: by person, address and file."""

from functools import cached_property

from django.db.models import Case, CharField, Count, F, Max, Min, When
from django.db.models.functions import Cast

from accounts.connections import release_connection
from activity.models import Event
from activity.querysets import OPENED
from reports.filters.access import AccessFilter, By
from reports.tables.base import Column
from reports.tables.log import ActivityLog, role_label

# A guest is known by the address that was confirmed, anybody else by the account, whatever its address was then
WHO = Case(When(actor_id=None, then=F("actor_email")), default=Cast("actor_id", CharField()), output_field=CharField())
PARTS = {By.PERSON: "who", By.ADDRESS: "ip", By.FILE: "subject_id"}

USER = Column("user", "User", "text", 32, source="actor")
ROLE = Column("role", "Role then", "text", 18, source="actor_role", native=role_label)
ADDRESS = Column("ip", "IP address", "text", 16, source="ip")
FILE = Column("file", "File", "text", 44, source="subject")
COLUMNS = {  # whom or what a line is for, and the figures that it has
    "": ((USER, ROLE, ADDRESS, FILE), ()),
    By.PERSON: ((USER, ROLE), ("addresses", "files")),
    By.ADDRESS: ((ADDRESS,), ("people", "files")),
    By.FILE: ((FILE,), ("people", "addresses")),
}
FIGURES = {  # of the events that a line stands for: label, kind, width
    "people": ("People", "integer", 10, Count("who", distinct=True)),
    "addresses": ("IP addresses", "integer", 12, Count("ip", distinct=True)),
    "files": ("Files", "integer", 10, Count("subject_id", distinct=True)),
    "times": ("Times opened", "integer", 12, Count("seq")),
    "first_at": ("First", "time", 19, Min("at")),
    "last_at": ("Last", "time", 19, Max("at")),
}


class Figures:
    """The figures of each line, by the number of its latest event: read with the lines, newest first, so many at a time."""

    def __init__(self, groups, most):
        self._groups, self._most = groups, most
        self._found = {}

    def of(self, seq):
        if seq not in self._found:
            groups = self._groups.filter(latest__lte=seq).order_by("-latest")[: self._most]
            self._found = {group["latest"]: group for group in groups}
        return self._found[seq]


class Access(ActivityLog):
    """Who downloaded or previewed which files of a client, from where, how often, first and last.

    A row is the latest event of those that its line stands for, so that rows have the log's own order and keys.
    """

    slug, title, template = "access", "Access to files", "reports/access.html"
    lead = "Who opened a client's files, from which address, how often, and when."
    filter_class = AccessFilter

    def source(self):
        return Event.objects.visible_to(self.reader).of_files().filter(action__in=OPENED)

    @property
    def client(self):
        return self.filter.chosen.get("client")

    @property
    def by(self):
        return self.filter.by_what

    @cached_property
    def columns(self):
        for_whom, counted = COLUMNS[self.by]
        return (*for_whom, *(self._column(name) for name in (*counted, "times", "first_at", "last_at")))

    def _column(self, name):
        label, kind, width, _ = FIGURES[name]
        return Column(name, label, kind, width, source="seq", native=lambda seq: self.figures.of(seq)[name])

    @cached_property
    def opened(self):
        """The events that the lines stand for."""
        return self.filter.rows.filter(seq__lte=self.upto).order_by().annotate(who=WHO)

    @cached_property
    def _groups(self):
        parts = [PARTS[self.by]] if self.by else PARTS.values()
        return self.opened.values(*parts).annotate(latest=Max("seq"))

    @cached_property
    def rows(self):
        return Event.objects.filter(seq__in=self._groups.values("latest")).with_actor()

    @cached_property
    def figures(self):
        """One reading of all events serves a whole page, or a batch of an export: not one for each line."""
        names = (*COLUMNS[self.by][1], "times", "first_at", "last_at")
        groups = self._groups.annotate(**{name: FIGURES[name][-1] for name in names})
        return Figures(groups.values("latest", *names), self.rows_per_batch)

    @cached_property
    def page(self):
        page = super().page
        for row in page:
            row.figures = self.figures.of(row.seq)
        return page

    def batches(self):
        for batch in super().batches():
            release_connection()  # the figures were read after the rows
            yield batch

    @cached_property
    def count(self):
        return self.rows.order_by().values("pk")[: self.most_counted + 1].count()

    @cached_property
    def summary(self):
        """How often the files were opened, how many of them, by how many people and from how many addresses."""
        return self.opened.aggregate(**{name: FIGURES[name][-1] for name in ("times", "files", "people", "addresses")})

    @property
    def count_words(self):
        if not self.client:
            return "Choose a client"
        if not self.summary["times"]:
            return "Nobody opened a file"
        found = self.summary
        return (
            f"Opened {_counted(found['times'], 'time')}: {_counted(found['files'], 'file')} by"
            f" {_counted(found['people'], 'person', 'people')} from {_counted(found['addresses'], 'address', 'addresses')}"
        )


def _counted(number, one, many=""):
    return f"{number:,} {one if number == 1 else many or one + 's'}"
