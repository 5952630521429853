"""Sending files: in parts, by a script that resumes, or all of a form at once."""

import logging

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right
from files import guests, sending, uploads
from files.access import Sending, as_of_now, document_answered, folder_to_send_to, for_senders, sending_to, upload_for
from files.checking import refusal
from files.forms import StartForm
from files.models import LinkEnded, Upload, UploadEnded
from files.parts import BytesMissing, StillArriving
from files.receiving import record_refusal, take_form
from files.space import QuotaExceeded
from files.storage import StorageFull, StorageUnavailable, storage

logger = logging.getLogger(__name__)

MOST_UNFINISHED = 200
GONE = 410, "What had arrived of this file is gone. It is sent again from the start."
ANSWERS = {  # to a script: status and words
    uploads.TooLarge: (413, "This file is too large."),
    QuotaExceeded: (507, "There is no room for this file. The firm has to make room first."),
    StorageFull: (507, "The storage is full. The firm has to make room first."),
    StorageUnavailable: (503, "The storage does not answer. Try again in a few minutes."),
    uploads.ConnectionLost: (400, "The connection was lost."),
    sending.PartsMissing: (409, "Parts of this file are still missing."),
    StillArriving: (409, "Parts are still arriving. Try again."),
    BytesMissing: GONE,
    UploadEnded: GONE,
    LinkEnded: (410, "This link does not take more files."),
}
TRIED = tuple(ANSWERS)
REFUSED = (uploads.TooLarge, QuotaExceeded, StorageFull, StorageUnavailable)  # what the log should know


@for_senders
@require_http_methods(["GET", "POST"])
def unfinished(request):
    """GET: one's unfinished uploads. POST: an upload begins, or goes on where the same file was left."""
    if request.user.is_authenticated and not request.user.may(Right.SEND_FILES):
        raise PermissionDenied("Your account may read files here, not send them.")
    if request.method == "POST":
        return _start(request)
    if not request.user.is_authenticated:
        return redirect("account_login")
    mine = Upload.objects.open().in_parts().of(request.user).select_related("folder__cabinet__client")
    rows = [(upload, _share(upload)) for upload in mine.order_by("-moved_at").with_sizes()[:MOST_UNFINISHED]]
    return render(request, "files/unfinished.html", {"uploads": rows})


def _share(upload):
    """How much of it has come, in percent; None where only the bucket knows."""
    return None if upload.storage_id else 100 * upload.came_bytes // (upload.size_bytes or 1)


def _start(request):
    form = StartForm(request.POST)
    if not form.is_valid():
        words = " ".join(error for errors in form.errors.values() for error in errors)
        return JsonResponse({"error": words}, status=400)
    file = dict(form.cleaned_data)
    document = file.pop("document")
    whose = sending_to(request, file.pop("folder"), is_asked=bool(document))
    file["document"] = document_answered(whose, document) if document else None
    if whose.link:
        file |= {"is_separate": True, "path": ""}  # a guest does not learn what is there
    else:
        with transaction.atomic():
            whose.folder.walk(file["path"].split("/") if file["path"] else [], by=whose.sender)
    try:
        upload = sending.start(whose, **file)
        return JsonResponse(_state(upload, whose), status=201)
    except TRIED as failure:
        return _answer(failure, whose, size_bytes=file["size_bytes"])


@for_senders
@require_http_methods(["GET", "DELETE"])
def upload(request, upload_id):
    """GET: which parts are there. DELETE: the upload is given up."""
    upload = upload_for(request, upload_id)
    whose = _whose(upload)
    try:
        if request.method == "DELETE":
            sending.give_up(upload, by=whose.sender)
            return JsonResponse({})
        if upload.closed_at and not upload.version_id:
            raise UploadEnded
        return JsonResponse(_state(upload, whose))
    except TRIED as failure:
        return _answer(failure, whose)


@for_senders
@require_POST
def end_upload(request, upload_id):
    """As DELETE of the upload, by a button."""
    upload = upload_for(request, upload_id)
    if sending.give_up(upload, by=_whose(upload).sender):
        messages.success(request, f"{upload.name} is no longer waited for.")
    return redirect("uploads")


@for_senders
@require_POST
def part_addresses(request, upload_id):
    """Where the store itself takes the parts with these numbers."""
    upload = upload_for(request, upload_id)
    numbers = [int(number) for number in request.POST.getlist("number") if number.isdecimal() and len(number) < 6]
    if storage().where == "portal":
        urls = {number: reverse("upload-part", args=[upload.pk, number]) for number in numbers}
        return JsonResponse({"urls": urls})
    try:
        return JsonResponse({"urls": sending.part_urls(upload, numbers)})
    except TRIED as failure:
        return _answer(failure, _whose(upload))


@for_senders
@require_http_methods(["PUT"])
def part(request, upload_id, number):
    """The part's bytes, as they are, are the request's body."""
    upload = upload_for(request, upload_id)
    if upload.part_length(number) is None or storage().where != "portal":
        return JsonResponse({"error": "There is no such part."}, status=400)
    try:
        sending.receive_part(request, upload, number)
    except sending.WrongLength:
        return _wrong_length(request, upload.part_length(number))
    except TRIED as failure:
        return _answer(failure, _whose(upload))
    return JsonResponse({})


def _wrong_length(request, length):
    announced = request.META.get("CONTENT_LENGTH") or ""
    if not announced.isdecimal():
        return JsonResponse({"error": "Say how long the part is."}, status=411)
    is_longer = int(announced) > length
    if not is_longer:
        uploads.drain(request)
    return JsonResponse({"error": f"This part has {length} bytes."}, status=413 if is_longer else 400)


@for_senders
@require_POST
def complete(request, upload_id):
    """All parts are there: the file is in its folder."""
    upload = upload_for(request, upload_id)
    whose = _whose(upload)
    try:
        version = sending.complete(upload, is_separate=bool(request.POST.get("separate")))
    except TRIED as failure:
        if isinstance(failure, BytesMissing):
            sending.give_up(upload, by=whose.sender, note="its bytes are gone")
        return _answer(failure, whose, size_bytes=upload.size_bytes)
    if whose.link:
        guests.remember(request, [upload.name], [version])
    twins = sending.twins_of(version, whose)
    answer = {
        "address": "" if whose.link else version.file.get_absolute_url(),
        "name": upload.name if whose.link else version.file.name,
        "version": version.number,
        "receipt": "" if whose.link else f"{reverse('file-receipt', args=[version.file_id])}?version={version.number}",
        "held": refusal(version) or "",
        "duplicates": [{"name": file.name, "address": file.get_absolute_url()} for file in twins],
    }
    return JsonResponse(answer)


def _whose(upload):
    return Sending(upload.folder, upload.by, upload.link)


def _state(upload, whose):
    """What a script needs to go on with the upload."""
    folder = None if whose.link else upload.folder.at_path(upload.steps)
    same = folder and folder.files.in_place().filter(name=upload.name).select_related("current").first()
    return {
        "address": reverse("upload", args=[upload.pk]),
        "name": upload.name,
        "size_bytes": upload.size_bytes,
        "part_bytes": upload.part_bytes,
        "parts": [] if upload.closed_at else sending.parts_there(upload),
        "where": storage().where,
        "is_complete": upload.version_id is not None,
        "becomes_version": same.current.number + 1 if same else None,
    }


def _answer(failure, whose, **details):
    status, words = next(answer for kind, answer in ANSWERS.items() if isinstance(failure, kind))
    if isinstance(failure, REFUSED):
        record_refusal(whose, failure, **details)
    return JsonResponse({"error": words}, status=status)


@csrf_exempt  # the token is in the body: rights and room are checked before it is read, the token after
@require_POST
def upload_form(request, folder_id):
    """Files from a form, for those whose browser runs no script."""
    whose = Sending(folder_to_send_to(request.user, folder_id), request.user)

    def keep(arrived):
        folder_to_send_to(as_of_now(request.user), folder_id)  # the body may have taken hours
        return whose.folder.receive(arrived, by=whose.by, is_separate=bool(request.POST.get("separate")))

    return take_form(request, whose, keep=keep, back=whose.folder)
