from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce


class ClientQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The clients that the user may know of: all, those assigned to a firm user, or a client user's own."""
        if user.is_administrator or user.is_auditor:
            return self
        if user.is_firm_user:
            return self.filter(assignments__user=user)
        return self.filter(memberships__user=user)

    def name_of_person(self):
        """For an annotation of people: the name of the client they belong to (the first by name), "Firm" for the firm's."""
        of_person = self.filter(memberships__user=models.OuterRef("pk")).order_by("name").values("name")[:1]
        name = Coalesce(models.Subquery(of_person), models.Value(""))
        return models.Case(models.When(role="client_user", then=name), default=models.Value("Firm"))


class UserQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The people that the user may know of: all, the firm and one's own clients' people, or those of one's client."""
        if user.is_administrator or user.is_auditor:
            return self
        theirs = Q(pk__in=self._members_of(user.visible_clients()))
        return self.filter(theirs | ~Q(role="client_user")) if user.is_firm_user else self.filter(theirs)

    def _members_of(self, clients):
        from accounts.models import Membership

        return Membership.objects.filter(client__in=clients).values("user")

    def of_the_firm(self):
        return self.exclude(role="client_user")
