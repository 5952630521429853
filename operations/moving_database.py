"""A portal's SQLite database is copied to the empty PostgreSQL that DATABASE_URL names: every row, in one transaction.

The old file is open to nobody else meanwhile, and stays as it is. Where a row cannot be moved, or the log does not verify on
the other side, nothing is there, and the error names the row.
"""

import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connection, connections, models, transaction
from django.db.backends.sqlite3 import base as sqlite
from django.db.migrations.executor import MigrationExecutor
from django.db.models.expressions import RawSQL
from psycopg import Error as PostgresError

from activity.actions import Action
from activity.keys import key_problem
from activity.recording import Subject, record
from activity.verification import verify

SOURCE = "moved from"  # the alias of the old database's connection
MADE_BY_MIGRATE = {"django_content_type", "auth_permission"}  # in an empty database too; they give way to the old ones
LEFT_BEHIND = {"django_migrations", "portal_cache"}  # the new database has its own; what is cached is made anew
# What odd values raise when they are read: SQLite keeps any type in any column, and any bytes in a text
UNREADABLE = (AttributeError, TypeError, ValueError, OverflowError, OperationalError)
ROWS_AT_ONCE, BLOBS_AT_ONCE = 1_000, 20
TYPES = {
    "AutoField": int,
    "BigAutoField": int,
    "BigIntegerField": int,
    "BinaryField": bytes,
    "BooleanField": bool,
    "CharField": str,
    "DateField": date,
    "DateTimeField": datetime,
    "GenericIPAddressField": str,
    "IntegerField": int,
    "JSONField": str,  # its text, which PostgreSQL reads itself
    "PositiveIntegerField": int,
    "PositiveSmallIntegerField": int,
    "SmallIntegerField": int,
    "TextField": str,
    "UUIDField": UUID,
}


class NotMoved(Exception):
    """The new database is as empty as it was; in words, why."""


@dataclass(frozen=True)
class Moved:
    rows: int
    tables: int
    log: str

    @property
    def in_words(self):
        return f"{self.rows:,} rows of {self.tables} tables; the log is {self.log}"


def move(file, *, progress=lambda total: lambda rows: None):
    """The portal's database, which was in this SQLite file, is in the default connection's, a PostgreSQL one; an event there
    says so. Returns what was Moved. ``progress(total rows)`` gives what is told of rows that are there. Raises NotMoved."""
    if connection.vendor != "postgresql":
        raise NotMoved("DATABASE_URL names the new database, and must be that of a PostgreSQL one")
    if not file.is_file():
        raise NotMoved(f"there is no file {file}")
    try:
        with _opened(file) as source:
            _refuse_another_release(source)
            _refuse_unless_empty()
            call_command("migrate", interactive=False, verbosity=0)
            with transaction.atomic():
                moved = _move_all(source, file, progress)
    except (DatabaseError, PostgresError) as problem:
        raise NotMoved(str(problem).strip()) from problem
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    ContentType.objects.clear_cache()
    return moved


@contextmanager
def _opened(file):
    """A connection to the file, which nobody else has open: a portal that runs would write what is not moved any more."""
    settings = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {"timeout": 2, "init_command": "PRAGMA locking_mode=EXCLUSIVE; PRAGMA foreign_keys=ON"},
    }
    whole = connections.configure_settings({DEFAULT_DB_ALIAS: {}, SOURCE: settings})[SOURCE]
    source = connections[SOURCE] = sqlite.DatabaseWrapper(whole, SOURCE)
    try:
        with source.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
        yield source
    except DatabaseError as problem:
        if "database is locked" in str(problem):
            raise NotMoved(f"somebody has {file} open: stop the portal first, all of its processes") from problem
        raise
    finally:
        source.close()
        del connections[SOURCE]


def _refuse_another_release(source):
    loader = MigrationExecutor(source).loader
    if set(loader.applied_migrations) != set(loader.disk_migrations):
        raise NotMoved("the old database is of another release: run `manage.py prepare` with it first, by this one")


def _refuse_unless_empty():
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        for table in sorted(there & {model._meta.db_table for model in _models()} - MADE_BY_MIGRATE):
            cursor.execute(f"SELECT EXISTS (SELECT FROM {connection.ops.quote_name(table)})")
            if cursor.fetchone()[0]:
                raise NotMoved(f"the new database is not empty: {table} has rows")


def _models():
    return apps.get_models(include_auto_created=True)


def _move_all(source, file, progress):
    _refuse_unknown_tables(source)
    before = {model: _count(source, model) for model in _models()}
    tell = progress(sum(before.values()))
    with connection.cursor() as cursor:
        for table in ("auth_permission", "django_content_type"):  # the first refers to the second
            cursor.execute(f"DELETE FROM {table}")
        for model in before:
            _Table(model).copy(source, cursor, tell)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what refers to a row that is not there is refused now
        for statement in connection.ops.sequence_reset_sql(no_style(), list(before)):
            cursor.execute(statement)
    for model, count in before.items():
        if (there := _count(connection, model)) != count:
            raise NotMoved(f"{model._meta.db_table} has {count:,} rows, and {there:,} of them came")
    moved = Moved(sum(before.values()), len(before), _verified())
    record(
        Action.DATABASE_MOVED,
        subject=Subject("command", "", "manage.py move_database"),
        before={"database": f"SQLite, {file.name}"},
        after={"database": "PostgreSQL"},
        note=moved.in_words,
    )
    return moved


def _refuse_unknown_tables(source):
    with source.cursor() as cursor:
        there = set(source.introspection.table_names(cursor))
    unknown = there - {model._meta.db_table for model in _models()} - LEFT_BEHIND
    if unknown:
        raise NotMoved(f"the old database has tables that the portal does not know: {', '.join(sorted(unknown))}")


def _count(where, model):
    with where.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {where.ops.quote_name(model._meta.db_table)}")
        return cursor.fetchone()[0]


def _verified():
    if problem := key_problem():
        raise NotMoved(problem)
    finding = verify()
    if not finding.is_whole:
        raise NotMoved(f"the log is {finding.in_words}; see to it where it is, and move then")
    return finding.in_words


class _Table:
    """A model's rows on their way."""

    def __init__(self, model):
        self.model, self.name = model, model._meta.db_table
        self.fields = model._meta.concrete_fields
        self.types = [TYPES[_kind(field)] for field in self.fields]
        columns = ", ".join(connection.ops.quote_name(field.column) for field in self.fields)
        self.statement = f"COPY {connection.ops.quote_name(self.name)} ({columns}) FROM STDIN"
        has_blobs = any(_kind(field) == "BinaryField" and not field.max_length for field in self.fields)
        self.at_once = BLOBS_AT_ONCE if has_blobs else ROWS_AT_ONCE
        self.pk = self.fields.index(model._meta.pk)

    def copy(self, source, cursor, tell):
        """All rows are in the new table; memory holds few of them at a time."""
        batch = []
        for row in self._read(source):
            batch.append(row)
            if len(batch) == self.at_once:
                self._write(cursor, batch)
                tell(len(batch))
                batch = []
        self._write(cursor, batch)
        tell(len(batch))

    def _read(self, source):
        rows = self._rows(source)
        try:
            yield from rows.order_by("pk").iterator(chunk_size=self.at_once)
        except UNREADABLE as problem:
            raise NotMoved(f"{self._first_unreadable(rows)} cannot be read: {problem}") from problem

    def _rows(self, source):
        name, columns = source.ops.quote_name, []
        for field in self.fields:
            if _kind(field) == "JSONField":
                as_text = f"{name(self.name)}.{name(field.column)}"
                columns.append(RawSQL(as_text, [], output_field=models.TextField()))  # noqa: S611 — a column's name
            else:
                columns.append(field.attname)
        return self.model._base_manager.using(SOURCE).values_list(*columns)

    def _first_unreadable(self, rows):
        for pk in rows.order_by("pk").values_list("pk", flat=True):
            try:
                rows.get(pk=pk)
            except UNREADABLE:
                return self._row(pk)
        return self.name

    def _write(self, cursor, batch):
        row = None
        try:
            with cursor.copy(self.statement) as copy:
                for row in batch:
                    self._check(row)
                    copy.write_row(row)
        except PostgresError as problem:
            column = ""
            if found := re.search(r"^COPY \S+, line (\d+)(?:, column (\S+))?", problem.diag.context or "", re.M):
                row, column = batch[int(found[1]) - 1], f", {found[2].rstrip(':')}" if found[2] else ""
            why = problem.diag.message_detail or problem.diag.message_primary or problem
            raise NotMoved(f"{self._row(row[self.pk])}{column}: PostgreSQL takes none such: {why}") from problem

    def _check(self, row):
        """SQLite keeps any type in any column."""
        for value, type_, field in zip(row, self.types, self.fields, strict=True):
            if value is not None and type(value) is not type_:
                raise NotMoved(f"{self._row(row[self.pk])}, {field.column}: is {value!r:.60}, and no {type_.__name__}")

    def _row(self, pk):
        return f"{self.name}, the row {self.model._meta.pk.column}={pk}"


def _kind(field):
    """What the column holds: of a reference, what it refers to."""
    while field.remote_field:
        field = field.target_field
    return field.get_internal_type()
