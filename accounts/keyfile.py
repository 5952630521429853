"""The key file: outside the database, made once, readable by its owner alone. Each entry is 32 random bytes in hex."""

import json
import os
import secrets
import tempfile
from functools import cache

from django.conf import settings

ENTRIES = ("mac", "factors")  # what events and the secrets of second factors are made safe with


@cache
def key(name):
    """The 32 bytes of an entry. Raises OSError, KeyError or ValueError where the file or the entry is not right."""
    return entry(settings.PORTAL_KEYS.read_text(), name)


def entry(text, name):
    """The 32 bytes of an entry of a key file with this text. Raises KeyError, TypeError or ValueError."""
    value = bytes.fromhex(json.loads(text)[name])
    if len(value) != 32:
        raise ValueError(f"the key {name} must have 32 bytes")
    return value


def make():
    """A new key file. Raises FileExistsError: a key is never overwritten."""
    path = settings.PORTAL_KEYS
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}-") as file:  # for its owner alone
        json.dump({name: secrets.token_hex(32) for name in ENTRIES}, file)
        file.flush()
        os.fsync(file.fileno())
        os.link(file.name, path)  # whole, or not at all
    key.cache_clear()
