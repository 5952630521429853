"""Writing to the log: beside plain inserts, in a request, and walking it."""

import os
import statistics
import time
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.test import Client as Browser
from django.test import override_settings
from django.urls import path

from accounts.models import User
from activity.actions import Action
from activity.recording import record_now
from activity.verification import verify
from bench import plain
from portal import urls
from tests import writers
from tests.load import machine

ROWS = {1: 1_000, 8: 250}  # processes → rows of each
ROUNDS = 3
REQUESTS = 200


def figures():
    """(what, measured, baseline, unit, ratio) for each."""
    plain.create_table()
    flush_ms = machine.flush_ms(Path(settings.VAR_DIR))
    yield "A flush of this disk (fsync of 4 KB), median", flush_ms, flush_ms, "ms", 1
    for processes in ROWS:
        recorded, inserted = _side_by_side(processes)
        name = "one writer" if processes == 1 else f"{processes} writers"
        ratio = recorded.per_second / inserted.per_second
        yield f"Events a second, {name} / plain inserts", recorded.per_second, inserted.per_second, "/s", ratio
        waits = [written.p95 * 1000 for written in (recorded, inserted)]
        yield f"Waiting for one of them, {name}, 95th percentile", *waits, "ms", waits[0] / waits[1]
    with_one, without = _request_ms()
    yield "A request that records / the same that does not", with_one, without, "ms", with_one / without
    yield from _verification()


def _side_by_side(processes):
    """What many wrote to the log, and to the plain table: of ROUNDS in turn, those of median speed."""
    acts = {"tests.writers:record_one": [], "bench.plain:insert_one": []}
    for _ in range(ROUNDS):
        for act, rounds in acts.items():
            rounds.append(writers.write(act, processes=processes, each=ROWS[processes], env=os.environ))
            plain.PlainEvent.objects.all()._raw_delete("default")
    return [sorted(rounds, key=lambda written: written.per_second)[ROUNDS // 2] for rounds in acts.values()]


def _records(request):
    record_now(Action.LOG_VIEWED)
    return HttpResponse()


def _does_not(request):
    return HttpResponse()


urlpatterns = [*urls.urlpatterns, path("records/", _records), path("does-not/", _does_not)]


def _request_ms():
    browser = Browser(HTTP_HOST="localhost")
    browser.force_login(User.objects.get(email="bench@example.com"))
    times = {"/records/": [], "/does-not/": []}
    with override_settings(ROOT_URLCONF=__name__):
        for _ in range(REQUESTS):
            for address, taken in times.items():
                start = time.perf_counter()
                assert browser.get(address).status_code == 200
                taken.append((time.perf_counter() - start) * 1000)
    return [statistics.median(taken) for taken in times.values()]


def _verification():
    start = time.process_time(), time.perf_counter()
    finding = verify()
    assert finding.is_whole
    cpu, seconds = time.process_time() - start[0], time.perf_counter() - start[1]
    yield (
        "Events verified a second / of processor time",
        finding.checked / seconds,
        finding.checked / cpu,
        "/s",
        cpu / seconds,
    )
