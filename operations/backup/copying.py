"""Copying what versions and archives name into the backup's folder, each object once, in lists that are sorted by name."""

import os
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings

from accounts.connections import release_connection
from activity.models import Archive
from files.models import Version
from files.parts import sync_folder
from files.storage import storage
from operations.backup import sums
from operations.backup.sealing import SourceFailed, seal

MOST_NAMED = 20
# The keys are random and hexadecimal, so that every collation sorts them alike
ARCHIVES = f"SELECT file_name, sha256 FROM {Archive._meta.db_table} ORDER BY id"
VERSIONS = f"SELECT storage_key, size_bytes, sha256 FROM {Version._meta.db_table} WHERE removed_at IS NULL ORDER BY storage_key"


def object_name(key):
    return f"objects/{key[:2]}/{key}.age"


def archives_folder():
    """Where ``manage.py archive_activity`` writes, unless it is told another folder: then they are no part of a backup."""
    return settings.VAR_DIR / "archives"


@dataclass
class Copied:
    """What a list names and the folder now has, and how much of it was copied for that; ``gone`` were deleted for good while
    the list was worked through, ``problems`` tell of what could not be had."""

    objects: int = 0
    size_bytes: int = 0
    copied: int = 0
    copied_bytes: int = 0
    gone: int = 0
    problems: list = field(default_factory=list)

    def fails(self, problem):
        self.problems = [*self.problems, problem]


class Copier:
    """Fills ``folder`` from the storage, encrypted to ``recipient``; ``known`` gives (name, SHA-256) of what lies there already.
    ``work`` is a folder for lists."""

    def __init__(self, folder, recipient, *, known, work, progress):
        self._folder, self._recipient, self._known = folder, recipient, known
        self._work, self._progress = work, progress
        self._last, self._folders = None, set()

    def list(self, rows):
        """The path of a list of all that has to be copied, as ``rows(sql)`` says at one moment."""
        path = self._work / "wanted"
        with open(path, "w") as wanted:
            for file_name, sha256 in sorted(rows(ARCHIVES)):
                if (archives_folder() / file_name).exists():
                    wanted.write(f"archives/{file_name}.age {file_name} -1 {sha256}\n")
            for key, size_bytes, sha256 in rows(VERSIONS):
                wanted.write(f"{object_name(key)} {key} {size_bytes} {sha256}\n")
        return path

    def copy(self, wanted):
        """Returns what was Copied; ``last`` is then the list of what the folder has of it. Raises OSError where the folder, or the
        storage as a whole, fails."""
        release_connection()
        done, path = Copied(), self._work / ("sums-b" if self._last and self._last.name == "sums-a" else "sums-a")
        lists = [self._known(), *([sums.read(self._last, name="the list")] if self._last else [])]
        there = sums.Lookup(sums.together(*lists))
        with open(wanted) as lines, open(path, "w") as found:
            for number, line in enumerate(lines, 1):
                name, source, size_bytes, sha256 = line.rstrip("\n").split(" ")
                if written := self._have(name, source, int(size_bytes), sha256, there.get(name), done):
                    found.write(sums.line(name, written))
                self._progress(number)
            found.flush()
            os.fsync(found.fileno())
        for folder in sorted(self._folders):
            sync_folder(folder)
        self._last = path
        return done

    @property
    def last(self):
        return self._last

    def _have(self, name, source, size_bytes, sha256, known, done):
        """The SHA-256 of the object as it lies in the folder, where it does."""
        path = self._folder.path / name
        if known is None or not path.exists():
            known = self._copy(path, name, source, size_bytes, sha256, done)
        if known:
            done.objects += 1
            done.size_bytes += path.stat().st_size
        return known

    def _copy(self, path, name, source, size_bytes, sha256, done):
        self._make_folder(path.parent)
        try:
            with _opened(name, source) as file:
                read, written = seal(file, path, self._recipient)
        except SourceFailed as problem:
            return self._miss(name, source, f"{source} cannot be read: {problem}", done)
        if size_bytes not in (-1, read.size_bytes) or sha256 not in ("", read.sha256):
            path.unlink()
            return self._miss(name, source, f"{source} is damaged in the storage", done)
        done.copied += 1
        done.copied_bytes += written.size_bytes
        return written.sha256

    def _miss(self, name, source, problem, done):
        """Deleted for good meanwhile, or a fault that people have to see to. Raises OSError where the whole storage is away."""
        storage().check()
        if name.startswith("objects/") and not Version.objects.stored().filter(storage_key=source).exists():
            done.gone += 1
        else:
            done.fails(problem)
        release_connection()

    def _make_folder(self, folder):
        if folder not in self._folders:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._folders |= {folder, folder.parent, self._folder.path}


@contextmanager
def _opened(name, source):
    """The bytes as a binary file. Raises SourceFailed."""
    try:
        file = open(archives_folder() / source, "rb") if name.startswith("archives/") else storage().open(source)
    except OSError as problem:
        raise SourceFailed(str(problem)) from problem
    try:
        yield file
    finally:
        file.close()


def in_words(problems):
    """The first of them, and how many there are besides."""
    more = len(problems) - MOST_NAMED
    return "; ".join([*problems[:MOST_NAMED], *([f"and {more:,} more"] if more > 0 else [])])
