"""Whether what the rows say is so: the cabinets' counters, and the bytes in the storage. Read in parts: memory stays small."""

import hashlib
import time
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, Sum

from accounts.connections import release_connection
from files import signals
from files.models import Cabinet, Upload, Version
from files.space import KINDS
from files.storage import storage

PREFIXES = [f"{number:02x}" for number in range(256)]  # of storage keys, which are random and hexadecimal
DAY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class WrongCounters:
    """A cabinet whose counters differ from its rows: both in bytes, by kind."""

    cabinet: Cabinet
    counted: dict
    in_rows: dict

    def __str__(self):
        differ = [kind for kind in KINDS if self.counted[kind] != self.in_rows[kind]]
        words = ", ".join(f"{kind} {self.counted[kind]:,} instead of {self.in_rows[kind]:,}" for kind in differ)
        return f"{self.cabinet}: counted {words} bytes"


@dataclass(frozen=True)
class WrongObject:
    """An object that is not what its version says, or that none names; ``is_harmful``: bytes are missing or other ones."""

    words: str
    is_harmful: bool = True

    def __str__(self):
        return self.words


def wrong_counters():
    """Of all cabinets. One that seems wrong is looked at again alone, so that what happens meanwhile is no error."""
    in_rows = _sums(Cabinet.objects.all())
    none = dict.fromkeys(KINDS, 0)
    for cabinet in Cabinet.objects.select_related("client", "owner").iterator(chunk_size=1_000):
        if _counted(cabinet) != in_rows.get(cabinet.pk, none):
            with transaction.atomic():
                wrong = _compare(cabinet)
            if wrong:
                yield wrong


def repair_counters(cabinet):
    """The cabinet's counters are those of its rows, and the log says what they were."""
    with transaction.atomic():
        wrong = _compare(cabinet)
        if wrong is None:
            return
        Cabinet.objects.filter(pk=cabinet.pk).update(**{f"{kind}_bytes": wrong.in_rows[kind] for kind in KINDS})
        differ = [kind for kind in KINDS if wrong.counted[kind] != wrong.in_rows[kind]]
        signals.counters_repaired.send(
            Cabinet,
            subject=cabinet,
            by=None,
            before={kind: str(wrong.counted[kind]) for kind in differ},
            after={kind: str(wrong.in_rows[kind]) for kind in differ},
        )


def _compare(cabinet):
    """While the row is locked nobody commits a change of the counters, so that they and the rows are of one moment."""
    locked = Cabinet.objects.select_for_update(no_key=True).get(pk=cabinet.pk)
    counted, in_rows = _counted(locked), _sums([locked]).get(locked.pk, dict.fromkeys(KINDS, 0))
    return WrongCounters(cabinet, counted, in_rows) if counted != in_rows else None


def _counted(cabinet):
    return {kind: getattr(cabinet, f"{kind}_bytes") for kind in KINDS}


def _sums(cabinets):
    """{cabinet's id: {kind: bytes}}, from the rows."""
    in_place, is_current = Q(file__binned_at=None), Q(current_of__isnull=False)
    versions = Version.objects.stored().filter(file__folder__cabinet__in=cabinets)
    versions = versions.order_by().values("file__folder__cabinet")
    sums = versions.annotate(
        current=Sum("size_bytes", filter=in_place & is_current, default=0),
        earlier=Sum("size_bytes", filter=in_place & ~is_current, default=0),
        binned=Sum("size_bytes", filter=~in_place, default=0),
    )
    found = {
        row.pop("file__folder__cabinet"): {**row, "reserved": 0}
        for row in sums.values("file__folder__cabinet", "current", "earlier", "binned")
    }
    uploads = Upload.objects.filter(closed_at=None, folder__cabinet__in=cabinets).order_by().values("folder__cabinet")
    for cabinet_id, reserved in uploads.annotate(n=Sum("size_bytes")).values_list("folder__cabinet", "n"):
        found.setdefault(cabinet_id, dict.fromkeys(KINDS, 0))["reserved"] = reserved
    return found


def wrong_objects(*, content=False):
    """What is missing in the storage, has another size or, with ``content``, other bytes; what no version names; what is to
    be removed. Versions and objects are compared by the first letters of their keys. Raises OSError."""
    store, now = storage(), time.time()
    for prefix in PREFIXES:
        known = Upload.objects.filter(closed_at=None, storage_key__range=(prefix, f"{prefix}g"))
        known = set(known.values_list("storage_key", flat=True))
        objects = {key: (size, changed_at) for key, size, changed_at in store.listed(prefix)}
        # after the objects: what arrives meanwhile has its row only when its bytes are there
        versions = Version.objects.filter(storage_key__range=(prefix, f"{prefix}g")).select_related(
            "file__folder__cabinet"
        )
        versions = list(versions.select_related("file__folder__cabinet__client", "file__folder__cabinet__owner"))
        release_connection()
        for version in versions:
            size, _ = objects.pop(version.storage_key, (None, None))
            if wrong := _wrong(store, version, size, content):
                yield wrong
        for key, (size, changed_at) in objects.items():
            if key not in known:
                yield WrongObject(
                    f"{key}: {size:,} bytes that no version names, {_age(now - changed_at)} old", is_harmful=False
                )


def _wrong(store, version, size, content):
    if version.removed_at is not None:
        words = "was deleted for good, and its bytes are still stored; housekeeping removes them"
        return WrongObject(f"{_name(version)}: {words}", is_harmful=False) if size is not None else None
    if size is None:
        size = _size_now(store, version.storage_key)  # it may have arrived since they were listed
        if size is None:
            return WrongObject(f"{_name(version)}: its bytes are missing")
    if size != version.size_bytes:
        return WrongObject(f"{_name(version)}: {size:,} bytes are stored instead of {version.size_bytes:,}")
    if version.state == Version.State.DAMAGED:
        return WrongObject(f"{_name(version)}: damaged, {version.state_note or 'as an earlier check found'}")
    if content and version.sha256 and _digest(store, version.storage_key) != version.sha256:
        return WrongObject(f"{_name(version)}: other bytes are stored than were sent")
    return None


def _size_now(store, key):
    try:
        return store.size(key)
    except OSError:
        return None


def _digest(store, key):
    digest, source = hashlib.sha256(), store.open(key)
    try:
        for chunk in source:
            digest.update(chunk)
    finally:
        source.close()
    return digest.hexdigest()


def _name(version):
    return f"{version.file.folder.cabinet}, {version}"


def _age(seconds):
    return f"{seconds / DAY_SECONDS:.0f} days" if seconds >= 2 * DAY_SECONDS else f"{seconds / 3600:.0f} hours"
