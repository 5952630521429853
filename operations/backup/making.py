"""Making a backup: first most objects, then the database, then what its versions name besides.

An object never changes, so one that the folder has is not copied again. One that is deleted for good between the snapshot and
its copy would leave a version without bytes: then the snapshot is taken anew, which names it no longer. Only the first passes
take long; what is left for the last is what happened while the one before ran.
"""

import io
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from activity import checkpoints
from activity.chain import canonical_json
from activity.keys import key_problem
from activity.models import Event
from operations.backup import configuration, sums
from operations.backup.copying import Copied, Copier
from operations.backup.databases import snapshot
from operations.backup.folder import DATABASE, MANIFEST, OBJECTS, PARTS, SECRETS, SUMS, BackupFolder
from operations.backup.problems import Damaged, Refused
from operations.backup.sealing import seal

FORMAT = "firm-portal-backup-v1"
MOST_PASSES = 6
HEAD = f"SELECT seq, hash FROM {Event._meta.db_table} ORDER BY seq DESC LIMIT 1"
MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY app, name"


@dataclass(frozen=True)
class Made:
    """A set that was made and read back; ``copied`` has what could not be had, too."""

    name: str
    size_bytes: int
    copied: Copied
    is_all_verified: bool


@contextmanager
def opened(path):
    """The BackupFolder at this path, for a backup alone. Raises Refused."""
    folder = BackupFolder(path)
    folder.prepare()
    with folder.alone():
        folder.clear_unfinished()
        yield folder


def make(folder, recipient, *, verify_all=True, progress=lambda what, done: None):
    """A new set stands in the opened ``folder``, encrypted to ``recipient``, every byte of it read back, or with ``verify_all``
    off those that are new. Returns the Made. Raises Refused or OSError: then there is no new set."""
    if problem := key_problem():
        raise Refused(problem)
    before = _trusted(folder)
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR, prefix="backup-") as work, folder.new_set() as new:
        copier = Copier(
            folder,
            recipient,
            known=before.objects if before else tuple,
            work=Path(work),
            progress=lambda done: progress("copied", done),
        )
        copied, database, facts = _consistent(copier, new, recipient, Path(work))
        parts = {DATABASE: database.sha256, OBJECTS: _written(new.path / OBJECTS, copier.last.open("rb"))}
        secrets = _seal_text(_secrets(), new.path / SECRETS, recipient)
        parts[SECRETS] = secrets.sha256
        manifest = _seal_text(_manifest(parts, facts, copied), new.path / MANIFEST, recipient)
        parts[MANIFEST] = manifest.sha256
        lines = "".join(sums.line(part, parts[part], above="") for part in PARTS)
        _written(new.path / SUMS, io.BytesIO(lines.encode()))
        new.refuse_if_damaged(
            skip=() if verify_all or before is None else before.objects(),
            progress=lambda done: progress("verified", done),
        )
    size_bytes = copied.size_bytes + sum(written.size_bytes for written in (database, secrets, manifest))
    return Made(new.name, size_bytes, copied, verify_all)


def _trusted(folder):
    """The newest set whose list of objects is as it was written: what it names need not be copied again."""
    for before in reversed(folder.sets()):
        try:
            if sums.sha256_of(before.path / OBJECTS) == before.sums()[OBJECTS]:
                return before
        except (Damaged, OSError):
            continue
    return None


def _consistent(copier, new, recipient, work):
    """What was Copied, the sealed database, and facts about it, once every version that it names has its bytes in the folder."""
    total = copier.copy(copier.list(_live))
    for _ in range(MOST_PASSES):
        with snapshot(work) as found:
            wanted = copier.list(found.rows)
            seq, hash_ = next(iter(found.rows(HEAD)), (0, b""))
            facts = {
                "engine": connection.vendor,
                "head": {"seq": seq, "hash": bytes(hash_).hex()},
                "migrations": [f"{app}.{name}" for app, name in found.rows(MIGRATIONS)],
            }
            database = found.seal(new.path / DATABASE, recipient)[1]
        copied = copier.copy(wanted)
        copied.copied, copied.copied_bytes = copied.copied + total.copied, copied.copied_bytes + total.copied_bytes
        total = copied
        if not copied.gone:
            return copied, database, facts
    copied.problems.append(f"{copied.gone} versions were deleted for good while the backup was made; make it again")
    return copied, database, facts


def _live(sql):
    """Rows as they are now: this list is only a beginning."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(2_000):
            yield from rows


def _secrets():
    return {"keys": settings.PORTAL_KEYS.read_text(), "settings": configuration.values()}


def _manifest(parts, facts, copied):
    """What the set is, signed by the portal's key: two lines of text."""
    text = canonical_json(
        {
            "format": FORMAT,
            "origin": settings.BASE_URL.origin,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            **facts,
            "objects": copied.objects,
            "problems": copied.problems,
            "parts": parts,
        }
    ).decode()
    return f"{text}\nsignature {checkpoints.signed(text)}\n"


def _seal_text(content, path, recipient):
    """What was written of the text, or of the values as JSON, Counted."""
    text = content if isinstance(content, str) else json.dumps(content)
    return seal(io.BytesIO(text.encode()), path, recipient)[1]


def _written(path, source):
    """The content of ``source``, a binary file, is at the path, on the disk. Returns its SHA-256."""
    with source, open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
    return sums.sha256_of(path)
