"""Walking the chain: every hash and mac is made again and compared, and with every anchor that stands outside the chain.

Nothing that is read here can be trusted: whoever wrote to the database may have written any value into any row. What cannot
be read is a fault like any other, and what excuses a fault must itself have been found whole.
"""

import logging
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from activity import chain, checkpoints
from activity.actions import Action
from activity.keys import mac_key
from activity.mails import tell_of_break
from activity.models import Archive, Checkpoint, Event, Verification
from activity.recording import Subject, record_now
from activity.standalone import Gap

logger = logging.getLogger("portal.log")
BATCH = 5_000
SEQ, AT = chain.COLUMNS.index("seq"), chain.COLUMNS.index("at")
ACTION, DETAILS = chain.COLUMNS.index("action"), chain.COLUMNS.index("details")
FORMAT = chain.COLUMNS.index("format")
# What odd values in rows raise when they are read: SQLite keeps any type in any column, and any bytes in a text
UNREADABLE = (AttributeError, TypeError, ValueError, KeyError, OverflowError, RecursionError, MemoryError)
if connection.vendor == "sqlite":
    UNREADABLE += (OperationalError,)  # a text that is no UTF-8; elsewhere it means that the database is away


@dataclass(frozen=True)
class Finding:
    """How far the chain is whole, and the first event where it is not."""

    checked: int
    head_seq: int
    head_hash: bytes
    first_bad_seq: int | None = None
    reason: str = ""
    acknowledged: tuple = ()  # the breaks that were found, and known

    @property
    def is_whole(self):
        return self.first_bad_seq is None

    @property
    def in_words(self):
        if not self.is_whole:
            return f"broken: {self.reason}"
        known = f", but for what was acknowledged: {'; '.join(self.acknowledged)}" if self.acknowledged else ""
        return f"unbroken up to event {self.head_seq:,}{known}"


def check(*, by=None, progress=lambda seq: None, resume=False, against=(), subject=None):
    """The Finding of a walk that is made now; kept, and in the log. Whoever has to know is told of a break. While one is not
    acknowledged, no walk begins behind it."""
    resume = resume and open_break() is None
    finding = verify(progress=progress, resume=resume, against=against)
    with transaction.atomic():
        kept = Verification.objects.create(
            head_seq=finding.head_seq,
            head_hash=finding.head_hash,
            first_bad_seq=finding.first_bad_seq,
            finding=finding.reason,
            is_full=not resume,
        )
        if not finding.is_whole:
            tell_of_break(kept)
    try:
        record_now(Action.LOG_VERIFIED, by=by, subject=subject, note=finding.in_words)
    except Exception:  # a log that can no longer take an event must not hide what was found
        if finding.is_whole:
            raise
        logger.exception("The check of a broken log could not be recorded")
    return finding


def acknowledge(verification, *, by, why):
    """The break that this verification found is known from now on, and why. Nothing is repaired: later walks name it as
    known and go on past it."""
    with transaction.atomic():
        subject = Subject("event", str(verification.first_bad_seq), f"Event {verification.first_bad_seq:,}")
        record_now(Action.BREAK_ACKNOWLEDGED, by=by, subject=subject, before=verification.finding, note=why)
        same = Verification.objects.filter(finding=verification.finding, acknowledged_at=None)
        same.exclude(first_bad_seq=None).update(acknowledged_at=timezone.now())


def open_break():
    """The newest Verification, where it found a break that nobody has acknowledged; else None."""
    latest = Verification.objects.order_by("-pk").first()
    return latest if latest and not latest.is_whole and latest.acknowledged_at is None else None


def verify(*, progress=lambda seq: None, resume=False, against=()):
    """A Finding over the whole log, or with ``resume`` from the last checkpoint that an earlier walk reached. ``against``
    are checkpoints kept elsewhere, as Told: then the walk begins at the beginning. ``progress`` is told the number
    of the last event of each batch. Raises InArchive.

    Read in short statements, so that it holds no lock and no snapshot while people work.
    """
    while True:
        archive = _newest_pruned()
        finding = _Walk(archive, resume and not against, against).run(progress)
        after = _newest_pruned()
        if finding.is_whole or (after and after.pruned_to) == (archive and archive.pruned_to):
            return finding
        # a pruning overtook the walk: what it looked for is no longer there


class InArchive(ValueError):
    """A checkpoint kept elsewhere is of an event that is no longer in the database: its archive can show it."""


class _Broken(Exception):
    """The first fault that nobody acknowledged: (seq, reason)."""


class _Walk:
    def __init__(self, archive, resume, against):
        self.key = mac_key()
        self.archive, self.against = archive, against
        self.checked, self.at = 0, None
        self.seq, self.previous, self.start, self.resumed = 0, chain.GENESIS, 0, False
        self.anchors, self.made = {}, []
        self.relied_on, self.genuine = (
            [],
            set(),
        )  # known faults and what acknowledges them; acknowledgements found whole
        self.passed = []  # what was found and is known, in words
        self.is_archive_told = archive is None
        self.known, self.gaps = {}, []
        self.wants_resume = resume

    def run(self, progress):
        try:
            self._prepare()
            self._meet_anchors()
            while batch := self._batch():
                for row in batch:
                    self._step(row)
                progress(self.seq)
            self._end()
        except _Broken as broken:
            return Finding(self.checked, self.seq, self.previous, *broken.args, self._passed())
        return Finding(self.checked, self.seq, self.previous, acknowledged=self._passed())

    def _passed(self):
        return tuple(dict.fromkeys(self.passed))

    # Before the first step

    def _prepare(self):
        self.known, self.gaps = self._acknowledgements(), self._gaps()
        pruned_to = self._begin()
        for early in Event.objects.filter(seq__lte=pruned_to).order_by("seq").values_list("seq", flat=True)[:BATCH]:
            self._fault(early if isinstance(early, int) else 0, f"event {early} was added before the first", early)
        self.anchors = self._anchors()

    def _acknowledgements(self):
        """{reason: the number of the event that acknowledges it}. Whether that event is genuine the walk will tell."""
        known, rows = {}, Event.objects.filter(action=Action.BREAK_ACKNOWLEDGED).order_by("seq")
        for seq in list(rows.values_list("seq", flat=True)):
            try:
                known[str(rows.values_list("details", flat=True).get(seq=seq)["before"])] = seq
            except UNREADABLE:
                continue  # the walk names it
        return known

    def _gaps(self):
        """What restores from backups left out. Whether their events are genuine the walk will tell."""
        gaps, rows = [], Event.objects.filter(action=Action.RESTORED).order_by("seq")
        for seq in list(rows.values_list("seq", flat=True)):
            with suppress(*UNREADABLE):
                gaps.append(Gap(seq, rows.values_list("details", flat=True).get(seq=seq)))
        return gaps

    def _begin(self):
        """Sets where the walk starts; gives the number of the last event that is in an archive only."""
        pruned_to = 0
        if self.archive:
            try:
                pruned_to, self.previous = _pruned_to(self.archive), _as_bytes(self.archive.pruned_hash)
                self.seq = pruned_to
            except UNREADABLE:
                self._fault(1, "what is known of the last archive cannot be read")
        if self.wants_resume:
            self._resume(pruned_to)
        self.start = self.seq
        return pruned_to

    def _resume(self, pruned_to):
        seen = Verification.objects.filter(first_bad_seq=None).order_by("-head_seq").first()
        checkpoint = Checkpoint.objects.filter(size__lte=seen.head_seq, size__gte=pruned_to).first() if seen else None
        if checkpoint and checkpoints.is_signed(checkpoint.text, checkpoint.signature):
            self.seq, self.previous = checkpoints.told(checkpoint.text)[:2]
            self.is_archive_told = self.resumed = True

    def _anchors(self):
        """{seq: [(hash, what else saw it, when)]}, from where the walk starts; a hash of None never fits. When is known of
        checkpoints kept elsewhere."""
        anchors = defaultdict(list)
        for size, hash_, fault in checkpoints.survey():
            if size is None or size >= self.start:
                anchors[self.start if size is None else size].append((hash_, fault or "a checkpoint", None))
        for size, hash_, at in self.against:
            if size < self.start:
                raise InArchive(f"it is of event {size}, and those up to {self.start} are in an archive only")
            anchors[size].append((hash_, "the checkpoint kept elsewhere", at))
        try:
            seen = (
                Verification.objects.filter(first_bad_seq=None, head_seq__gte=self.start).order_by("-head_seq").first()
            )
            if seen:
                anchors[_as_number(seen.head_seq)].append((_as_bytes(seen.head_hash), "an earlier check", None))
        except UNREADABLE:
            self._fault(self.start + 1, "what an earlier check found cannot be read")
        try:
            if self.archive and _as_number(self.archive.last_seq) >= self.start:
                anchors[self.archive.last_seq].append((_as_bytes(self.archive.hash), "its archive", None))
        except UNREADABLE:
            self._fault(1, "what is known of the last archive cannot be read")
        return anchors

    # Each step

    def _batch(self):
        """The next rows; where one of them cannot be read, those before it, or it alone with its number for all its values."""
        rows = Event.objects.filter(seq__gt=self.seq).order_by("seq").values_list(*chain.STORED)
        try:
            return list(rows[:BATCH])
        except UNREADABLE:
            return self._row_by_row(rows)

    def _row_by_row(self, rows):
        readable = []
        for seq in list(Event.objects.filter(seq__gt=self.seq).order_by("seq").values_list("seq", flat=True)[:BATCH]):
            try:
                readable.append(rows.get(seq=seq))
            except UNREADABLE:
                return readable or [(seq,)]
        return readable

    def _step(self, row):
        seq, hash_ = row[SEQ], b""
        try:
            hash_ = _as_bytes(row[-2])
            reason = self._reason(row, _as_number(seq), hash_, _as_bytes(row[-1]))
        except (IndexError, *UNREADABLE):
            reason = f"event {seq} was changed and cannot be read"
        if reason:
            self._fault(self.seq + 1, reason, seq)
        else:
            self._note(row)
        if not isinstance(seq, int):
            raise _Broken(self.seq + 1, reason)  # no number follows what is none
        self.seq, self.previous, self.at = seq, hash_, row[AT] if not reason else None
        self.checked += 1
        if seq in self.anchors:
            self._meet_anchors()

    def _reason(self, row, seq, hash_, mac):
        if chain.event_mac(hash_, self.key) != mac:
            words = f"event {seq} was not written with this portal's key"
            return words if seq == self.seq + 1 else f"event {self.seq + 1} is missing, and {words}"
        if seq != self.seq + 1:
            return f"event {self.seq + 1} is missing; the next is {seq}, and nothing can show whether that was changed"
        if row[FORMAT] != chain.FORMAT:
            return f"event {seq} has an unknown format"
        if chain.link(seq, chain.canonical_row(row), self.previous) != hash_:
            return f"event {seq} was changed, or one before it"
        if self.at is not None and row[AT] < self.at:
            return f"event {seq} is earlier than the one before"
        return None

    def _note(self, row):
        """What an event that was found whole says of others."""
        if row[ACTION] in (Action.BREAK_ACKNOWLEDGED, Action.RESTORED):
            self.genuine.add(row[SEQ])
        elif row[ACTION] == Action.LOG_ARCHIVED and not self.is_archive_told:
            self.is_archive_told = self.archive.is_told_by(row[DETAILS].get("after"))
        elif row[ACTION] == Action.CHECKPOINT_MADE:
            self.made.append(row[SEQ])

    def _meet_anchors(self):
        for hash_, source, at in self.anchors.pop(self.seq, ()):
            if hash_ is None:
                self._fault(self.seq, source)
            elif hash_ != self.previous:
                self._miss(self.seq, hash_, source, at)

    def _miss(self, seq, hash_, source, at):
        """An anchor does not fit. A checkpoint kept elsewhere may be of what a restore lost; all else is a fault."""
        reason = _not_as_seen(seq, source)
        gap = next((gap for gap in self.gaps if at is not None and gap.covers(seq, hash_.hex(), at)), None)
        if gap is None:
            self._fault(min(seq, self.seq + 1), reason)
        else:
            self.relied_on.append((min(seq, self.seq + 1), reason, gap.seq))
            self.passed.append(str(gap))

    # After the last

    def _end(self):
        for seq in sorted(self.anchors):
            for hash_, source, at in self.anchors[seq]:
                if hash_ is None:
                    self._fault(min(seq, self.seq + 1), source)
                else:
                    self._miss(seq, hash_, source, at)
        there = set(Checkpoint.objects.filter(size__gt=self.start).values_list("size", flat=True))
        for seq in self.made:
            if seq not in there:
                self._fault(seq, f"the checkpoint that was made with event {seq} is missing")
        if not self.is_archive_told:
            self._fault(1, f"events 1 to {self.start} are missing, and no event says that they were archived")
        for seq, reason, acknowledged_by in self.relied_on:
            if not self._is_genuine(acknowledged_by):
                raise _Broken(seq, reason)

    def _is_genuine(self, seq):
        """Whether this walk found the acknowledging event whole, or the one that it goes on from did."""
        return seq in self.genuine or (self.resumed and 0 < seq <= self.start)

    def _fault(self, seq, reason, row_seq=0):
        """Known where an event after the faulty one acknowledges it; whether that is genuine is seen at the end."""
        acknowledged_by = self.known.get(reason)
        if acknowledged_by is None or not isinstance(row_seq, int) or acknowledged_by <= row_seq:
            raise _Broken(seq, reason)
        self.relied_on.append((seq, reason, acknowledged_by))
        self.passed.append(reason)


def _newest_pruned():
    return Archive.objects.exclude(pruned_to=0).order_by("-pruned_to").first()


def _pruned_to(archive):
    return _as_number(archive.pruned_to) if archive else 0


def _not_as_seen(seq, source):
    """The same words while the event is missing and once another has taken its number."""
    return f"event {seq} is not there as {source} saw it"


def _as_bytes(value):
    if not isinstance(value, bytes | memoryview):
        raise TypeError
    return bytes(value)


def _as_number(value):
    if not isinstance(value, int):
        raise TypeError
    return value
