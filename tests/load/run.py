"""One run: a portal as it is installed, so many clients and an administrator, so long; and what came of it."""

import json
import random
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests import servers
from tests.load import machine
from tests.load.book import Book
from tests.load.people import Administrator, ClientUser
from tests.prove.inspect_portal import check, state_of, verify

COMING_SHARE = 0.1  # of the time: within it everybody comes
MOST_GROWTH = 0.1
LAST_ACT_SECONDS = 300  # to end what was begun


@dataclass
class Run:
    """``faults`` is what must not be: empty where the portal held. ``events`` is how many the log has at the end."""

    engine: str
    clients: int
    book: Book
    watch: machine.Watch
    flush_ms: float
    events: int
    faults: list

    @property
    def seconds(self):
        return self.watch.seconds


def run(*, engine, clients, seconds, most_growth=MOST_GROWTH):
    """The Run on ``engine``, SQLite or PostgreSQL, and a folder. It lasts so many seconds, and what was begun ends."""
    with _portal(engine) as portal, _others(portal) as others:
        people = _populate(portal, clients)
        book, over = Book(), threading.Event()
        everybody = [
            ClientUser(portal, one["email"], one["ip"], book, over, files=one["files"], seed=number)
            for number, one in enumerate(people)
        ]
        everybody.append(Administrator(portal, book, over, clients=people, seed=clients))
        flush_ms = machine.flush_ms(portal.var)
        database = machine.postgresql_behind(portal.env["DATABASE_URL"])
        with machine.Watch(lambda: _processes(portal, others), of_the_database=database) as watch:
            _live(everybody, over, seconds)
            is_replaced = watch.is_replaced()
        faults = [f"{count} × {kind}: {words}" for (kind, words), count in book.faults.items()]
        if is_replaced:
            faults.append("A process of the portal ended, or was replaced")
        faults += [
            f"{name} grew by {watch.growth(name):.0%} from the middle third to the last"
            for name in watch.pids  # the portal's: a database fills its caches
            if watch.growth(name) > most_growth
        ]
        events = _inspect(portal, book, faults)
        return Run(engine, clients, book, watch, flush_ms, events, faults)


def _live(everybody, over, seconds):
    chance = random.Random(len(everybody))
    threads = [
        threading.Thread(
            target=person.live, kwargs={"first_seconds": chance.uniform(0, COMING_SHARE * seconds)}, daemon=True
        )
        for person in everybody
    ]
    for thread in threads:
        thread.start()
    over.wait(seconds)
    over.set()
    until = time.monotonic() + LAST_ACT_SECONDS
    for thread in threads:
        thread.join(max(0, until - time.monotonic()))
        if thread.is_alive():
            raise RuntimeError("the portal did not answer what was asked last")


def _inspect(portal, book, faults):
    """What was acknowledged is there, all agrees, and the log is whole; else ``faults`` says so. The number of events."""
    state = state_of(portal)
    there = {version.sha256 for version in state.versions if version.is_whole}
    faults += [f"{name} was acknowledged and is not there" for digest, name in book.kept.items() if digest not in there]
    for inspect in (verify, check):
        try:
            inspect(portal)
        except AssertionError as problem:
            faults.append(str(problem))
    return len(state.events)


@contextmanager
def _portal(engine):
    with ExitStack() as stack:
        options = {"DATABASE_URL": stack.enter_context(servers.postgresql())} if engine == "PostgreSQL" else {}
        yield stack.enter_context(servers.portal(TRUSTED_PROXY_COUNT="1", **options))


@contextmanager
def _others(portal):
    """The processes beside the server, as the Procfile has them: {name: process}."""
    log = portal.var / "others.log"
    with log.open("ab") as out:
        started = {
            name: subprocess.Popen(
                [sys.executable, "manage.py", command], cwd=servers.ROOT, env=portal.env, stdout=out, stderr=out
            )
            for name, command in {"worker": "work", "clock": "clock"}.items()
        }
        try:
            yield started
        finally:
            for process in started.values():
                process.terminate()
            for process in started.values():
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _processes(portal, others):
    web = {f"web {number}": [pid] for number, pid in enumerate(machine.children_of(portal.process.pid), 1)}
    return web | {name: [process.pid] for name, process in others.items() if process.poll() is None}


def _populate(portal, clients):
    env = portal.env | {"DJANGO_SETTINGS_MODULE": "portal.settings"}
    command = [sys.executable, "-m", "tests.load.population", str(clients)]
    made = subprocess.run(command, cwd=servers.ROOT, env=env, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(made.stdout)
