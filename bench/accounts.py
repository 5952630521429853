"""Accounts: the list of clients and the roster with many clients, beside the same pages with few."""

import time

from django.db import transaction
from django.test import Client as Browser

from accounts.import_batches import ImportBatch
from accounts.importing import Plan
from accounts.models import Client, Role, User
from accounts.spreadsheets import dataset_of
from bench import log

SMALL, LARGE = 20, 20_000
IMPORTED = 5_000
PAGES = {  # all of the same 20 rows, or fewer, however many clients there are
    "Clients, the last page": "/accounts/clients/?after={client}",
    "Clients, words": "/accounts/clients/?q=z-small",
    "Clients, one name": "/accounts/clients/?q=small+00007",
    "Roster, the last page": "/accounts/roster/?after={person}",
    "Roster, words": "/accounts/roster/?q=z-small",
    "Roster, one client": "/accounts/roster/?client=small+00007",
    "Roster, invited, the last page": "/accounts/roster/?state=invited&after={person}",
}
FIRST_PAGES = {
    "Clients, 50 rows of {:,} clients / all of {}": "/accounts/clients/",
    "Roster, 50 rows of {:,} clients / all of {}": "/accounts/roster/",
}


def figures():
    """(what, measured, baseline, unit, ratio) for each."""
    administrator = User.objects.make("accounts@bench.example", role=Role.ADMINISTRATOR)
    administrator.join("a few good words", name="Bench")
    browser = Browser(HTTP_HOST="localhost")
    browser.force_login(administrator)
    other_clients = Client.objects.count()
    _import("z-small", SMALL, administrator)
    small = _measured(browser)
    start = time.perf_counter()
    _import("first", IMPORTED, administrator)
    took = time.perf_counter() - start
    _import("then", LARGE - SMALL - IMPORTED, administrator)
    assert Client.objects.count() - other_clients == LARGE
    for name, large in _measured(browser).items():
        label = name.format(LARGE, SMALL) if "{" in name else f"{name}: {LARGE:,} clients / {SMALL}"
        yield label, large, small[name], "ms", large / small[name]
    plain = _plain_seconds(IMPORTED)
    yield f"Import of {IMPORTED:,} clients and people / plain rows", took, plain, "s", took / plain


def _measured(browser):
    client = Client.objects.filter(name__lt="z-small").order_by("-name").first()
    person = User.objects.filter(email__lt="z-small").order_by("-email").first()
    keys = {"client": f"{client.pk}~{client.name}" if client else "", "person": f"{person.pk}~{person.email}"}
    return {name: log._page_ms(browser, url.format(**keys)) for name, url in {**PAGES, **FIRST_PAGES}.items()}


def _import(prefix, count, administrator):
    rows = [[n + 2, f"{prefix} {n:05}", f"{prefix}{n:05}@bench.example", f"Person {n}", ""] for n in range(count)]
    batch = ImportBatch.receive("bench.csv", Plan(dataset_of(rows)), by=administrator)
    batch.confirm(sends_invitations=True)
    batch.write(seconds=600, by=administrator)


def _plain_seconds(count):
    """The clients and accounts alone, each with its own INSERT, 200 to a transaction."""
    start = time.perf_counter()
    for first in range(0, count, 200):
        with transaction.atomic():
            for number in range(first, first + 200):
                Client.objects.create(name=f"Plain {number}")
                User.objects.create(email=f"plain{number}@plain.example", role=Role.CLIENT_USER)
    return time.perf_counter() - start
