"""The first events of a query, found through the log's indexes: each is kept in the order of ``seq`` behind some columns.

A query's conditions become runs: the events with given values in an index's leading columns, one after the other. The
first events of hundreds of runs are had by looking at the head of each, so that a page costs the same at any length of
the log. Neither engine does that by itself: SQLite sorts all that fits, and PostgreSQL walks along the primary key
where it takes a value for frequent which is so in another season only.
"""

import json
from dataclasses import dataclass
from itertools import product

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import BooleanField
from django.db.models.expressions import Col, RawSQL
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, In, LessThan, LessThanOrEqual
from django.db.models.sql.where import AND, WhereNode

MOST_RUNS = 5_000  # more than that are not looked at one by one
MOST_AT_ONCE = 500  # as many are read of each run: who wants more had better walk along the log
ALONG_THE_LOG = "sqlite_autoindex_activity_event_1"  # that of the primary key
END = 2**63 - 1
TELLING = ("area", "action", "ip", "client_id", "actor_id", "subject_type", "subject_id")  # the more the later


@dataclass(frozen=True)
class Runs:
    """Events with one of these keys in an index's leading columns, and one of these values in each other column."""

    index: str
    columns: tuple
    keys: list
    others: dict

    @classmethod
    def of(cls, wanted, indexes):
        """``wanted``: {column: values}. The index that narrows it most, without too many keys."""

        def worth(index):
            return len(index.fields), sum(map(TELLING.index, index.fields[:-1]))

        def key_count(index):
            count = 1
            for column in index.fields[:-1]:
                count *= len(wanted[column])
            return count

        usable = [index for index in indexes if wanted.keys() >= set(index.fields[:-1])]
        few = [index for index in usable if key_count(index) <= MOST_RUNS]
        if not few:
            return None
        best = max(few, key=worth)
        columns = tuple(best.fields[:-1])
        keys = list(product(*(wanted[column] for column in columns)))
        return cls(best.name, columns, keys, {name: wanted[name] for name in wanted if name not in columns})


class Found:
    """What a query of events asks for, as runs: those numbered ``first`` to before ``end``, and ``rest`` holds."""

    def __init__(self, query, runs, first, end, rest):
        self.query, self.runs, self.first, self.end, self.rest = query, runs, first, end, rest

    @classmethod
    def of(cls, query):
        """None where no index is asked for, or too many places of it. Without any runs where nothing can fit."""
        wanted, rest = [{}], []
        first, end, others = bounded(query.where)
        for condition in others.children:
            if (choices := _choices(condition)) is None:
                rest.append(condition)
            else:
                wanted = [_both(one, other) for one in wanted for other in choices]
        wanted = [one for one in map(_without_area, wanted) if all(one.values())]
        runs = [Runs.of(one, query.model._meta.indexes) for one in wanted]
        return None if query.is_empty() or None in runs else cls(query, runs, first, end, _compiled(query, rest))

    @property
    def key_count(self):
        return sum(len(runs.keys) for runs in self.runs)

    def are_first(self, down, count):
        """The condition that holds for the first ``count`` events alone; None where they had better be asked otherwise."""
        if self.key_count == 1:
            sql, params = self._of_one(down, count)
        elif count <= MOST_AT_ONCE or self.count_up_to(count + 1) <= count:
            sql, params = self._merged(down, count)
        elif connection.vendor == "sqlite":
            sql, params = self._walked(down, count)
        else:
            return None
        among = f"IN ({sql})" if connection.vendor == "sqlite" else f"= ANY(ARRAY({sql}))"
        return RawSQL(f"activity_event.seq {among}", params, BooleanField())  # noqa: S611 — made here of names alone

    def count_up_to(self, most):
        """How many there are; no more than ``most`` are counted."""
        counted, params = [], []
        for runs in self.runs:
            where, values = self._where(runs, _places("k", runs))
            keys, key_values = _table_of_keys(runs)
            if connection.vendor == "sqlite":
                sql = f"SELECT activity_event.seq FROM {keys} CROSS JOIN {_events(runs)} WHERE {where} LIMIT %s"
                params += [*key_values, *values, most]
            else:
                run = f"SELECT seq FROM activity_event WHERE {where} {_order(runs, True)} LIMIT %s"
                sql = f"SELECT e.seq FROM {keys} CROSS JOIN LATERAL ({run}) e LIMIT %s"
                params += [*key_values, *values, most, most]
            counted.append(f"SELECT seq FROM ({sql}) AS kind")
        # the same event may be in runs of two kinds, and is never twice in those of one
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM ({' UNION '.join(counted)}) AS counted", params)
            return min(cursor.fetchone()[0], most)

    def _of_one(self, down, count):
        (runs,) = self.runs
        where, params = self._where(runs, ["%s"] * len(runs.columns), runs.keys[0])
        return f"SELECT seq FROM {_events(runs)} WHERE {where} {_order(runs, down)} LIMIT %s", [*params, count]

    def _merged(self, down, count):
        """Only the ``count`` runs with the first heads can hold any of the first ``count`` events."""
        pieces, params, sign = [], [], "DESC" if down else "ASC"
        for runs in self.runs:
            where, values = self._where(runs, _places("k", runs))
            keys, key_values = _table_of_keys(runs)
            run = f"SELECT seq FROM {_events(runs)} WHERE {where} {_order(runs, down)} LIMIT"
            pieces.append(
                f"SELECT e.value AS seq FROM (SELECT k.*, ({run} 1) AS head FROM {keys} ORDER BY head {sign} NULLS LAST LIMIT %s) k"
                f" CROSS JOIN {_for_each(f'{run} %s')}"
            )
            params += [*values, *key_values, count, *values, count]
        sql = f"SELECT seq FROM ({' UNION '.join(pieces)}) AS merged ORDER BY seq {sign} LIMIT %s"
        return sql, [*params, count]

    def _walked(self, down, count):
        """Along the log, as PostgreSQL does by itself; SQLite would rather sort all that fits."""
        sql, params = _compiled(self.query, self.query.where.children)
        log = f"activity_event INDEXED BY {ALONG_THE_LOG}"
        return f"SELECT seq FROM {log} WHERE {sql} ORDER BY seq {'DESC' if down else 'ASC'} LIMIT %s", [*params, count]

    def _where(self, runs, places, key=()):
        """The condition for a run whose key stands at ``places``."""
        if connection.vendor == "sqlite" or not key:
            parts = [f"activity_event.{column} = {place}" for column, place in zip(runs.columns, places, strict=True)]
            parts.append("activity_event.seq >= %s AND activity_event.seq < %s")
            params = [*key, self.first, self.end]
        else:  # compared with constants as a row, in the index's order, the columns are not left to the primary key
            columns = ", ".join(f"activity_event.{column}" for column in (*runs.columns, "seq"))
            values = ", ".join([*places, "%s"])
            parts = [f"({columns}) >= ({values}) AND ({columns}) < ({values})"]
            params = [*key, self.first, *key, self.end]
        for column, values in runs.others.items():
            value = f"activity_event.{column}"
            if connection.vendor == "postgresql":  # as a value worked out, it leads to no other index
                value += " + 0" if isinstance(values[0], int) else " || ''"
            parts.append(f"{value} IN ({', '.join(['%s'] * len(values))})")
            params += values
        sql, rest_params = self.rest
        return " AND ".join([*parts, *([f"({sql})"] if sql else [])]), [*params, *rest_params]


def bounded(where):
    """(the first number, the one past the last, what else must hold)."""
    first, end, rest = 0, END, []
    for condition in _conditions(WhereNode([where])):
        if bounds := _bounds(condition):
            first, end = max(first, bounds[0]), min(end, bounds[1])
        else:
            rest.append(condition)
    return first, end, WhereNode(rest)


def _conditions(where):
    """What must hold, each by itself."""
    for child in where.children:
        if isinstance(child, WhereNode) and child.connector == AND and not child.negated:
            yield from _conditions(child)
        else:
            yield child


def _column(condition):
    is_plain = isinstance(getattr(condition, "lhs", None), Col)
    return condition.lhs.target.column if is_plain else None


def _bounds(condition):
    """(the first number, the one past the last) that the condition allows."""
    if _column(condition) != "seq" or not condition.rhs_is_direct_value():
        return None
    for kind, bounds in (
        (LessThan, lambda seq: (0, seq)),
        (LessThanOrEqual, lambda seq: (0, seq + 1)),
        (GreaterThan, lambda seq: (seq + 1, END)),
        (GreaterThanOrEqual, lambda seq: (seq, END)),
    ):
        if isinstance(condition, kind):
            return bounds(condition.rhs)
    return None


def _choices(condition):
    """[{column: values}]: the condition holds where one of them does. None where it is of another kind."""
    if isinstance(condition, WhereNode):
        return None if condition.negated else _choices_of_node(condition)
    if _column(condition) not in TELLING:
        return None
    if isinstance(condition, Exact) and condition.rhs_is_direct_value():
        return [{_column(condition): [_plain(condition.rhs)]}]
    if isinstance(condition, In):
        values = condition.rhs if condition.rhs_is_direct_value() else _read(condition.rhs)
        return [{_column(condition): list(dict.fromkeys(map(_plain, values)))}]
    return None


def _choices_of_node(node):
    children = [_choices(child) for child in node.children]
    if None in children:
        return None
    if node.connector != AND:
        return [choice for choices in children for choice in choices]
    every = [{}]
    for choices in children:
        every = [_both(one, other) for one in every for other in choices]
    return every


def _plain(value):
    return value if isinstance(value, int) else str(value)  # an Action is a string of its own kind


def _both(one, other):
    """Both hold: the values that are in both."""
    common = {name: [value for value in one[name] if value in other[name]] for name in one.keys() & other.keys()}
    return {**one, **other, **common}


def _without_area(wanted):
    """An action is named after its area, which so need not be looked at beside it."""
    if not wanted.keys() >= {"action", "area"}:
        return wanted
    actions = [action for action in wanted["action"] if action.partition(".")[0] in wanted["area"]]
    return {**{name: values for name, values in wanted.items() if name != "area"}, "action": actions}


def _read(query):
    return [row[0] for row in query.get_compiler(DEFAULT_DB_ALIAS).results_iter()]


def _compiled(query, conditions):
    if not conditions:
        return "", ()
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    return compiler.compile(WhereNode(conditions))


def _events(runs):
    return "activity_event" + f" INDEXED BY {runs.index}" * (connection.vendor == "sqlite")


def _for_each(run):
    """SQL for a table e(value) of the run of each row before it."""
    if connection.vendor == "sqlite":
        return f"json_each((SELECT json_group_array(seq) FROM ({run}))) e"
    return f"LATERAL ({run}) e(value)"


def _order(runs, down):
    sign = "DESC" if down else "ASC"
    columns = runs.columns if connection.vendor == "postgresql" else ()
    return "ORDER BY " + ", ".join(f"activity_event.{column} {sign}" for column in (*columns, "seq"))


def _places(table, runs):
    return [f"{table}.k{n}" for n in range(len(runs.columns))]


def _table_of_keys(runs):
    """SQL for a table k(k0, k1, …)."""
    names = [f"k{n}" for n in range(len(runs.columns))]
    if connection.vendor == "sqlite":
        extracts = ", ".join(f"json_extract(value, '$[{n}]') AS {name}" for n, name in enumerate(names))
        return f"(SELECT {extracts} FROM json_each(%s)) k", [json.dumps(runs.keys)]
    types = ["bigint" if isinstance(value, int) else "text" for value in runs.keys[0]]
    arrays = ", ".join(f"%s::{kind}[]" for kind in types)
    return f"unnest({arrays}) k({', '.join(names)})", [list(values) for values in zip(*runs.keys, strict=True)]
