"""Who signed in last, from where, and who never did."""

from functools import cached_property

from django.db.models import Case, CharField, Count, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Role, State
from activity.actions import Action
from activity.models import Event
from activity.querysets import FAILED_TRIES
from reports.filters.sign_ins import SignInFilter
from reports.tables.base import Column, people_for
from reports.tables.roster import Roster


class SignIns(Roster):
    """Each person's last sign-in, its address, and the tries that failed since."""

    slug, title, template = "sign-ins", "Sign-ins", "reports/sign_ins.html"
    lead = "Who signed in last and from where, and who never did."
    filter_class = SignInFilter
    columns = (
        Column("address", "E-mail address", "text", 34, source="address"),
        Column("name", "Name", "text", 24, source="name"),
        Column("role", "Role", "text", 18, source="role", native=lambda value: Role(value).label),
        Column("client", "Client", "text", 30, source="client_name"),
        Column("state", "State", "text", 18, source="state_now", native=lambda value: State(value).label),
        Column("last_login", "Last sign-in", "time", 19, source="last_login"),
        Column("ip", "From IP address", "text", 16, source="last_ip"),
        Column("failed", "Failed tries since", "integer", 12, source="failed_count"),
    )

    def source(self):
        theirs = self._events().filter(actor_id=OuterRef("pk")).order_by()
        last = theirs.filter(action=Action.SIGNED_IN).order_by("-seq")
        failed = theirs.filter(action__in=FAILED_TRIES, seq__gt=OuterRef("last_seq"))
        count = failed.values("actor_id").annotate(count=Count("seq")).values("count")
        return (
            people_for(self.reader)
            .with_state()
            .annotate(
                address=Case(When(deleted_at=None, then=F("email")), default=F("former_email")),
                client_name=self.reader.visible_clients().names_of_person(),
                last_ip=Coalesce(Subquery(last.values("ip")[:1]), Value(""), output_field=CharField()),
                last_seq=Coalesce(Subquery(last.values("seq")[:1]), 0),
            )
            .annotate(failed_count=Coalesce(Subquery(count, output_field=IntegerField()), 0))
        )

    @cached_property
    def count(self):
        return self.rows.order_by().values("pk")[: self.most_counted + 1].count()

    def _events(self):
        """What of the log counts: what the reader may see there, and their own."""
        if not self.reader.is_firm_user:
            return Event.objects.all()
        clients = self.reader.visible_clients().values("pk")
        return Event.objects.filter(Q(client_id__in=clients) | Q(actor_id=self.reader.pk))
