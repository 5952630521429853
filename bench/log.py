"""The log: paging through it."""

import os
import sys
import time

from django.conf import settings
from django.db import connection
from django.test import Client as Browser

from accounts.models import Client
from bench.seasons import OFFICE, Firm, clear
from files.models import Cabinet, File, Folder

SMALL, LARGE = 1_000, 1_000_000
FAR = 10_000_000  # with BENCH_LARGE=1, on PostgreSQL
PAGES = {  # each with a page's rows in both logs, where there are as many of them at all
    "newest": "",
    "last page": "?before=end",
    "go to a date": "?day=2024-03-12",
    "two months": "?from=2024-02-01&to=2024-03-31",
    "by user": "?user={user}",
    "by client": "?client={client}",
    "by action": "?action=files.downloaded",
    "by rare action": "?action=files.purged",
    "by area": "?area=sign-in",
    "by address": "?ip={ip}",
    "by one file": "?object=file:{file}",
    "user, action": "?user={user}&action=files.downloaded",
    "user, rare action": "?user={user}&action=files.purged",
    "user, area": "?user={user}&area=sign-in",
    "user, client": "?user={person}&client={client}",
    "user, address": "?user={user}&ip={ip}",
    "client, action": "?client={client}&action=files.downloaded",
    "client, rare action": "?client={client}&action=files.purged",
    "client, area": "?client={client}&area=files",
    "client, address": "?client={client}&ip={ip}",
    "address, action": "?ip={ip}&action=files.downloaded",
    "address, rare action": "?ip={ip}&action=files.purged",
    "address, area": "?ip={ip}&area=sign-in",
    "client, two months": "?client={client}&from=2024-02-01&to=2024-03-31",
    "client, go to a date": "?client={client}&day=2024-06-01",
    "client, last page": "?client={client}&before=end",
    "quiet client": "?client={quiet}",
    "free text": "?q=person0",
}
OTHER_REPORTS = {  # which sum up what they find
    "Sign-ins": "/accounts/sign-ins/",
    "Access, a quiet client": "/files/access/?client={quiet}",
    "Access, the busiest client": "/files/access/?client={client}",
}
OF_300_CLIENTS = {  # as their firm user sees them
    "": "",
    ", last page": "?before=end",
    ", go to a date": "?day=2024-06-01",
    ", action": "?action=files.downloaded",
    ", rare action": "?action=files.purged",
    ", user": "?user={person}",
    ", two months": "?from=2024-02-01&to=2024-03-31",
    ", free text": "?q=statement",
}


def figures():
    """(what, measured, baseline, unit, ratio) for each. Where the short log has fewer rows for a page, its newest page is
    what it stands beside, and the line says so."""
    firm = Firm()
    _add_files(firm)
    small = _pages(firm, SMALL)
    far = [FAR] if os.environ.get("BENCH_LARGE") and connection.vendor == "postgresql" else []
    for count in (LARGE, *far):
        for name, (measured, rows) in _pages(firm, count).items():
            baseline, rows_there = small[name]
            if rows_there < rows:  # fifty lines take longer to write than three, however they were found
                baseline, name = max(baseline, small["newest"][0]), f"{name} (newest)"
            yield f"Log, {name}: {count:,} / {SMALL:,}", measured, baseline, "ms", measured / baseline
    yield from _choosing(firm)
    clear()


def _add_files(firm):
    """The names that words are looked for in."""
    cabinets = Cabinet.objects.bulk_create(
        Cabinet(kind=Cabinet.Kind.CLIENT, client=client) for client in firm.clients[:20]
    )
    tops = Folder.objects.bulk_create(Folder(cabinet=cabinet, name=str(cabinet.client)) for cabinet in cabinets)
    File.objects.bulk_create(
        File(pk=f"{top.cabinet.client_id:08x}-0000-4000-8000-{n:012x}", folder=top, name=f"Statement {n}.pdf")
        for top in tops
        for n in range(10)
    )


def _pages(firm, count):
    """(milliseconds, rows) of each page of a log of so many events."""
    start = time.perf_counter()
    firm.fill(count)
    print(f"  {count:,} events put in: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    chosen = {
        "user": firm.staff[1].pk,
        "client": firm.busy.pk,
        "person": firm.people[firm.busy][0].pk,
        "quiet": firm.quiet.pk,
        "ip": OFFICE,
        "file": f"{firm.busy.pk:08x}-0000-4000-8000-{7:012x}",
    }
    browser = _signed_in(firm.administrator)
    measured = {name: _page(browser, "/activity/" + query.format(**chosen)) for name, query in PAGES.items()}
    for name, url in OTHER_REPORTS.items():
        measured[name] = _page(browser, url.format(**chosen))
    looking_after = next(client for client in (firm.busy, *firm.clients[::2]) if client in firm.clients[::2])
    chosen["person"] = firm.people[looking_after][0].pk
    browser = _signed_in(firm.staff[0])
    for name, query in OF_300_CLIENTS.items():
        measured[f"300 clients{name}"] = _page(browser, "/files/activity/" + query.format(**chosen))
    return measured


def _choosing(firm):
    """The log's page, and what it offers while one types, among many clients and among the firm's."""
    browser = _signed_in(firm.administrator)
    pages = {"Log": "/activity/", "Names offered": "/activity/choices/clients/?q=ient+1"}
    few = {name: _page_ms(browser, url) for name, url in pages.items()}
    before = Client.objects.count()
    Client.objects.bulk_create(Client(name=f"Further client {number:05}") for number in range(20_000 - before))
    for name, url in pages.items():
        many = _page_ms(browser, url)
        yield f"{name}, 20,000 clients / {before}", many, few[name], "ms", many / few[name]


def _signed_in(user):
    browser = Browser(HTTP_HOST="localhost")
    browser.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
    return browser


def _page(browser, url):
    return _page_ms(browser, url), browser.get(url).text.count('<td role="cell" class="log__time"')


def _page_ms(browser, url):
    """The fastest of nine: others may be at work on the machine too."""
    times = []
    for _ in range(9):
        start = time.perf_counter()
        assert browser.get(url).status_code == 200
        times.append((time.perf_counter() - start) * 1000)
    return min(times)
