"""Who accessed a client's files: by person, address and file."""

from functools import cached_property

from django.db.models import Case, CharField, Count, DateTimeField, F, IntegerField, Max, Min, OuterRef, Subquery, When
from django.db.models.functions import Cast

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
PEOPLE = Column("people", "People", "integer", 10, source="people")
ADDRESSES = Column("addresses", "IP addresses", "integer", 12, source="addresses")
FILES = Column("files", "Files", "integer", 10, source="files")
TIMES = (
    Column("times", "Times opened", "integer", 12, source="times"),
    Column("first_at", "First", "time", 19, source="first_at"),
    Column("last_at", "Last", "time", 19, source="at"),
)


class Access(ActivityLog):
    """Who downloaded or previewed which files of a client, from where, how often, first and last.

    A row is the latest event of those that it stands for, so that rows have the log's own order and keys.
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

    @property
    def columns(self):
        return {
            "": (USER, ROLE, ADDRESS, FILE, *TIMES),
            By.PERSON: (USER, ROLE, ADDRESSES, FILES, *TIMES),
            By.ADDRESS: (ADDRESS, PEOPLE, FILES, *TIMES),
            By.FILE: (FILE, PEOPLE, ADDRESSES, *TIMES),
        }[self.by]

    @cached_property
    def opened(self):
        """The events that the rows stand for."""
        return self.filter.rows.filter(seq__lte=self.upto).order_by().annotate(who=WHO)

    @cached_property
    def rows(self):
        parts = [PARTS[self.by]] if self.by else [*PARTS.values()]
        latest = self.opened.values(*parts).annotate(latest=Max("seq")).values("latest")
        same = self.opened.filter(**{part: OuterRef(part) for part in parts}).values(parts[0])
        figures = {
            "times": _of(same, Count("seq"), IntegerField()),
            "first_at": _of(same, Min("at"), DateTimeField()),
        }
        if self.by:
            named = {"people": "who", "addresses": "ip", "files": "subject_id"}
            figures |= {
                name: _of(same, Count(part, distinct=True), IntegerField())
                for name, part in named.items()
                if part not in parts
            }
        return Event.objects.filter(seq__in=latest).with_actor().annotate(who=WHO).annotate(**figures)

    @cached_property
    def count(self):
        return self.rows.order_by().values("pk")[: self.most_counted + 1].count()

    @cached_property
    def summary(self):
        """How often the files were opened, how many of them, by how many people and from how many addresses."""
        return self.opened.aggregate(
            times=Count("seq"),
            files=Count("subject_id", distinct=True),
            people=Count("who", distinct=True),
            addresses=Count("ip", distinct=True),
        )

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


def _of(same, figure, kind):
    return Subquery(same.annotate(figure=figure).values("figure"), output_field=kind)


def _counted(number, one, many=""):
    return f"{number:,} {one if number == 1 else many or one + 's'}"
