"""Finding things through the user: the object, or the 404 that says nothing, or 403 where it may be seen but not changed."""

from django.core.exceptions import PermissionDenied

from accounts.access import found_for
from accounts.rights import Right
from files.models import Cabinet, File, Folder


def cabinet_for(user, cabinet_id):
    return found_for(user, Cabinet.objects.visible_to(user).select_related("client", "owner"), "cabinet", cabinet_id)


def folder_for(user, folder_id):
    return found_for(user, Folder.objects.visible_to(user).select_related("cabinet__client"), "folder", folder_id)


def folder_to_send_to(user, folder_id):
    folder = folder_for(user, folder_id)
    if not user.may(Right.SEND_FILES):
        raise PermissionDenied("Your account may read files here, not send them.")
    return folder


def file_for(user, file_id):
    """A file, in the bin or not."""
    files = File.objects.visible_to(user).select_related("folder__cabinet__client", "current__by", "binned_by")
    return found_for(user, files, "file", file_id)


def changeable_file_for(user, file_id):
    file = file_for(user, file_id)
    if not file.may_be_changed_by(user):
        raise PermissionDenied("Only who sent a file, or the firm, can change it, and only with the right to.")
    return file
