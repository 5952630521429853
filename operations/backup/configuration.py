"""The settings as a backup keeps them: the environment's values."""

import os
import shlex
from pathlib import Path

from django.conf import settings

READ_ELSEWHERE = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PORTAL_BIND", "PORTAL_WORKERS", "PORTAL_THREADS")
LEFT_OUT = ("BACKUP_PASSPHRASE",)  # whoever opens the backup has it


def names():
    """Of every setting that a backup keeps."""
    return [name for name in (*settings.ENVIRONMENT_NAMES, *READ_ELSEWHERE) if name not in LEFT_OUT]


def values():
    """{name: value} of what is set, also by a file that NAME_FILE names; SECRET_KEY always."""
    found = {}
    for name in names():
        if name in os.environ:
            found[name] = os.environ[name]
        elif f"{name}_FILE" in os.environ:
            found[name] = Path(os.environ[f"{name}_FILE"]).read_text().strip()
    return found | {"SECRET_KEY": settings.SECRET_KEY}


def as_lines(found):
    """NAME=value, a line for each, as a shell and systemd's EnvironmentFile read it."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in found.items())
