"""The bin: into it, what lies in it, and out of it again."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_POST

from accounts.paging import Page
from accounts.rights import Right
from files.access import (
    cabinet_for,
    changeable_file_for,
    closed_folders,
    folder_for,
    may_purge,
    refuse_in_closed,
    refuse_unless_changeable,
)
from files.forms import BinnedForm, ChosenForm
from files.models import File, Folder, bins

FILES_PER_PAGE = 100


@require_POST
def bin_file(request, file_id):
    file = changeable_file_for(request.user, file_id)
    say_binned(request, *bins.move_to_bin([file], by=request.user))
    return redirect(file.folder)


@require_POST
def move_to_bin(request, folder_id):
    folder = folder_for(request.user, folder_id)
    files, folders = ChosenForm(request.POST, folder=folder).chosen()
    if not files and not folders:
        messages.warning(request, "Tick the files first.")
        return redirect(folder)
    refuse_unless_changeable(request.user, files, folders)
    say_binned(request, *bins.move_to_bin(files, folders, by=request.user))
    return redirect(folder)


def say_binned(request, files, folders):
    """With the button that puts all of it back; the page that is shown next has the form ``undo``."""
    things = [*folders, *files]
    if not things:
        return
    cabinet_id = folders[0].cabinet_id if folders else files[0].folder.cabinet_id
    words = (
        "{} {} in the bin. <button class='link' form='undo' name='at' value='{}'>Put {} back</button> "
        "<a class='link' href='{}'>Open the bin</a>"
    )
    be, them = ("is", "it") if len(things) == 1 else ("are", "them")
    url = redirect("cabinet-bin", cabinet_id).url
    messages.success(
        request, format_html(words, in_words(files, folders), be, things[0].binned_at.isoformat(), them, url)
    )


def in_words(files, folders):
    """Its name, or how many."""
    things = [*files, *folders]
    if len(things) == 1:
        return things[0].name
    counts = [(len(files), "file"), (len(folders), "folder")]
    return " and ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count)


@require_GET
def bin_of_cabinet(request, cabinet_id):
    cabinet = cabinet_for(request.user, cabinet_id)
    files = _files_in(cabinet, request.user).select_related("current__by", "folder", "binned_by")
    page = Page(files, "name", request.GET, size=FILES_PER_PAGE)
    folders = []
    if page.is_first:
        folders = list(_folders_in(cabinet, request.user).with_binned_counts().select_related("parent", "binned_by"))
    closed = closed_folders(request.user, cabinet)
    may_put_back = tell_who_may_change(page.rows, [], request.user, closed=closed) or (
        folders and request.user.may(Right.DELETE_FILES)
    )
    context = {"cabinet": cabinet, "page": page, "folders": folders, "may_put_back": may_put_back}
    context["may_purge"] = may_purge(request.user)
    return render(request, "files/bin.html", context)


def _files_in(cabinet, user):
    return File.objects.visible_to(user).in_bin_alone().filter(folder__cabinet=cabinet)


def _folders_in(cabinet, user):
    return Folder.objects.in_bin_for(user).filter(cabinet=cabinet)


def count_in_bin(cabinet, user):
    """How many files and folders lie there by themselves."""
    return _files_in(cabinet, user).count() + _folders_in(cabinet, user).count()


def in_bin(folder, user):
    """What the page of a folder in the bin shows."""
    with_folder = folder.binned_with or folder
    return {
        "cabinet": folder.cabinet,
        "with_folder": with_folder,
        "file_count": with_folder.binned_files.filter(purged_at=None).count(),
        "may_put_back": user.may(Right.DELETE_FILES),
    }


def tell_who_may_change(files, folders, user, *, closed):
    """Each has ``is_changeable``; gives whether any is. ``closed`` are the ids of folders that are closed to the user."""
    for file in files:
        file.is_changeable = file.folder_id not in closed and file.may_be_changed_by(user)
    changeable = Folder.changeable_of(folders, user)
    for folder in folders:
        folder.is_changeable = folder.pk in changeable
    return any(one.is_changeable for one in (*files, *folders))


@require_POST
def restore(request, file_id):
    file = changeable_file_for(request.user, file_id)
    bins.restore([file], by=request.user)
    file.refresh_from_db()
    _say_restored(request, [file], [])
    return redirect(file.folder)


@require_POST
def restore_all(request, cabinet_id):
    """What is ticked in the bin, or what was put there a moment ago, is back."""
    cabinet = cabinet_for(request.user, cabinet_id)
    files, folders = BinnedForm(request.POST, cabinet=cabinet, user=request.user).chosen()
    if not request.user.may(Right.DELETE_FILES):
        raise PermissionDenied("Only who sent a file, or the firm, can put it back, and only with the right to.")
    refuse_unless_changeable(request.user, files, [])
    refuse_in_closed(request.user, cabinet, folders)
    if not files and not folders:
        messages.warning(request, "Nothing was ticked that is still in the bin.")
        return redirect("cabinet-bin", cabinet.pk)
    files, folders = bins.restore(files, folders, by=request.user)
    _say_restored(request, files, folders)
    places = {file.folder_id for file in files} | {folder.parent_id for folder in folders}
    if len(places) == 1:
        return redirect(files[0].folder if files else folders[0].parent)
    return redirect("cabinet-bin", cabinet.pk)


def _say_restored(request, files, folders):
    if not files and not folders:
        return
    is_one = len(files) + len(folders) == 1
    words = f"{in_words(files, folders)} {'is back in its folder' if is_one else 'are back'}."
    messages.success(request, words)
