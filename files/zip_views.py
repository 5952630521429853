from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from files.access import cabinet_for, folder_for
from files.forms import ChosenForm
from files.names import unpacked_name
from files.zips import MOST_FILES, TooManyFiles, Zip, hand_out, pack


@require_safe
def cabinet_zip(request, cabinet_id):
    """All that is in the cabinet."""
    top = cabinet_for(request.user, cabinet_id).top
    return _send(request, top, all_of=top)


@require_http_methods(["GET", "HEAD", "POST"])
def folder_zip(request, folder_id):
    """What is ticked of the folder; asked for by its address, all that is in it and below."""
    folder = folder_for(request.user, folder_id)
    if request.method != "POST":
        return _send(request, folder, all_of=folder)
    files, folders = ChosenForm(request.POST, folder=folder).chosen()
    if not (files or folders):
        messages.warning(request, "Tick the files first.")
        return redirect(folder)
    return _send(request, folder, files=files, folders=folders)


def _send(request, folder, **what):
    """The ZIP. Each of its files is in the log, committed, before the first byte leaves."""
    try:
        packed = pack(request.user, folder.cabinet, **what)
    except TooManyFiles:
        return render(request, "files/too_many_files.html", {"back": folder, "most": MOST_FILES}, status=400)
    if packed.is_empty:
        messages.warning(request, "There is no file to download here.")
        return redirect(folder)
    if request.method == "HEAD":
        return _headers(HttpResponse(content_type="application/zip"), folder)
    hand_out(packed, by=request.user)
    body = Zip(packed, folder, by=request.user)
    return _headers(StreamingHttpResponse(body, content_type="application/zip"), folder)


def _headers(response, folder):
    name = folder.name if folder.parent_id else str(folder.cabinet)
    response["Content-Disposition"] = content_disposition_header(True, f"{unpacked_name(name)}.zip")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
