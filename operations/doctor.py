"""Looks at everything that is easily got wrong when the portal is installed, and says how to mend it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db import DatabaseError

from operations.checks import address, database, keys, machine, mail, people, scanner, store, work
from operations.findings import first_line, warning, wrong


@dataclass(frozen=True)
class Check:
    """``look()`` gives Findings: several where several things are wrong, none where there is nothing to look at."""

    name: str
    title: str
    look: Callable


CHECKS = [
    Check("start", "Start", database.start),
    Check("address", "Address", address.address),
    Check("certificate", "Certificate", address.certificate),
    Check("proxies", "Proxies", address.proxies),
    Check("clock", "Time", machine.clock),
    Check("mail", "Mail server", mail.mail),
    Check("sender", "Sender of mails", mail.sender),
    Check("storage", "Storage", store.stores),
    Check("bucket", "Bucket and browsers", store.browsers_reach_bucket),
    Check("space", "Free space", machine.free_space),
    Check("keys", "Key file", keys.key_file),
    Check("secret", "SECRET_KEY", keys.secret_key),
    Check("private", "Private files", keys.private_files),
    Check("database", "Database", database.database),
    Check("log", "Rights on the log", database.log_rights),
    Check("cache", "Cache", database.shared_cache),
    Check("scanner", "Scanner", scanner.scanner),
    Check("limits", "Scanner's limits", scanner.scanner_limits),
    Check("worker", "Worker", work.worker),
    Check("hourly", "Clock and its work", work.clock_work),
    Check("processes", "Processes", machine.processes),
    Check("people", "Administrators", people.administrators),
    Check("demonstration", "Demonstration", people.demonstration),
]
BY_NAME = {check.name: check for check in CHECKS}


def examine(names):
    """The Findings of these checks, in their order, each as soon as it is known. What fails itself is a finding too."""
    for name in names:
        check = BY_NAME[name]
        for finding in _looked(check):
            yield replace(finding, title=check.title)


def _looked(check):
    try:
        yield from check.look()
    except DatabaseError:
        yield warning("not looked at, since the database does not answer or was never prepared")
    except Exception as problem:  # one check that fails keeps none of the others from being made
        yield wrong(f"could not be looked at: {type(problem).__name__}: {first_line(problem)}")
