"""CSV as RFC 4180 has it, in UTF-8 with a byte order mark, for Excel's sake. It holds no facts."""

import codecs
import re
from functools import partial

from .rows import Feed, by_column, shown_by
from .text import Clock, are_plain, clean

MEDIA_TYPE = "text/csv; charset=utf-8"
EXTENSION = "csv"

needs_quotes = re.compile('[",\r\n]').search
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def stream(columns, facts, batches, *, zone):
    """The file's bytes: a row of labels, then the rows, with times as the zone's clocks show them."""
    yield codecs.BOM_UTF8 + _lines([tuple(_quoted(_cell(column.label)) for column in columns)])
    clock = Clock(zone)
    formatters = [partial(shown_by, _shower(column.kind, clock), empty="") for column in columns]
    for rows in Feed(batches).take():
        yield _lines(by_column(rows, formatters))


def _lines(rows):
    return ("\r\n".join(map(",".join, rows)) + "\r\n").encode()


def _shower(kind, clock):
    """A function of a column's values, which gives what stands in their fields."""
    match kind:
        case "text":
            return _texts
        case "time":
            return clock.texts
        case "integer" | "bytes" | "share":
            return _numbers
        case "number" | "money" | "day":
            return _values_or_texts
    raise ValueError(f"no such kind of column: {kind}")


def _numbers(values):
    return list(map(str, values))


def _values_or_texts(values):
    return [_quoted(_cell(value)) if isinstance(value, str) else str(value) for value in values]


def _texts(values):
    """Looked through all at once: hardly any needs care."""
    together = "".join(values)
    may_be_formulas = any(start in together for start in FORMULA_STARTS)  # anywhere: most columns have none
    if not are_plain(together) or may_be_formulas and not {text[:1] for text in values}.isdisjoint(FORMULA_STARTS):
        made = {text: _quoted(_cell(text)) for text in set(values)}
        return list(map(made.__getitem__, values))
    if '"' in together or "," in together:
        return [_in_quotes(text) if "," in text or '"' in text else text for text in values]
    return values


def _cell(text):
    """The text, with an apostrophe before what a spreadsheet would run as a formula."""
    text = clean(text)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _quoted(text):
    return _in_quotes(text) if needs_quotes(text) else text


def _in_quotes(text):
    return '"' + text.replace('"', '""') + '"'
