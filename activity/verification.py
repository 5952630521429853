"""Walking the chain: every hash and mac is made again and compared."""

from dataclasses import dataclass

from django.db.models import Max

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
    while batch := list(Event.objects.filter(seq__gt=seq).order_by("seq")[:BATCH]):
        for event in batch:
            reason = _fault(event, seq + 1, previous, at, key)
            if reason:
                return Finding(checked, seq, previous, seq + 1, reason)
            seq, previous, at, checked = event.seq, bytes(event.hash), event.at, checked + 1
        progress(seq)
    seen = Verification.objects.aggregate(seq=Max("head_seq"))["seq"] or 0
    if seen > seq:
        return Finding(checked, seq, previous, seq + 1, f"event {seq + 1} is missing; an earlier check saw {seen}")
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
