"""The machine: its clock, the room on its disks, and its processors."""

import os
import shutil
import tempfile
from contextlib import suppress
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from activity.models import Event
from files.storage import storage
from operations.fetching import Unreachable, ask_portal
from operations.findings import ok, warning, wrong

NOTED_SKEW, TOO_MUCH = timedelta(seconds=5), timedelta(seconds=30)  # a code of an authenticator app holds for 30 s
LITTLE_ROOM, LITTLE_SHARE = 2 * 1024**3, 0.1
LITTLE_INODES, FEW_INODES = 0.05, 1_000


def clock(*, now=timezone.now):
    """This machine's clock agrees with the others that the portal has to do with."""
    skews = [(name, now() - theirs) for name, theirs in _other_clocks()]
    wrongs = [(name, skew) for name, skew in skews if abs(skew) > NOTED_SKEW]
    for name, skew in wrongs:
        way = "ahead of" if skew > timedelta() else "behind"
        found = wrong if abs(skew) > TOO_MUCH else warning
        yield found(
            f"it is {abs(skew).total_seconds():.0f} s {way} that of {name}; let NTP (chrony, timesyncd) set both"
        )
    last = Event.objects.newest_first().values_list("at", flat=True).first()
    if last and last - now() > NOTED_SKEW:
        seconds = (last - now()).total_seconds()
        yield wrong(f"the log's last event is {seconds:.0f} s ahead of it: it went back; let NTP set it")
    elif not wrongs and skews:
        yield ok(f"it agrees with that of {' and of '.join(name for name, _ in skews)}")
    elif not wrongs:
        yield ok("it is not behind the log; nothing else here has a clock to compare it with, so let NTP set it")


def _other_clocks():
    """(whose, the time there) of whoever answers now."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            yield "the database", cursor.fetchone()[0].astimezone(UTC)
    if settings.STORAGE.kind == "s3":
        with suppress(OSError):
            yield from _dated("the bucket", storage().date())
    if not settings.BASE_URL.is_local:
        with suppress(Unreachable):
            yield from _dated(settings.BASE_URL.host, ask_portal("/healthz").headers.get("Date"))


def _dated(name, date):
    if date:
        yield name, parsedate_to_datetime(date)


def free_space():
    """Each disk that the portal writes to has room for bytes and for files."""
    seen = set()
    for name, folder in _folders():
        disk = folder.stat().st_dev
        if disk not in seen:
            seen.add(disk)
            yield from _room_on(name, folder)


def _folders():
    if settings.STORAGE.kind == "folder":
        yield "the files", _existing(settings.STORAGE.folder)
    if connection.vendor == "sqlite":
        yield "the database", _existing(Path(connection.settings_dict["NAME"]))
    yield "VAR_DIR", _existing(settings.VAR_DIR)
    yield "temporary files", Path(tempfile.gettempdir())


def _existing(path):
    return next(one for one in (path, *path.parents) if one.is_dir())


def _room_on(name, folder):
    room, entries = shutil.disk_usage(folder), os.statvfs(folder)
    where = f"the disk of {name} ({folder})"
    if room.free <= settings.KEEP_FREE_BYTES:
        yield wrong(
            f"{where} has {_in_words(room.free)} left, and uploads are refused below {_in_words(settings.KEEP_FREE_BYTES)} "
            "(KEEP_FREE_BYTES); make room"
        )
    elif room.free < LITTLE_ROOM and room.free < room.total * LITTLE_SHARE:
        yield warning(f"{where} has {_in_words(room.free)} of {_in_words(room.total)} left; make room soon")
    elif entries.f_files and entries.f_favail < FEW_INODES:
        yield wrong(f"{where} has room for {entries.f_favail} more files (inodes); make a file system with more")
    elif entries.f_files and entries.f_favail < entries.f_files * LITTLE_INODES:
        yield warning(f"{where} has inodes for {entries.f_favail} more files; make a file system with more")
    else:
        yield ok(f"{where} has {_in_words(room.free)} left")


def processes():
    """PORTAL_WORKERS fits the machine's processors."""
    workers, cores = int(os.environ.get("PORTAL_WORKERS", "2")), len(os.sched_getaffinity(0))
    words = f"PORTAL_WORKERS is {workers}, and this machine has {cores} processor{'' if cores == 1 else 's'}"
    if workers > 2 * cores + 1:
        yield warning(f"{words}; more than {2 * cores + 1} processes only take memory")
    elif workers * 4 <= cores:
        yield warning(f"{words}; with {cores} more people are served at once")
    else:
        yield ok(words)


def _in_words(number):
    return f"{number / 1e9:,.1f} GB" if number >= 1e9 else f"{number / 1e6:,.0f} MB"
