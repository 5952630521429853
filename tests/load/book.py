"""What was asked of the portal, how long each answer took, and what went wrong. Many threads write into one Book."""

import threading
import time
from collections import Counter, defaultdict
from http.client import HTTPException

WORDS = 400  # of an answer that was not expected


class Unexpected(Exception):
    """The portal answered what it should not have, or not at all. The Book has it."""


class Book:
    def __init__(self):
        self._lock = threading.Lock()
        self.seconds = defaultdict(list)  # kind → of each request, until the last byte of its answer
        self.faults = Counter()
        self.sent_bytes = self.fetched_bytes = 0
        self.kept = {}  # SHA-256 → the name of each upload that was acknowledged

    def ask(self, kind, act, *, status=200):
        """What ``act()`` answers, with this status. Raises Unexpected."""
        began = time.perf_counter()
        try:
            answer = act()
        except (OSError, HTTPException) as problem:
            raise self.fault(kind, repr(problem)) from problem
        seconds = time.perf_counter() - began
        with self._lock:
            self.seconds[kind].append(seconds)
        if answer.status != status:
            raise self.fault(kind, f"{answer.status} {answer.location} {answer.text[:WORDS]}")
        return answer

    def fault(self, kind, words):
        """It is counted; an Unexpected to raise."""
        with self._lock:
            self.faults[kind, words] += 1
        return Unexpected(kind, words)

    def was_kept(self, name, sha256, size_bytes):
        with self._lock:
            self.kept[sha256] = name
            self.sent_bytes += size_bytes

    def was_fetched(self, size_bytes):
        with self._lock:
            self.fetched_bytes += size_bytes

    @property
    def count(self):
        return sum(map(len, self.seconds.values()))


def percentile(values, share):
    """The value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
