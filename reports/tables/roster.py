"""Who has an account, and what they may do."""

from functools import cached_property

from allauth.mfa.models import Authenticator
from django.db.models import Case, Exists, F, OuterRef, Subquery, When

from accounts import rights
from accounts.models import Invitation, Role, State
from accounts.second_factor import FACTORS
from reports.filters import RosterFilter
from reports.tables.base import Column, Table, people_for


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
        people = people_for(self.reader).with_state().with_rights()
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
