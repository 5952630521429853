"""Files from a plain form, for whatever they are sent to: a folder, a document that was asked for, or over a link."""

import logging

from django.contrib import messages
from django.db import DatabaseError, transaction
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_protect

from files import uploads
from files.checking import refusal
from files.models import File, Upload
from files.signals import upload_failed
from files.space import QuotaExceeded
from files.storage import StorageFull, StorageUnavailable

logger = logging.getLogger(__name__)

FORM_BYTES = 4096  # what a form has beside its files, about


def take_form(request, whose, *, keep, back):
    """The answer to a form with files, which are streamed to storage: all of them are received, or none.

    Called by a csrf_exempt view that has made sure who sends to where (``whose``, a Sending): rights and room are checked,
    and room is reserved, before the body, which holds the token, is read. ``keep([Arrived…])`` receives them in one
    transaction and returns Versions; ``back`` is where it leads.
    """
    try:
        uploads.check_room(request)
        size_bytes = max(0, int(request.META.get("CONTENT_LENGTH") or 0) - FORM_BYTES)
        reserved = Upload.reserve_form(folder=whose.folder, by=whose.by, size_bytes=size_bytes)
    except (uploads.TooLarge, QuotaExceeded, StorageFull, StorageUnavailable) as failure:
        uploads.drain(request)
        return _refuse(request, whose, back, failure)
    handler = uploads.begin(request)
    try:
        return _take(request, whose, keep, back, handler, reserved)
    finally:
        handler.drop()
        _release(reserved)


def _release(reserved):
    try:
        reserved.release()
    except DatabaseError:  # housekeeping does it
        logger.exception("The room of a form is still reserved")


@csrf_protect
def _take(request, whose, keep, back, handler, reserved):
    received = request.FILES.getlist("files")
    if handler.failure:
        return _refuse(request, whose, back, handler.failure)
    if not received:
        messages.warning(request, "Choose a file first, then send it.")
        return redirect(resolve_url(back))
    try:
        reserved.reserve_all(sum(one.staged.size_bytes for one in received))
        for one in received:
            uploads.keep(one)
    except (QuotaExceeded, StorageFull, StorageUnavailable) as failure:
        return _refuse(request, whose, back, failure)
    for version in keep([one.arrived for one in received]):
        _say_received(request, version)
    return redirect(resolve_url(back))


def _say_received(request, version):
    """With the way to its receipt; what is not handed out yet is said in the same place."""
    words = "Received {} as version {}." if version.number > 1 else "Received {}."
    said, held = format_html(words, version.file.name, version.number), refusal(version)
    receipt = f"{reverse('file-receipt', args=[version.file_id])}?version={version.number}"
    link = format_html(' <a href="{}">Receipt</a>', receipt)
    (messages.warning if held else messages.success)(request, said + format_html(" {}", held or "") + link)


def _refuse(request, whose, back, failure):
    """Nothing was kept; the page says why, and the log that it was tried."""
    status, template = {
        uploads.TooLarge: (413, "413.html"),
        StorageFull: (507, "507.html"),
        QuotaExceeded: (507, "files/no_room.html"),
        uploads.ConnectionLost: (400, "files/connection_lost.html"),
    }.get(type(failure), (503, "503.html"))
    record_refusal(whose, failure)
    left = None if whose.sender.is_client_user else getattr(failure, "free_bytes", None)  # never the firm's volume
    return render(request, template, {"back": resolve_url(back), "left": left}, status=status)


def record_refusal(whose, failure, **details):
    """The log says that it was tried."""
    try:
        with transaction.atomic():
            note = type(failure).__name__
            upload_failed.send(File, subject=whose.folder, by=whose.sender, note=note, **details)
    except DatabaseError:  # the same disk may be full for it too; nothing happened that must be in the log
        logger.exception("A refused upload could not be recorded")
