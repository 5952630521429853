"""A report as a file: recorded before it starts, streamed, and recorded again when it is finished or broken off."""

import hashlib
import time

from django.conf import settings
from django.db import transaction
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import content_disposition_header

from accounts.models import Firm
from activity.actions import Action
from activity.checkpoints import public_key
from activity.models import Checkpoint
from activity.origin import coming_from, current_origin
from activity.recording import Subject, record, record_now
from reports.slots import take_slot
from reports.turns import give_way
from reports.writers import WRITERS, Facts

SLOW_SECONDS = 30  # so long in all waiting for the reader, an export needs none of the machine: its slot is free
MOST_ROWS = {"docx": 10_000}  # past it a word processor takes minutes to open the file


class TooManyRows(ValueError):
    """The format cannot hold the answer in a usable file."""


class AllSlotsTaken(RuntimeError):
    """As many exports as the machine makes at a time are being made."""


def export(table, extension):
    """The response that streams the table's rows. Raises as begin_export."""
    made = begin_export(table, extension)
    response = StreamingHttpResponse(made, content_type=made.media_type)
    response["Content-Disposition"] = content_disposition_header(True, made.file_name)
    response["Cache-Control"] = "private, no-store"
    return response


def begin_export(table, extension):
    """The Export, in a slot that it holds to its end. Raises TooManyRows, AllSlotsTaken."""
    most = MOST_ROWS.get(extension)
    if most and table.count > most:
        raise TooManyRows(most)
    slot = take_slot()
    if slot is None:
        raise AllSlotsTaken
    try:
        return _begin(table, extension, slot)
    except BaseException:
        slot.release()
        raise


def _begin(table, extension, slot):
    writer = WRITERS[extension]
    note = f"{table.filter.sentence} ({extension})"
    with transaction.atomic():
        started = record(
            Action.EXPORT_STARTED, by=table.reader, subject=Subject("report", table.slug, table.title), note=note
        )
    zone = timezone.get_current_timezone()
    rows = _Counted(table.batches())
    stream = writer.stream(table.columns, _facts(table, started, zone), rows, zone=zone)
    number = "" if table.reader.is_client_user else f"_export-{started.seq}"
    made = Export(stream, rows, table, started, slot)
    made.file_name, made.media_type = f"{table.file_name}{number}.{extension}", writer.MEDIA_TYPE
    return made


def _facts(table, started, zone):
    rows = (
        ("Firm", Firm.current().name),
        ("Report", table.title),
        ("Filter", table.filter.sentence),
        ("Time zone", str(zone)),
        ("Made by", table.reader.email),
        ("Made at", date_format(timezone.localtime(started.at, zone), "M j, Y, g:i:s A")),
        ("Made on", settings.BASE_URL.origin),
        *_place_in_log(table.reader, started),
    )
    return Facts(table.title, rows)


def _place_in_log(reader, started):
    """To a client the hash alone: the numbers of events, which a checkpoint has too, would tell how much the firm does."""
    if reader.is_client_user:
        return [("Export", f"Event with the hash {started.hash.hex()}")]
    return [
        ("Export", f"Event {started.seq:,} of the Activity Log"),
        ("Head of the log", f"Event {started.seq:,}, hash {started.hash.hex()}"),
        *_checkpoint(),
    ]


def _checkpoint():
    """The last signed one, whole: a file that leaves the firm is an anchor outside the portal."""
    latest = Checkpoint.objects.first()
    if latest:
        yield "Checkpoint", latest.text
        yield "Signature", f"{latest.signature}, by the key {public_key()}"


class _Counted:
    """Passes batches on and counts their rows."""

    def __init__(self, batches):
        self._batches = batches
        self.count = 0

    def __iter__(self):
        for batch in self._batches:
            self.count += len(batch)
            yield batch


class Export:
    """The bytes of a report's file. However it ends, the log says so; what it says comes from the request that began it."""

    def __init__(self, stream, rows, table, started, slot):
        self._stream, self._rows, self._table, self._started = iter(stream), rows, table, started
        self._slot, self._waited, self._handed_out_at = slot, 0, None
        self._origin = current_origin()
        self._digest = hashlib.sha256()
        self._is_over = False

    def __iter__(self):
        return self

    def __next__(self):
        self._count_waiting()
        try:
            chunk = next(self._stream)
        except StopIteration:
            self._tell(Action.EXPORT_FINISHED, f"{self._rows.count:,} rows, SHA-256 {self._digest.hexdigest()}")
            raise
        except Exception as problem:
            self._tell(Action.EXPORT_BROKEN_OFF, f"after {self._rows.count:,} rows: {type(problem).__name__}")
            raise
        self._digest.update(chunk)
        give_way()
        self._handed_out_at = time.monotonic()
        return chunk

    def _count_waiting(self):
        if self._handed_out_at:
            self._waited += time.monotonic() - self._handed_out_at
        if self._waited > SLOW_SECONDS:
            self._slot.release()

    def close(self):
        """Called by the server at the end, also when the reader went away."""
        self._stream.close()
        self._tell(Action.EXPORT_BROKEN_OFF, f"after {self._rows.count:,} rows: the reader went away")

    def _tell(self, action, note):
        self._slot.release()
        if not self._is_over:
            self._is_over = True
            subject = Subject("event", str(self._started.seq), f"{self._table.title}, export {self._started.seq:,}")
            with coming_from(self._origin):
                record_now(action, by=self._table.reader, subject=subject, note=note)
