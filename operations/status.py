"""How everything stands that the portal needs, in words, with what to do where something is wrong."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from activity.models import Checkpoint, Event, Verification
from files.models import HousekeepingRun
from files.scanner import SIGNATURES_ARE_OLD_AFTER, ScannerUnavailable, scanner_version
from files.sizes import size
from files.space import space_of_firm
from files.storage import storage
from operations.backup.history import last_backup, last_failure
from operations.checks.work import CLOCK_IS_LATE
from operations.heartbeat import LATE_AFTER, last_beats
from operations.looks import SCANNER_SECONDS, database_bytes
from operations.models import Heartbeat
from operations.queues import MAIL, OTHER, REPORTS, is_waiting_since, queues

WAITS_TOO_LONG = timedelta(minutes=15)
VERIFICATION_IS_OLD = timedelta(days=2)  # daily
BACKUP_IS_OLD = timedelta(days=2)
TASKS = {OTHER: "checks and the like", REPORTS: "reports"}
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
OK, WARN, BAD, NONE = "ok", "warn", "bad", "none"
logger = logging.getLogger("portal.status")


@dataclass(frozen=True)
class Part:
    """One thing: how it stands in words, since or until when, and what to do where that is not as it should be."""

    words: str
    level: str = OK
    mend: str = ""
    at: datetime | None = None
    link: str = ""  # to a page with more of it, which administrators open
    title: str = ""


@dataclass(frozen=True)
class Look:
    """``part()`` gives the Part."""

    title: str
    part: Callable


def sections():
    """(title, Parts) of all that is looked at. A part that fails says so, and keeps none of the others from being shown."""
    return [(title, [_seen(look) for look in looks]) for title, looks in SECTIONS]


def urgent():
    """Whether something needs somebody soon, by what the database knows: two quick queries, and nobody else is asked. That
    the log is broken stands on every page."""
    now = timezone.now()
    return any(now - at > LATE_AFTER for at in last_beats().values()) or is_waiting_since(now - WAITS_TOO_LONG)


def _seen(look):
    try:
        part = look.part()
    except Exception as problem:
        logger.warning("%s could not be looked at", look.title, exc_info=problem)
        part = Part("Could not be looked at", BAD, "The server's own log says why.")
    return Part(part.words, part.level, part.mend, part.at, part.link, look.title)


def _storage():
    place = "Bucket" if settings.STORAGE.kind == "s3" else "Folder"
    link = reverse("usage")
    try:
        storage().answers()
    except OSError:
        mend = "Files can be neither sent nor fetched. Start it, or look at STORAGE_URL and the rights of the portal's user."
        return Part(f"{place}, does not answer", BAD, mend, link=link)
    space = space_of_firm()
    words = f"{place}, {size(space.used_bytes)} used"
    if space.limit_bytes is None:
        return Part(words, link=link)
    words += f" of {size(space.limit_bytes)}" + (" (quota)" if space.is_quota else " (disk)")
    if not space.left_bytes:
        return Part(
            words, BAD, "No room is left, and nobody can send files. Make room, or give it a larger disk.", link=link
        )
    if space.is_nearly_full:
        return Part(words, WARN, f"Only {size(space.left_bytes)} left. Make room, or give it a larger disk.", link=link)
    return Part(words, link=link)


def _database():
    words = f"{ENGINES[connection.vendor]}, {size(database_bytes())}"
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return Part(f"{words}, not up to date", BAD, "Run manage.py prepare, then start the processes anew.")
    return Part(f"{words}, up to date")


def _release():
    return Part(f"Firm Portal {settings.VERSION}", NONE)


def _process(process, does):
    def part():
        at = last_beats().get(process.value)
        if at is None:
            return Part("Was never heard of", BAD, f"Start manage.py {does['command']}: without it {does['without']}.")
        if timezone.now() - at > LATE_AFTER:
            return Part(
                f"Not heard of for {timesince(at)}",
                BAD,
                f"Start manage.py {does['command']}: without it {does['without']}.",
                at,
            )
        return Part("Runs", at=at)

    return part


def _mail():
    queue = queues()[MAIL]
    link = reverse("activity") + "?action=system.notice-failed"
    if queue.age > WAITS_TOO_LONG:
        return Part(_waiting(queue), BAD, "Mails do not leave. See that the worker runs.", queue.oldest_at, link)
    if queue.failed:
        mend = "These mails did not leave within a day. See that the mail server of EMAIL_URL answers; the log says to whom."
        return Part(f"{_waiting(queue)}, {queue.failed:,} failed", WARN, mend, queue.oldest_at, link)
    return Part(_waiting(queue), at=queue.oldest_at, link=link)


def _tasks():
    others = [queue for name, queue in queues().items() if name != MAIL]
    words = ", ".join(f"{queue.waiting:,} {TASKS[queue.name]}" for queue in others) + " waiting"
    oldest_at = min((queue.oldest_at for queue in others if queue.oldest_at), default=None)
    if any(queue.age > WAITS_TOO_LONG for queue in others):
        return Part(
            words, WARN, "The worker does not keep up, is busy with something long, or does not run.", oldest_at
        )
    if failed := sum(queue.failed for queue in others):
        return Part(
            f"{words}, {failed:,} failed", WARN, "Failed within a day; the worker's own log says why.", oldest_at
        )
    return Part(words, at=oldest_at)


def _waiting(queue):
    return f"{queue.waiting:,} waiting"


def _housekeeping():
    run, link = HousekeepingRun.objects.first(), reverse("housekeeping")
    if run is None:
        return Part("Not done yet", NONE, link=link)
    if timezone.now() - run.at > CLOCK_IS_LATE:
        return Part("Late", WARN, "It is done every hour, by the clock. See that it runs.", run.at, link)
    if run.problems:
        return Part("Done, with problems", WARN, "The page Housekeeping names them.", run.at, link)
    return Part("Done", at=run.at, link=link)


def _checkpoint():
    last, link = Checkpoint.objects.first(), reverse("integrity")
    head = Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    words = f"{head:,} events"
    if last is None:
        return Part(f"{words}, no checkpoint yet", NONE, link=link)
    if timezone.now() - last.at > CLOCK_IS_LATE:
        mend = "The clock signs one every hour. See that it runs."
        return Part(f"{words}, last checkpoint at event {last.size:,}", WARN, mend, last.at, link)
    return Part(f"{words}, last checkpoint at event {last.size:,}", at=last.at, link=link)


def _verification():
    last, link = Verification.objects.order_by("-pk").first(), reverse("integrity")
    if last is None:
        return Part("Not verified yet", NONE, link=link)
    if not last.is_whole and last.acknowledged_at is None:
        return Part(
            f"Broken: {last.finding}",
            BAD,
            "Change nothing, keep the backups, and read Show that the log is whole.",
            last.at,
            link,
        )
    words = "Unbroken" if last.is_whole else "Broken, and acknowledged"
    if timezone.now() - last.at > VERIFICATION_IS_OLD:
        return Part(words, WARN, "The clock verifies the log daily. See that it runs.", last.at, link)
    return Part(words, at=last.at, link=link)


def _backup():
    """A failed one is told, also where an older one succeeded."""
    link = reverse("help-page", args=["backups"])
    if failed := last_failure():
        return Part("Failed", BAD, f"{failed.details['note']}. Whoever runs the server mends it.", failed.at, link)
    last = last_backup()
    if last is None:
        # on one's own machine there is nothing to lose yet
        level = NONE if settings.BASE_URL.is_local else WARN
        return Part(
            "None recorded", level, "Without one, a lost machine is a lost firm. Back the portal up daily.", link=link
        )
    words = f"{size(last.size_bytes)}, verified: {last.verified}"
    if timezone.now() - last.at > BACKUP_IS_OLD:
        return Part(f"Old: {words}", WARN, "See why it is no longer made; once a day is usual.", last.at, link)
    return Part(words, at=last.at, link=link)


def _scanner():
    if settings.CLAMAV is None:
        return Part("None is set up: files are handed out as they were received", NONE)
    link = reverse("checks")
    try:
        found = scanner_version(seconds=SCANNER_SECONDS)
    except ScannerUnavailable:
        mend = "What arrives waits, and is handed out to nobody. Start clamd, or look at CLAMAV_URL."
        return Part("Does not answer", BAD, mend, link=link)
    if found.signed_at is None:
        return Part(f"{found.name}, without signatures", WARN, "See that freshclam fetches them.", link=link)
    if timezone.now() - found.signed_at > SIGNATURES_ARE_OLD_AFTER:
        return Part(f"{found.name}, old signatures", WARN, "freshclam does not run. Start it.", found.signed_at, link)
    return Part(f"{found.name}, fresh signatures", at=found.signed_at, link=link)


SECTIONS = [
    (
        "Files and database",
        [Look("Storage", _storage), Look("Database", _database), Look("Scanner", _scanner), Look("Release", _release)],
    ),
    (
        "Work in the background",
        [
            Look(
                "Worker",
                _process(
                    Heartbeat.Process.WORKER,
                    {"command": "work", "without": "no mail leaves, nothing is checked, and no report is made"},
                ),
            ),
            Look(
                "Clock",
                _process(
                    Heartbeat.Process.CLOCK,
                    {"command": "clock", "without": "nothing is verified, signed, cleared away or sent on time"},
                ),
            ),
            Look("Mail", _mail),
            Look("Other tasks", _tasks),
            Look("Housekeeping", _housekeeping),
        ],
    ),
    (
        "The log and its copies",
        [Look("Log", _checkpoint), Look("Verification", _verification), Look("Backup", _backup)],
    ),
]
