"""Events go into a file that verifies by itself (activity.standalone), and may be taken out of the database after that."""

import gzip
import hashlib
import os
import tempfile
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Firm
from activity import chain, standalone, triggers
from activity.actions import Action
from activity.checkpoints import make_checkpoint, public_key
from activity.models import Archive, Checkpoint, Event
from activity.querysets import first_seq_at_or_after
from activity.recording import Subject, record
from activity.verification import verify

FORMAT = standalone.ARCHIVE
READ_AT_ONCE = 5_000
PRUNED_AT_ONCE = 2_000


class NotArchived(ValueError):
    """Why nothing was archived, in words."""


def archive(before, *, folder, prune, by=None):
    """The Archive of every event up to the last checkpoint before that day (of the firm's zone): a file in ``folder`` that was
    read back and verified, and an event that says so. With ``prune`` they are to be taken out of the database. Without, the
    file goes up to now. Raises NotArchived."""
    if prune:
        _must_be_allowed(before)
    else:
        make_checkpoint(by=by)
    last = _last_checkpoint(before if prune else None)
    start, previous = _base()
    if last is None or last.size <= start:
        raise NotArchived("There is no checkpoint before that day which is not archived yet, so nothing is.")
    finding = verify()
    if not finding.is_whole or finding.acknowledged:
        raise NotArchived(f"The log is {finding.in_words}. A broken log is kept where it is.")
    path = folder / f"activity-{start + 1}-{last.size}.log.gz"
    if path.exists():
        raise NotArchived(f"{path} is there already. Move it, or choose another folder.")
    _write(path, start, previous, last)
    with transaction.atomic():
        kept = Archive.objects.create(
            first_seq=start + 1, last_seq=last.size, hash=bytes.fromhex(last.hash), file_name=path.name,
            sha256=_sha256(path), is_pruned=prune,
        )  # fmt: skip
        record(Action.LOG_ARCHIVED, by=by, subject=Subject("archive", str(kept.pk), path.name), after=kept.in_words)
    return kept


def prune(kept, *, folder, progress=lambda seq: None):
    """The events of an archive, whose file is in ``folder``, are gone from the database, in short transactions; a pruning
    that was stopped goes on. The triggers stand aside inside each transaction only. Raises NotArchived."""
    path = folder / kept.file_name
    if not path.exists() or _sha256(path) != kept.sha256:
        raise NotArchived(
            f"{path} is not there as it was written; put it back first. No event is taken out without it."
        )
    while kept.pruned_to < kept.last_seq:
        if Firm.fresh().has_legal_hold:
            raise NotArchived("There is a legal hold: nothing is taken out of the log.")
        with triggers.standing_aside():
            kept.refresh_from_db()  # two prunings at once take turns
            end = min(max(kept.pruned_to, kept.first_seq - 1) + PRUNED_AT_ONCE, kept.last_seq)
            if kept.pruned_to < end:
                _take_out(kept, end)
        progress(end)


def _take_out(kept, end):
    kept.pruned_hash = bytes(Event.objects.values_list("hash", flat=True).get(seq=end))
    kept.pruned_to = end
    kept.save(update_fields=["pruned_to", "pruned_hash"])
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {triggers.TABLE} WHERE seq <= %s", [end])


def unfinished():
    """Archives whose events are still to be taken out, oldest first."""
    return Archive.objects.filter(is_pruned=True, pruned_to__lt=F("last_seq")).order_by("pk")


def _must_be_allowed(before):
    firm = Firm.fresh()
    if firm.has_legal_hold:
        raise NotArchived("There is a legal hold: nothing is taken out of the log. The firm settings can lift it.")
    today = timezone.localdate(timezone=ZoneInfo(firm.time_zone))
    try:
        youngest = today.replace(year=today.year - firm.log_years)
    except ValueError:  # the 29th of February
        youngest = today.replace(year=today.year - firm.log_years, day=28)
    if before > youngest:
        raise NotArchived(
            f"The firm keeps its log for {firm.log_years} years: {before} is too young, {youngest} would be the last day."
        )


def _last_checkpoint(before):
    checkpoints = Checkpoint.objects.order_by("-size")
    if before is not None:
        moment = datetime.combine(before, time.min, ZoneInfo(Firm.fresh().time_zone))
        checkpoints = checkpoints.filter(size__lt=first_seq_at_or_after(moment))
    return checkpoints.first()


def _base():
    """The number and hash of the last event that is no longer in the database."""
    kept = Archive.objects.exclude(pruned_to=0).order_by("-pruned_to").first()
    return (kept.pruned_to, bytes(kept.pruned_hash)) if kept else (0, chain.GENESIS)


def _write(path, start, previous, last):
    """The whole file, verified, or none: it is written beside its name, flushed, read back, and then named."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}-") as raw:  # for its owner alone
        with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6) as file:
            for lines in _lines(start, previous, last):
                file.write(lines)
        raw.flush()
        os.fsync(raw.fileno())
        found = standalone.check([raw.name], public_key())
        if (found.size, found.hash.hex()) != (last.size, last.hash):
            raise NotArchived(f"{path} does not read back as it was written.")
        os.link(raw.name, path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lines(start, previous, last):
    header = {
        "format": FORMAT,
        "origin": settings.BASE_URL.origin,
        "key": public_key(),
        "first": start + 1,
        "previous": previous.hex(),
    }
    yield chain.canonical_json(header) + b"\n"
    signed = {
        checkpoint.size: f"= {checkpoint.signature} {checkpoint.text}\n".encode()
        for checkpoint in Checkpoint.objects.filter(size__gt=start, size__lte=last.size)
    }
    seq = start
    while seq < last.size:
        rows = Event.objects.filter(seq__gt=seq, seq__lte=last.size).order_by("seq")
        parts = []
        for row in rows.values_list(*chain.STORED)[:READ_AT_ONCE]:
            seq = row[0]
            parts.append(b"%s %s %s\n" % (_hex(row[-2]), _hex(row[-1]), chain.canonical_row(row)))
            if seq in signed:
                parts.append(signed[seq])
        if not parts:
            raise NotArchived(f"event {seq + 1} is no longer there: another archive is being made.")
        yield b"".join(parts)
    yield chain.canonical_json({"last": last.size, "hash": last.hash}) + b"\n"


def _hex(value):
    return bytes(value).hex().encode()


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
