"""The key file and the log belong together: the database holds the file's fingerprint."""

import hashlib

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts import keyfile
from activity.models import LogKey


def prepare_keys():
    """The key file and the database know each other. Raises ImproperlyConfigured where they do not belong together."""
    path = settings.PORTAL_KEYS
    known = LogKey.objects.first()
    if known is None:
        if not path.exists():
            keyfile.make()
        LogKey.objects.create(fingerprint=fingerprint())
    problem = key_problem()
    if problem:
        raise ImproperlyConfigured(problem)


def key_problem():
    """What is wrong with the key file, in one line; None where nothing is."""
    known = LogKey.objects.first()
    if known is None:
        return "the log has no key yet; run `manage.py prepare`"
    if LogKey.objects.count() > 1:
        return "the database knows two keys, but a log has one; restore the database from the backup"
    if not settings.PORTAL_KEYS.exists():
        return (
            f"the key file {settings.PORTAL_KEYS} is missing; put it back from the backup (PORTAL_KEYS names its place)"
        )
    try:
        found = fingerprint()
    except (OSError, ValueError, KeyError, TypeError):
        return f"the key file {settings.PORTAL_KEYS} cannot be read; put it back from the backup"
    if found != known.fingerprint:
        return f"the key file {settings.PORTAL_KEYS} belongs to another log; put this one's back from the backup"
    return None


def mac_key():
    """The 32 bytes that macs are made with."""
    return keyfile.key("mac")


def fingerprint():
    """What the database knows of the key file."""
    return hashlib.sha256(b"firm-portal-keys" + b"".join(keyfile.key(name) for name in keyfile.ENTRIES)).hexdigest()
