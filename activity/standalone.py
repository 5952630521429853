#!/usr/bin/env python3
"""Checks archives of a Firm Portal's Activity Log without the portal: python3 standalone.py --key KEY ARCHIVE...

Needs Python 3.9 or newer and the package `cryptography`. KEY is the portal's public key, 64 hex digits, from a checkpoint
that was kept outside the portal; archives follow one another, oldest first. Every event's hash is made again, every
checkpoint's signature is checked, and the first number that does not fit is named. The format is described in
docs/activity-log.md. Macs need the portal's own key: they are passed over here.
"""

import argparse
import gzip
import hashlib
import json
import sys
import zlib
from contextlib import suppress

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ARCHIVE, CHECKPOINT, EVENT = "firm-portal-archive-v1", "firm-portal-checkpoint-v1", b"event-v1"
RESTORED = "system.restored"


class Broken(Exception):
    """The first thing that is not as it was written, in words."""


class Gap:
    """What the event of a restore says: the log goes on after event ``head``; those up to ``size`` are lost, which a checkpoint
    with this ``hash``, made ``at``, stands for. Raises KeyError, TypeError or ValueError where it says none."""

    def __init__(self, seq, details):
        said = details["after"]
        self.seq, self.head, self.size = seq, int(said["restored head"]), int(said["checkpoint"])
        self.hash, self.at = str(said["checkpoint hash"]), str(said["checkpoint made"])
        if not self.head < self.size or not self.head < self.seq:
            raise ValueError("nothing is lost")

    def covers(self, size, hash_, at):
        """Whether a checkpoint is of what was lost: the one that the event names, or one before it. One that was made since is
        compared with the log as ever."""
        return hash_ == self.hash if size == self.size else self.head < size < self.size and at <= self.at

    def __str__(self):
        return f"events {self.head + 1} to {self.size} are a known gap, by restore, event {self.seq}"


class Chain:
    """What was read so far: ``size`` is the number of the last event, ``hash`` its hash."""

    def __init__(self, key):
        self.key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        self.size, self.hash, self.first = None, None, None
        self.events = self.checkpoints = 0
        self.signed_to = None  # the number of the last event that a checkpoint in the archives stands for
        self.kept = []  # (size, hash, at) of checkpoints kept elsewhere
        self.gaps, self.missed = (
            [],
            [],
        )  # by restores; (size, hash, at, words) of checkpoints that only a gap can explain

    def expect(self, words):
        """The log must hold what a checkpoint, kept as text of three lines, says."""
        lines = [line.strip() for line in words.strip().splitlines()]
        if len(lines) < 2:
            raise Broken("the checkpoint kept elsewhere cannot be read")
        told = self._signed(lines[0], lines[1].split()[-1], "the checkpoint kept elsewhere")
        self.kept.append((told["size"], told["hash"], told["at"]))

    def read(self, path):
        """An archive's events are chained to those read before. Raises Broken."""
        try:
            with gzip.open(path) as lines:
                self._begin(self._json(lines.readline(), "the first line"))
                self._lines(lines)
        except (OSError, EOFError, zlib.error) as problem:
            at = 1 if self.size is None else self.size + 1
            raise Broken(f"event {at} cannot be read: the file is damaged or cut off ({problem})") from problem

    def _begin(self, header):
        first, previous = header.get("first"), header.get("previous")
        if header.get("format") != ARCHIVE or not isinstance(first, int) or not isinstance(previous, str):
            raise Broken("this is no archive of a Firm Portal")
        if self.size is None:
            try:
                self.first, self.size, self.hash = first, first - 1, bytes.fromhex(previous)
            except ValueError as problem:
                raise Broken("the first line cannot be read") from problem
            if first == 1 and self.hash != bytes(32):
                raise Broken("event 1 does not begin a log")
            self._meet_kept()
        elif (first - 1, previous) != (self.size, self.hash.hex()):
            raise Broken(f"event {self.size + 1} should follow; this archive begins with {first}")

    def _lines(self, lines):
        for line in lines:
            line = line.rstrip(b"\n")
            if line.startswith(b"{"):
                footer = self._json(line, "the last line")
                if (footer.get("last"), footer.get("hash")) != (self.size, self.hash.hex()):
                    raise Broken(f"event {self.size + 1} is missing: the archive ends with {footer.get('last')}")
                if self.signed_to != self.size:
                    raise Broken(f"event {self.size} is the last, and no checkpoint in the archive stands for it")
                if lines.read(1):
                    raise Broken("something was added after the last line")
                return
            if line.startswith(b"= "):
                self._checkpoint(line)
            else:
                self._event(line)
        raise Broken(f"event {self.size + 1} is missing: the archive was cut off")

    def _event(self, line):
        expected = self.size + 1
        hash_, _, rest = line.partition(b" ")
        _, _, text = rest.partition(b" ")  # the mac between them is for the portal
        columns = self._json(text, f"event {expected}")
        if columns.get("seq") != expected:
            raise Broken(f"event {expected} is missing; the next is {columns.get('seq')}")
        inner = hashlib.sha256(text).digest()
        found = hashlib.sha256(EVENT + expected.to_bytes(8, "big") + self.hash + inner).digest()
        if found.hex().encode() != hash_:
            raise Broken(f"event {expected} was changed, or one before it")
        self.size, self.hash = expected, found
        self.events += 1
        if columns.get("action") == RESTORED:
            with suppress(KeyError, TypeError, ValueError):
                self.gaps.append(Gap(expected, columns.get("details")))
        self._meet_kept()

    def _checkpoint(self, line):
        _, signature, text = (line.decode(errors="replace").split(" ", 2) + ["", ""])[:3]
        told = self._signed(text, signature, f"the checkpoint after event {self.size}")
        if (told["size"], told["hash"]) != (self.size, self.hash.hex()):
            raise Broken(f"event {self.size} is not there as a checkpoint saw it")
        self.checkpoints += 1
        self.signed_to = self.size

    def _meet_kept(self):
        for size, hash_, at in self.kept:
            if size == self.size and hash_ != self.hash.hex():
                words = f"event {size} is not there as the checkpoint kept elsewhere saw it"
                self.missed.append((size, hash_, at, words))

    def _signed(self, text, signature, what):
        try:
            self.key.verify(bytes.fromhex(signature), text.encode())
        except (InvalidSignature, ValueError) as problem:
            raise Broken(f"{what} is not signed with this key") from problem
        told = self._json(text, what)
        if told.get("format") != CHECKPOINT:
            raise Broken(f"{what} has an unknown format")
        return told

    @staticmethod
    def _json(text, what):
        try:
            found = json.loads(text)
        except ValueError as problem:
            raise Broken(f"{what} cannot be read") from problem
        if not isinstance(found, dict):
            raise Broken(f"{what} cannot be read")
        return found

    def finish(self):
        """Raises Broken where a checkpoint kept elsewhere is of an event that was not read, or was another, unless a restore
        explains it."""
        for size, hash_, at in self.kept:
            if size > self.size:
                words = f"event {self.size + 1} is missing: a checkpoint kept elsewhere saw {size}"
                self.missed.append((size, hash_, at, words))
        for size, hash_, at, words in self.missed:
            if not any(gap.covers(size, hash_, at) for gap in self.gaps):
                raise Broken(words)
        for size, _, _ in self.kept:
            if size < self.first - 1:
                raise Broken(f"a checkpoint kept elsewhere is of event {size}: give the archive that holds it too")


def check(paths, key, checkpoints=()):
    """The Chain of these archives, oldest first; ``checkpoints`` are texts kept elsewhere. Raises Broken."""
    chain = Chain(key)
    for words in checkpoints:
        chain.expect(words)
    for path in paths:
        chain.read(path)
    chain.finish()
    return chain


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archives", nargs="+", metavar="ARCHIVE")
    parser.add_argument("--key", required=True, help="the portal's public key, 64 hex digits")
    parser.add_argument("--checkpoint", action="append", default=[], metavar="FILE", help="a checkpoint kept elsewhere")
    options = parser.parse_args()
    try:
        kept = []
        for path in options.checkpoint:
            with open(path, encoding="utf-8") as file:
                kept.append(file.read())
        chain = check(options.archives, options.key, kept)
    except (Broken, ValueError, OSError) as problem:
        sys.exit(f"BROKEN: {problem}")
    for gap in chain.gaps:
        print(f"{str(gap).capitalize()}.")
    print(f"Unbroken: events {chain.first} to {chain.size}, {chain.checkpoints} checkpoints, hash {chain.hash.hex()}")


if __name__ == "__main__":
    main()
