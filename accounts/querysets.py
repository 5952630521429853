from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Cast, Coalesce, Concat
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from accounts.rights import Right


class ClientQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The clients that the user may know of: all, those assigned to a firm user, or a client user's own.

        A deleted client only administrators and auditors still see; an archived one its own people do not.
        """
        if user.is_administrator or user.is_auditor:
            return self
        kept = self.filter(deleted_at=None)
        if user.is_firm_user:
            return kept if user.may(Right.SEE_ALL_CLIENTS) else kept.filter(assignments__user=user)
        return kept.filter(archived_at=None, memberships__user=user)

    def open(self):
        return self.filter(archived_at=None, deleted_at=None)

    def deleted(self):
        return self.exclude(deleted_at=None)

    def name_of_person(self):
        """For an annotation of people: the name of the client they belong to (the first by name), "Firm" for the firm's."""
        of_person = self.filter(memberships__user=models.OuterRef("pk")).order_by("name").values("name")[:1]
        name = Coalesce(models.Subquery(of_person), models.Value(""))
        return models.Case(models.When(role="client_user", then=name), default=models.Value("Firm"))

    def names_of_person(self):
        """As ``name_of_person``; of somebody with several clients, the first and how many more."""
        of_person = self.filter(memberships__user=OuterRef("pk")).order_by().values("memberships__user")
        count = models.Subquery(of_person.annotate(count=models.Count("pk")).values("count"))
        more = Concat(self.name_of_person(), Value(" and "), Cast(count - 1, models.CharField()), Value(" more"))
        return Case(When(GreaterThan(count, 1), then=more), default=self.name_of_person())


class UserQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The people that the user may know of: all, the firm and one's own clients' people, or those of one's client."""
        if user.is_administrator or user.is_auditor:
            return self
        if user.may(Right.SEE_ALL_CLIENTS):
            return self.kept()
        theirs = Q(pk__in=self._members_of(user.visible_clients()))
        found = self.filter(theirs | ~Q(role="client_user")) if user.is_firm_user else self.filter(theirs)
        return found.kept()

    def _members_of(self, clients):
        from accounts.models import Membership

        return Membership.objects.filter(client__in=clients).values("user")

    def with_state(self):
        """``state_now``: what ``User.state`` says, by the same rules, for a report and its filter."""
        from accounts.models import Invitation, State

        invitations = Invitation.objects.filter(user=OuterRef("pk"))
        is_open = Exists(invitations.filter(used_at=None, expires_at__gt=timezone.now()))
        states = Case(
            When(deleted_at__isnull=False, then=Value(State.DELETED.value)),
            When(is_open, joined_at=None, then=Value(State.INVITED.value)),
            When(Exists(invitations), joined_at=None, then=Value(State.EXPIRED.value)),
            When(joined_at=None, then=Value(State.HELD.value)),
            When(is_active=False, then=Value(State.DEACTIVATED.value)),
            When(locked_until__gt=timezone.now(), then=Value(State.LOCKED.value)),
            default=Value(State.ACTIVE.value),
            output_field=models.CharField(),
        )
        return self.annotate(state_now=states)

    def with_rights(self):
        """``rights_code``: the role and, for each Right, whether its field is set; ``rights.in_short`` reads it."""
        flags = [Case(When(**{right.field: True}, then=Value("1")), default=Value("0")) for right in Right]
        code = Concat("role", Value(":"), *flags, output_field=models.CharField())
        return self.annotate(rights_code=code)

    def of_the_firm(self):
        return self.exclude(role="client_user")

    def kept(self):
        return self.filter(deleted_at=None)

    def held(self):
        """Whose invitation an import held. Whoever belongs to archived and deleted clients alone would see nothing, and
        is left out."""
        from accounts.models import Client, Invitation, Membership

        of_open_clients = Membership.objects.filter(client__in=Client.objects.open()).values("user")
        return self.kept().filter(
            ~Exists(Invitation.objects.filter(user=OuterRef("pk"))), joined_at=None, pk__in=of_open_clients
        )
