"""CSV as RFC 4180 has it, in UTF-8 with a byte order mark, for Excel's sake. It holds no facts."""

import codecs
import csv
import io

from .rows import Feed, by_column
from .text import clean, local_time

MEDIA_TYPE = "text/csv; charset=utf-8"
EXTENSION = "csv"

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def stream(columns, facts, batches, *, zone):
    """The file's bytes: a row of labels, then the rows, with times as the zone's clocks show them."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([_cell(column.label) for column in columns])
    yield codecs.BOM_UTF8 + _take(buffer)
    formatters = [_formatter(column.kind, zone) for column in columns]
    for rows in Feed(batches).take():
        writer.writerows(by_column(rows, formatters))
        yield _take(buffer)


def _formatter(kind, zone):
    match kind:
        case "text":
            return lambda values: [None if value is None else _cell(value) for value in values]
        case "time":
            return lambda values: [None if value is None else local_time(value, zone) for value in values]
        case "integer" | "bytes" | "share":
            return list
    raise ValueError(f"no such kind of column: {kind}")


def _cell(text):
    """The text, with an apostrophe before what a spreadsheet would run as a formula."""
    text = clean(text)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _take(buffer):
    taken = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return taken
