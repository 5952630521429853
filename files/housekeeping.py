"""The hourly works on files. Each returns its figures; ``manage.py housekeeping`` runs them and keeps what they did."""

import time
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Firm
from files import sending
from files.inspection import wrong_counters, wrong_objects
from files.models import HousekeepingRun, Snapshot, Upload, Version
from files.purging import empty_old_bins
from files.retention import keep_rules
from files.storage import storage

DAY_SECONDS = 24 * 3600
UNFINISHED_DAYS = 7
BATCH = 500
NIGHTLY, WEEKLY = timedelta(hours=23, minutes=30), timedelta(days=6, hours=23, minutes=30)  # the clock comes hourly
MOST_NAMED = 20
SNAPSHOTS_KEPT = timedelta(days=400)


class Differs(Exception):
    """Something is not as it should be; the words are for the page."""


def expire(*, now=None):
    """Uploads to which nothing has come for a week are over, in the log, and so are the reservations of forms that were
    cut off more than a day ago."""
    now, count = now or timezone.now(), 0
    unfinished = Upload.objects.open().in_parts().filter(moved_at__lt=now - timedelta(days=UNFINISHED_DAYS))
    for upload in unfinished.select_related("folder__cabinet__client"):
        count += sending.give_up(upload, by=None, note=f"nothing came for {UNFINISHED_DAYS} days")
    for form in Upload.objects.open().filter(name="", started_at__lt=now - timedelta(days=1)):
        form.release()
    return {"expired": count}


@dataclass(frozen=True)
class Swept:
    unfinished: int
    orphans: int
    removed: int = 0


@dataclass(frozen=True)
class Work:
    """A work on files: ``within`` says how long it need not be done again, ``figures`` what its numbers are called."""

    name: str
    title: str
    act: object
    figures: dict
    within: timedelta | None = None


def sweep(*, now=None):
    """What an upload left behind more than a day ago is out of the way: unfinished bytes are gone, whole objects that no
    version names are in lost+found. Never sooner: their transaction may still be on its way. The bytes of versions that
    were removed are gone, whatever their age."""
    before = (now or time.time()) - DAY_SECONDS
    store = storage()
    unfinished = store.sweep_staging(before, but=_awaited(Upload.objects.all()))
    orphans, removed, batch = 0, 0, []
    for found in store.stored():
        batch.append(found)
        if len(batch) == BATCH:
            orphans, removed = (
                orphans + _set_aside_unknown(store, batch, before),
                removed + _remove_removed(store, batch),
            )
            batch = []
    return Swept(
        unfinished, orphans + _set_aside_unknown(store, batch, before), removed + _remove_removed(store, batch)
    )


def _set_aside_unknown(store, found, before):
    keys = [key for key, changed_at in found if changed_at < before]
    # first those that are awaited: one that is completed in between has its version when that is asked for
    known = _awaited(Upload.objects.filter(storage_key__in=keys))
    known |= set(Version.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True))
    unknown = [key for key in keys if key not in known]
    for key in unknown:
        store.set_aside(key)
    return len(unknown)


def _awaited(uploads):
    """The keys of those that somebody may still go on with: their parts, and what was made of them, stay."""
    return set(uploads.open().values_list("storage_key", flat=True))


def _remove_removed(store, found):
    removed = Version.objects.filter(storage_key__in=[key for key, _ in found]).exclude(removed_at=None)
    keys = list(removed.values_list("storage_key", flat=True))
    store.remove_all(keys)
    return len(keys)


def _sweep():
    swept = sweep()
    return {"unfinished": swept.unfinished, "orphans": swept.orphans, "removed": swept.removed}


def _take_snapshot():
    """As the firm's day begins; days that lie far behind are forgotten."""
    today = timezone.localdate(timezone=ZoneInfo(Firm.fresh().time_zone))
    Snapshot.objects.filter(day__lt=today - SNAPSHOTS_KEPT).delete()
    return {"snapshots": Snapshot.take(today)}


def _count():
    _tell_of([str(wrong) for wrong in wrong_counters()])
    return {}


def _compare():
    _tell_of([str(wrong) for wrong in wrong_objects() if wrong.is_harmful])
    return {"compared": Version.objects.stored().count()}


def _tell_of(lines):
    """Raises Differs where there are any, and names the first of them."""
    if lines:
        more = len(lines) - MOST_NAMED
        raise Differs("\n".join([*lines[:MOST_NAMED], *([f"And {more:,} more"] if more > 0 else [])]))


WORKS = [
    Work("uploads", "Unfinished uploads", expire, {"expired": "unfinished uploads given up"}),
    Work(
        "sweep",
        "What uploads and deletions left behind",
        _sweep,
        {
            "unfinished": "unfinished uploads removed",
            "orphans": "objects without a file set aside",
            "removed": "objects of deleted files removed",
        },
    ),
    Work("bins", "Bins", empty_old_bins, {"purged": "files deleted for good from bins"}),
    Work(
        "retention",
        "Retention rules",
        keep_rules,
        {
            "announced": "files announced by retention rules",
            "binned_by_rule": "files moved to the bin by retention rules",
        },
        NIGHTLY,
    ),
    Work("snapshots", "Daily figures of the storage", _take_snapshot, {"snapshots": "daily figures kept"}),
    Work("counters", "Counters of cabinets and people", _count, {}, NIGHTLY),
    Work(
        "objects", "Versions against the storage", _compare, {"compared": "versions compared with the storage"}, WEEKLY
    ),
]
TITLES = {work.name: work.title for work in WORKS}
FIGURES = {name: words for work in WORKS for name, words in work.figures.items()}


def run(*, failed):
    """Every work whose time has come is done, and what came of each is kept for the page. ``failed(work, problem)`` is
    called for each that could not be done. Returns the figures by work."""
    figures, problems = {}, {}
    for work in WORKS:
        if work.within and HousekeepingRun.did(work.name, within=work.within):
            continue
        try:
            figures[work.name] = work.act()
        except Differs as found:  # done, and what it found is for people to see to
            figures[work.name], problems[work.name] = {}, str(found)
        except Exception as problem:
            problems[work.name] = f"Could not be done: {type(problem).__name__}: {problem}"[:500]
            failed(work, problem)
    HousekeepingRun.keep(figures, problems)
    return figures
