from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.access import for_the_firm
from accounts.rights import Right
from files.access import switchable_folder_for
from files.models import Cabinet

OWN = (Cabinet.Kind.FIRM, Cabinet.Kind.PERSONAL)


@for_the_firm
@require_POST
def open_own(request):
    """The firm's cabinet, or one's own, is there."""
    kind = request.POST.get("kind", Cabinet.Kind.PERSONAL)
    if kind not in OWN or not request.user.may(Right.VIEW_FILES):
        raise PermissionDenied
    return redirect(Cabinet.open_own(kind, by=request.user))


@for_the_firm
@require_POST
def set_view_only(request, folder_id):
    folder = switchable_folder_for(request.user, folder_id)
    is_view_only = request.POST.get("is_view_only") == "yes"
    folder.set_view_only(is_view_only, by=request.user)
    words = "{} can look at this folder and all below it, not change it." if is_view_only else "{} can change it again."
    messages.success(request, words.format(folder.cabinet))
    return redirect(folder)
