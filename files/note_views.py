"""A file's own page: its versions, and the notes on it."""

import logging

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.rights import Right
from files.access import changeable_file_for, file_for, may_purge, refuse_where_closed
from files.checking import refusal
from files.forms import NoteForm
from files.models import NotInPlace, NotServed
from files.space import QuotaExceeded
from files.storage import StorageFull

logger = logging.getLogger(__name__)


def show_file(request, file, *, note_form=None):
    user = request.user
    is_closed = file.folder.is_closed_to(user)
    is_changeable = file.may_be_changed_by(user) and not is_closed
    may_send = user.may(Right.SEND_FILES) and file.binned_at is None and not is_closed
    notes = list(file.notes.select_related("by"))
    for note in notes:
        note.is_removable = note.may_be_removed_by(user)
    context = {
        "file": file,
        "cabinet": file.folder.cabinet,
        "trail": [*file.folder.trail(), file.folder],
        "versions": file.versions.stored().select_related("by", "link", "released_by"),
        "refusal": refusal(file.current),
        "is_releasable": file.current.may_be_released_by(user),
        "may_purge": may_purge(user),
        "is_changeable": is_changeable,
        "may_send": may_send,
        "may_make_current": may_send and is_changeable,
        "notes": notes,
        "note_form": (note_form or NoteForm()) if may_send else None,
    }
    return render(request, "files/file.html", context)


@require_POST
def make_current(request, file_id):
    """An earlier version's bytes are the file's latest version again."""
    file = changeable_file_for(request.user, file_id)
    if not request.user.may(Right.SEND_FILES):
        raise PermissionDenied("Your account may read files here, not send them.")
    number = request.POST.get("version", "")
    version = file.versions.stored().filter(number=number).first() if number.isdecimal() and len(number) < 9 else None
    if version is None or version.pk == file.current_id or file.binned_at:
        return redirect(file)
    version.file = file
    try:
        made = file.make_current(version, by=request.user)
        messages.success(request, f"Version {version.number} is current again, as version {made.number}.")
    except NotServed:
        messages.error(request, f"Version {version.number} is not handed out, so it cannot become the current one.")
    except NotInPlace:
        messages.warning(request, f"{file.name} is in the bin. Put it back first.")
    except QuotaExceeded:
        messages.error(request, f"There is no room for another {file.name}. Nothing has changed.")
    except StorageFull:
        return render(request, "507.html", {"back": file}, status=507)
    except OSError:
        logger.exception("Version %s could not be copied", version.pk)
        return render(request, "503.html", {"back": file}, status=503)
    return redirect(file)


@require_POST
def add_note(request, file_id):
    file = file_for(request.user, file_id)
    if not request.user.may(Right.SEND_FILES):
        raise PermissionDenied("Your account may read files here, not leave notes on them.")
    if file.binned_at:
        raise PermissionDenied(f"{file.name} is in the bin. Put it back first.")
    refuse_where_closed(request.user, file.folder)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return show_file(request, file, note_form=form)
    file.add_note(form.cleaned_data["text"], by=request.user)
    return redirect(f"{file.get_absolute_url()}#notes")


@require_POST
def remove_note(request, file_id):
    file = file_for(request.user, file_id)
    number = request.POST.get("note", "")
    note = file.notes.filter(pk=number).first() if number.isdecimal() and len(number) < 18 else None
    if note is not None and not note.may_be_removed_by(request.user):
        raise PermissionDenied("Only who left a note, or an administrator, can remove it.")
    if note is not None:
        note.remove(by=request.user)
    return redirect(f"{file.get_absolute_url()}#notes")
