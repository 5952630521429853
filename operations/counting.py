"""Where gunicorn's processes count for ``/metrics``: a folder of files that each of them maps into its memory.

In memory itself, where the machine has a folder for that: on a full disk, a process that counts would be killed (SIGBUS).
"""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "portal-metrics-"


def begin_counting(parent):
    """The path of a new folder below ``parent``, of this process's own, which the library that counts will find. What
    servers that were killed left there is gone. Before anything loads the library, which looks for it once."""
    _remove_left_behind(parent)
    folder = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
    lock = os.open(Path(folder, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)  # until this process and all that it starts have ended
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    return folder


def end_counting(folder):
    """Nothing is left of it."""
    shutil.rmtree(folder, ignore_errors=True)


def _remove_left_behind(parent):
    """Those of this user that no process holds any more."""
    for folder in Path(parent).glob(f"{PREFIX}*"):
        try:
            with open(folder / "lock") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                end_counting(folder)
        except OSError:  # somebody holds it, it is another user's, or not yet locked
            continue
