"""One place where a name that a person gave becomes a name that is kept, for the form and for the script alike."""

import re
import unicodedata
from pathlib import PurePosixPath

from accounts.fields import DECEIVING

MAX_NAME_BYTES = 255
INVISIBLE = frozenset(".\u115f\u1160\u3164\uffa0")  # a full stop, and letters that are drawn as nothing
OF_WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d) *", re.I)
FORM_ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n"}


def unescape_form_name(name):
    """The name as it was before a browser wrote it into a form: quotes and line breaks come as %22, %0D and %0A."""
    return re.sub("%(22|0D|0A)", lambda match: FORM_ESCAPES[match[0]], name)


def clean_name(raw, *, fallback="Untitled"):
    """A name of at most 255 bytes in UTF-8, one line, in NFC, without folders; the ending is kept when it is cut."""
    name = DECEIVING.sub("", str(raw).encode("utf-8", "replace").decode())
    name = unicodedata.normalize("NFC", name)  # after the removal, which may bring letter and accent together
    if re.match(r"^[A-Za-z]:\\", name):  # a whole path, as some old browsers send it
        name = name.rsplit("\\", 1)[1]
    name = name.rsplit("/", 1)[-1].replace("\\", "_")
    name = "".join(" " if unicodedata.category(char) == "Cc" else char for char in name)
    name = re.sub(r"\s+", " ", name).strip(" ")
    name = _shorten(name)
    return name if any(_can_be_seen(char) for char in name) else fallback


def _can_be_seen(char):
    """Letters, digits, signs and pictures; not dots alone, joiners or fillers."""
    return unicodedata.category(char)[0] in "LNSP" and char not in INVISIBLE


def _shorten(name, mark=""):
    """The name with ``mark`` before its ending; where that is too long, the rest gives way to both."""
    ending = PurePosixPath(name).suffix
    ending = ending if len(ending.encode()) <= 32 else ""
    stem, room = name.removesuffix(ending), MAX_NAME_BYTES - len(f"{mark}{ending}".encode())
    if len(stem.encode()) > room:
        stem = stem.encode()[:room].decode("utf-8", "ignore").rstrip()
    return f"{stem}{mark}{ending}"


def numbered(name, number):
    """``report (2).pdf`` for ``report.pdf`` and 2. Every number gives another name."""
    return clean_name(_shorten(name, f" ({number})"))


def unpacked_name(name):
    """The name, of a file or a folder, as any disk takes it out of an archive: also not one that Windows keeps for itself."""
    name = download_name(name).rstrip(". ") or "file"
    return f"_{name}" if OF_WINDOWS.fullmatch(name.split(".")[0]) else name


def download_name(name):
    """The name for a reader's own disk: without what a Windows disk refuses."""
    return re.sub(r'[<>:"|?*/\\]', "_", name).lstrip(".") or "file"
