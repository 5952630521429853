from django.db import models
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from accounts.models import Client
from accounts.rights import Right


class OrganizerQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those of the clients that the user may see, for who may use the Tax Organizer; a client's people do not see what
        was withdrawn."""
        if not user.may(Right.USE_ORGANIZER):
            return self.none()
        clients = Client.objects.visible_to(user)
        if user.is_client_user:
            return self.filter(client__in=clients, withdrawn_at=None)
        if user.is_administrator:
            return self.all()
        # looked for row by row: the newest few among thousands are found by their index
        return self.filter(Exists(clients.filter(pk=OuterRef("client"))))

    def called(self, words):
        """Those with the words in their name, which has the tax year."""
        return _called(self, "title", words)

    def waiting(self):
        """Those that a client has still to send back."""
        from organizer.models import Organizer

        return self.filter(status__in=Organizer.WITH_CLIENT, withdrawn_at=None)

    def to_review(self):
        """Those that the firm has still to read."""
        from organizer.models import Organizer

        return self.filter(status=Organizer.Status.SUBMITTED, withdrawn_at=None)


class TemplateQuerySet(models.QuerySet):
    def visible_to(self, user):
        """All, for who may edit them, and for who may send them: they are the firm's."""
        is_for = user.may(Right.EDIT_TEMPLATES) or (user.may(Right.USE_ORGANIZER) and not user.is_client_user)
        return self.filter(discarded_at=None) if is_for else self.none()

    def called(self, words):
        """Those with the words in their name, which has the tax year."""
        return _called(self, "name", words)


def _called(found, field, words):
    whole = Concat(field, Value(" "), Cast("tax_year", CharField()), output_field=CharField())
    return found.annotate(called=whole).filter(called__icontains=words)
