"""Asks clamd about bytes, over TCP or a Unix socket. The protocol is spoken here, so that nothing but its exact word counts."""

import re
import socket
import struct
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from files.models import Version

CHUNK_BYTES = 256 * 1024
CONNECT_SECONDS = 5
MOST_REPLY_BYTES = 4096
SIGNATURES_ARE_OLD_AFTER = timedelta(days=3)
CLEAN = b"stream: OK\0"
FOUND = re.compile(rb"stream: ([^\0]+) FOUND\0")
# What clamd names when it cannot look into something, with AlertEncrypted and AlertExceedsMax
BLIND = {
    "Heuristics.Encrypted.": "Encrypted",
    "Heuristics.Limits.Exceeded": "More in it than the scanner looks through",
}
TOO_LARGE = "Too large for the scanner"


class ScannerUnavailable(OSError):
    """The scanner does not answer, or not with one of its words."""


@dataclass(frozen=True)
class Verdict:
    """A version's state, and what was found."""

    state: str
    note: str = ""


@dataclass(frozen=True)
class ScannerVersion:
    """What answers, and how old its signatures are; ``signed_at`` is None where it names none."""

    name: str
    signatures: str = ""
    signed_at: datetime | None = None


class Scan:
    """One look of the scanner: it is given the bytes chunk by chunk, then says what they are."""

    def __init__(self, *, seconds):
        self._socket = _connect(seconds)
        self._send(b"zINSTREAM\0")

    def write(self, chunk):
        for start in range(0, len(chunk), CHUNK_BYTES):
            piece = chunk[start : start + CHUNK_BYTES]
            self._send(struct.pack("!L", len(piece)) + piece)

    def verdict(self):
        """The Verdict on all that was written. Raises ScannerUnavailable."""
        self._send(struct.pack("!L", 0))
        return verdict_in(_reply(self._socket))

    def close(self):
        self._socket.close()

    def _send(self, data):
        try:
            self._socket.sendall(data)
        except OSError as problem:
            raise ScannerUnavailable(self._refusal() or _words(problem)) from problem

    def _refusal(self):
        """What the scanner said before it hung up, where that still comes through."""
        try:
            words = _text(_reply(self._socket))
            return f"The scanner says: {words}" if words else ""
        except OSError:
            return ""


def verdict_in(reply):
    """The Verdict that clamd's whole reply is. Raises ScannerUnavailable for anything that is not exactly one."""
    if reply == CLEAN:
        return Verdict(Version.State.CLEAN)
    match = FOUND.fullmatch(reply)
    if not match:
        words = _text(reply)
        raise ScannerUnavailable(f"The scanner says: {words}" if words else "The scanner broke off")
    name = _text(match[1])
    for beginning, words in BLIND.items():
        if name.startswith(beginning):
            return Verdict(Version.State.NOT_SCANNED, f"{words} ({name})")
    return Verdict(Version.State.INFECTED, name)


def scanner_version(*, seconds=3):
    """The ScannerVersion of what answers now. Raises ScannerUnavailable."""
    with closing(_connect(seconds)) as connection:
        try:
            connection.sendall(b"zVERSION\0")
        except OSError as problem:
            raise ScannerUnavailable(_words(problem)) from problem
        reply = _reply(connection)
    name, _, rest = _text(reply).partition("/")
    if not name.startswith("ClamAV "):
        raise ScannerUnavailable("What answers there is no ClamAV")
    signatures, _, date = rest.partition("/")
    try:
        return ScannerVersion(name, signatures, datetime.strptime(date, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC))
    except ValueError:
        return ScannerVersion(name, signatures)


def _connect(seconds):
    where = settings.CLAMAV
    connection = None
    try:
        if where.path:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(min(CONNECT_SECONDS, seconds))
            connection.connect(where.path)
        else:
            connection = socket.create_connection((where.host, where.port), timeout=min(CONNECT_SECONDS, seconds))
    except OSError as problem:
        if connection is not None:
            connection.close()
        raise ScannerUnavailable(_words(problem)) from problem
    connection.settimeout(seconds)
    return connection


def _reply(connection):
    """All that the scanner says until it hangs up."""
    reply = b""
    try:
        while len(reply) <= MOST_REPLY_BYTES and (data := connection.recv(MOST_REPLY_BYTES)):
            reply += data
    except OSError as problem:
        raise ScannerUnavailable(_words(problem)) from problem
    return reply


def _text(reply):
    """What can be kept and shown of it."""
    return "".join(char for char in reply.decode("utf-8", "replace") if char.isprintable())[:120].strip()


def _words(problem):
    return "The scanner does not answer in time" if isinstance(problem, TimeoutError) else "The scanner does not answer"
