"""Rows handed out in slices, so that memory stays constant and a sheet or table may end inside a batch."""

import math

SLICE = 1_000


class Feed:
    """The rows of all batches, in order. A batch is asked for when the one before it is used up."""

    def __init__(self, batches):
        self._batches = iter(batches)
        self._batch = []
        self._next = 0

    def more(self):
        """Whether any row is left. Asks for the next batch if it must."""
        while self._next >= len(self._batch):
            self._batch, self._next = [], 0
            batch = next(self._batches, None)
            if batch is None:
                return False
            self._batch = batch
        return True

    def take(self, limit=math.inf):
        """Slices of rows, not empty, until the limit or the end."""
        while limit > 0 and self.more():
            rows = self._batch[self._next : self._next + min(limit, SLICE)]
            self._next += len(rows)
            limit -= len(rows)
            yield rows


class Batch:
    """Rows that are kept by column, as they are read and written: a sequence of rows, to whom it matters."""

    def __init__(self, columns):
        self.columns = columns

    def __len__(self):
        return len(self.columns[0])

    def __iter__(self):
        return zip(*self.columns, strict=True)

    def __getitem__(self, part):
        if isinstance(part, slice):
            return Batch([column[part] for column in self.columns])
        return tuple(column[part] for column in self.columns)


def columns_of(rows):
    """The values of each column. Raises ValueError if one row has more than another."""
    return rows.columns if isinstance(rows, Batch) else list(zip(*rows, strict=True))


def by_column(rows, formatters):
    """The rows again, each column passed through its formatter as one list: much faster than value by value.
    Raises ValueError if a row has not as many values as there are formatters."""
    return zip(*[format(values) for format, values in zip(formatters, columns_of(rows), strict=True)], strict=True)


def shown_by(show, values, empty):
    """What `show` makes of a list of values, and `empty` in the place of each that is None."""
    if None not in values:
        return show(values)
    shown = iter(show([value for value in values if value is not None]))
    return [empty if value is None else next(shown) for value in values]
