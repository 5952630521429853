"""The hash chain: how an event is written down, and what ties it to the one before. docs/activity-log.md says it byte by byte.

hash = SHA-256("event-v1" ‖ seq as 8 bytes, big-endian ‖ hash of the event before ‖ SHA-256(canonical form))
mac  = HMAC-SHA-256(key, hash)

The canonical form is JSON in UTF-8 without spaces, keys sorted, of every column but hash and mac; ``at`` is UTC with
six digits of a second and a Z; an absent value is null. The event before the first has a hash of 32 zero bytes.
"""

import hashlib
import hmac
import json
from datetime import UTC

FORMAT = 1
GENESIS = bytes(32)
COLUMNS = (
    "seq", "at", "area", "action", "actor_id", "actor_email", "actor_role", "client_id", "client_name", "subject_type",
    "subject_id", "subject", "size_bytes", "ip", "user_agent", "request_id", "details", "format",
)  # fmt: skip
STORED = (*COLUMNS, "hash", "mac")
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def canonical(event):
    """The canonical form of an event, an object with the attributes of COLUMNS, as bytes."""
    return canonical_row([getattr(event, name) for name in COLUMNS])


def canonical_row(values):
    """The canonical form of an event whose values come in the order of COLUMNS; what follows is left aside."""
    columns = dict(zip(COLUMNS, values, strict=False))
    columns["at"] = in_utc(columns["at"])
    return _encode(columns).encode()


def in_utc(moment):
    """The time as the canonical form and checkpoints write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical_json(columns):
    """A dictionary as bytes, by the rules of the canonical form."""
    return _encode(columns).encode()


def event_hash(event, previous):
    """The 32 bytes that stand for the event and everything before it."""
    return link(event.seq, canonical(event), previous)


def link(seq, text, previous):
    """The hash of an event whose canonical form is ``text``."""
    inner = hashlib.sha256(text).digest()
    return hashlib.sha256(b"event-v1" + seq.to_bytes(8, "big") + previous + inner).digest()


def event_mac(hash_, key):
    """The 32 bytes that only a holder of the key can make."""
    return hmac.digest(key, hash_, "sha256")
