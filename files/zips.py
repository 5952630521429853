"""Many files as one ZIP that is made while it is sent: what goes in, under which names, and its bytes."""

import logging
from contextvars import copy_context
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.connections import release_connection
from files.checking import refusal
from files.media import is_dense
from files.models import File, Folder, Version
from files.names import numbered, unpacked_name
from files.signals import zip_broken_off
from files.storage import storage

logger = logging.getLogger(__name__)

MOST_FILES = 10_000
BATCH = 500  # of files handed out in one transaction: whoever records meanwhile waits for it
LEVEL = 1  # of compression; higher ones gain little and take much longer
BIG = 2**31 - 2**20  # from here on an entry needs ZIP64, which some readers of small files do not know
NOT_INCLUDED = "Not included.txt"


class TooManyFiles(ValueError):
    """More files than one ZIP may have."""


@dataclass
class Packed:
    """What a ZIP will hold: ``folders``, paths that end with a slash; ``files``, (path, version); ``left_out``, (path, why);
    ``notes``, the path of the text that names those; and ``made``, (path, bytes) of what is no file of a cabinet."""

    folders: list
    files: list
    left_out: list
    notes: str
    made: list

    @property
    def is_empty(self):
        return not (self.files or self.left_out)


def pack(user, cabinet, *, files=(), folders=(), all_of=None, made=()):
    """What ``user`` may see of these files and folders of a cabinet, or of all of one folder; and ``made``, (name, bytes).
    Raises TooManyFiles."""
    below = {}
    for folder in Folder.objects.visible_to(user).in_place().filter(cabinet=cabinet).order_by("name"):
        below.setdefault(folder.parent_id, []).append(folder)
    names = _Names()
    notes = names.give("", NOT_INCLUDED)
    made = [(names.give("", name), content) for name, content in made]
    paths = {all_of.pk: ""} if all_of else {}
    waiting = [(folder, "") for folder in (below.get(all_of.pk, ()) if all_of else folders)]
    for folder, under in waiting:
        paths[folder.pk] = names.give(under, folder.name) + "/"
        waiting += [(one, paths[folder.pk]) for one in below.get(folder.pk, ())]
    found = [*files, *_files_in(paths, user, cabinet)]
    if len(found) > MOST_FILES:
        raise TooManyFiles(MOST_FILES)
    packed = Packed(sorted(filter(None, paths.values())), [], [], notes, made)
    for file in found:
        file.folder.cabinet, file.current.file = cabinet, file
        path = names.give(paths.get(file.folder_id, ""), file.name)
        if file.current.is_served:
            packed.files.append((path, file.current))
        else:
            packed.left_out.append((path, refusal(file.current)))
    packed.files.sort(key=lambda entry: entry[0])
    return packed


def _files_in(paths, user, cabinet):
    """The files of these folders: no more than one too many."""
    files = File.objects.visible_to(user).in_place().filter(folder__cabinet=cabinet, folder__in=list(paths))
    return files.select_related("current", "folder").order_by("name")[: MOST_FILES + 1] if paths else ()


class _Names:
    """Paths that any disk takes, each once in its folder, whatever the case of its letters."""

    def __init__(self):
        self._given = {}  # and the number that the next of this name has

    def give(self, under, name):
        path = wanted = under + unpacked_name(name)
        while path.casefold() in self._given:
            number = self._given[wanted.casefold()]
            self._given[wanted.casefold()] += 1
            path = under + unpacked_name(numbered(wanted.removeprefix(under), number))
        self._given[path.casefold()] = 2
        return path


def hand_out(packed, *, by):
    """The log says of every file, committed, that it was given. Before the first byte; in several transactions."""
    versions = [version for _, version in packed.files]
    for start in range(0, len(versions), BATCH):
        Version.hand_out_all(versions[start : start + BATCH], by=by, note="in a ZIP")


class Zip:
    """The bytes of the archive, for a response. Where a file cannot be read, or is not what it was, the connection breaks:
    the end, without which no reader takes it for whole, is never sent. The log says that, and where the reader leaves."""

    def __init__(self, packed, folder, *, by):
        self._stream, self._folder, self._by = _stream(packed), folder, by
        self._in_all, self._is_over = len(packed.files), False
        self._context = copy_context()  # of the request that asked: it is over when this runs
        self._done = 0

    def __iter__(self):
        return self

    def __next__(self):
        try:
            self._done, piece = next(self._stream)
        except StopIteration:
            self._is_over = True
            raise
        except Exception as problem:
            logger.exception(
                "A ZIP of %s was broken off after %s of %s files", self._folder.pk, self._done, self._in_all
            )
            self._tell(type(problem).__name__)
            raise
        return piece

    def close(self):
        """Called by the server at the end, also when the reader went away."""
        self._stream.close()
        self._tell("the reader went away")

    def _tell(self, why):
        if self._is_over:
            return
        self._is_over = True
        try:
            self._context.run(self._announce, f"after {self._done:,} of {self._in_all:,} files: {why}")
        except DatabaseError:  # each file was recorded before; how it ended stands in the server's own lines
            logger.exception("That a ZIP of %s was broken off could not be recorded", self._folder.pk)
        finally:
            release_connection()

    def _announce(self, note):
        with transaction.atomic():
            zip_broken_off.send(Folder, subject=self._folder, by=self._by, note=note)


def _stream(packed):
    """(how many files are in it, some bytes) until all is said; the central directory comes last."""
    sink = _Sink()
    archive = ZipFile(sink, "w")  # closed at the end only: to close it makes it whole
    for path in packed.folders:
        archive.mkdir(_entry(path, timezone.now()))
    made = [*packed.made, *([(packed.notes, _words(packed.left_out))] if packed.left_out else [])]
    for path, content in made:
        archive.writestr(_entry(path, timezone.now()), content, ZIP_DEFLATED)
    for done, (path, version) in enumerate(packed.files):
        info = _entry(path, version.at)
        info.compress_type = ZIP_STORED if is_dense(path) else ZIP_DEFLATED
        info._compresslevel = LEVEL  # zipfile's own name for it, until Python 3.13 gives it a public one
        content, left = storage().open(version.storage_key), version.size_bytes
        try:
            with archive.open(info, "w", force_zip64=version.size_bytes > BIG) as target:
                for chunk in content:
                    target.write(chunk)
                    left -= len(chunk)
                    yield done, sink.take()
        finally:
            content.close()
        if left:
            raise OSError(f"{version.storage_key} has {-left:+} bytes")
        yield done + 1, sink.take()
    archive.close()
    yield len(packed.files), sink.take()


def _entry(path, at):
    local = timezone.localtime(at)
    info = ZipInfo(path, (max(local.year, 1980), *local.timetuple()[1:6]))
    info.create_system, is_folder = 3, path.endswith("/")  # modes as Unix has them
    info.CRC = 0  # which mkdir() of Python 3.11 takes for given
    info.external_attr = (0o40755 << 16 | 0x10) if is_folder else 0o100644 << 16
    return info


def _words(left_out):
    lines = ["These files are not in this ZIP:", "", *(f"{path}: {why}" for path, why in left_out), ""]
    return "\r\n".join(lines).encode()


class _Sink:
    """A file that can only be written to."""

    def __init__(self):
        self._pieces = []

    def write(self, data):
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self):
        pass

    def take(self):
        taken, self._pieces = b"".join(self._pieces), []
        return taken
