"""Walking the chain: every hash and mac is made again and compared."""

from dataclasses import dataclass

from activity import chain
from activity.keys import mac_key
from activity.models import Event, Verification

BATCH = 5_000


@dataclass(frozen=True)
class Finding:
    """How far the chain is whole, and the first event where it is not."""

    checked: int
    head_seq: int
    head_hash: bytes
    first_bad_seq: int | None = None
    reason: str = ""

    @property
    def is_whole(self):
        return self.first_bad_seq is None


def verify(*, progress=lambda seq: None):
    """A Finding over the whole log. ``progress`` is told the number of the last event of each batch.

    Read in short statements, so that it holds no lock and no snapshot while people work.
    """
    key, seq, previous, at, checked = mac_key(), 0, chain.GENESIS, None, 0
    early = Event.objects.filter(seq__lt=1).order_by("seq").values_list("seq", flat=True).first()
    if early is not None:
        return Finding(checked, seq, previous, early, f"event {early} was added before the first")
    seen = Verification.objects.filter(first_bad_seq=None).order_by("-head_seq").first()
    while batch := list(Event.objects.filter(seq__gt=seq).order_by("seq")[:BATCH]):
        for event in batch:
            try:
                reason = _fault(event, seq + 1, previous, at, key)
            except (AttributeError, TypeError, ValueError):  # SQLite holds any type in any column
                reason = f"event {event.seq} was changed and cannot be read"
            if not reason and seen and event.seq == seen.head_seq and bytes(event.hash) != bytes(seen.head_hash):
                reason = f"event {event.seq} is not the one that an earlier check saw"
            if reason:
                return Finding(checked, seq, previous, seq + 1, reason)
            seq, previous, at, checked = event.seq, bytes(event.hash), event.at, checked + 1
        progress(seq)
    if seen and seen.head_seq > seq:
        reason = f"event {seq + 1} is missing; an earlier check saw {seen.head_seq}"
        return Finding(checked, seq, previous, seq + 1, reason)
    return Finding(checked, seq, previous)


def _fault(event, expected, previous, at, key):
    if event.seq != expected:
        return f"event {expected} is missing; the next is {event.seq}"
    if event.format != chain.FORMAT:
        return f"event {event.seq} has an unknown format"
    if chain.event_hash(event, previous) != bytes(event.hash):
        return f"event {event.seq} was changed, or one before it"
    if chain.event_mac(bytes(event.hash), key) != bytes(event.mac):
        return f"event {event.seq} was not written with this portal's key"
    if at is not None and event.at < at:
        return f"event {event.seq} is earlier than the one before"
    return None
