"""What gunicorn's workers take of the machine."""

import os
import re
from pathlib import Path

MEGABYTE = 1000**2


class Workers:
    """All of one portal's."""

    def __init__(self, server):
        pid = server.process.pid
        self._each = [Path(f"/proc/{one}") for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def begin(self):
        """What the largest holds now, in MB; the peak counts from here: to check a password takes 100 MB for a moment."""
        for one in self._each:
            (one / "clear_refs").write_text("5")
        return self.peak_mb()

    def peak_mb(self):
        """Of the largest."""
        found = [int(re.search(r"VmHWM:\s+(\d+) kB", (one / "status").read_text())[1]) for one in self._each]
        return max(found) * 1024 / MEGABYTE

    def processor_seconds(self):
        """Of all of them, since they began."""
        stats = [(one / "stat").read_text().rpartition(")")[2].split() for one in self._each]
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")
