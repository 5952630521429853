from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import for_administrators, for_the_firm, found_for
from accounts.rights import Right
from files.access import cabinet_for
from files.folder_set_forms import ApplyForm, DeleteSetForm, FolderSetForm
from files.models import FolderSet


@for_administrators
@require_GET
def folder_sets(request):
    return render(request, "files/folder_sets.html", {"folder_sets": FolderSet.objects.all()})


@for_administrators
@require_http_methods(["GET", "POST"])
def make(request):
    form = FolderSetForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        made = FolderSet.make(**form.fields_of_set, by=request.user)
        messages.success(request, f"{made} is ready to be used.")
        return redirect("folder-sets")
    return render(request, "files/folder_set.html", {"form": form})


@for_administrators
@require_http_methods(["GET", "POST"])
def change(request, set_id):
    one = _set_for(request.user, set_id)
    initial = {"title": one.name, "folders": one.folders, "is_for_new_clients": one.is_for_new_clients}
    form = FolderSetForm(request.POST or None, initial=initial, folder_set=one)
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        one.change(**form.fields_of_set, by=request.user)
        messages.success(request, f"{one} is saved. Folders that are there already stay as they are.")
        return redirect("folder-sets")
    return render(request, "files/folder_set.html", {"form": form, "folder_set": one})


@for_administrators
@require_http_methods(["GET", "POST"])
def delete(request, set_id):
    one = _set_for(request.user, set_id)
    form = DeleteSetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        one.delete_set(by=request.user)
        messages.success(request, f"{one} is deleted. Folders that it made stay.")
        return redirect("folder-sets")
    return render(request, "files/delete_folder_set.html", {"form": form, "folder_set": one})


@for_the_firm
@require_http_methods(["GET", "POST"])
def apply(request, cabinet_id):
    """The firm's people give a cabinet the folders of a set."""
    cabinet = cabinet_for(request.user, cabinet_id)
    if not request.user.may(Right.SEND_FILES):
        raise PermissionDenied("Only who may make folders can add a set.")
    form = ApplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["folder_set"]
        count = chosen.apply(cabinet, by=request.user)
        made = f"{count} folder{'' if count == 1 else 's'} made" if count else "All of its folders were there already"
        messages.success(request, f"{chosen}: {made}.")
        return redirect(cabinet)
    sets = [(one, one.tree(cabinet)) for one in FolderSet.objects.all()]
    return render(request, "files/apply_folder_set.html", {"cabinet": cabinet, "form": form, "sets": sets})


def _set_for(user, set_id):
    return found_for(user, FolderSet.objects.all(), "folder set", set_id)
