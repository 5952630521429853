"""Where files and folders go: the page on which one chooses it, and a folder's name."""

import logging

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right
from files.access import changeable_folder_for, folder_for, folder_to_send_to, refuse_unless_changeable
from files.bin_views import in_words
from files.forms import ChosenForm, NameForm, PlaceForm
from files.models import Cabinet, FolderInUse, IntoItself, NameTaken, NotInPlace, NotServed, OnHold, moves
from files.space import QuotaExceeded
from files.storage import StorageFull

logger = logging.getLogger(__name__)

MOST_CABINETS = 20


@require_POST
def move(request, folder_id):
    """A page on which one goes to the place, by buttons, until Move or Copy is pressed there."""
    folder = folder_for(request.user, folder_id)
    files, folders = ChosenForm(request.POST, folder=folder).chosen()
    if not files and not folders:
        messages.warning(request, "Tick the files first.")
        return redirect(folder)
    form = PlaceForm(request.POST)
    into = folder_to_send_to(request.user, form.place or folder.pk)
    context = _choices(request, folder, files, folders, into, form)
    if form.act not in ("move", "copy"):
        return render(request, "files/move.html", context)
    if not context[f"may_{form.act}"]:
        raise PermissionDenied("Only the firm, with the right to, takes files from one cabinet to another.")
    if form.act == "move":
        refuse_unless_changeable(request.user, files, folders)
    if context["other_client"] and not form.is_sure:
        return render(request, "files/move.html", {**context, "problem": "Tick the box first: others will see this."})
    return _carry_out(request, form.act, context)


def _choices(request, folder, files, folders, into, form):
    user = request.user
    is_elsewhere = into.cabinet_id != folder.cabinet_id
    may_leave = not (is_elsewhere and user.is_client_user)
    cabinets = []
    if not user.is_client_user:
        cabinets = Cabinet.objects.visible_to(user).select_related("client", "owner")
        cabinets = cabinets.filter(Q(client__name__icontains=form.words) | ~Q(kind=Cabinet.Kind.CLIENT))
        cabinets = cabinets.order_by("client__name").with_tops()[:MOST_CABINETS]
    going = {one.pk for one in folders}
    return {
        "folder": folder,
        "files": files,
        "chosen_folders": folders,
        "into": into,
        "cabinet": into.cabinet,
        "trail": folder.trail(),
        "place_trail": [*into.trail(), into],
        "places": [one for one in into.folders.in_place() if one.pk not in going],
        "cabinets": cabinets,
        "words": form.words,
        "what": in_words(files, folders),
        "it": "it" if len(files) + len(folders) == 1 else f"{len(files) + len(folders)} items",
        "is_same": into == folder,
        "other_client": is_elsewhere and into.cabinet.kind == Cabinet.Kind.CLIENT,
        "may_copy": may_leave,
        "may_move": may_leave and user.may(Right.DELETE_FILES),
    }


def _carry_out(request, act, context):
    folder, into, what = context["folder"], context["into"], context["what"]
    try:
        verb = moves.move if act == "move" else moves.copy
        verb(context["files"], context["chosen_folders"], into=into, by=request.user)
    except IntoItself as problem:
        return render(request, "files/move.html", {**context, "problem": f"{problem} cannot go into itself."})
    except NotInPlace:
        return render(request, "files/move.html", {**context, "problem": f"{into.name} is in the bin by now."})
    except FolderInUse as problem:
        words = f"{problem}, so it stays in this cabinet. Its files can go by themselves."
        return render(request, "files/move.html", {**context, "problem": words})
    except OnHold as problem:
        return render(request, "files/move.html", {**context, "problem": f"{problem}. Nothing leaves it."})
    except NotServed as problem:
        words = f"{problem.version.file.name} is not handed out yet, so there are no copies of it."
        return render(request, "files/move.html", {**context, "problem": words})
    except QuotaExceeded as problem:
        return render(request, "files/move.html", {**context, "problem": "There is no room for it.", "over": problem})
    except StorageFull:
        return render(request, "507.html", {"back": folder}, status=507)
    except OSError:
        logger.exception("Files of the folder %s could not be copied", folder.pk)
        return render(request, "503.html", {"back": folder}, status=503)
    done = "Moved" if act == "move" else "Copied"
    words = format_html("{} {} to <a href='{}'>{}</a>.", done, what, into.get_absolute_url(), into.name)
    messages.success(request, words)
    return redirect(folder)


@require_http_methods(["GET", "POST"])
def rename_folder(request, folder_id):
    folder = changeable_folder_for(request.user, folder_id)
    form = NameForm(request.POST or None, initial={"name": folder.name})
    if request.method == "POST" and form.is_valid():
        try:
            folder.rename(form.cleaned_data["name"], by=request.user)
            return redirect(folder)
        except NameTaken as problem:
            form.add_error("name", f"{problem}. Choose another name.")
        except NotInPlace:
            return redirect(folder)
    return render(request, "files/rename_folder.html", {"form": form, "folder": folder, "trail": folder.trail()})
