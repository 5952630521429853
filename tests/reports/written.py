"""Rows to write, readers that share nothing with the writers, and what they should read, said anew."""

import csv
import io
import re
import unicodedata
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import docx
import openpyxl

from reports.writers import WRITERS, Column, Facts

ZONE = ZoneInfo("America/New_York")
COLUMNS = (
    Column("number", "No.", "integer", 10),
    Column("time", "Time", "time", 20),
    Column("file", "File", "text", 40),
    Column("size", "Size", "bytes", 12),
    Column("share", "Share", "share", 8),
)
FACTS = Facts("Activity: log", (("Firm", "Larkin & Voss"), ("Filter", "=1+1 <b>\nall"), ("Time zone", ZONE.key)))
NOON = datetime(2026, 3, 12, 18, 32, 7, 999_999, tzinfo=UTC)

AWKWARD = [
    '=HYPERLINK("x")',
    "+1",
    "-1",
    "@a",
    "\tindented",
    "\rreturned",
    "\x00=1+1",
    'x\\",=1+1,y.txt',
    "<img src=x onerror=alert(1)>",
    "]]>&amp;</w:t>",
    "one\ntwo\r\nthree\rfour",
    'say "hello", twice',
    "  spaces  ",
    "tab\tinside",
    "🧾 receipt",
    "חשבונית مرحبا",
    "NUL\x00 bell\x07 escape\x1b vertical\x0b delete\x7f next\x85 end",
    "half \ud83d pair, no character \ufffe\uffff",
    "_x0041_ and _x000D_",
    "x" * 32_766 + "🧾" + "more",
    "",
]


def batches(rows, size=3):
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def written(kind, rows, *, columns=COLUMNS, facts=FACTS, **options):
    return b"".join(WRITERS[kind].stream(columns, facts, batches(rows), zone=ZONE, **options))


def rows_of(texts):
    return [(number, NOON, text, number * 1024, number / 100) for number, text in enumerate(texts, start=1)]


def read_csv(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def read_xlsx(data):
    about, *sheets = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    return about, sheets


def values_of(sheet):
    """A sheet's values below the heading. openpyxl leaves Excel's escapes as they are; Excel does not."""
    return [
        tuple(value.replace("_x005F_", "_") if isinstance(value, str) else value for value in row)
        for row in sheet.iter_rows(min_row=2, values_only=True)
    ]


def read_docx(data):
    return docx.Document(io.BytesIO(data))


def texts_of(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def cleaned(text):
    kept = [c for c in text if c in "\t\n\r" or unicodedata.category(c) != "Cc"]
    return "".join("\ufffd" if unicodedata.category(c) == "Cs" or c in "\ufffe\uffff" else c for c in kept)


def with_line_feeds(text):
    return re.sub("\r\n?", "\n", cleaned(text))


def in_csv(text):
    text = cleaned(text)
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def in_xlsx(text):
    text, units = with_line_feeds(text), 0
    for position, character in enumerate(text):
        units += 2 if ord(character) > 0xFFFF else 1
        if units > 32_767:
            return text[:position]
    return text


def on_the_clock(moment):
    return moment.astimezone(ZONE).replace(tzinfo=None, microsecond=0)


def expected_csv(row):
    number, time, text, size, share = ("" if value is None else value for value in row)
    return [str(number), time and str(on_the_clock(time)), in_csv(text), str(size), str(share)]


def expected_xlsx(row):
    number, time, text, size, share = row
    return (number, time and on_the_clock(time), None if text is None else in_xlsx(text), size, share)


def expected_docx(row):
    number, time, text, size, share = row
    return [
        "" if number is None else f"{number:,}",
        "" if time is None else str(on_the_clock(time)),
        "" if text is None else with_line_feeds(text),
        "" if size is None else f"{size:,}",
        "" if share is None else f"{share:.1%}",
    ]


LABELS = [column.label for column in COLUMNS]


def parts_of(data):
    """The parts of an archive, each checked against its checksum."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
