"""A file that is sent in parts: begun, received part by part, completed.

rights and room → parts into staging, each synced before it counts → all there → read once → rename → one transaction.
"""

import hashlib
import os

from django.conf import settings
from django.core.exceptions import PermissionDenied

from accounts.connections import release_connection
from files.checking import Verdict, look_at
from files.models import Arrived, File, Part, Upload, UploadEnded, Version
from files.parts import BytesMissing, write_at
from files.storage import READ_SIZE, storage
from files.uploads import ConnectionLost, TooLarge, check_free, drain, give_up_on_stalled, named

READ_AT_ONCE_BYTES = 2_000_000_000  # more than a request should read: the worker does it
PRESIGNED_AT_ONCE = 100


class PartsMissing(ValueError):
    """Not all parts have come."""


class WrongLength(ValueError):
    """The body of a part is announced with another length than the part has."""


def start(sending, *, size_bytes, **what):
    """The Upload of this file: a new one, or the unfinished one that is the same. Raises TooLarge, StorageFull,
    QuotaExceeded, StorageUnavailable."""
    file = {"folder": sending.folder, "by": sending.by, "link": sending.link, "size_bytes": size_bytes, **what}
    same = Upload.objects.like(**file).first()
    if same and _is_alive(same):
        return same
    if size_bytes > settings.MAX_UPLOAD_BYTES:
        raise TooLarge
    if sending.link and sending.link.sent_files + sending.link.uploads.open().count() >= sending.link.most_files:
        raise PermissionDenied(f"Over this link {sending.link.most_files} files can be sent, and they were.")
    check_free(size_bytes)
    key, storage_id = storage().begin_parts()
    try:
        upload = Upload.start(storage_key=key, storage_id=storage_id, **file)
    except BaseException:
        storage().drop_parts(key, storage_id)
        raise
    if upload.storage_key != key:
        storage().drop_parts(key, storage_id)
    return upload


def _is_alive(upload):
    """Whether one can go on with it. Where its bytes are gone it is over, and the log says so."""
    try:
        parts_there(upload)
    except BytesMissing:
        give_up(upload, by=None, note="its bytes are gone")
        return False
    return True


def parts_there(upload):
    """The numbers of the parts that have come, whole; all of them where somebody was interrupted when it was complete.
    Raises BytesMissing where neither parts nor the whole are there, StorageUnavailable."""
    store, key = storage(), upload.storage_key
    if store.where == "portal":
        if not (store.holds_parts(key) or store.path(key).exists()):
            raise BytesMissing(key)
        return sorted(upload.parts.values_list("number", flat=True))
    found = store.parts_of(key, upload.storage_id)
    if found is None and store.size_or_none(key) != upload.size_bytes:
        raise BytesMissing(key)
    if found is None:
        return list(range(1, upload.part_count + 1))
    return sorted(number for number, (_, size) in found.items() if size == upload.part_length(number))


def receive_part(request, upload, number):
    """The part lies in staging, synced, and counts. Raises WrongLength, ConnectionLost, StorageFull, StorageUnavailable,
    StillArriving while the upload is being completed, BytesMissing and UploadEnded after that."""
    length = upload.part_length(number)
    if request.META.get("CONTENT_LENGTH") != str(length):
        raise WrongLength
    with storage().open_to_parts(upload.storage_key) as descriptor:
        came_before = upload.parts.filter(number=number)
        if came_before.exists():
            came_before.delete()  # until it is whole again: it may bring other bytes
        give_up_on_stalled(request)
        release_connection()
        try:
            _write(request, descriptor, (number - 1) * upload.part_bytes, length)
        except ConnectionLost:
            raise
        except OSError as problem:
            drain(request)
            raise named(problem) from problem
        upload.add_part(number)


def _write(request, descriptor, offset, length):
    end = offset + length
    while offset < end:
        try:
            data = request.read(min(READ_SIZE, end - offset))
        except OSError as problem:
            raise ConnectionLost(str(problem)) from problem
        if not data:
            raise ConnectionLost(f"{end - offset} bytes are missing")
        write_at(descriptor, data, offset)
        offset += len(data)
    os.fdatasync(descriptor)


def part_urls(upload, numbers):
    """{number: the store's own address for its bytes}, for a short time."""
    upload.move()
    wanted = [number for number in numbers if upload.part_length(number)][:PRESIGNED_AT_ONCE]
    return {
        number: storage().part_url(upload.storage_key, upload.storage_id, number, upload.part_length(number))
        for number in wanted
    }


def complete(upload, *, is_separate=False):
    """The upload is a version of a file. Returns the Version, the same one however often it is done. Raises PartsMissing,
    StillArriving, BytesMissing, UploadEnded, StorageFull, StorageUnavailable."""
    if upload.version_id:
        return upload.version
    if upload.closed_at:
        raise UploadEnded
    keep = _keep_in_folder if storage().where == "portal" else _keep_in_bucket
    try:
        sha256, verdict = keep(upload)
    except OSError as problem:
        raise named(problem) from problem
    arrived = Arrived(upload.name, upload.storage_key, upload.size_bytes, sha256, verdict.state, verdict.note)
    return upload.finish(arrived, is_separate=is_separate)


NOT_READ = "", Verdict(Version.State.CHECKING)


def _keep_in_folder(upload):
    with storage().closed_to_parts(upload.storage_key) as whole:
        came = Part.objects.filter(upload=upload).count()
        if came < upload.part_count:
            raise PartsMissing(f"{upload.part_count - came} parts are missing")
        if whole.size_bytes != upload.size_bytes:
            raise BytesMissing(upload.storage_key)
        release_connection()
        read = _read(whole.source, upload.size_bytes) if upload.size_bytes <= READ_AT_ONCE_BYTES else NOT_READ
        whole.keep()
    return read


def _keep_in_bucket(upload):
    store, key, storage_id = storage(), upload.storage_key, upload.storage_id
    parts = store.parts_of(key, storage_id) if upload.size_bytes else {}
    if parts is not None:
        whole = {number: part for number, part in parts.items() if part[1] == upload.part_length(number)}
        if len(whole) < upload.part_count:
            raise PartsMissing(f"{upload.part_count - len(whole)} parts are missing")
        parts = whole
    release_connection()
    store.keep_parts(key, storage_id, parts, upload.size_bytes)
    return NOT_READ


def _read(source, size_bytes):
    """(SHA-256, Verdict), both from one reading."""
    hashed = _Hashed(source, size_bytes)
    verdict = look_at(hashed)
    while hashed.read(READ_SIZE):
        pass
    return hashed.sha256, verdict


class _Hashed:
    """An open file whose SHA-256 is known once it was read to its end, by whomever."""

    def __init__(self, source, size_bytes):
        self._source, self.left, self._digest = source, size_bytes, hashlib.sha256()

    def read(self, size=-1):
        data = self._source.read(size)
        self.left -= len(data)
        self._digest.update(data)
        return data

    def __iter__(self):
        while data := self.read(READ_SIZE):
            yield data

    @property
    def sha256(self):
        return self._digest.hexdigest()


def give_up(upload, *, by, note=""):
    """It is over before it was complete: nothing is reserved or left of it. Returns whether it was open."""
    is_over = upload.give_up(by=by, note=note)
    if is_over:  # else it may be complete
        storage().drop_parts(upload.storage_key, upload.storage_id)
    return is_over


def twins_of(version, sending):
    """Other files that this person may see and whose bytes are the same: at most three."""
    if sending.link or not version.sha256 or not version.size_bytes:
        return []
    files = File.objects.visible_to(sending.by).in_place().filter(current__sha256=version.sha256)
    return list(files.exclude(pk=version.file_id).order_by("-current__at")[:3])
