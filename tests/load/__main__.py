"""``make load``: ten minutes on PostgreSQL; ``python -m tests.load sqlite`` on SQLite. LOAD_SECONDS and LOAD_CLIENTS change how
long and how many. Prints what docs/sizing.md holds, and ends with 1 where anything went wrong."""

import os
import signal
import sys
import tempfile

import django

ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that it stops its servers on the way out
    seconds, clients = int(os.environ.get("LOAD_SECONDS", 600)), int(os.environ.get("LOAD_CLIENTS", 200))
    with tempfile.TemporaryDirectory(prefix="portal-load-", dir="/tmp") as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "portal.settings", "VAR_DIR": folder}  # the portal has its own
        django.setup()
        from tests.load.run import run
        from tests.load.telling import told

        faults = []
        for engine in [ENGINES[name] for name in sys.argv[1:]] or ["PostgreSQL"]:
            done = run(engine=engine, clients=clients, seconds=seconds)
            print(told(done), end="\n\n", flush=True)
            faults += done.faults
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
