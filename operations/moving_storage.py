"""The stored objects are copied to another storage under the same keys, and each is read back and compared.

The old storage keeps all it has. What versions name is copied; what nothing names, what lies in lost+found and what was never
finished stays behind. Which copies were compared stands in a folder of lists, by the first letters of the keys, so that the
next run goes on where this one ended, and brings what has come since.
"""

import fcntl
import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError
from django.db import transaction
from django.template.defaultfilters import filesizeformat

from accounts.connections import release_connection
from activity.actions import Action
from activity.recording import Subject, record
from files import sending
from files.inspection import PREFIXES, digest, name_of
from files.models import Upload, Version
from files.parts import code_of

AT_ONCE = 8  # a small object in a bucket is little but waiting
BATCH = 500


class NotMoved(Exception):
    """The move ends here, in words; what is copied stays, and the next run goes on."""


@dataclass
class Moved:
    """What a run did: ``faults`` are lines on what the old storage itself does not have, or has with other bytes."""

    copied: int = 0
    copied_bytes: int = 0
    there_before: int = 0
    faults: list = field(default_factory=list)

    @property
    def in_words(self):
        words = f"objects copied and compared by SHA-256: {self.copied:,} ({filesizeformat(self.copied_bytes)}), "
        words += f"there before: {self.there_before:,}"
        return f"{words}, not whole in the old storage: {len(self.faults):,}" if self.faults else words


def place(where):
    """A StorageUrl in words."""
    return str(where.folder) if where.kind == "folder" else f"bucket {where.bucket} at {where.endpoint or where.region}"


@contextmanager
def alone(lists):
    """Inside, no other run moves to the same storage. Raises NotMoved."""
    lists.mkdir(parents=True, exist_ok=True)
    with open(lists / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise NotMoved("another run is moving to this storage") from problem
        yield


def lists_of(folder, where):
    """The folder in which runs to this storage keep which copies were compared."""
    return folder / hashlib.sha256(place(where).encode()).hexdigest()[:16]


def copy_all(source, target, *, lists, progress):
    """Each object that a stored version names is in the target, and was read there. Returns what was Moved. ``progress`` is
    told the bytes of each object that is done. Raises NotMoved.

    Versions come and go meanwhile: what is removed is left out, what comes behind is for the next run.
    """
    moved, batch = Moved(), []
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for wanted in _wanted(target, lists, moved, progress):
                batch.append(wanted)
                if len(batch) == BATCH:
                    _copy_batch(pool, source, target, batch, lists, moved, progress)
                    batch = []
            _copy_batch(pool, source, target, batch, lists, moved, progress)
    except (OSError, BotoCoreError) as problem:
        raise NotMoved(str(problem)) from problem
    return moved


def _wanted(target, lists, moved, progress):
    """(key, size, SHA-256, size in the target or None) of each object that was not yet compared there."""
    for prefix in PREFIXES:
        versions = Version.objects.stored().filter(storage_key__range=(prefix, f"{prefix}g"))
        versions = list(versions.values_list("storage_key", "size_bytes", "sha256"))
        release_connection()
        if not versions:
            continue
        there = {key: size for key, size, _ in target.listed(prefix)}
        compared = set((lists / prefix).read_text().split()) if (lists / prefix).exists() else set()
        for key, size, sha256 in versions:
            if key in compared and there.get(key) == size:
                moved.there_before += 1
                progress(size)
            else:
                yield key, size, sha256, there.get(key)


def _copy_batch(pool, source, target, batch, lists, moved, progress):
    work = [pool.submit(_copy, source, target, *wanted) for wanted in batch]
    try:
        for (key, size, *_), done in zip(batch, work, strict=True):
            came = done.result()
            progress(size)
            if came.fault and (still := _stored_as(key)):
                moved.faults.append(f"{name_of(still)}: {came.fault}")
            moved.there_before += came.was_there
            moved.copied += came.size_bytes is not None
            moved.copied_bytes += came.size_bytes or 0
            if not came.fault:
                with open(lists / key[:2], "a") as compared:
                    compared.write(f"{key}\n")
    finally:
        for waiting in work:
            waiting.cancel()


@dataclass(frozen=True)
class _Came:
    """What became of one object; ``size_bytes`` is what was copied of it."""

    size_bytes: int | None = None
    was_there: bool = False
    fault: str = ""


def _copy(source, target, key, size, sha256, size_there):
    """What came of one object. No database is asked here: many run at once."""
    if sha256 and size_there == size and digest(target, key) == sha256:
        return _Came(was_there=True)
    try:
        content = source.open(key)
    except OSError as problem:
        if isinstance(problem, FileNotFoundError) or code_of(problem) in ("404", "NoSuchKey"):
            # not read by the portal yet, and sent to the new storage itself: there is nothing to compare it with
            is_new = not sha256 and size_there == size
            return _Came(was_there=is_new, fault="" if is_new else "its bytes are missing")
        raise
    with closing(content):
        copy = target.stage(key)
        try:
            for chunk in content:
                copy.write(chunk)
            copy.keep()
        except BaseException:
            copy.drop()
            raise
    if digest(target, key) != copy.sha256:
        target.remove(key)
        raise NotMoved(f"{key} does not come back from the new storage as it was written")
    is_whole = copy.size_bytes == size and sha256 in ("", copy.sha256)
    return _Came(copy.size_bytes, fault="" if is_whole else "other bytes are stored than were sent")


def _stored_as(key):
    """The version whose object this is, unless it was removed meanwhile."""
    versions = Version.objects.stored().select_related("file__folder__cabinet__client", "file__folder__cabinet__owner")
    return versions.filter(storage_key=key).first()


def give_up_unfinished():
    """No upload is open: its parts lie in the old storage alone, and are gone there too. Each is in the log, and the sender
    begins it again. Returns how many. Raises OSError."""
    count = 0
    for upload in Upload.objects.open().select_related("folder__cabinet__client"):
        if upload.name:
            count += sending.give_up(upload, by=None, note="the files move to another storage")
        else:
            upload.release()
    return count


def record_move(old, new, moved):
    """The log says where the files are from now on."""
    with transaction.atomic():
        record(
            Action.STORAGE_MOVED,
            subject=Subject("command", "", "manage.py move_storage"),
            before={"storage": place(old)},
            after={"storage": place(new)},
            note=moved.in_words,
        )
