"""Who may open which page. Views are wrapped by these; tests walk the URLconf and fail where neither stands."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import Role


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


def for_roles(*roles):
    """Opens a view to people of these roles; others get 403, in the log."""

    def decorate(view):
        @wraps(view)
        def checked(request, *args, **kwargs):
            if request.user.role not in roles:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return checked

    return decorate


for_administrators = for_roles(Role.ADMINISTRATOR)
for_the_firm = for_roles(Role.ADMINISTRATOR, Role.FIRM_USER)
for_log_readers = for_roles(Role.ADMINISTRATOR, Role.AUDITOR)
for_report_readers = for_roles(Role.ADMINISTRATOR, Role.AUDITOR, Role.FIRM_USER)
