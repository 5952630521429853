"""Walking the chain: every hash and mac is made again and compared, and with every anchor that stands outside the chain."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from activity import chain, checkpoints
from activity.actions import Action
from activity.keys import mac_key
from activity.models import Archive, Checkpoint, Event, Verification
from activity.recording import Subject, record
from activity.signals import break_found

BATCH = 5_000
ACTION = chain.COLUMNS.index("action")
DETAILS = chain.COLUMNS.index("details")
FORMAT, AT = chain.COLUMNS.index("format"), chain.COLUMNS.index("at")


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
    """The Verification of a walk that was made now, kept and in the log. A break that nobody was told of is announced."""
    finding = verify(progress=progress, resume=resume, against=against)
    with transaction.atomic():
        known = Verification.objects.filter(finding=finding.reason).exclude(first_bad_seq=None).exists()
        verification = Verification.objects.create(
            head_seq=finding.head_seq,
            head_hash=finding.head_hash,
            first_bad_seq=finding.first_bad_seq,
            finding=finding.reason,
        )
        record(Action.LOG_VERIFIED, by=by, subject=subject, note=finding.in_words)
        if not finding.is_whole and not known:
            break_found.send(Verification, subject=verification)
    return finding


def acknowledge(verification, *, by, why):
    """The break that this verification found is known from now on, and why. Nothing is repaired: later walks name it as
    known and go on past it."""
    with transaction.atomic():
        subject = Subject("event", str(verification.first_bad_seq), f"Event {verification.first_bad_seq:,}")
        record(Action.BREAK_ACKNOWLEDGED, by=by, subject=subject, before=verification.finding, note=why)
        same = Verification.objects.filter(finding=verification.finding, acknowledged_at=None)
        same.exclude(first_bad_seq=None).update(acknowledged_at=timezone.now())


def open_break():
    """The newest Verification, where it found a break that nobody has acknowledged; else None."""
    latest = Verification.objects.order_by("-pk").first()
    return latest if latest and not latest.is_whole and latest.acknowledged_at is None else None


def verify(*, progress=lambda seq: None, resume=False, against=()):
    """A Finding over the whole log, or with ``resume`` from the last checkpoint that an earlier walk reached. ``against``
    are checkpoints kept elsewhere, as (size, hash). ``progress`` is told the number of the last event of each batch.

    Read in short statements, so that it holds no lock and no snapshot while people work.
    """
    return _Walk(resume, against).run(progress)


class _Broken(Exception):
    """The first fault that nobody acknowledged: (seq, reason)."""


class _Walk:
    def __init__(self, resume, against):
        self.key = mac_key()
        self.checked, self.at, self.passed = 0, None, []
        self.known = {
            details.get("before"): seq
            for seq, details in Event.objects.filter(action=Action.BREAK_ACKNOWLEDGED).values_list("seq", "details")
        }
        self.archive = Archive.objects.exclude(pruned_to=0).order_by("-pruned_to").first()
        self.is_archive_told = self.archive is None
        self.seq, self.previous = self._start(resume)
        self.start = self.seq
        self.anchors = self._anchors(against)

    def run(self, progress):
        try:
            early = Event.objects.filter(seq__lt=1).order_by("seq").values_list("seq", flat=True).first()
            if early is not None:
                self._fault(early, f"event {early} was added before the first", early)
            self._meet_anchors()
            while batch := list(self._rows()[:BATCH]):
                for row in batch:
                    self._step(row)
                progress(self.seq)
            self._end()
        except _Broken as broken:
            return Finding(self.checked, self.seq, self.previous, *broken.args, tuple(self.passed))
        return Finding(self.checked, self.seq, self.previous, acknowledged=tuple(self.passed))

    def _rows(self):
        return Event.objects.filter(seq__gt=self.seq).order_by("seq").values_list(*chain.STORED)

    def _start(self, resume):
        seen = Verification.objects.filter(first_bad_seq=None).order_by("-head_seq").first() if resume else None
        checkpoint = Checkpoint.objects.filter(size__lte=seen.head_seq).first() if seen else None
        if checkpoint and checkpoints.is_signed(checkpoint.text, checkpoint.signature):
            self.is_archive_told = True
            return checkpoints.told(checkpoint.text)
        if self.archive:
            return self.archive.pruned_to, bytes(self.archive.pruned_hash)
        return 0, chain.GENESIS

    def _anchors(self, against):
        """{seq: [(hash, what else saw it)]}. Those before the start were met when it was reached for the first time."""
        anchors = defaultdict(list)
        bad = checkpoints.faults()
        for checkpoint in Checkpoint.objects.filter(size__gte=self.start).iterator(chunk_size=2_000):
            if checkpoint.size not in bad:
                anchors[checkpoint.size].append((bytes.fromhex(checkpoint.hash), "a checkpoint"))
        for size, reason in bad.items():
            anchors[max(size, self.start)].append((None, reason))
        for size, hash_ in against:
            anchors[size].append((hash_, "the checkpoint kept elsewhere"))
        seen = Verification.objects.filter(first_bad_seq=None, head_seq__gte=self.start).order_by("-head_seq").first()
        if seen:
            anchors[seen.head_seq].append((bytes(seen.head_hash), "an earlier check"))
        if self.archive and self.archive.last_seq >= self.start:
            anchors[self.archive.last_seq].append((bytes(self.archive.hash), "its archive"))
        return anchors

    def _step(self, row):
        seq, hash_, mac = row[0], row[-2], row[-1]
        try:
            reason = self._reason(row, bytes(hash_), bytes(mac))
        except (AttributeError, TypeError, ValueError, OverflowError):  # SQLite holds any type in any column
            reason = f"event {seq} was changed and cannot be read"
        if reason:
            self._fault(self.seq + 1, reason, seq)
        elif row[ACTION] == Action.LOG_ARCHIVED and not self.is_archive_told:
            self.is_archive_told = self.archive.is_told_by(row[DETAILS].get("after") or {})
        self.seq, self.previous, self.at = seq, bytes(hash_), row[AT]
        self.checked += 1
        if seq in self.anchors:
            self._meet_anchors()

    def _reason(self, row, hash_, mac):
        seq = row[0]
        if seq != self.seq + 1:
            return f"event {self.seq + 1} is missing; the next is {seq}"
        if row[FORMAT] != chain.FORMAT:
            return f"event {seq} has an unknown format"
        if chain.link(seq, chain.canonical_row(row), self.previous) != hash_:
            return f"event {seq} was changed, or one before it"
        if chain.event_mac(hash_, self.key) != mac:
            return f"event {seq} was not written with this portal's key"
        if self.at is not None and row[AT] < self.at:
            return f"event {seq} is earlier than the one before"
        return None

    def _meet_anchors(self):
        for hash_, source in self.anchors.pop(self.seq, ()):
            if hash_ is None:
                self._fault(self.seq, source)
            elif hash_ != self.previous:
                self._fault(self.seq, _not_as_seen(self.seq, source))

    def _end(self):
        for seq in sorted(self.anchors):
            for hash_, source in self.anchors[seq]:
                if seq < self.start:
                    continue  # archived: the archive's own file shows it
                self._fault(self.seq + 1, source if hash_ is None else _not_as_seen(seq, source))
        if not self.is_archive_told:
            self._fault(1, f"events 1 to {self.start} are missing, and no event says that they were archived")

    def _fault(self, seq, reason, row_seq=0):
        """Known where an event that is not the faulty one itself, nor one before it, acknowledges it."""
        acknowledged_by = self.known.get(reason)
        if acknowledged_by is None or acknowledged_by <= row_seq:
            raise _Broken(seq, reason)
        self.passed.append(reason)


def _not_as_seen(seq, source):
    """The same words while the event is missing and once another has taken its number."""
    return f"event {seq} is not there as {source} saw it"
