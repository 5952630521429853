"""``make bench``: each figure beside its baseline, measured in the same run, as a ratio. Nothing here is a test.

``python -m bench --postgresql`` measures on PostgreSQL; ``python -m bench log transfer`` only these parts.
"""

import io
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from importlib import import_module

PARTS = {
    "accounts": ["accounts"],
    "files": ["finding"],
    "log": ["log", "appending"],
    "exports": ["exports"],
    "transfer": ["transfer", "serving"],
    "usage": ["usage"],
    "organizer": ["organizer"],
}  # each: its modules
LINE = "{:58}{:>11,.1f} {:<4}{:>11,.1f} {:<4}{:>8.2f}"


@contextmanager
def engine():
    """The database that DATABASE_URL names; SQLite in the part's own folder by default."""
    if "--postgresql" not in sys.argv:
        yield "SQLite"
        return
    from tests.servers import postgresql

    with postgresql() as url:
        os.environ["DATABASE_URL"] = url
        yield "PostgreSQL"


def measure(part):
    """One part, in a folder and a database of its own: none is measured in what another left."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    with tempfile.TemporaryDirectory(prefix="portal-bench-", dir="/tmp") as folder, engine() as name:
        os.environ["VAR_DIR"] = folder
        import django

        django.setup()
        _prepare()
        print(f"\n{f'{part}, {name}':58}{'measured':>16}{'baseline':>16}{'ratio':>8}")
        for module in PARTS[part]:
            for what, measured, baseline, unit, ratio in import_module(f"bench.{module}").figures():
                print(LINE.format(what, measured, unit, baseline, unit, ratio), flush=True)
        from django.db import connections

        connections.close_all()


def _prepare():
    from django.core.management import call_command

    from accounts.models import Firm, SecondFactor

    call_command("prepare", stdout=io.StringIO())
    Firm.objects.update_or_create(pk=1, defaults={"second_factor_firm": SecondFactor.OFF})


def main():
    parts = [part for part in PARTS if part in sys.argv] or list(PARTS)
    if len(parts) == 1:
        measure(parts[0])
        return
    options = [option for option in sys.argv[1:] if option.startswith("-")]
    for part in parts:
        subprocess.run([sys.executable, "-m", "bench", part, *options], check=True)  # noqa: S603 — this very module


if __name__ == "__main__":
    main()
