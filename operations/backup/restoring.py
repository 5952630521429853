"""Putting a backup back into an empty installation: all of it is verified before anything is written, the database comes last."""

import io
import json
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from accounts import keyfile
from activity import checkpoints
from activity.chain import in_utc
from activity.keys import key_problem
from activity.models import Event
from activity.recording import Subject
from activity.restores import tell_of_restore
from activity.verification import InArchive, check
from files import sending
from files.inspection import PREFIXES
from files.models import Upload
from files.parts import StorageUnavailable, code_of, sync_folder
from files.storage import storage
from operations.backup import configuration, databases
from operations.backup.copying import archives_folder
from operations.backup.folder import DATABASE, MANIFEST, PARTS, SECRETS
from operations.backup.making import FORMAT
from operations.backup.problems import Damaged, Refused
from operations.backup.sealing import unseal, write_once

SETTINGS = "restored.env"


@dataclass(frozen=True)
class Contents:
    """What a verified set says of itself, its key file as text and its settings, and what opens it."""

    manifest: dict
    keys: str
    settings: dict
    identities: list


def refuse_unless_empty():
    """Raises Refused where anything is there that a restore would mix with, or overwrite."""
    if not databases.is_empty():
        raise Refused("the database is not empty; give DATABASE_URL one that is, in which `prepare` did not run either")
    if settings.PORTAL_KEYS.exists():
        raise Refused(f"there is a key file, {settings.PORTAL_KEYS}; a restore never overwrites one: move it away")
    if _holds_objects():
        raise Refused("the storage holds objects; give STORAGE_URL an empty one")


def _holds_objects():
    try:
        return any(next(iter(storage().listed(prefix)), None) for prefix in PREFIXES)
    except StorageUnavailable as problem:
        if code_of(problem) != "NoSuchBucket":
            raise
        return False  # it is made when the objects come


def verified(backup, identities, *, held="", progress=lambda done: None):
    """(Contents, what the checkpoint ``held`` has Told or None) once every byte of the set was read and is as it was written, and
    the key file in it signed both its manifest and the checkpoint. Raises Damaged, NotOpened or Refused."""
    backup.refuse_if_damaged(progress=progress)
    lines = _text(backup, MANIFEST, identities).splitlines()
    secrets = json.loads(_text(backup, SECRETS, identities))
    try:
        key = keyfile.entry(secrets["keys"], "mac")
        text, signature = lines[0], lines[1].removeprefix("signature ")
        manifest = json.loads(text)
    except (KeyError, ValueError, IndexError, TypeError) as problem:
        raise Damaged([f"{backup.named(MANIFEST)} or {backup.named(SECRETS)} cannot be understood"]) from problem
    if not checkpoints.is_signed(text, signature, key=key):
        raise Damaged([f"{backup.named(MANIFEST)} is not signed by the key file of the set"])
    if manifest["format"] != FORMAT:
        raise Refused(f"its format is {manifest['format']}, and this release reads {FORMAT}")
    found = backup.sums()
    differ = [part for part in PARTS if part != MANIFEST and found[part] != manifest["parts"][part]]
    if differ:
        raise Damaged([f"{backup.named(part)} is not the one that the manifest names" for part in differ])
    return Contents(manifest, secrets["keys"], secrets["settings"], identities), _read_held(held, key)


def _text(backup, part, identities):
    sink = io.BytesIO()
    unseal(backup.path / part, sink, identities, name=backup.named(part))
    return sink.getvalue().decode()


def _read_held(words, key):
    """What the checkpoint has Told. Raises Refused."""
    if not words:
        return None
    try:
        held = checkpoints.read(words, key=key)
    except checkpoints.NoCheckpoint as problem:
        raise Refused(
            f"the checkpoint and the backup do not belong together: {problem}. Either is another portal's, or forged"
        ) from problem
    if in_utc(timezone.now()) <= held.at:
        raise Refused(f"this machine's clock is behind the checkpoint, which was made {held.at}; set it first")
    return held


def refuse_unless_it_fits(contents):
    """Raises Refused where this release and this database cannot take the set."""
    databases.refuse_without_tools()
    if contents.manifest["engine"] != connection.vendor:
        raise Refused(
            f"it is a backup of {contents.manifest['engine']}, and DATABASE_URL is {connection.vendor}: restore into the same "
            "kind of database, and move to the other after that"
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    apps = {name.partition(".")[0] for name in known}
    newer = [name for name in contents.manifest["migrations"] if name not in known and name.partition(".")[0] in apps]
    if newer:
        raise Refused(f"it was made by a newer release, which has {newer[-1]}; install that one first")


def put_back(backup, contents, *, progress=lambda done: None):
    """Files, archives, key file, settings and, last, the database are in their places. Raises Refused or OSError."""
    storage().prepare()
    for done, (name, _) in enumerate(backup.objects(), 1):
        _put_back(backup.folder.path / name, name, contents.identities)
        progress(done)
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(settings.PORTAL_KEYS, contents.keys)
    _write(settings.VAR_DIR / SETTINGS, configuration.as_lines(contents.settings))
    if "SECRET_KEY" not in os.environ and "SECRET_KEY_FILE" not in os.environ:
        _write(settings.VAR_DIR / "secret-key", contents.settings["SECRET_KEY"])
    keyfile.key.cache_clear()
    databases.put_back(backup.path / DATABASE, contents.identities, name=backup.named(DATABASE))


def _put_back(path, name, identities):
    key = Path(name).stem
    if name.startswith("archives/"):
        archives_folder().mkdir(parents=True, exist_ok=True)
        with open(os.open(archives_folder() / key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            unseal(path, file, identities, name=name)
            file.flush()
            os.fsync(file.fileno())
        return
    staged = storage().stage(key)
    try:
        unseal(path, staged, identities, name=name)
        staged.keep()
    except BaseException:
        staged.drop()
        raise


def _write(path, text):
    """The text is at the path, on the disk, for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_once(path, text.encode())
    sync_folder(path.parent)


def go_on(backup, contents, held):
    """The restored portal is up to date, says in its log what it lost, and knows of nothing that was under way: nobody is signed
    in, and uploads that had begun are over. Returns the Finding of a walk through the log, against ``held`` too. Raises Refused."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    if problem := key_problem():
        raise Refused(problem)
    head = Event.objects.order_by("-seq").first()
    if (head.seq, bytes(head.hash).hex()) != (contents.manifest["head"]["seq"], contents.manifest["head"]["hash"]):
        raise Damaged([f"{backup.named(DATABASE)} ends with another event than the manifest says"])
    tell_of_restore(backup.name, made=contents.manifest["made"], held=held)
    cache.clear()
    Session.objects.all().delete()
    for upload in Upload.objects.open().select_related("folder__cabinet__client"):
        if upload.name:
            sending.give_up(upload, by=None, note="its bytes were in no backup")
        else:
            upload.release()
    subject = Subject("command", "", "manage.py restore")
    try:
        return check(against=[held] if held else (), subject=subject)
    except InArchive:  # it is of an event that was archived before the backup was made
        return check(subject=subject)
