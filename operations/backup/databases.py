"""The database as it is at one moment, while everybody writes on, and how it is put back: by each engine's own means."""

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from files.parts import sync_folder
from operations.backup.problems import Refused
from operations.backup.sealing import seal, unseal

ROWS_AT_ONCE = 2_000


@contextmanager
def snapshot(folder):
    """The database as it is now, until the block ends: ``rows(sql)`` reads it, ``seal(path, recipient)`` writes all of it,
    encrypted, and returns what ``sealing.seal`` does. ``folder`` holds a copy in clear meanwhile, where one is needed."""
    with _of_postgresql() if connection.vendor == "postgresql" else _of_sqlite(folder) as found:
        yield found


class _SqliteCopy:
    def __init__(self, path, copy):
        self._path, self._copy = path, copy

    def rows(self, sql):
        return self._copy.execute(sql)

    def seal(self, path, recipient):
        with open(self._path, "rb", buffering=0) as file:
            return seal(file, path, recipient)


@contextmanager
def _of_sqlite(folder):
    """In one step: in steps, it would begin anew with each change that somebody makes meanwhile."""
    path = folder / "database.sqlite3"
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=20)) as source,
        closing(sqlite3.connect(path, isolation_level=None)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # all of it is in the one file
        if (found := copy.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise Refused(f"the database is damaged: {found}")
        yield _SqliteCopy(path, copy)


class _PostgresqlSnapshot:
    def __init__(self, name):
        self._name = name

    def rows(self, sql):
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield from rows

    def seal(self, path, recipient):
        with tempfile.TemporaryFile() as said:
            command, env = _command("pg_dump", "--format=custom", "--no-password", f"--snapshot={self._name}")
            with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=said) as dump:  # noqa: S603 — our own
                try:
                    sealed = seal(dump.stdout, path, recipient)
                except BaseException:
                    dump.kill()
                    raise
            if dump.returncode:
                path.unlink()
                raise Refused(f"pg_dump failed: {_first_line(said)}")
            return sealed


@contextmanager
def _of_postgresql():
    refuse_older_than(connection.pg_version // 10_000)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield _PostgresqlSnapshot(cursor.fetchone()[0])


def refuse_older_than(server):
    """Raises Refused where pg_dump is missing or cannot read a server of this major version."""
    if (tool := _version("pg_dump")) < server:
        raise Refused(
            f"pg_dump {tool} is older than the server, which is {server}: install the client programs of PostgreSQL "
            f"{server} (Debian: postgresql-client-{server}), and set PG_BIN to their folder if others come first on PATH"
        )


def is_empty():
    """Whether no table is in the database."""
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return True
    return not connection.introspection.table_names()


def put_back(path, identities, *, name):
    """The empty database holds what is encrypted at ``path``. Raises Refused, and Damaged with the part's ``name``."""
    if connection.vendor == "postgresql":
        _into_postgresql(path, identities, name)
    else:
        _into_sqlite(path, identities, name)


def _into_sqlite(path, identities, name):
    target = Path(connection.settings_dict["NAME"])
    connection.close()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f"{target.name}-", delete=False) as file:
        try:
            unseal(path, file, identities, name=name)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            Path(file.name).unlink()
            raise
    for left in ("-wal", "-shm"):  # of the empty one: they would be taken for this one's
        Path(f"{target}{left}").unlink(missing_ok=True)
    os.replace(file.name, target)
    sync_folder(target.parent)


def _into_postgresql(path, identities, name):
    connection.close()
    asked = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "--no-password")
    command, env = _command("pg_restore", *asked)
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stderr=said, bufsize=0) as restore:  # noqa: S603
            try:
                unseal(path, restore.stdin, identities, name=name)
            except BrokenPipeError:
                restore.wait()  # it has said why
            except BaseException:
                restore.kill()
                raise
        if restore.returncode:
            raise Refused(f"pg_restore failed: {_first_line(said)}")


def refuse_without_tools():
    """Raises Refused where what puts the database back is not there."""
    if connection.vendor == "postgresql":
        _version("pg_restore")


def _tool(name):
    path = shutil.which(name, path=settings.PG_BIN or None)
    if not path:
        where = settings.PG_BIN or "PATH"
        raise Refused(
            f"{name} is not in {where}: install PostgreSQL's client programs (Debian: postgresql-client), or set PG_BIN "
            "to the folder that holds them"
        )
    return path


def _version(name):
    """The major version of one of PostgreSQL's programs."""
    command = [_tool(name), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 — our own
    return int(re.search(r"\) (\d+)", said)[1])


def _command(name, *options):
    """What to run, and its environment: the password stands in that, which nobody else can read."""
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    place = {key: value for key, value in connection.get_connection_params().items() if key in known}
    password = place.pop("password", None)
    env = os.environ | ({"PGPASSWORD": password} if password else {})
    return [_tool(name), *options, f"--dbname={make_conninfo(**place)}"], env


def _first_line(said):
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return lines[0] if lines else "it said nothing"
