"""A Debian of its own, with systemd, for commands that a newcomer types as root: a copy of this machine, of which nothing is
left. Needs root."""

import os
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from tests.prove.machine import as_root, need, root_command

BOOT_SECONDS = 120
NEVER_ONLINE = (
    "systemd-networkd-wait-online.service",
    "NetworkManager-wait-online.service",
)  # they would wait for minutes


class Machine:
    """``folder`` is its root's home, where the commands begin."""

    def __init__(self, root, leader):
        self._enter = ["nsenter", f"--target={leader}", "--mount", "--uts", "--ipc", "--pid"]
        self.folder = root / "root"

    def run(self, command, *, is_online=False, check=True):
        """The command of a shell. Its network is its own, with nobody else in it, unless it ``is_online``: then it is that of
        the machine below, where packages come from."""
        where = [] if is_online else ["--net"]
        shell = ["sh", "-ec", f"cd /root\numask 022\n{command}"]
        result = subprocess.run(
            root_command([*self._enter, *where, *shell]), capture_output=True, text=True, timeout=500, env=self._env()
        )
        assert not check or result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
        return result

    @staticmethod
    def _env():
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "CURL_"))}
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return {**kept, "HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", "PATH": path}


@contextmanager
def booted(name):
    """A Machine that is up, and is called ``name`` by itself."""
    need("systemd-nspawn", package="systemd-container")
    folder = Path(tempfile.mkdtemp(prefix="portal-debian-", dir="/tmp"))
    upper, work, root = (folder / part for part in ("upper", "work", "root"))
    for part in (upper, work, root):
        part.mkdir()
    upper.chmod(0o755)  # as the root is, whatever the umask: else no service of another account starts
    try:
        layers = f"lowerdir=/,upperdir={upper},workdir={work}"
        as_root(["mount", "-t", "overlay", "overlay", "-o", layers, str(root)])
        try:
            as_root(["sh", "-c", f"echo 127.0.0.1 localhost {name} > {root}/etc/hosts"])
            for unit in NEVER_ONLINE:
                as_root(["ln", "-sf", "/dev/null", f"{root}/etc/systemd/system/{unit}"])
            with _running(root) as leader:
                yield Machine(root, leader)
        finally:
            as_root(["umount", "--lazy", str(root)])
    finally:
        as_root(["rm", "-rf", str(folder)])


@contextmanager
def _running(root):
    """It is booted; the id of its first process."""
    alone = [] if Path("/run/systemd/system").is_dir() else ["--keep-unit"]  # where no systemd runs, none can be asked
    options = ["--quiet", "--register=no", *alone, "--private-network", "--resolv-conf=off", "--machine=newcomer"]
    command = root_command(["systemd-nspawn", *options, f"--directory={root}", "--boot"])
    with open(root.parent / "console", "wb") as console:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
    try:
        leader = _leader_of(process)
        until = time.monotonic() + BOOT_SECONDS
        while not _is_up(leader):
            assert time.monotonic() < until, _asked(leader, "list-jobs") + (root.parent / "console").read_text(
                errors="replace"
            )
            time.sleep(0.3)
        yield leader
    finally:
        if process.poll() is None:
            as_root(["kill", f"-{signal.SIGTERM.value}", str(process.pid)])  # shuts it down
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            as_root(["kill", "-9", str(_leader_of(process)), str(process.pid)])
            process.wait(20)


def _is_up(leader):
    """Degraded: something of the machine below does not start in here."""
    return _asked(leader, "is-system-running").strip() in ("running", "degraded")


def _asked(leader, question):
    command = ["nsenter", f"--target={leader}", "--mount", "--pid", "timeout", "5", "systemctl", question]
    return subprocess.run(root_command(command), capture_output=True, text=True).stdout


def _leader_of(process):
    """The first process in there is the only one whose parent is systemd-nspawn."""
    until = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "systemd-nspawn ended"
        found = _children_of(process.pid)
        if found and Path(f"/proc/{process.pid}/comm").read_text().strip() == "sudo":
            found = _children_of(found[0])
        for child in found:
            if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                return child
        time.sleep(0.1)
    raise RuntimeError("systemd-nspawn started nothing")


def _children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
