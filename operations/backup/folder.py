"""The folder that backups lie in: its sets, one work at a time in it, and whether what lies there is as it was written."""

import fcntl
import os
import re
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from files.parts import sync_folder
from operations.backup import sums
from operations.backup.problems import Damaged, Refused

NAME = "%Y%m%dT%H%M%SZ"
DATABASE, SECRETS, MANIFEST, OBJECTS, SUMS = "database.age", "secrets.age", "manifest.age", "objects.sums", "SHA256SUMS"
PARTS = (DATABASE, MANIFEST, OBJECTS, SECRETS)  # as SUMS lists them: sorted
MOST_NAMED = 20


class BackupFolder:
    def __init__(self, path):
        self.path = Path(path).absolute()
        self.sets_folder = self.path / "sets"

    def prepare(self):
        """It is there, for its owner alone. Raises Refused where other things lie in it."""
        if self.path.is_dir() and any(self.path.iterdir()) and not self.sets_folder.is_dir():
            raise Refused(f"{self.path} is not empty, and no backup lies in it; give a folder of its own")
        self.sets_folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextmanager
    def alone(self):
        """No other backup writes here until the block ends. Raises Refused while one does."""
        with open(os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600), "rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as problem:
                raise Refused(f"another backup is being made in {self.path}") from problem
            yield

    def sets(self):
        """Those that were finished, oldest first."""
        if not self.sets_folder.is_dir():
            return []
        names = sorted(path.name for path in self.sets_folder.iterdir() if re.fullmatch(r"\d{8}T\d{6}Z", path.name))
        return [BackupSet(self, name) for name in names]

    def set(self, name=""):
        """The set of this name, or the newest. Raises Refused."""
        found = [one for one in self.sets() if name in ("", one.name)]
        if not found:
            there = ", ".join(one.name for one in self.sets()) or "none"
            raise Refused(f"{self.path} holds no {f'set {name}' if name else 'backup'}; sets that are there: {there}")
        return found[-1]

    def clear_unfinished(self):
        """Nothing is left of sets that were broken off, or were being removed."""
        for path in self.sets_folder.glob(".*"):
            shutil.rmtree(path)

    @contextmanager
    def new_set(self):
        """A BackupSet to be filled: when the block ends it is there under its name, on the disk; if it fails, it never was."""
        now = datetime.now(UTC).strftime(NAME)
        if (self.sets_folder / now).exists():
            raise Refused("a backup was made this very second")
        part = BackupSet(self, f".{now}.part")
        part.path.mkdir(mode=0o700)
        try:
            yield part
            sync_folder(part.path)
            os.rename(part.path, self.sets_folder / now)
            part.name = now
            sync_folder(self.sets_folder)
        finally:
            shutil.rmtree(self.sets_folder / f".{now}.part", ignore_errors=True)


class BackupSet:
    def __init__(self, folder, name):
        self.folder, self.name = folder, name

    @property
    def path(self):
        return self.folder.sets_folder / self.name

    @property
    def made_at(self):
        return datetime.strptime(self.name, NAME).replace(tzinfo=UTC)

    def named(self, part):
        """The part's name within the folder, for people."""
        return f"sets/{self.name}/{part}"

    def sums(self):
        """{part: SHA-256}, as the set itself says. Raises Damaged."""
        found = dict(sums.read(self.path / SUMS, name=self.named(SUMS), above=""))
        if tuple(found) != PARTS:
            raise Damaged([f"{self.named(SUMS)} is not whole"])
        return found

    def objects(self):
        """(name, SHA-256) of each object of the set, sorted. Raises Damaged."""
        return sums.read(self.path / OBJECTS, name=self.named(OBJECTS))

    def damage(self, *, skip=(), progress=lambda done: None):
        """What of the set is not as it was written, in words, one part after the other; every byte of it is read, but for those
        objects that ``skip``, sorted (name, SHA-256), has: of these it is only seen that they are there."""
        try:
            known = self.sums()
        except Damaged as damaged:
            yield from damaged.parts
            return
        for part, sha256 in known.items():
            damaged = list(_damage(self.path / part, sha256, self.named(part)))
            yield from damaged
            if part == OBJECTS and not damaged:
                yield from self._damaged_objects(skip, progress)

    def _damaged_objects(self, skip, progress):
        seen = sums.Lookup(skip)
        for done, (name, sha256) in enumerate(self.objects(), 1):
            path = self.folder.path / name
            if seen.get(name) != sha256:
                yield from _damage(path, sha256, name)
            elif not path.exists():
                yield f"{name} is missing"
            progress(done)

    def refuse_if_damaged(self, **how):
        """Raises Damaged, which names the first parts that are."""
        parts = []
        for part in self.damage(**how):
            parts.append(part)
            if len(parts) > MOST_NAMED:
                raise Damaged([*parts[:MOST_NAMED], "and more"])
        if parts:
            raise Damaged(parts)


def _damage(path, sha256, name):
    try:
        if sums.sha256_of(path) != sha256:
            yield f"{name} is damaged"
    except FileNotFoundError:
        yield f"{name} is missing"
    except OSError as problem:
        yield f"{name} cannot be read: {problem.strerror}"
