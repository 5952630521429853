"""Checkpoints: signed words about how long the log is and which hash it ends with. Kept outside the database they are anchors
that nobody with the database, or with the portal's own key, can move."""

import json
from datetime import timedelta
from functools import cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone

from activity.actions import Action
from activity.chain import canonical_json, in_utc
from activity.keys import mac_key
from activity.models import Checkpoint
from activity.recording import Subject, record

FORMAT = "firm-portal-checkpoint-v1"
BEFORE_THE_FIRST = bytes(32)
INTERVAL = timedelta(minutes=50)  # the clock comes hourly


UNREADABLE = (KeyError, TypeError, ValueError, RecursionError)


class NoCheckpoint(ValueError):
    """The text is no checkpoint that this portal signed."""


class Told(NamedTuple):
    """What a checkpoint tells of: so many events, the last one's hash, and when it was made, as the text has it."""

    size: int
    hash: bytes
    at: str


def make_checkpoint(*, by=None):
    """The log ends with an event that says so, and a signed checkpoint stands for all up to it. Returns the Checkpoint."""
    with transaction.atomic():
        event = record(Action.CHECKPOINT_MADE, by=by, subject=Subject("checkpoint"))
        while Checkpoint.objects.filter(size=event.seq).exists():  # left by a log that was longer once
            event = record(Action.CHECKPOINT_MADE, by=by, subject=Subject("checkpoint"))
        before = Checkpoint.objects.filter(size__lt=event.seq).order_by("-size").first()
        text = canonical_json(
            {
                "format": FORMAT,
                "origin": settings.BASE_URL.origin,
                "size": event.seq,
                "hash": event.hash.hex(),
                "at": in_utc(event.at),
                "previous": (before.digest if before else BEFORE_THE_FIRST).hex(),
            }
        )
        return Checkpoint.objects.create(
            size=event.seq, at=event.at, text=text.decode(), signature=signed(text.decode())
        )


def make_hourly_checkpoint():
    """For the clock: also when nothing happened, so that silence is attested too."""
    now = timezone.now()
    if not Checkpoint.objects.filter(at__range=(now - INTERVAL, now)).exists():
        make_checkpoint()


def public_key():
    """The key that checkpoints are checked with, 32 bytes in hex. It may be known to everybody."""
    return _signing_key().public_key().public_bytes_raw().hex()


def signed(text):
    """The signature of this portal's key under the text, in hex."""
    return _signing_key().sign(text.encode()).hex()


def is_signed(text, signature, *, key=None):
    """Whether the text, a string, was signed by this portal's key, or by that of another key file's ``key``; the signature is
    hex."""
    try:
        signing_key(key or mac_key()).public_key().verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError, TypeError, AttributeError):
        return False
    return True


def written(checkpoint):
    """A checkpoint as it is mailed, downloaded and kept: three lines of text."""
    return f"{checkpoint.text}\nsignature {checkpoint.signature}\nkey {public_key()}\n"


def read(words, *, key=None):
    """What a checkpoint as ``written`` has Told, after its signature is checked, as ``is_signed`` does. Raises NoCheckpoint."""
    lines = [line.strip() for line in words.strip().splitlines()]
    has_signature = len(lines) > 1 and lines[1].startswith("signature ")
    if not has_signature or not is_signed(lines[0], lines[1].split()[-1], key=key):
        raise NoCheckpoint("it is not signed by this portal's key")
    return told(lines[0])


def told(text):
    """What a checkpoint's text has Told. Raises NoCheckpoint."""
    try:
        columns = json.loads(text)
        if columns["format"] != FORMAT:
            raise NoCheckpoint("its format is unknown")
        return Told(columns["size"], bytes.fromhex(columns["hash"]), str(columns["at"]))
    except UNREADABLE as problem:
        raise NoCheckpoint("it cannot be read") from problem


def survey():
    """(size, hash, fault) of each stored checkpoint, by size: its hash where it is as it was signed, else what is wrong. A size
    of None: not even that can be read."""
    previous = BEFORE_THE_FIRST
    for size in list(Checkpoint.objects.order_by("size").values_list("size", flat=True)):
        if not isinstance(size, int) or size < 1:
            yield None, None, "a checkpoint cannot be read"
            continue
        try:
            checkpoint = Checkpoint.objects.get(pk=size)
            fault, hash_ = _fault(checkpoint, previous), told(checkpoint.text).hash
            previous = checkpoint.digest
        except (*UNREADABLE, AttributeError, OperationalError):
            fault, hash_, previous = f"the checkpoint of event {size} cannot be read", None, None
        yield size, None if fault else hash_, fault


def _fault(checkpoint, previous):
    columns = json.loads(checkpoint.text)
    is_as_signed = is_signed(checkpoint.text, checkpoint.signature)
    if not is_as_signed or (columns["size"], columns["at"]) != (checkpoint.size, in_utc(checkpoint.at)):
        return f"the checkpoint of event {checkpoint.size} is not as it was signed"
    if previous is not None and columns["previous"] != previous.hex():
        return f"a checkpoint before that of event {checkpoint.size} is missing, or another stands in its place"
    return None


def _signing_key():
    return signing_key(mac_key())


@cache
def signing_key(key):
    """Made from the key file's own key, so that one file is all that has to be kept."""
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"firm-portal checkpoint key").derive(key)
    return Ed25519PrivateKey.from_private_bytes(seed)
