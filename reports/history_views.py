"""What happened to one file, and what a client's people are told of their own."""

from django.views.decorators.http import require_GET

from accounts.access import for_roles, found_for
from accounts.models import Role
from files.models import File
from reports import tables
from reports.pages import hand_over, show

for_clients = for_roles(Role.CLIENT_USER)


def _file_history(request, file_id):
    files = File.objects.visible_to(request.user).select_related("folder__cabinet__client")
    return tables.FileHistory(request, found_for(request.user, files, "file", file_id))


@require_GET
def file_history(request, file_id):
    return show(request, _file_history(request, file_id), "file-history", arguments=[file_id])


@require_GET
def file_history_file(request, file_id, extension):
    return hand_over(request, _file_history(request, file_id), extension)


@for_clients
@require_GET
def trail(request):
    return show(request, tables.Trail(request), "trail")


@for_clients
@require_GET
def trail_file(request, extension):
    return hand_over(request, tables.Trail(request), extension)
