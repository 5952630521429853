"""Receiving files from a plain form: streamed straight into the storage's staging, in the order that loses nothing.

rights and room → staging → whole length → fsync → scan → rename → fsync of the folders → one transaction → acknowledge.
"""

import errno
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParser

from accounts.connections import release_connection
from files.checking import Verdict, look_at
from files.models import Arrived, Version
from files.models import Upload as UploadRow
from files.names import unescape_form_name
from files.storage import StorageFull, StorageUnavailable, storage

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
STALLED_SECONDS = 30
SMALL_BYTES = 64 * 1024**2


class TooLarge(ValueError):
    """More bytes than one upload may have."""


class ConnectionLost(OSError):
    """The body ended before its announced length."""


@dataclass
class Upload:
    """A file of the form, wholly staged: its name as the browser gave it and its bytes."""

    name: str
    staged: object
    verdict: Verdict | None = None

    @property
    def arrived(self):
        found = {"state": self.verdict.state, "state_note": self.verdict.note} if self.verdict else {}
        return Arrived(self.name, self.staged.key, self.staged.size_bytes, self.staged.sha256, **found)

    def close(self):
        """Called by Django at the end of the request; what is to be dropped the handler drops."""


class StagingHandler(FileUploadHandler):
    """Writes each file of a form to staging while it arrives. ``failure`` says why the form cannot be used."""

    chunk_size = 1024**2

    def __init__(self, request):
        super().__init__(request)
        self.failure = None
        self._staged = []
        self._is_parsing = False

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        """Parses the body by a parser that leaves names as they were sent, and knows whether all of it came."""
        if self._is_parsing:
            return None
        self._is_parsing = True
        body = _CountedBody(input_data)
        parser = _FormParser(META, body, [self], encoding)
        try:
            parsed = parser.parse()
        except UnreadablePostError as problem:
            self.failure = ConnectionLost(str(problem))
            return parser.so_far  # the token comes before the files: the view can still say and record what happened
        if self.failure is None and (body.count != content_length or b"--%b--" % boundary not in body.tail):
            self.failure = ConnectionLost(f"{body.count} of {content_length} bytes came")
        return parsed

    def new_file(self, field_name, file_name, *args, **kwargs):
        super().new_file(field_name, file_name, *args, **kwargs)
        self._attempt(lambda: self._staged.append(storage().stage()))

    def receive_data_chunk(self, raw_data, start):
        if self._staged[-1].size_bytes + len(raw_data) > settings.MAX_UPLOAD_BYTES:
            self._stop(TooLarge())
        self._attempt(lambda: self._staged[-1].write(raw_data))

    def file_complete(self, file_size):
        return Upload(self.file_name, self._staged[-1])

    def drop(self):
        """Nothing is left in staging of what was not kept."""
        for staged in self._staged:
            with suppress(OSError):  # of a store that does not answer; the sweeper finds what stayed
                staged.drop()

    def _attempt(self, act):
        try:
            act()
        except OSError as problem:
            self._stop(named(problem))

    def _stop(self, failure):
        self.failure = failure
        # the rest of the body is read and thrown away: a browser that is cut off shows no message
        raise StopUpload(connection_reset=False)


class _FormParser(MultiPartParser):
    def sanitize_file_name(self, file_name):
        """Django's own would unescape HTML ("a&amp;b.pdf") and cut at a backslash; files.names decides instead."""
        return unescape_form_name(file_name)

    @property
    def so_far(self):
        return self._post, self._files


class _CountedBody:
    """Counts what is read and remembers the end of it."""

    def __init__(self, body):
        self._body = body
        self.count = 0
        self.tail = b""

    def read(self, *args):
        data = self._body.read(*args)
        self.count += len(data)
        self.tail = (self.tail + data)[-256:]
        return data


def check_room(request):
    """Raises TooLarge or StorageFull before the first byte is read."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > settings.MAX_UPLOAD_BYTES + 1024**2:  # the form's own fields and boundaries
        raise TooLarge
    check_free(length)


def check_free(size_bytes):
    """Raises StorageFull where the disk has no room for this beside what must stay free and what is still to come of
    uploads that have begun."""
    try:
        free = storage().free_bytes()
    except OSError as problem:
        raise StorageUnavailable(str(problem)) from problem
    if free is None:
        return
    if size_bytes > free - settings.KEEP_FREE_BYTES - UploadRow.objects.open().awaited_bytes():
        raise StorageFull


def begin(request):
    """The request's files go to staging. Returns the handler."""
    handler = StagingHandler(request)
    request.upload_handlers = [handler]
    give_up_on_stalled(request)
    release_connection()
    return handler


def give_up_on_stalled(request):
    """A sender that stalls gives its thread back."""
    connection_socket = request.environ.get("gunicorn.socket")
    if connection_socket is not None:
        connection_socket.settimeout(STALLED_SECONDS)


def drain(request):
    """The body is read to its end and thrown away, so that the browser shows the answer instead of a broken connection."""
    try:
        while request.read(1024**2):
            pass
    except OSError:
        return


def drain_small(request):
    """As drain, where the whole body is short enough to wait for: a part of an upload is, a film in a form is not."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) <= SMALL_BYTES:
        give_up_on_stalled(request)
        drain(request)


def keep(upload):
    """The upload's bytes were looked at and are an object of the storage. Raises StorageFull, StorageUnavailable."""
    try:
        upload.verdict = _look_at(upload.staged)
        upload.staged.keep()
    except OSError as problem:
        raise named(problem) from problem


def _look_at(staged):
    if settings.CLAMAV is None:
        return None
    source = staged.reopen()
    if source is None:
        return Verdict(Version.State.CHECKING)
    with source:
        return look_at(source)


def named(problem):
    """What went wrong in the storage, as one of its two failures."""
    if isinstance(problem, StorageFull | StorageUnavailable):
        return problem
    return (StorageFull if problem.errno in NO_ROOM else StorageUnavailable)(str(problem))
