import logging

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.connections import release_connection
from files.access import file_for, version_of
from files.checking import refusal
from files.downloads import record_once, send_bytes
from files.names import download_name
from files.previews import IMAGE, NotShown, preview_of, recognize

logger = logging.getLogger(__name__)

# What Chromium's own PDF viewer needs: it does not open in a sandbox. The bytes are a PDF or a picture, never a page
FRAMED = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


@require_safe
def preview(request, file_id):
    """What a file holds, on a page of its own; to a script, only the part that it puts beside the list."""
    file = file_for(request.user, file_id)
    version = version_of(file, request.GET.get("version"))
    shown, why = None, ""
    try:
        shown = _look(version)
    except NotShown as problem:
        why = str(problem)
    except OSError:
        logger.exception("The bytes of version %s cannot be read", version.pk)
        why = "The storage does not answer. Try again in a minute."
    if shown and not shown.media_type and request.method == "GET":
        record_once(request, version, "preview", by=request.user)
    query = "" if version.pk == file.current_id else f"?version={version.number}"
    context = {
        "source": reverse("file-preview-content", args=[file.pk]) + query,
        "download": reverse("file-download", args=[file.pk]) + query,
        "file": file,
        "version": version,
        "is_current": version.pk == file.current_id,
        "cabinet": file.folder.cabinet,
        "shown": shown,
        "why": why,
        **_neighbours(file, request.user),
    }
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return render(request, "files/_preview.html", context)
    return render(request, "files/preview.html", {**context, "trail": [*file.folder.trail(), file.folder]})


def _look(version):
    if not version.is_served:
        raise NotShown(refusal(version))
    release_connection()
    return preview_of(version)


def _neighbours(file, user):
    """The files before and after it in its folder, by name."""
    if file.binned_at:
        return {}
    files = file.folder.files.visible_to(user).in_place()
    return {
        "previous": files.filter(name__lt=file.name).order_by("-name").first(),
        "next": files.filter(name__gt=file.name).order_by("name").first(),
    }


@require_safe
def content(request, file_id):
    """The bytes of a PDF or a picture, for the page that frames them."""
    file = file_for(request.user, file_id)
    version = version_of(file, request.GET.get("version"))
    if not version.is_served:
        raise Http404
    try:
        kind, media_type = recognize(version)
        if not media_type:
            raise Http404
        response = _send(request, version, kind, media_type)
    except NotShown as problem:
        raise Http404 from problem
    except OSError:
        logger.exception("The bytes of version %s cannot be read", version.pk)
        return render(request, "503.html", {"back": file}, status=503)
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _send(request, version, kind, media_type):
    def record():
        if request.method == "GET":
            record_once(request, version, "preview", by=request.user)

    inline = content_disposition_header(False, download_name(version.file.name))
    policy = "default-src 'none'; sandbox; frame-ancestors 'self'" if kind == IMAGE else FRAMED
    return send_bytes(request, version, inline, record, media_type=media_type, policy=policy)
