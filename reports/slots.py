"""The places for exports that are made at the same time, on one machine, whichever process makes them."""

import fcntl
import os
import weakref

from django.conf import settings

SLOTS = 2  # as many as a small machine has cores: pages are answered beside them


class Slot:
    """One place. It is free again when it is released, or nobody has it any more: the kernel sees to it where a process ends."""

    def __init__(self, descriptor):
        self.release = weakref.finalize(self, os.close, descriptor)  # does it once, however often it is called


def taken():
    """How many exports are being made on this machine. An export that begins in the very moment may find its place taken, and
    waits as for any other."""
    count = 0
    for path in (settings.VAR_DIR / "exports").glob("slot-*"):
        with open(path) as place:
            try:
                fcntl.flock(place, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                count += 1
    return count


def take_slot():
    """A free Slot, or None."""
    folder = settings.VAR_DIR / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(SLOTS):
        descriptor = os.open(folder / f"slot-{number}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        else:
            return Slot(descriptor)
    return None
