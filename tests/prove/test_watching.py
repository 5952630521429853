"""Watching a portal of two web processes, a worker and a clock: figures that add up, and lines that are all JSON."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.servers import ROOT, portal

ASKED = 60
LOGIN = ("portal_requests_total", "GET", "2xx", "account_login")


@pytest.fixture(scope="module")
def server():
    settings = {"METRICS_ALLOWED": "127.0.0.1 ::1", "LOG_FORMAT": "json", "LOG_REQUESTS": "yes"}
    with portal(demo=False, is_durable=False, **settings) as server:
        yield server


def measured(server):
    """{(name, *labels by name): value}, by whichever process is asked."""
    with urlopen(f"{server.url}/metrics", timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {
            (one.name, *dict(sorted(one.labels.items())).values()): one.value
            for family in families
            for one in family.samples
        }


def ask(server, times):
    for _ in range(times):
        urlopen(f"{server.url}/account/login/", timeout=10).read()  # a connection each: now one process, now the other


def lines_of(server):
    return [json.loads(line) for line in Path(server.var, "server.log").read_text().splitlines()]


def workers_of(server):
    """The pids of the web processes."""
    return [
        int(pid) for pid in Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    ]


def folder_of(server):
    """Where its processes count."""
    opened = [path.readlink() for path in Path(f"/proc/{server.process.pid}/fd").iterdir()]
    return next(path.parent for path in opened if "portal-metrics-" in str(path))


@contextmanager
def running(server, *arguments):
    """``manage.py`` runs; its output goes where the server's does."""
    with open(server.var / "server.log", "ab") as log:
        command = [sys.executable, "manage.py", *arguments]
        process = subprocess.Popen(command, cwd=ROOT, env=server.env, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def wait_for(found, *, seconds=60):
    until = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.2)
    return result


def test_two_processes_count_together_whichever_is_asked_and_after_one_was_killed(server):
    ask(server, ASKED)
    assert {measured(server)[LOGIN] for _ in range(10)} == {ASKED}
    assert len(list(folder_of(server).glob("counter_*.db"))) == 2

    first, second = workers_of(server)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: len(workers_of(server)) == 2 and first not in workers_of(server))
    ask(server, ASKED)
    assert {measured(server)[LOGIN] for _ in range(10)} == {2 * ASKED}
    assert second in workers_of(server)


def test_through_a_proxy_that_nobody_told_of_there_are_none(server):
    asked = Request(f"{server.url}/metrics", headers={"X-Forwarded-For": "127.0.0.1"})  # noqa: S310 — our own address
    with pytest.raises(HTTPError, match="404"):
        urlopen(asked, timeout=10)


def test_worker_and_clock_are_heard_of(server):
    key = "portal_heartbeat_timestamp_seconds"
    assert [measured(server)[key, process] for process in ("worker", "clock")] == [0, 0]
    with running(server, "work"), running(server, "clock"):
        wait_for(lambda: all(measured(server)[key, process] > time.time() - 60 for process in ("worker", "clock")))
        wait_for(lambda: measured(server)["portal_last_housekeeping_timestamp_seconds",])
        wait_for(lambda: measured(server)["portal_log_is_whole",] == 1)


def test_every_line_of_every_process_is_json(server):
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{server.url}/nowhere/?token=secret", timeout=10)
    lines = lines_of(server)
    loggers = Counter(line["logger"] for line in lines)

    assert loggers.keys() >= {"gunicorn.error", "portal.requests", "django.request", "portal.clock", "django_tasks_db"}
    assert loggers["portal.requests"] >= 2 * ASKED
    assert any("was sent SIGKILL" in line["message"] for line in lines)
    assert all({"at", "level", "request_id", "logger", "message"} <= line.keys() for line in lines)
    asked = [line for line in lines if line["request_id"] != "-" and "/nowhere/" in line["message"]]
    assert sorted(line["logger"] for line in asked) == ["django.request", "portal.requests"]
    assert len({line["request_id"] for line in asked}) == 1
    assert "secret" not in Path(server.var, "server.log").read_text()


def test_what_was_counted_goes_with_the_server_also_with_one_that_was_killed(server):
    killed = folder_of(server)
    assert killed.stat().st_mode & 0o777 == 0o700
    server.kill()
    assert killed.exists()

    server.start()
    stopped = folder_of(server)
    assert not killed.exists()
    assert measured(server)["portal_database_up",] == 1
    server.stop()
    assert not stopped.exists()
