"""What can be shown of a file without fetching it. The bytes say what they are; the name only what they should be."""

import codecs
import csv
import io
import re
import threading
from dataclasses import dataclass, field
from datetime import date, datetime
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

from files.storage import READ_SIZE, storage

PDF, IMAGE, TEXT, TABLE, SHEET = "pdf", "image", "text", "table", "sheet"
OF_ENDINGS = {
    PDF: {"pdf"},
    IMAGE: {"png", "jpg", "jpeg", "gif", "webp"},
    TEXT: {"txt", "text", "log", "md"},
    TABLE: {"csv", "tsv"},
    SHEET: {"xlsx", "xlsm"},
}
MAGIC = [
    (b"%PDF-", PDF, "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", IMAGE, "image/png"),
    (b"\xff\xd8\xff", IMAGE, "image/jpeg"),
    (b"GIF87a", IMAGE, "image/gif"),
    (b"GIF89a", IMAGE, "image/gif"),
    (b"PK\x03\x04", SHEET, ""),
]
HEAD_BYTES = 16
MOST_TEXT_BYTES = 200_000
MOST_ROWS, MOST_COLUMNS, MOST_CELL = 200, 50, 500
MOST_SHEET_BYTES = 20_000_000  # as it lies in storage
MOST_UNPACKED_BYTES = 50_000_000  # of all its parts: some seconds of reading
MOST_PARTS = 5_000
READ_WHOLE = {"[Content_Types].xml", "xl/workbook.xml", "xl/styles.xml"}
MOST_WHOLE_BYTES = 1_000_000  # of those and the relations: each element of them takes time and memory
CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
DELIMITERS = ",;\t|"

_reading = threading.BoundedSemaphore(2)  # spreadsheets at once, in each process: to read one takes time and memory


class NotShown(ValueError):
    """There is nothing to show, and these words say why."""


@dataclass
class Preview:
    """``kind`` of OF_ENDINGS; with ``media_type`` the bytes are shown by the browser; else ``text`` or ``rows``, and
    ``note``, what of the file it is."""

    kind: str
    media_type: str = ""
    text: str = ""
    rows: list = field(default_factory=list)  # of (text, whether it is a number)
    note: str = ""


def expected_kind(name):
    """What a file of this name should be, of what can be shown; None for all others."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    return next((kind for kind, endings in OF_ENDINGS.items() if ending in endings), None)


def recognize(version):
    """(kind, media type) of bytes that a browser may show by itself or that are read here. Raises NotShown, OSError."""
    expected = expected_kind(version.file.name)
    if expected is None:
        raise NotShown("There is no preview of this kind of file. Download it.")
    head = _read(version, HEAD_BYTES)
    found, media_type = next(((kind, type_) for magic, kind, type_ in MAGIC if head.startswith(magic)), (None, ""))
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        found, media_type = IMAGE, "image/webp"
    if expected in (TEXT, TABLE) and found is None:
        return expected, ""
    if expected == SHEET and head.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotShown("It is protected with a password, so it cannot be shown here. Download it.")
    if found != expected:
        raise NotShown("It cannot be shown here: it is not what its name says. Open it only if you know who sent it.")
    return found, media_type


def preview_of(version):
    """What is shown. Raises NotShown, and OSError where the bytes cannot be read."""
    kind, media_type = recognize(version)
    if media_type:
        return Preview(kind, media_type)
    if kind == SHEET:
        return _sheet(version)
    text, is_all = _text(version)
    if kind == TABLE:
        rows = _table(text, is_all)
        return Preview(kind, rows=rows, note="" if is_all and len(rows) < MOST_ROWS else f"The first {len(rows)} rows")
    return Preview(kind, text=text, note="" if is_all else "The first 200 KB")


def _read(version, length):
    length = min(length, version.size_bytes)
    content = storage().open(version.storage_key, 0, length)
    try:
        return b"".join(iter(lambda: content.read(READ_SIZE), b""))
    finally:
        content.close()


def _text(version):
    """The beginning as text, and whether it is all of it."""
    data = _read(version, MOST_TEXT_BYTES)
    is_all = len(data) == version.size_bytes
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = codecs.getincrementaldecoder("utf-8-sig")().decode(data, final=is_all)
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    if CONTROL.search(text):
        raise NotShown("It cannot be shown here: it is not what its name says. Open it only if you know who sent it.")
    return text, is_all


def _table(text, is_all):
    lines = text.splitlines(keepends=True)
    if not is_all and len(lines) > 1:
        lines.pop()  # it may be cut
    first = lines[0] if lines else ""
    delimiter = max(DELIMITERS, key=first.count)
    rows = []
    try:
        for row in csv.reader(io.StringIO("".join(lines), newline=""), delimiter=delimiter):
            rows.append([_cell(value) for value in row[:MOST_COLUMNS]])
            if len(rows) == MOST_ROWS:
                break
    except csv.Error:  # a cell of more than 128 KB: what came before it is shown
        pass
    return rows


def _sheet(version):
    if version.size_bytes > MOST_SHEET_BYTES:
        raise NotShown("This spreadsheet is too large to be shown here. Download it.")
    data = io.BytesIO(_read(version, version.size_bytes))
    if not _reading.acquire(timeout=10):
        raise NotShown("Others are looking at spreadsheets just now. Try again in a minute, or download it.")
    try:
        _check_parts(data)
        book = load_workbook(data, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        rows = [
            [_cell(value) for value in row]
            for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
        ]
    except NotShown:
        raise
    except Exception as problem:  # of a file that anybody may have made, whatever the reader stumbles over
        raise NotShown("This spreadsheet cannot be read here. Download it.") from problem
    finally:
        _reading.release()
    while rows and not any(text for text, _ in rows[-1]):
        rows.pop()
    width = max((number for row in rows for number, (text, _) in enumerate(row, 1) if text), default=0)
    rows = [row[:width] for row in rows]
    return Preview(SHEET, rows=rows, note=f"The sheet “{sheet.title}”, its first {MOST_ROWS} rows at most, values only")


def _check_parts(data):
    """What the archive says of its sizes binds zipfile: no part gives more bytes than it says."""
    try:
        with ZipFile(data) as archive:
            parts = archive.infolist()
    except BadZipFile as problem:
        raise NotShown("This spreadsheet cannot be read here. Download it.") from problem
    names = {part.filename for part in parts}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise NotShown("It cannot be shown here: it is not what its name says. Open it only if you know who sent it.")
    unpacked = sum(part.file_size for part in parts)  # whatever their names: the workbook says which of them is what
    whole = sum(part.file_size for part in parts if part.filename in READ_WHOLE or part.filename.endswith(".rels"))
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED_BYTES or whole > MOST_WHOLE_BYTES:
        raise NotShown("This spreadsheet is too large to be shown here. Download it.")


def _cell(value):
    """A value in words, and whether it is a number."""
    if value is None:
        return "", False
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), False
    if isinstance(value, int | float):
        return (f"{value:.15g}" if isinstance(value, float) else str(value))[:MOST_CELL], True
    if isinstance(value, datetime):
        is_day = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.strftime("%m/%d/%Y" if is_day else "%m/%d/%Y %H:%M"), False
    if isinstance(value, date):
        return value.strftime("%m/%d/%Y"), False
    text = str(value)
    is_number = re.fullmatch(r"[-($]*\$?\d[\d,]*(\.\d+)?[)%]?", text) is not None
    return (text if len(text) <= MOST_CELL else f"{text[:MOST_CELL]}…"), is_number
