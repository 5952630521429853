"""CSV as RFC 4180 has it, in UTF-8 with a byte order mark, for Excel's sake. It holds no facts."""

import codecs
import re

from .rows import Feed, by_column
from .text import Clock, are_plain, clean

MEDIA_TYPE = "text/csv; charset=utf-8"
EXTENSION = "csv"

needs_quotes = re.compile('[",\r\n]').search
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


START = "|"  # before each text, while they are looked through all together
FORMULAS = tuple(START + start for start in FORMULA_STARTS if start.isprintable())


def stream(columns, facts, batches, *, zone):
    """The file's bytes: a row of labels, then the rows, with times as the zone's clocks show them."""
    yield codecs.BOM_UTF8 + _lines([tuple(_quoted(_cell(column.label)) for column in columns)])
    clock = Clock(zone)
    formatters = [_formatter(column.kind, clock) for column in columns]
    for rows in Feed(batches).take():
        yield _lines(by_column(rows, formatters))


def _lines(rows):
    return ("\r\n".join(map(",".join, rows)) + "\r\n").encode()


def _formatter(kind, clock):
    """A function of a column's values, which gives what stands in their fields."""
    match kind:
        case "text":
            return _texts
        case "time":
            return lambda values: _or_empty(clock.texts(values))
        case "integer" | "bytes" | "share":
            return lambda values: list(map(str, _or_empty(values)))
        case "number" | "money" | "day":
            return lambda values: [
                _quoted(_cell(value)) if isinstance(value, str) else str(value) for value in _or_empty(values)
            ]
    raise ValueError(f"no such kind of column: {kind}")


def _texts(values):
    """Looked through all at once: hardly any needs care."""
    values = _or_empty(values)
    together = START + START.join(values)
    is_plain = are_plain(together) and not any(start in together for start in FORMULAS)
    if is_plain and '"' not in together and "," not in together:
        return values
    made = {text: _quoted(text if is_plain else _cell(text)) for text in set(values)}
    return list(map(made.__getitem__, values))


def _or_empty(values):
    return ["" if value is None else value for value in values] if None in values else values


def _cell(text):
    """The text, with an apostrophe before what a spreadsheet would run as a formula."""
    text = clean(text)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _quoted(text):
    if needs_quotes(text):
        return '"' + text.replace('"', '""') + '"'
    return text
