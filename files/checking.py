"""What is known of bytes that have arrived, before they are handed out."""

import hashlib
import logging
from contextlib import closing, suppress

from django.conf import settings
from django.db.models import F

from accounts.connections import release_connection
from files.models import Version
from files.scanner import TOO_LARGE, Scan, ScannerUnavailable, Verdict, scanner_version
from files.storage import READ_SIZE, storage

logger = logging.getLogger(__name__)

AT_ONCE_BYTES = 64 * 1024**2  # the sender waits for the verdict on no more than this
AT_ONCE_SECONDS = 30
WORKER_SECONDS = 330  # longer than the MaxScanTime that docs/configuration.md has clamd take
CHECKED_IN_ONE_GO = 200
HELD = (Version.State.CHECKING, Version.State.INFECTED, Version.State.NOT_SCANNED, Version.State.DAMAGED)
REFUSALS = {
    Version.State.CHECKING: "Being checked. It can be fetched as soon as that is done.",
    Version.State.INFECTED: "Quarantined: it is kept, and handed out to nobody.",
    Version.State.NOT_SCANNED: "Not scanned: somebody at the firm has to release it first.",
    Version.State.DAMAGED: "Damaged: what is stored is not what was sent. Send it again.",
}


def look_at(source):
    """The verdict on the bytes of an open file, from where it stands to its end. What is too much to wait for, and what the
    scanner does not answer for, is CHECKING: the worker looks at it. Without a scanner all is as it was received."""
    if settings.CLAMAV is None:
        return Verdict(Version.State.RECEIVED)
    length = _length(source)
    if length > settings.CLAMAV_MAX_BYTES:
        return Verdict(Version.State.NOT_SCANNED, TOO_LARGE)
    if length > AT_ONCE_BYTES:
        return Verdict(Version.State.CHECKING)
    release_connection()
    try:
        with closing(Scan(seconds=AT_ONCE_SECONDS)) as scan:
            while chunk := source.read(READ_SIZE):
                scan.write(chunk)
            return scan.verdict()
    except ScannerUnavailable as problem:
        logger.warning("A file waits to be checked: %s", problem)
        return Verdict(Version.State.CHECKING, str(problem))


def look_again_at(version):
    """(Verdict, SHA-256) on the stored bytes of a version, which are read once. Raises OSError where they, or the scanner,
    cannot be had just now."""
    digest, count, scan = hashlib.sha256(), 0, None
    is_scanned = settings.CLAMAV is not None and version.size_bytes <= settings.CLAMAV_MAX_BYTES
    release_connection()
    with closing(storage().open(version.storage_key)) as source:
        try:
            scan = Scan(seconds=WORKER_SECONDS) if is_scanned else None
            while chunk := source.read(READ_SIZE):
                count += len(chunk)
                if count > version.size_bytes:
                    break
                digest.update(chunk)
                if scan:
                    scan.write(chunk)
            sha256 = digest.hexdigest()
            if count != version.size_bytes or version.sha256 not in ("", sha256):
                return Verdict(Version.State.DAMAGED, "What is stored is not what was sent"), version.sha256
            return scan.verdict() if scan else _unscanned(), sha256
        finally:
            if scan:
                scan.close()


def _unscanned():
    if settings.CLAMAV is None:
        return Verdict(Version.State.RECEIVED)
    return Verdict(Version.State.NOT_SCANNED, TOO_LARGE)


def check(version_id):
    """The version is checked, or is put off with the reason. Returns whether it should be looked at again soon: for the first
    time that it could not be checked, and while the scanner is away."""
    version = Version.objects.filter(pk=version_id, state=Version.State.CHECKING, removed_at=None).first()
    if version is None:
        return False
    try:
        verdict, sha256 = look_again_at(version)
    except OSError as problem:
        words = str(problem) if isinstance(problem, ScannerUnavailable) else "The storage does not give it"
        logger.warning("Version %s is not checked yet: %s", version.pk, problem)
        version.put_off(words)
        return version.checked_at is None or not is_scanner_ready()
    version.settle(verdict.state, note=verdict.note, sha256=sha256)
    return False


def waiting():
    """Versions that are to be checked, those that were never looked at first."""
    versions = Version.objects.filter(state=Version.State.CHECKING, removed_at=None)
    return versions.order_by(F("checked_at").asc(nulls_first=True), "at")


def is_scanner_ready():
    """Whether checking can go on: the scanner answers, or there is none to ask."""
    if settings.CLAMAV is None:
        return True
    with suppress(ScannerUnavailable):
        return bool(scanner_version())
    return False


def refusal(version):
    """Why the version is not handed out, in words; None where it is."""
    if version.is_served:
        return None
    if version.removed_at is not None:
        return "Removed: its bytes are no longer stored."
    return REFUSALS[version.state]


def _length(source):
    """Of what can still be read: a slice of the store's knows it, any other open file is asked."""
    left = getattr(source, "left", None)
    if left is not None:
        return left
    here = source.tell()
    end = source.seek(0, 2)
    source.seek(here)
    return end - here
