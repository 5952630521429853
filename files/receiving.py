"""Files from a plain form, for whatever they are sent to: a folder, a document that was asked for, or over a link."""

import logging

from django.contrib import messages
from django.db import DatabaseError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_protect

from files import uploads
from files.checking import refusal
from files.models import File
from files.signals import upload_failed
from files.space import QuotaExceeded
from files.storage import StorageFull, StorageUnavailable

logger = logging.getLogger(__name__)


def take_form(request, *, folder, by, keep, back):
    """The answer to a form with files, which are streamed to storage: all of them are received, or none.

    Called by a csrf_exempt view that has made sure who may send: rights and room are checked before the body, which holds
    the token, is read. ``keep([Arrived…])`` receives them in one transaction and returns Versions; ``back`` is where it
    leads, ``folder`` what a refusal is about.
    """
    try:
        uploads.check_room(request, folder.cabinet)
    except (uploads.TooLarge, QuotaExceeded, StorageFull, StorageUnavailable) as failure:
        uploads.drain(request)
        return _refuse(request, folder, by, back, failure)
    handler = uploads.begin(request)
    try:
        return _take(request, folder, by, keep, back, handler)
    finally:
        handler.drop()


@csrf_protect
def _take(request, folder, by, keep, back, handler):
    received = request.FILES.getlist("files")
    if handler.failure:
        return _refuse(request, folder, by, back, handler.failure)
    if not received:
        messages.warning(request, "Choose a file first, then send it.")
        return _lead(request, back)
    try:
        for one in received:
            uploads.keep(one)
    except (StorageFull, StorageUnavailable) as failure:
        return _refuse(request, folder, by, back, failure)
    for version in keep([one.arrived for one in received]):
        _say_received(request, version)
    return _lead(request, back)


def _say_received(request, version):
    """With the way to its receipt; what is not handed out yet is said in the same place."""
    words = "Received {} as version {}." if version.number > 1 else "Received {}."
    said, held = format_html(words, version.file.name, version.number), refusal(version)
    link = ""
    if request.user.is_authenticated:
        address = f"{reverse('file-receipt', args=[version.file_id])}?version={version.number}"
        link = format_html(' <a href="{}">Receipt</a>', address)
    (messages.warning if held else messages.success)(request, said + format_html(" {}", held or "") + link)


def _lead(request, back):
    """A form is led to the page; a script goes there itself, so that it reads what is said there, once."""
    address = resolve_url(back)
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return HttpResponse(status=201, headers={"Location": address})
    return redirect(address)


def _refuse(request, folder, by, back, failure):
    """Nothing was kept; the page says why, and the log that it was tried."""
    status, template = {
        uploads.TooLarge: (413, "413.html"),
        StorageFull: (507, "507.html"),
        QuotaExceeded: (507, "files/no_room.html"),
        uploads.ConnectionLost: (400, "files/connection_lost.html"),
    }.get(type(failure), (503, "503.html"))
    try:
        with transaction.atomic():
            upload_failed.send(File, subject=folder, by=by, note=type(failure).__name__)
    except DatabaseError:  # the same disk may be full for it too; nothing happened that must be in the log
        logger.exception("A refused upload could not be recorded")
    left = None if by.is_client_user else getattr(failure, "free_bytes", None)  # never the firm's volume
    return render(request, template, {"back": resolve_url(back), "left": left}, status=status)
