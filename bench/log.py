"""The log: writing it, paging through it, taking it away."""

import csv
import io
import os
import time

import openpyxl
from django.db import connection, transaction
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import Client, Role, User
from activity.actions import Action
from activity.recording import Entry, Subject, record_all
from reports import tables
from reports.writers import WRITERS, Facts

SMALL, LARGE = 1_000, 100_000
ACTIONS = [Action.SIGNED_IN, Action.FILE_UPLOADED, Action.FILE_DOWNLOADED, Action.FILE_BINNED, Action.SIGNED_OUT]
PAGES = {"newest": "", "by user": "?user={user}", "by client and action": "?client={client}&action=files.uploaded"}


def figures():
    """(what, measured, baseline, unit, ratio) for each."""
    administrator, people, clients = _people()
    addresses = [
        (name, "/activity/" + query.format(user=people[3].pk, client=clients[3].pk)) for name, query in PAGES.items()
    ]
    addresses.append(("of today", f"/activity/?from={timezone.localdate()}&to={timezone.localdate()}"))
    browser = Browser(HTTP_HOST="localhost")
    browser.force_login(administrator)
    _append(SMALL, people, clients)
    small = {name: _page_ms(browser, url) for name, url in addresses}
    _append(LARGE - SMALL, people, clients)
    for name, url in addresses:
        large = _page_ms(browser, url)
        yield f"Activity Log, {name}: {LARGE:,} events / {SMALL:,}", large, small[name], "ms", large / small[name]
    yield from _exports(administrator)


def _people():
    clients = [Client.objects.create(name=f"Client {number:03}") for number in range(50)]
    people = [User.objects.make(f"person{number:03}@example.com", role=Role.CLIENT_USER) for number in range(100)]
    administrator = User.objects.make("bench@example.com", role=Role.ADMINISTRATOR)
    User.objects.update(is_active=True)
    administrator.refresh_from_db()
    return administrator, people, clients


def _entries(count, people, clients):
    for number in range(count):
        client = clients[number % len(clients)]
        subject = Subject("file", f"{number:032x}", f"Bank statement {number}.pdf", client, number)
        yield Entry(ACTIONS[number % len(ACTIONS)], people[number % len(people)], subject)


def _append(count, people, clients):
    done = 0
    while done < count:
        with transaction.atomic():
            done += len(record_all(list(_entries(min(5_000, count - done), people, clients))))


def _page_ms(browser, url):
    times = []
    for _ in range(7):
        start = time.perf_counter()
        assert browser.get(url).status_code == 200
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)[3]


def _exports(administrator):
    request = RequestFactory().get("/activity/")
    request.user = administrator
    facts = Facts("Activity Log", (("Firm", "Bench"),))
    took = {}
    for extension in ("csv", "xlsx"):
        table = tables.ActivityLog(request)
        writer = WRITERS[extension]
        start = time.perf_counter()
        for _ in writer.stream(table.columns, facts, table.batches(), zone=timezone.get_current_timezone()):
            pass
        took[extension] = time.perf_counter() - start
    raw = _raw_csv_seconds()
    yield f"CSV of {LARGE:,} rows / raw cursor and csv", took["csv"], raw, "s", took["csv"] / raw
    plain = _openpyxl_seconds(table)
    yield f"Excel of {LARGE:,} rows / openpyxl write-only", took["xlsx"], plain, "s", took["xlsx"] / plain


def _raw_csv_seconds():
    start = time.perf_counter()
    with connection.cursor() as cursor, open(os.devnull, "w") as sink:
        cursor.execute(
            "SELECT seq, at, actor_email, action, subject, client_name, ip, size_bytes, details FROM activity_event ORDER BY seq DESC"
        )
        csv.writer(sink).writerows(cursor)
    return time.perf_counter() - start


def _openpyxl_seconds(table):
    start = time.perf_counter()
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for batch in table.batches():
        for row in batch:
            sheet.append([value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value for value in row])
    book.save(io.BytesIO())
    return time.perf_counter() - start
