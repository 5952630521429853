"""The rows of a report as its columns have them, without what the ORM does to each value on its way."""

import json
from operator import itemgetter

from django.core.exceptions import FieldDoesNotExist
from django.db.models import BigIntegerField, DateTimeField, F, Func, JSONField, TextField
from django.db.models.functions import Cast

from reports.writers.rows import Batch


class Seconds(Func):
    """A time as whole seconds since 1970: the database counts them faster than Python makes times."""

    output_field = BigIntegerField()
    convert_value = staticmethod(Func._convert_value_noop)  # the database's int is one

    def as_sqlite(self, compiler, connection, **context):
        """Without the fraction, which SQLite would round: .9995 is the next second to it."""
        template = "CAST(strftime('%%%%s', substr(%(expressions)s, 1, 19)) AS integer)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(
            compiler, connection, template="floor(date_part('epoch', %(expressions)s))::bigint", **context
        )


class Reading:
    """How a table's columns are read, and the keys of its rows: each one's source in SQL, and what makes the native values of
    what comes."""

    def __init__(self, columns, model, keys):
        ways = [_way(column, model) for column in columns]
        self._natives = [natives for _, natives in ways]
        self._sources = [source for source, _ in ways]
        names = [model._meta.pk.name if key == "pk" else key for key in keys]
        self._sources += [F(name) for name in dict.fromkeys(names) if F(name) not in self._sources]
        self._key = itemgetter(*[self._sources.index(F(name)) for name in names])

    def of(self, queryset):
        """The queryset's rows: (a Batch of native values; the keys of the last row, or None where there is no row)."""
        found = list(queryset.values_list(*self._sources))
        if not found:
            return [], None
        last = self._key(found[-1])
        columns = list(zip(*found, strict=True))
        del found
        return Batch([natives(values) for natives, values in zip(self._natives, columns, strict=False)]), last


def _way(column, model):
    """(what is selected, a function of the selected values)."""
    try:
        field = model._meta.get_field(column.source)
    except FieldDoesNotExist:  # looked up elsewhere, or an annotation
        field = None
    if isinstance(field, JSONField):
        return Cast(column.source, TextField()), _each(column.native, _decoded)
    if isinstance(field, DateTimeField) and not column.native:
        return Seconds(F(column.source)), _as_they_are
    return F(column.source), _each(column.native) if column.native else _as_they_are


def _each(native, decoded=list):
    """Once for each different value: a log says the same few things over and over."""

    def natives(values):
        different = dict.fromkeys(values)  # in their order: some natives read on from where they are
        made = dict(zip(different, map(native, decoded(different)), strict=True))
        return list(map(made.__getitem__, values))

    return natives


def _decoded(texts):
    """Texts of JSON, all at once: much faster than one by one."""
    return json.loads(f"[{','.join(texts)}]")


def _as_they_are(values):
    return values
