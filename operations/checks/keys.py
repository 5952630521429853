"""What must be kept secret: the key file, SECRET_KEY, and files that hold the like."""

import os
import stat
from pathlib import Path

from django.conf import settings
from django.db import connection

from activity.keys import fingerprint, key_problem
from operations.findings import ok, warning, wrong

ENOUGH_CHARACTERS, ENOUGH_DIFFERENT = 50, 10
MADE_UP = ("change", "secret", "django-insecure", "example", "your")


def key_file():
    """The key file is this log's, belongs to the portal's user, and nobody else can read it."""
    path = settings.PORTAL_KEYS
    if problem := key_problem():
        yield wrong(problem)
        return
    found = path.stat()
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        yield wrong(f"others can read {path} (mode {mode:o}); run `chmod 600 {path}`")
    if found.st_uid != os.geteuid():
        yield of_another_user(path, found.st_uid)
    elif not mode & 0o077:
        yield ok(f"{path} is this log's, and its owner's alone; fingerprint {fingerprint()[:16]}")


def of_another_user(path, owner):
    if os.geteuid() == 0:
        return warning(
            f"{path} belongs to user {owner}; run this as that user, as the portal runs, to see what it may do"
        )
    return wrong(f"{path} belongs to user {owner}; give it to the portal's: `chown {os.geteuid()} {path}` as root")


def secret_key():
    """SECRET_KEY, with which sessions and links are signed, cannot be guessed."""
    key = settings.SECRET_KEY
    if len(set(key)) < ENOUGH_DIFFERENT or key.lower().startswith(MADE_UP):
        yield wrong(f"SECRET_KEY looks made up by hand; {_make_one()}")
    elif len(key) < ENOUGH_CHARACTERS:
        yield warning(f"SECRET_KEY has {len(key)} characters; {_make_one()}")
    else:
        yield ok(f"SECRET_KEY has {len(key)} characters")


def _make_one():
    return "make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'. Everybody then signs in again"


def private_files():
    """Others on this machine read neither the database nor what signs."""
    exposed = [path for path in _private() if path.exists() and path.stat().st_mode & stat.S_IROTH and _is_open(path)]
    for path in exposed:
        yield warning(f"everybody on this machine can read {path}; run `chmod o-rwx {path}`")
    if not exposed:
        yield ok("others on this machine cannot read what the portal keeps")


def _private():
    yield settings.VAR_DIR / "secret-key"
    if connection.vendor == "sqlite":
        yield Path(connection.settings_dict["NAME"])


def _is_open(path):
    """Whether everybody may go through each folder on the way to it."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
