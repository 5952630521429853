"""Lists of names and hashes as ``sha256sum`` writes and checks them, sorted by name, read and written a line at a time.

Names here are those within the backup's folder, such as objects/ab/<key>.age; in a list they are seen from a set's folder.
"""

import hashlib
import heapq
import itertools
import re
from operator import itemgetter

from operations.backup.problems import Damaged

UP = "../../"
LINE = re.compile(r"([0-9a-f]{64})  (\S+)\n")
READ_BYTES = 1024**2


def line(name, sha256, *, above=UP):
    return f"{sha256}  {above}{name}\n"


def read(path, *, name, above=UP):
    """(name, SHA-256) of each line. Raises Damaged, with the list's own ``name``, where it is not as written here."""
    last = ""
    try:
        with open(path, encoding="ascii") as lines:
            for text in lines:
                found = LINE.fullmatch(text)
                if not found or not found[2].startswith(above) or found[2] <= last or ".." in found[2][len(above) :]:
                    raise Damaged([f"{name} cannot be read"])
                last = found[2]
                yield last[len(above) :], found[1]
    except FileNotFoundError as problem:
        raise Damaged([f"{name} is missing"]) from problem
    except UnicodeDecodeError as problem:
        raise Damaged([f"{name} cannot be read"]) from problem


def together(*lists):
    """(name, SHA-256) of all of them, each name once, as the last list that has it says."""
    for _, same in itertools.groupby(heapq.merge(*lists, key=itemgetter(0)), key=itemgetter(0)):
        *_, last = same
        yield last


class Lookup:
    """Answers for names that are asked in their order, while it reads a sorted list once."""

    def __init__(self, pairs):
        self._pairs, self._next = iter(pairs), ("", "")

    def get(self, name):
        """The name's SHA-256, or None."""
        while self._next is not None and self._next[0] < name:
            self._next = next(self._pairs, None)
        return self._next[1] if self._next is not None and self._next[0] == name else None


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
    return digest.hexdigest()
