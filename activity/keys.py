"""The key file: outside the database, made once by ``manage.py prepare``, readable by its owner alone."""

import hashlib
import json
import os
import secrets
from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from activity.models import LogKey


def prepare_keys():
    """The key file and the database know each other. Raises ImproperlyConfigured where they do not belong together."""
    path = settings.PORTAL_KEYS
    known = LogKey.objects.first()
    if known is None:
        if not path.exists():
            _write(path, {"mac": secrets.token_hex(32)})
            mac_key.cache_clear()
        LogKey.objects.create(fingerprint=fingerprint())
    problem = key_problem()
    if problem:
        raise ImproperlyConfigured(problem)


def key_problem():
    """What is wrong with the key file, in one line; None where nothing is."""
    known = LogKey.objects.first()
    if known is None:
        return "the log has no key yet; run `manage.py prepare`"
    if not settings.PORTAL_KEYS.exists():
        return (
            f"the key file {settings.PORTAL_KEYS} is missing; put it back from the backup (PORTAL_KEYS names its place)"
        )
    try:
        found = fingerprint()
    except (ValueError, KeyError, TypeError):
        return f"the key file {settings.PORTAL_KEYS} cannot be read; put it back from the backup"
    if found != known.fingerprint:
        return f"the key file {settings.PORTAL_KEYS} belongs to another log; put this one's back from the backup"
    return None


@cache
def mac_key():
    """The 32 bytes that macs are made with."""
    key = bytes.fromhex(json.loads(settings.PORTAL_KEYS.read_text())["mac"])
    if len(key) != 32:
        raise ValueError("the mac key must have 32 bytes")
    return key


def fingerprint():
    return hashlib.sha256(b"firm-portal-mac-key" + mac_key()).hexdigest()


def _write(path, keys):
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w") as file:
        json.dump(keys, file)
        file.flush()
        os.fsync(file.fileno())
