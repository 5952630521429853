"""``make bench``: each figure beside its baseline, measured in the same run, as a ratio. Nothing here is a test."""

import os
import sys
import tempfile
from contextlib import contextmanager

FOLDER = tempfile.TemporaryDirectory(prefix="portal-bench-", dir="/tmp")
os.environ["VAR_DIR"] = FOLDER.name
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


@contextmanager
def engine():
    """The database that DATABASE_URL names; SQLite in the bench's own folder by default."""
    if "--postgresql" not in sys.argv:
        yield "SQLite"
        return
    from tests.servers import postgresql

    with postgresql() as url:
        os.environ["DATABASE_URL"] = url
        yield "PostgreSQL"


def main():
    with engine() as name:
        import django

        django.setup()
        from bench import accounts, appending, log, transfer

        print(f"{'':58}{'measured':>16}{'baseline':>16}{'ratio':>8}   ({name})")
        for figures in (accounts.figures(), log.figures(), appending.figures(), transfer.figures()):
            for what, measured, baseline, unit, ratio in figures:
                print(f"{what:58}{measured:>11,.1f} {unit:<4}{baseline:>11,.1f} {unit:<4}{ratio:>8.2f}", flush=True)
        from django.db import connections

        connections.close_all()


if __name__ == "__main__":
    main()
