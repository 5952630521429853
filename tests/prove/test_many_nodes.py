"""Two web nodes, two workers and two clocks behind one nginx, on one PostgreSQL and one SeaweedFS, each as it is shipped: what
somebody begins at one node goes on at the other, limits hold, and nothing that was acknowledged is lost with a node or a worker."""

import fcntl
import hashlib
import json
import os
import random
import re
import secrets
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace

import pytest

from portal.demonstration.people import ADMINISTRATOR, PASSWORD
from reports.slots import SLOTS
from tests import servers
from tests.nginx import nginx
from tests.prove.browser import TIMEOUT_SECONDS, SecureBrowser
from tests.prove.composed import SeaweedFS, command_of, health_check_of, make_secrets, settings_of
from tests.prove.inspect_portal import check, events_of_uploads, state_of, verify
from tests.prove.machine import need
from tests.prove.test_killed_while_sending_parts import put, send_in_parts

SENDERS = ["client@example.com", "other.client@example.com", "client@example.com"]
ROUNDS = 4  # each kills a node and a worker
SEED = 20_261_129
MOST_BYTES = 12 * 1024**2  # in two parts, at most


class AtNode(SecureBrowser):
    """As SecureBrowser, but always passed on to this node, as nginx would. ``like`` is the same browser at another."""

    def __init__(self, node, *, like=None, address="192.0.2.7"):
        super().__init__(SimpleNamespace(port=node.site_port))
        self._node, self._address = node, address
        if like:
            self._cookies = like._cookies

    def _begin(self, method, path, **headers):
        connection = HTTPConnection("127.0.0.1", self._node.port, timeout=TIMEOUT_SECONDS)
        connection.putrequest(method, path, skip_host=True)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        host = f"{self._host}:{self._port}"
        passed_on = {"Host": host, "X-Forwarded-Proto": "https", "X-Forwarded-For": self._address}
        for name, value in {**passed_on, "Cookie": cookies, "Referer": f"https://{host}/", **headers}.items():
            connection.putheader(name, str(value))
        return connection


class Machine(servers.Portal):
    """A portal with a worker and a clock, each by the command that compose.yaml has for it."""

    def __init__(self, var, site_port, **env):
        super().__init__(var, **env)
        self.site_port, self.running = site_port, {}

    def begin(self, service):
        with open(self.var / f"{service}.log", "ab") as log:
            self.running[service] = subprocess.Popen(
                command_of(service), cwd=servers.ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        if service == "web":
            servers.wait_for(f"{self.url}/healthz", self.running[service])

    def kill(self, service):
        """SIGKILL to all of its processes, at once."""
        process = self.running.pop(service)
        os.killpg(process.pid, 9)
        process.wait()

    def kill_all(self):
        for service in list(self.running):
            self.kill(service)


@pytest.fixture(scope="module")
def machines():
    """Two machines; the portal, as browsers reach it, is at ``site_port`` of both."""
    need("nginx", package="nginx-light")
    with ExitStack() as stack:
        folders = [servers.new_folder(f"portal-node-{name}-") for name in ("store", "a", "b")]
        for folder in folders:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        store, *machines = [Path(folder) for folder in folders]
        kept = make_secrets(store)
        (kept / "database-url").write_text(stack.enter_context(servers.postgresql()))
        (store / "data").mkdir()
        seaweedfs = stack.enter_context(SeaweedFS(store / "data", kept))
        site_port = servers.free_port()
        settings = {
            **settings_of("web"),
            "BASE_URL": f"https://localhost:{site_port}",
            "STORAGE_URL": f"s3://portal-{secrets.token_hex(4)}?endpoint=https://127.0.0.1:{site_port}",
        }
        settings = {name: value.replace("/run/secrets", str(kept)) for name, value in settings.items()}
        for left_out in ("EMAIL_URL_FILE", "CLAMAV_URL"):  # mails lie in a folder; the scanner has proofs of its own
            del settings[left_out]
        a, b = (Machine(var, site_port, DATABASE_URL="", **settings) for var in machines)
        proxy = stack.enter_context(nginx([a.port, b.port], store, site_port, bucket_port=seaweedfs.port))
        for machine in (a, b):
            for name in ("DATABASE_URL", *(name for name in machine.env if name in servers.S3_KEYS)):
                machine.env.pop(name, None)
            machine.env["PYTHONUNBUFFERED"] = "1"
            machine.env["AWS_CA_BUNDLE"] = f"{proxy}/portal.crt"
        stack.enter_context(trusting(proxy / "portal.crt"))
        a.prepare()
        shutil.copy(a.var / "portal.keys", b.var / "portal.keys")
        b.prepare()
        for machine in (a, b):
            stack.callback(machine.kill_all)
            for service in ("web", "worker", "clock"):
                machine.begin(service)
        yield a, b


@contextmanager
def trusting(certificate):
    """What this process asks over TLS may be signed by ``certificate``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(certificate))
        yield


def test_one_clock_works_and_the_other_idles(machines, say):
    until = time.monotonic() + 120
    while not (wrote := [machine.var.name for machine in machines if said(machine, "clock")]):
        assert time.monotonic() < until
        time.sleep(0.2)
    time.sleep(5)  # the other has looked by now
    assert [machine.var.name for machine in machines if said(machine, "clock")] == wrote
    assert all(machine.running["clock"].poll() is None for machine in machines)
    checkpoints = [event for event in state_of(machines[0]).events if event.action == "system.checkpoint-made"]
    say(f"One clock did the work, and made {len(checkpoints)} checkpoint; the other idled.")
    assert len(checkpoints) == 1


def test_health_checks_find_worker_and_clock_well(machines):
    for service in ("worker", "clock"):
        check = subprocess.run(
            health_check_of(service), cwd=servers.ROOT, env=machines[0].env, capture_output=True, text=True, timeout=60
        )
        assert check.returncode == 0, check.stderr


def said(machine, service):
    return (machine.var / f"{service}.log").read_text()


def test_what_begins_at_one_node_goes_on_at_the_other(machines, say):
    a, b = machines
    at_a = AtNode(a).sign_in("client@example.com")
    at_b = AtNode(b, like=at_a)
    folder = re.search(r"[0-9a-f-]{36}", at_b.own_folder()[1])[0]
    content = os.urandom(30_000_000)
    fields = {"folder": folder, "name": "Ledger.bin", "size": len(content), "changed_at": "1"}
    upload = json.loads(at_a.ask("POST", "/files/uploads/", **fields).text)
    assert upload["where"] == "store"
    size, address = upload["part_bytes"], upload["address"]
    for number, start in enumerate(range(0, len(content), size), start=1):
        at_one = (at_a, at_b)[number % 2]
        urls = json.loads(at_one.ask("POST", f"{address}parts/", number=number).text)["urls"]
        put(urls[str(number)], content[start : start + size])
    assert at_b.ask("POST", f"{address}complete/").status == 200

    (version,) = [one for one in state_of(a).versions if one.name == "Ledger.bin"]
    fetched = fetch_when_it_is_read(at_a, version.file_id)
    assert (fetched.size_bytes, fetched.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert at_b.post("/account/logout/").status == 302
    assert at_a.get("/files/").location.startswith("/account/login/")
    say(f"Signed in at one node, {number} parts through both, fetched from the other, signed out at both by one.")


def fetch_when_it_is_read(browser, file_id, seconds=120):
    """The Fetched file, once a worker has read it."""
    until = time.monotonic() + seconds
    while (fetched := browser.fetch(f"/files/{file_id}/download/")).status != 200:
        assert time.monotonic() < until, fetched
        time.sleep(0.5)
    return fetched


def test_guesses_at_both_nodes_count_together(machines):
    tried = [AtNode(machine, address="198.51.100.9") for machine in machines]
    for browser in tried:
        browser.get("/account/login/")
    for attempt in range(5):
        answer = tried[attempt % 2].post("/account/login/", login="auditor@example.com", password="a wrong guess")
        assert answer.status == 200
    for browser in tried:
        answer = browser.post("/account/login/", login="auditor@example.com", password=PASSWORD)
        assert answer.status != 302
        assert "Too many" in answer.text


def test_each_machine_makes_its_own_two_exports(machines):
    busy, free = machines
    (busy.var / "exports").mkdir(exist_ok=True)
    with ExitStack() as stack:
        for number in range(SLOTS):  # as exports that are being made have them
            slot = stack.enter_context(open(busy.var / "exports" / f"slot-{number}", "w"))
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
        at_busy = AtNode(busy).sign_in(ADMINISTRATOR.email)
        assert at_busy.get("/activity.csv").status == 503
        assert AtNode(free, like=at_busy).get("/activity.csv").status == 200
    assert at_busy.get("/activity.csv").status == 200


def test_nothing_acknowledged_is_lost_with_a_node_or_a_worker(machines, say):
    """People send through nginx, and are not told when a node is killed: it passes over it."""
    a, b = machines
    site = SimpleNamespace(port=a.site_port)
    browsers = [SecureBrowser(site).sign_in(email) for email in SENDERS]
    folders = [re.search(r"[0-9a-f-]{36}", browser.own_folder()[1])[0] for browser in browsers]
    before = len(events_of_uploads(state_of(a)))
    always, is_over, sent = threading.Event(), threading.Event(), []
    always.set()

    def send_all(browser, folder):
        chance = random.Random(folder)
        while not is_over.is_set():
            content = os.urandom(chance.randint(1, MOST_BYTES))
            name = f"Journal {chance.randrange(6)}.bin"
            cut_off = send_in_parts(browser, folder, name, content, always)
            sent.append((name, hashlib.sha256(content).hexdigest(), cut_off, browser))
            time.sleep(0.5)

    with ThreadPoolExecutor(len(browsers)) as threads:
        sending = [threads.submit(send_all, *one) for one in zip(browsers, folders, strict=True)]
        chance, began = random.Random(SEED), time.monotonic()
        for number in range(ROUNDS):
            machine = (a, b)[number % 2]
            for service in ("web", "worker"):
                time.sleep(chance.uniform(0.1, 0.8))
                machine.kill(service)
            for service in ("worker", "web"):
                machine.begin(service)
        seconds = time.monotonic() - began
        is_over.set()
        for one in sending:
            one.result()

    state = state_of(b)
    versions = {version.sha256: version for version in state.versions}
    cut_off = sum(one for _, _, one, _ in sent)
    say(
        f"{ROUNDS} nodes and {ROUNDS} workers killed in {seconds:.0f} s: {len(sent)} files acknowledged and there, "
        f"{cut_off} requests cut off"
    )
    assert len(sent) >= ROUNDS
    assert [name for name, digest, *_ in sent if digest not in versions] == []
    assert [versions[digest].name for _, digest, *_ in sent] == [name for name, *_ in sent]
    assert [version for version in state.versions if not version.is_whole] == []
    assert len(events_of_uploads(state)) == before + len(sent)  # none twice
    assert [cabinet for cabinet in state.cabinets if cabinet.counted != cabinet.rows] == []
    assert state.unknown == 0
    verify(a)
    check(b)

    # what a worker had in its hands is read by another: the clock finds it after a minute
    time.sleep(max(0, 61 - (time.monotonic() - began - seconds)))
    a.manage("housekeeping")
    readers = {versions[digest].file_id: browser for _, digest, _, browser in sent}
    for file_id, browser in readers.items():
        assert fetch_when_it_is_read(browser, file_id).sha256 in versions
