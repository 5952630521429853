"""Deleting for good: asks to type YES, since nothing brings the bytes back."""

from django.contrib import messages
from django.db.models import Count, Sum
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import NotForYou
from accounts.forms import ConfirmForm
from files import purging
from files.access import cabinet_for, file_for, for_purging
from files.models import File, OnHold, Version


@for_purging
@require_http_methods(["GET", "POST"])
def purge_file(request, file_id):
    file = file_for(request.user, file_id)
    if file.binned_at is None:
        messages.warning(request, "Move it to the bin first. From there it can be deleted for good.")
        return redirect(file)
    bin_ = redirect("cabinet-bin", file.folder.cabinet_id)
    if not _is_sure(request, file.folder.cabinet, lambda: File.purge_all([file], by=request.user)):
        stored = file.versions.stored().aggregate(count=Count("pk"), size=Sum("size_bytes"))
        return _ask(request, "files/purge_file.html", file.folder.cabinet, file=file, **stored)
    messages.success(request, f"{file.name} is deleted for good. What the log says of it stays.")
    return bin_


@for_purging
@require_http_methods(["GET", "POST"])
def remove_version(request, file_id, number):
    file = file_for(request.user, file_id)
    version = file.versions.stored().filter(number=number).first()
    if version is None:
        raise NotForYou("file", file_id)
    if version.pk == file.current_id:
        messages.warning(request, "This is the current version. Move the file to the bin instead.")
        return redirect(file)
    if not _is_sure(request, file.folder.cabinet, lambda: version.remove(by=request.user)):
        return _ask(request, "files/remove_version.html", file.folder.cabinet, file=file, version=version)
    messages.success(request, f"Version {number} of {file.name} is deleted for good.")
    return redirect(file)


@for_purging
@require_http_methods(["GET", "POST"])
def empty_bin(request, cabinet_id):
    cabinet = cabinet_for(request.user, cabinet_id)
    counted = {}
    if not _is_sure(request, cabinet, lambda: counted.update(n=purging.empty_bin(cabinet, by=request.user))):
        files = File.objects.in_bin().filter(folder__cabinet=cabinet)
        sizes = Version.objects.stored().filter(file__in=files)
        size = sizes.aggregate(size=Sum("size_bytes", default=0))["size"]
        return _ask(request, "files/empty_bin.html", cabinet, count=files.count(), size=size)
    words = (
        "The bin was empty already." if not counted["n"] else f"The bin is empty: {counted['n']:,} deleted for good."
    )
    messages.success(request, words)
    return redirect("cabinet-bin", cabinet.pk)


def _is_sure(request, cabinet, act):
    """Whether YES was typed and it is done. A legal hold that was placed meanwhile keeps it from being done."""
    request.confirmation = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or cabinet.held_at or not request.confirmation.is_valid():
        return False
    try:
        act()
    except OnHold:
        cabinet.refresh_from_db()
        return False
    return True


def _ask(request, template, cabinet, **context):
    context |= {"cabinet": cabinet, "form": request.confirmation}
    return render(request, "files/on_hold.html" if cabinet.held_at else template, context)
