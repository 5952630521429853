from contextlib import suppress

from django.db.models import Count, F, Max, OuterRef, Subquery
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import for_right
from accounts.paging import Page
from accounts.rights import Right
from files.access import cabinet_for, changeable_file_for, file_for, folder_for, folder_to_send_to
from files.bin_views import count_in_bin, in_bin, tell_who_may_change
from files.forms import NameForm
from files.marks import mark
from files.models import Cabinet, File, NameTaken, NotInPlace
from files.note_views import show_file
from files.sorting import Sorting

CLIENTS_PER_PAGE = 50
FILES_PER_PAGE = 100


@for_right(Right.VIEW_FILES)
@require_GET
def exchange(request):
    """The cabinets that one may open; who has a single one is taken there."""
    cabinets = Cabinet.objects.visible_to(request.user).filter(kind=Cabinet.Kind.CLIENT)
    if request.user.is_client_user:
        only = list(cabinets[:2])
        if len(only) == 1:
            return redirect(only[0])
    files = File.objects.in_place().filter(folder__cabinet=OuterRef("pk")).order_by().values("folder__cabinet")
    last_at = Subquery(files.annotate(at=Max("current__at")).values("at"))
    cabinets = cabinets.select_related("client").annotate(last_at=last_at)
    words = request.GET.get("q", "").replace("\0", "").strip()
    if words:
        cabinets = cabinets.filter(client__name__icontains=words)
    page = Page(cabinets, "client__name", request.GET, size=CLIENTS_PER_PAGE)
    _tell_new_files(page.rows, request.user)
    own = {} if request.user.is_client_user else _own_cabinets(request.user)
    return render(request, "files/exchange.html", {"page": page, "words": words, **own})


def _tell_new_files(cabinets, user):
    new = File.objects.filter(folder__cabinet__in=[cabinet.pk for cabinet in cabinets]).new_to(user).order_by()
    counts = dict(new.values_list("folder__cabinet").annotate(count=Count("pk")))
    for cabinet in cabinets:
        cabinet.new_count = counts.get(cabinet.pk, 0)


def _own_cabinets(user):
    own = {cabinet.kind: cabinet for cabinet in Cabinet.objects.visible_to(user).filter(client=None)}
    return {"firms_own": own.get(Cabinet.Kind.FIRM), "ones_own": own.get(Cabinet.Kind.PERSONAL)}


@require_GET
def cabinet(request, cabinet_id):
    return _show(request, cabinet_for(request.user, cabinet_id).top)


@require_GET
def folder(request, folder_id):
    return _show(request, folder_for(request.user, folder_id))


def _show(request, folder):
    if folder.binned_at:
        return render(request, "files/folder_in_bin.html", {"folder": folder, **in_bin(folder, request.user)})
    sorting = Sorting(request.GET)
    files = folder.files.in_place().select_related("current__by", "current__link")
    files = files.annotate(version_count=F("current__number"))
    files = files.with_sender() if sorting.field == "sender_name" else files
    page = Page(files, sorting.field, request.GET, size=FILES_PER_PAGE, descending=sorting.descending)
    mark(page.rows, reader=request.user)
    trail = folder.trail()
    closing = next((one for one in [*trail, folder] if one.is_view_only), None)
    is_closed = closing is not None and request.user.is_client_user
    folders = list(folder.folders.in_place().with_file_counts()) if page.is_first else []
    closed = {folder.pk} if is_closed else set()
    has_changeable = tell_who_may_change(page.rows, folders, request.user, closed=closed)
    may_send = request.user.may(Right.SEND_FILES) and not is_closed
    context = {
        "folder": folder,
        "cabinet": folder.cabinet,
        "trail": trail,
        "folders": folders,
        "page": page,
        "sorting": sorting,
        "closing": closing,
        "has_marks": folder.client is not None and not request.user.is_client_user,
        "is_closed": is_closed,
        "may_send": may_send,
        "may_switch": folder.client and not request.user.is_client_user and request.user.may(Right.DELETE_FILES),
        "has_changeable": has_changeable,
        "is_changeable": folder.may_be_changed_by(request.user),
        "binned_count": count_in_bin(folder.cabinet, request.user),
    }
    return render(request, "files/folder.html", context)


@require_http_methods(["GET", "POST"])
def add_folder(request, folder_id):
    folder = folder_to_send_to(request.user, folder_id)
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(folder.add_folder(form.cleaned_data["name"], by=request.user))
        except NameTaken as problem:
            form.add_error("name", f"{problem}. Choose another name.")
        except NotInPlace:
            return redirect(folder)
    context = {"form": form, "folder": folder, "trail": [*folder.trail(), folder]}
    return render(request, "files/add_folder.html", context)


@require_GET
def file(request, file_id):
    file = file_for(request.user, file_id)
    return show_file(request, file)


@require_http_methods(["GET", "POST"])
def rename(request, file_id):
    file = changeable_file_for(request.user, file_id)
    form = NameForm(request.POST or None, initial={"name": file.name})
    if request.method == "POST" and form.is_valid():
        try:
            with suppress(NotInPlace):  # its page says that it is in the bin
                file.rename(form.cleaned_data["name"], by=request.user)
            return redirect(file)
        except NameTaken as problem:
            form.add_error("name", f"{problem}. Choose another name.")
    return render(
        request, "files/rename.html", {"form": form, "file": file, "trail": [*file.folder.trail(), file.folder]}
    )
