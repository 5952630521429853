"""``python -m operations.healthcheck worker``, or ``clock``: the health of a container that serves no pages. Ends with 1, and says
what is wrong, where its process was not heard of lately, or what /healthz asks for is not as it must be."""

import argparse
import os
import sys

import django


def main(process):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from operations import heartbeat, startup

    found = startup.problems()
    if not found and not heartbeat.is_heard_of_here(process):
        found = [f"the {process} of this machine was not heard of for {heartbeat.LATE_AFTER.seconds // 60} minutes"]
    sys.exit("\n".join(found) or None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m operations.healthcheck", description=__doc__)
    parser.add_argument("process", choices=["worker", "clock"])
    main(parser.parse_args().process)
