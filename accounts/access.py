"""Who may open which page. Views are wrapped by these; tests walk the URLconf and fail where neither stands."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import Client, Membership, Role, User
from accounts.rights import Right


class NotForYou(Http404):
    """An object's address finds nothing that this person may see: the same whether it exists or not."""

    def __init__(self, kind, object_id):
        super().__init__(f"No such {kind}")
        self.kind = kind
        self.object_id = str(object_id)


def found_for(user, queryset, kind, object_id):
    """The object among those that ``user`` may see, or NotForYou. One query, whatever the reason."""
    found = queryset.filter(pk=object_id).first()
    if found is None:
        raise NotForYou(kind, object_id)
    return found


def _for(opens_to):
    """Opens a view to whom ``opens_to(user)`` says; others get 403, in the log. The view has it, for links to ask."""

    def decorate(view):
        @wraps(view)
        def checked(request, *args, **kwargs):
            if not opens_to(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        checked.opens_to = opens_to
        return checked

    return decorate


def for_roles(*roles):
    """Opens a view to people of these roles."""
    return _for(lambda user: user.role in roles)


def for_right(right):
    """Opens a view to people who have this right."""
    return _for(lambda user: user.may(right))


for_administrators = for_roles(Role.ADMINISTRATOR)
for_the_firm = for_roles(Role.ADMINISTRATOR, Role.FIRM_USER)
for_log_readers = for_roles(Role.ADMINISTRATOR, Role.AUDITOR)
for_report_readers = for_right(Right.READ_REPORTS)


def client_for(user, client_id):
    return found_for(user, Client.objects.visible_to(user), "client", client_id)


def client_person_for(client, user_id):
    return found_for(None, client.people.all(), "person", user_id)


def person_for(user, user_id):
    """Somebody whose account ``user`` manages: anybody for administrators; for firm users the people of their clients,
    unless they belong to a client that the firm user does not see as well."""
    people = User.objects.prefetch_related("invitations")
    if not user.is_administrator:
        clients = Client.objects.visible_to(user)
        elsewhere = Membership.objects.exclude(client__in=clients.values("pk")).values("user")
        theirs = Membership.objects.filter(client__in=clients.values("pk")).values("user")
        people = people.kept().filter(role=Role.CLIENT_USER, pk__in=theirs).exclude(pk__in=elsewhere)
    return found_for(user, people, "person", user_id)
