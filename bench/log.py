"""The log: writing it, paging through it."""

import time

from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Client, Role, User
from activity.actions import Action
from activity.recording import Entry, Subject, record_all

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
