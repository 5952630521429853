from functools import cached_property
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Q

END = "end"


class Page:
    """One page of a queryset, found by the key of a neighbouring row and never by an offset.

    Ordered by ``field`` and the primary key; ``after`` and ``before`` in the query hold the key of the row next to it, or
    ``before`` says "end" for the last page.
    ``field`` may be of a related row or an annotation, but is never null.
    """

    def __init__(self, queryset, field, query, *, size, descending=False):
        self._queryset, self._field, self._query, self._size = queryset, field, query, size
        self._descending = descending
        self._after = self._read_key(query.get("after", ""))
        self._before = None if self._after else self._read_key(query.get("before", ""))
        self.is_last = not self._after and query.get("before") == END

    @cached_property
    def _found(self):
        backwards = self.is_last or self._before is not None
        key = self._after or self._before
        down = self._descending != backwards
        rows = beyond(self._queryset, self._field, key, down) if key else self._queryset
        rows = list(first(rows, self._field, down, self._size + 1))
        has_more = len(rows) > self._size
        rows = rows[: self._size]
        return (rows[::-1] if backwards else rows), has_more

    @property
    def rows(self):
        return self._found[0]

    def __iter__(self):
        return iter(self.rows)

    def __len__(self):
        return len(self.rows)

    @property
    def is_first(self):
        if self.is_last:
            return not self._found[1]
        return not self._after and (self._before is None or not self._found[1])

    @property
    def next_url(self):
        has_next = not self.is_last and (self._before is not None or self._found[1])
        return self._url("after", self._write_key(self.rows[-1])) if self.rows and has_next else None

    @property
    def last_url(self):
        """The last page; None where this is it."""
        return self._url("before", END) if self.next_url else None

    @property
    def previous_url(self):
        return None if self.is_first or not self.rows else self._url("before", self._write_key(self.rows[0]))

    def _url(self, direction, key):
        query = {name: self._query[name] for name in self._query if name not in ("after", "before")}
        return "?" + urlencode({**query, direction: key})

    def _write_key(self, row):
        if self._is_by_pk:
            return str(row.pk)
        value = row
        for name in self._field.split("__"):
            value = getattr(value, name)
        return f"{row.pk}~{value}"

    def _read_key(self, text):
        """(value, pk) of a row, or None where the address holds no such thing."""
        pk, tilde, value = text.partition("~")
        if not pk or "\x00" in value or bool(tilde) is self._is_by_pk:
            return None
        try:
            pk = self._queryset.model._meta.pk.to_python(pk)
            key = (pk if self._is_by_pk else value), pk
            beyond(self._queryset, self._field, key, self._descending)  # a value of another type is refused here
        except (ValidationError, ValueError):
            return None
        return key

    @property
    def _is_by_pk(self):
        return self._field == self._queryset.model._meta.pk.name


def in_order(queryset, field, down):
    prefix = "-" if down else ""
    is_by_pk = field == queryset.model._meta.pk.name
    return queryset.order_by(f"{prefix}{field}") if is_by_pk else queryset.order_by(f"{prefix}{field}", f"{prefix}pk")


def first(queryset, field, down, count):
    """The first ``count`` rows. A queryset that has a way of its own for that goes it."""
    rows = in_order(queryset, field, down)
    return rows.first_by(*rows.query.order_by, count) if hasattr(rows, "first_by") else rows[:count]


def beyond(queryset, field, key, down):
    """The rows that come after the row with this (value, pk)."""
    value, pk = key
    sign = "lt" if down else "gt"
    if field == queryset.model._meta.pk.name:
        return queryset.filter(**{f"{field}__{sign}": value})
    is_beyond = Q(**{f"{field}__{sign}": value}) | Q(**{field: value, f"pk__{sign}": pk})
    return queryset.filter(is_beyond, **{f"{field}__{sign}e": value})  # the latter alone is what an index can begin at
