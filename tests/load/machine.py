"""What processes take of the machine: memory over time and processor time, from /proc. And how quick its disk is."""

import os
import re
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

MEGABYTE = 1000**2
EVERY_SECONDS = 1
TICKS = os.sysconf("SC_CLK_TCK")


class Watch:
    """Notes what the processes hold, second by second, in a thread of its own. ``find()`` gives {name: [process ids]};
    those of ``of_the_database`` share memory, which is counted once."""

    def __init__(self, find, *, of_the_database=list):
        self._find, self._database = find, of_the_database
        self.mb = defaultdict(list)  # name → of each second
        self.pids = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.pids = self._find()
        self._cpu = self._processor_seconds(), time.process_time(), machine_seconds(), time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        self._thread.join()
        portal, driver, (busy, total), began = self._cpu
        now_busy, now_total = machine_seconds()
        self.seconds = time.monotonic() - began
        self.cores = {name: (after - portal[name]) / self.seconds for name, after in self._processor_seconds().items()}
        self.cores["what sent the requests"] = (time.process_time() - driver) / self.seconds
        self.busy_share = (now_busy - busy) / (now_total - total)

    def is_replaced(self):
        """Whether a process has gone, or another has come."""
        return self._find() != self.pids

    def growth(self, name):
        """How much more it held in the last third than in the middle one, as a share: medians, since to check a password
        takes 100 MB for a moment."""
        values = self.mb[name]
        third = len(values) // 3
        return statistics.median(values[-third:]) / statistics.median(values[third:-third]) - 1

    def _run(self):
        while not self._is_over.wait(EVERY_SECONDS):
            for name, pids in self.pids.items():
                self.mb[name].append(sum(_status_mb(pid, "VmRSS") for pid in pids))
            if pids := self._database():
                self.mb["PostgreSQL"].append(sum(_proportional_mb(pid) for pid in pids))

    def _processor_seconds(self):
        return {name: sum(_processor_seconds(pid) for pid in pids) for name, pids in self.pids.items()}


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def postgresql_behind(url):
    """A function that gives the processes of the server of tests.servers at this DATABASE_URL; none of another's."""
    folder = parse_qs(urlsplit(url).query).get("host", [""])[0]
    pid_file = Path(folder) / "postmaster.pid"

    def find():
        if not folder or not pid_file.exists():
            return []
        server = int(pid_file.read_text().splitlines()[0])
        return [server, *children_of(server)]

    return find


def machine_seconds():
    """(busy, all) seconds of all its processors since it began."""
    numbers = [int(number) for number in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(numbers) - numbers[3] - numbers[4]) / TICKS, sum(numbers) / TICKS


def in_words():
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1000**3
    return f"{os.cpu_count()} cores ({model[1] if model else 'unknown'}), {memory_gb:.0f} GB"


def flush_ms(folder):
    """What an fsync of 4 KB takes there, at the median."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(200):
            file.write(os.urandom(4096))
            file.flush()
            start = time.perf_counter()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _status_mb(pid, name):
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(rf"{name}:\s+(\d+) kB", text)
    return int(found[1]) * 1024 / MEGABYTE if found else 0


def _proportional_mb(pid):
    """Its own memory, and its share of what it has with others."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it has ended
        return 0
    return int(re.search(r"Pss:\s+(\d+) kB", text)[1]) * 1024 / MEGABYTE


def _processor_seconds(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(stat[11]) + int(stat[12])) / TICKS
