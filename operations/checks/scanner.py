"""The scanner that files are shown to before anybody gets them, where there is one."""

import io
import zipfile
from contextlib import closing

from django.conf import settings
from django.utils import timezone

from files.models import Version
from files.scanner import SIGNATURES_ARE_OLD_AFTER, Scan, ScannerUnavailable, scanner_version
from operations.findings import ok, warning, wrong

SECONDS = 60
CLEAN = b"Nothing harmful is in here.\n"
CHUNK = bytes(256 * 1024)
MORE_THAN_CLAMDS_OWN_BYTES = 101 * 1024**2  # its StreamMaxLength is 25 or 100 MB, as the release has it
DEEPER_THAN_CLAMD = 110  # MaxRecursion is 100 at most
LIMITS = "StreamMaxLength, MaxFileSize and MaxScanSize"


def scanner():
    """It answers, finds nothing in what is clean, and its signatures are fresh."""
    if settings.CLAMAV is None:
        yield warning("no scanner is set up, and files are handed out as they were received; CLAMAV_URL names one")
        return
    try:
        found = scanner_version()
        verdict = _verdict([CLEAN])
    except ScannerUnavailable as problem:
        yield wrong(f"{problem}; files wait until it does: start clamd, and look at CLAMAV_URL")
        return
    age = timezone.now() - found.signed_at if found.signed_at else None
    if verdict.state != Version.State.CLEAN:
        yield wrong(f"it finds {verdict.note} in a text that is clean; look at its signatures")
    elif age is None:
        yield warning(f"{found.name} answers and names no signatures; let freshclam fetch them")
    elif age > SIGNATURES_ARE_OLD_AFTER:
        yield warning(f"{found.name} answers; its signatures are {age.days} days old: let freshclam run")
    else:
        yield ok(f"{found.name} answers; its signatures are of {found.signed_at:%Y-%m-%d}")


def scanner_limits():
    """It takes more than clamd does where nobody has told it otherwise, and says what it could not look into. Nothing where
    there is none, or it is away."""
    if settings.CLAMAV is None:
        return
    try:
        yield from [*_silences(), *_length()]
    except ScannerUnavailable:
        return  # the check before says so


def _silences():
    """clamd calls clean what it did not look at, unless it is told to say so."""
    for setting, what, content in (
        ("AlertEncrypted", "an archive with a password", _sealed()),
        ("AlertExceedsMax", "an archive that it did not look through", _deep()),
    ):
        if _verdict([content]).state == Version.State.CLEAN:
            yield wrong(f"it calls {what} clean; set {setting} yes in clamd.conf")


def _length():
    size = min(MORE_THAN_CLAMDS_OWN_BYTES, settings.CLAMAV_MAX_BYTES)
    try:
        verdict = _verdict([CHUNK] * (size // len(CHUNK)))
    except ScannerUnavailable:  # it answered a moment ago; why it ends may be lost on the way
        yield wrong(f"clamd ends before {size // 1024**2} MB; set {LIMITS} in clamd.conf as docs/configuration.md says")
        return
    if verdict.state == Version.State.CLEAN:
        yield ok(f"it looks at {size // 1024**2} MB at once")
    else:
        yield wrong(f"it does not look through {size // 1024**2} MB ({verdict.note}); set {LIMITS} in clamd.conf")


def _verdict(chunks):
    with closing(Scan(seconds=SECONDS)) as scan:
        for chunk in chunks:
            scan.write(chunk)
        return scan.verdict()


def _sealed():
    """An archive whose one file is marked as encrypted."""
    content = bytearray(_zipped("a.txt", CLEAN))
    for header, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(header) + flags] |= 1
    return bytes(content)


def _deep():
    """Archives in archives, deeper than clamd may be told to look."""
    content = CLEAN
    for number in range(DEEPER_THAN_CLAMD):
        content = _zipped(f"{number}.zip", content)
    return content


def _zipped(name, content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()
