"""Whether what the rows say is so: the counters of cabinets and people, and the bytes in the storage. Read in parts: memory
stays small."""

import hashlib
import time
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, Sum

from accounts.connections import release_connection
from accounts.models import User
from files import signals
from files.models import Cabinet, Sender, Upload, Version
from files.space import COUNTERS
from files.storage import storage

PREFIXES = [f"{number:02x}" for number in range(256)]  # of storage keys, which are random and hexadecimal
DAY_SECONDS = 24 * 3600
OF_PEOPLE = [name for name in COUNTERS if name != "reserved"]


@dataclass(frozen=True)
class WrongCounters:
    """A cabinet, or a person, whose counters differ from the rows: both by name, files in number and the others in bytes."""

    whose: Cabinet | User
    counted: dict
    in_rows: dict

    @property
    def differ(self):
        return [name for name in self.counted if self.counted[name] != self.in_rows[name]]

    def __str__(self):
        words = ", ".join(f"{name} {self.counted[name]:,} instead of {self.in_rows[name]:,}" for name in self.differ)
        return f"{self.whose}: counted {words}{'' if self.differ == ['files'] else ' bytes'}"


@dataclass(frozen=True)
class WrongObject:
    """An object that is not what its version says, or that none names; ``is_harmful``: bytes are missing or other ones."""

    words: str
    is_harmful: bool = True

    def __str__(self):
        return self.words


def wrong_counters():
    """Of all cabinets, and of all people. What seems wrong is looked at again alone, so that what happens meanwhile is no
    error."""
    in_rows, none = _sums_by_cabinet(Cabinet.objects.all()), dict.fromkeys(COUNTERS, 0)
    for cabinet in Cabinet.objects.select_related("client", "owner").iterator(chunk_size=1_000):
        if _counted(cabinet) != in_rows.get(cabinet.pk, none):
            yield from _looked_at_again(cabinet)
    in_rows, none = _sums_by_person(User.objects.all()), dict.fromkeys(OF_PEOPLE, 0)
    for user in User.objects.select_related("sender").order_by("pk").iterator(chunk_size=1_000):
        if _counted_of(user) != in_rows.get(user.pk, none):
            yield from _looked_at_again(user)


def _looked_at_again(whose):
    with transaction.atomic():
        wrong = _compare(whose)
    if wrong:
        yield wrong


def repair_counters(whose):
    """The counters of the cabinet, or the person, are those of the rows, and the log says what they were."""
    with transaction.atomic():
        wrong = _compare(whose)
        if wrong is None:
            return
        fields = {COUNTERS[name]: wrong.in_rows[name] for name in wrong.in_rows}
        if isinstance(whose, Cabinet):
            Cabinet.objects.filter(pk=whose.pk).update(**fields)
        else:
            Sender.change(whose.pk, **fields)
        signals.counters_repaired.send(
            type(whose),
            subject=whose,
            by=None,
            before={name: str(wrong.counted[name]) for name in wrong.differ},
            after={name: str(wrong.in_rows[name]) for name in wrong.differ},
        )


def _compare(whose):
    """While the row is locked nobody commits a change of the counters, so that they and the rows are of one moment."""
    if isinstance(whose, Cabinet):
        locked = Cabinet.objects.select_for_update(no_key=True).get(pk=whose.pk)
        counted, in_rows, none = _counted(locked), _sums_by_cabinet([locked]), dict.fromkeys(COUNTERS, 0)
    else:
        Sender.lock(whose.pk)
        locked = User.objects.select_related("sender").get(pk=whose.pk)
        counted, in_rows, none = _counted_of(locked), _sums_by_person([locked]), dict.fromkeys(OF_PEOPLE, 0)
    in_rows = in_rows.get(whose.pk, none)
    return WrongCounters(whose, counted, in_rows) if counted != in_rows else None


def _counted(cabinet):
    return {name: getattr(cabinet, field) for name, field in COUNTERS.items()}


def _counted_of(user):
    sender = getattr(user, "sender", None)
    return {name: getattr(sender, COUNTERS[name], 0) for name in OF_PEOPLE}


def _sums_by_cabinet(cabinets):
    """{cabinet's id: {counter: number}}, from the rows."""
    found = _sums(Version.objects.filter(file__folder__cabinet__in=cabinets), "file__folder__cabinet")
    for numbers in found.values():
        numbers["reserved"] = 0
    uploads = Upload.objects.filter(closed_at=None, folder__cabinet__in=cabinets).order_by().values("folder__cabinet")
    for cabinet_id, reserved in uploads.annotate(n=Sum("size_bytes")).values_list("folder__cabinet", "n"):
        found.setdefault(cabinet_id, dict.fromkeys(COUNTERS, 0))["reserved"] = reserved
    return found


def _sums_by_person(people):
    return _sums(Version.objects.filter(by__in=people), "by")


def _sums(versions, whose):
    """{whose id: {counter: number}} of the versions that are stored."""
    in_place, is_current = Q(file__binned_at=None), Q(current_of__isnull=False)
    sums = {
        "files": Count("pk", filter=in_place & is_current),
        "current": Sum("size_bytes", filter=in_place & is_current, default=0),
        "earlier": Sum("size_bytes", filter=in_place & ~is_current, default=0),
        "binned": Sum("size_bytes", filter=~in_place, default=0),
    }
    rows = versions.stored().order_by().values_list(whose).annotate(**sums).values_list(whose, *sums)
    return {pk: dict(zip(sums, numbers, strict=True)) for pk, *numbers in rows}


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
        return WrongObject(f"{name_of(version)}: {words}", is_harmful=False) if size is not None else None
    if size is None:
        size = _size_now(store, version.storage_key)  # it may have arrived since they were listed
        if size is None:
            return WrongObject(f"{name_of(version)}: its bytes are missing")
    if size != version.size_bytes:
        return WrongObject(f"{name_of(version)}: {size:,} bytes are stored instead of {version.size_bytes:,}")
    if version.state == Version.State.DAMAGED:
        return WrongObject(f"{name_of(version)}: damaged, {version.state_note or 'as an earlier check found'}")
    if content and version.sha256 and digest(store, version.storage_key) != version.sha256:
        return WrongObject(f"{name_of(version)}: other bytes are stored than were sent")
    return None


def _size_now(store, key):
    try:
        return store.size(key)
    except OSError:
        return None


def digest(store, key):
    """The SHA-256 of the object as it is read now, in hex. Raises OSError."""
    found, source = hashlib.sha256(), store.open(key)
    try:
        for chunk in source:
            found.update(chunk)
    finally:
        source.close()
    return found.hexdigest()


def name_of(version):
    """For whoever runs the portal: whose cabinet, and the file with its version."""
    return f"{version.file.folder.cabinet}, {version}"


def _age(seconds):
    return f"{seconds / DAY_SECONDS:.0f} days" if seconds >= 2 * DAY_SECONDS else f"{seconds / 3600:.0f} hours"
