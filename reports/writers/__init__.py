"""The three kinds of file a report is handed over in, written as a stream from one set of columns and rows.

Each writer module has `MEDIA_TYPE`, `EXTENSION` and `stream(columns, facts, batches, *, zone)`, which yields
the file's bytes. The first bytes go out before the first batch is asked for, memory does not grow with the
rows, and a `batches` that raises, or a reader that goes away, leaves nothing that looks complete: where the
format is a ZIP archive, not even one that opens.

`batches` gives lists of rows; a row has one native value for each column, in order, or None: an empty cell.
"""

from dataclasses import dataclass
from typing import Literal

from . import comma_separated, excel, word

__all__ = ["WRITERS", "Column", "Facts"]


@dataclass(frozen=True)
class Column:
    """One column. Its kind says what its values are: text is str; time, whole seconds since 1970
    or an aware datetime; integer, and bytes
    (a size in bytes), int; share, a float from 0 to 1; number and money, int or Decimal, and day, a date: those three may
    have text in place of a value. Its width is in characters."""

    name: str
    label: str
    kind: Literal["text", "time", "integer", "bytes", "share", "number", "money", "day"]
    width: int


@dataclass(frozen=True)
class Facts:
    """What a file says about itself: the report's title, then labels and values, such as ("Made by", "…")."""

    title: str
    rows: tuple[tuple[str, str], ...]


WRITERS = {"csv": comma_separated, "xlsx": excel, "docx": word}
