"""How much room the files of each cabinet take, counted as it changes, and how much there is left."""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from accounts.models import Firm
from files.storage import storage

KINDS = ("current", "earlier", "binned", "reserved")
COUNTERS = {"files": "file_count", **{kind: f"{kind}_bytes" for kind in KINDS}}
NEARLY_FULL = 0.9


class QuotaExceeded(ValueError):
    """The bytes do not fit into what the firm, or this client, may store."""

    def __init__(self, size_bytes, free_bytes):
        super().__init__(f"{size_bytes} bytes do not fit into {free_bytes}")
        self.size_bytes = size_bytes
        self.free_bytes = free_bytes


def count(cabinet_id, **changes):
    """The cabinet's counters (``files``; ``current``, ``earlier``, ``binned``, ``reserved``, in bytes) are this much higher or
    lower. Inside the transaction of what changes them; of several cabinets, the one with the lower id first."""
    from files.models import Cabinet

    Cabinet.objects.filter(pk=cabinet_id).update(**_higher(changes))


def _higher(changes):
    return {COUNTERS[name]: F(COUNTERS[name]) + number for name, number in changes.items()}


class Tally:
    """Changes of the counters of cabinets and of the people who sent what lies there, gathered and then made at once: first
    the cabinets, then the people, of each the lower id first, so that no two who count wait for one another."""

    def __init__(self):
        self._cabinets, self._people = (defaultdict(lambda: defaultdict(int)) for _ in range(2))
        self._senders = set()

    def add(self, cabinet_id, person_id, **changes):
        for name, number in changes.items():
            self._cabinets[cabinet_id][name] += number
            self._people[person_id][name] += number

    def add_sent(self, cabinet_id, person_id, size_bytes, *, instead_of=None):
        """A version that this person sends now, and that is its file's current one, ``instead_of`` another where there was one."""
        self.add(cabinet_id, person_id, files=1, current=size_bytes)
        if instead_of:
            before = instead_of.size_bytes
            self.add(cabinet_id, instead_of.by_id, files=-1, current=-before, earlier=before)
        self._senders.add(person_id)

    def add_released(self, cabinet_id, size_bytes):
        """These bytes, which have come, are reserved no more."""
        self._cabinets[cabinet_id]["reserved"] -= size_bytes

    def count(self):
        """Inside the transaction of what changes them, before anything is recorded."""
        from files.models import Cabinet, Sender

        moment = {"last_sent_at": timezone.now()} if self._senders else {}
        for cabinet_id in sorted(self._cabinets):
            Cabinet.objects.filter(pk=cabinet_id).update(**_higher(self._cabinets[cabinet_id]), **moment)
        for person_id in sorted(self._people):
            is_sender = person_id in self._senders
            Sender.change(person_id, **_higher(self._people[person_id]), **(moment if is_sender else {}))


def lock_counters(cabinet_id, person_id):
    """Nobody else changes these counters until the transaction ends: for what is recorded before it is counted."""
    from files.models import Cabinet, Sender

    Cabinet.objects.select_for_update(no_key=True).get(pk=cabinet_id)
    Sender.lock(person_id)


def count_binned(files):
    """The files' bytes are counted with the bin. Inside the transaction that puts them there."""
    _count_in_place(files, -1)


def count_restored(files):
    """The files' bytes are counted with what is in place."""
    _count_in_place(files, 1)


def _count_in_place(files, sign):
    tally = Tally()
    for cabinet_id, person_id, count, current, earlier in _sizes(files):
        binned = -sign * (current + earlier)
        tally.add(
            cabinet_id, person_id, files=sign * count, current=sign * current, earlier=sign * earlier, binned=binned
        )
    tally.count()


def count_moved(files, cabinet):
    """The files' bytes are counted with this cabinet. Inside the transaction that moves them there, before it does. Raises
    QuotaExceeded where the cabinet may not hold so much; the firm's sum stays as it is."""
    changes, arriving = defaultdict(lambda: defaultdict(int)), 0
    for cabinet_id, _, *sizes in _sizes(files):
        if cabinet_id != cabinet.pk:
            for name, number in zip(("files", "current", "earlier"), sizes, strict=True):
                changes[cabinet_id][name] -= number
                changes[cabinet.pk][name] += number
            arriving += sum(sizes[1:])
    for cabinet_id in sorted(changes):
        count(cabinet_id, **changes[cabinet_id])
    cabinet.refresh_from_db(fields=["quota_bytes", *(f"{kind}_bytes" for kind in KINDS)])
    over = sum(getattr(cabinet, f"{kind}_bytes") for kind in KINDS) - (cabinet.quota_bytes or 0)
    if cabinet.quota_bytes is not None and arriving and over > 0:
        raise QuotaExceeded(arriving, max(0, arriving - over))


def lock_room():
    """Those who need room come one after the other. The first lock of a transaction that reserves under others."""
    Firm.objects.select_for_update().filter(pk=1).first()


def count_purged(files):
    """The files' bytes, which lie in the bin, are counted no more. Before their versions say that they are removed."""
    tally = Tally()
    for cabinet_id, person_id, _, current, earlier in _sizes(files):
        tally.add(cabinet_id, person_id, binned=-current - earlier)
    tally.count()


def count_fetched(file_ids, person):
    """Somebody of a client's people fetches these now. Inside a transaction, before any of the versions is changed."""
    from files.models import Cabinet, Sender

    now = timezone.now()
    cabinets = Cabinet.objects.filter(folders__files__in=file_ids).order_by("pk").distinct()
    for cabinet_id in list(cabinets.values_list("pk", flat=True)):
        Cabinet.objects.filter(pk=cabinet_id).update(last_fetched_at=now)
    Sender.change(person.pk, last_fetched_at=now)


def _sizes(files):
    """How many of the files each person sent last, and the bytes of their current and earlier versions, by cabinet."""
    from files.models import Version

    versions = Version.objects.filter(file__in=[file.pk for file in files], removed_at=None)
    sent = versions.order_by().values_list("file__folder__cabinet", "by")
    for cabinet_id, person_id, in_all, current, count in sent.annotate(
        in_all=Sum("size_bytes"),
        current=Sum("size_bytes", filter=Q(current_of__isnull=False), default=0),
        count=Count("current_of"),
    ):
        yield cabinet_id, person_id, count, current, in_all - current


@dataclass(frozen=True)
class Space:
    """What is stored somewhere, in bytes by kind, and how much may be: None where nothing sets an end."""

    current: int
    earlier: int
    binned: int
    reserved: int
    limit_bytes: int | None = None
    is_quota: bool = False  # somebody of the firm has set the limit; else it is what the disk holds

    @property
    def used_bytes(self):
        return self.current + self.earlier + self.binned + self.reserved

    @property
    def left_bytes(self):
        return None if self.limit_bytes is None else max(0, self.limit_bytes - self.used_bytes)

    @property
    def over_bytes(self):
        return 0 if self.limit_bytes is None else max(0, self.used_bytes - self.limit_bytes)

    @property
    def share(self):
        """How much of the limit is used, at most 1."""
        return (
            min(1, self.used_bytes / self.limit_bytes) if self.limit_bytes else None if self.limit_bytes is None else 1
        )

    @property
    def is_nearly_full(self):
        return self.share is not None and self.share >= NEARLY_FULL


def space_of_firm():
    """Of all cabinets, by the firm's quota or what the disk holds, whichever ends sooner. One query for the sums."""
    from files.models import Cabinet

    sums = Cabinet.objects.aggregate(**{kind: Sum(f"{kind}_bytes", default=0) for kind in KINDS})
    space, quota_bytes, free_bytes = Space(**sums), Firm.current().quota_bytes, None
    with suppress(OSError):  # of a store that does not answer
        free_bytes = storage().free_bytes()
    if free_bytes is None:
        return Space(**sums, limit_bytes=quota_bytes, is_quota=quota_bytes is not None)
    of_disk = space.used_bytes + max(0, free_bytes - settings.KEEP_FREE_BYTES)
    if quota_bytes is None or of_disk < quota_bytes:
        return Space(**sums, limit_bytes=of_disk)
    return Space(**sums, limit_bytes=quota_bytes, is_quota=True)


def space_of(cabinet):
    """Of one cabinet, by its own quota."""
    sums = {kind: getattr(cabinet, f"{kind}_bytes") for kind in KINDS}
    return Space(**sums, limit_bytes=cabinet.quota_bytes, is_quota=cabinet.quota_bytes is not None)


def used_bytes():
    """Of the whole firm: files, earlier versions, bin, and what is reserved."""
    from files.models import Cabinet

    return Cabinet.objects.aggregate(used=Sum(sum(F(f"{kind}_bytes") for kind in KINDS), default=0))["used"]


def free_bytes(cabinet, firm=None):
    """What can still be stored in the cabinet, by the firm's quota and its own; None where neither says."""
    free = []
    quota_bytes = (firm or Firm.current()).quota_bytes
    if quota_bytes is not None:
        free.append(quota_bytes - used_bytes())
    if cabinet.quota_bytes is not None:
        free.append(cabinet.quota_bytes - cabinet.used_bytes)
    return max(0, min(free)) if free else None


def need_room(cabinet, size_bytes):
    """So many bytes more fit, and still do when the transaction ends. Before any other lock. Raises QuotaExceeded."""
    Firm.fresh()  # the row that is locked has to be there
    firm = Firm.objects.select_for_update().get(
        pk=1
    )  # one at a time: the sum is over all cabinets; and the quota as it is
    cabinet.refresh_from_db(fields=["quota_bytes", *(f"{kind}_bytes" for kind in KINDS)])
    free = free_bytes(cabinet, firm)
    if free is not None and size_bytes > free:
        raise QuotaExceeded(size_bytes, free)


def reserve(cabinet, size_bytes):
    """The bytes are the cabinet's, so that two at once cannot take the same room. Inside a transaction, before any other
    lock. Raises QuotaExceeded."""
    need_room(cabinet, size_bytes)
    count(cabinet.pk, reserved=size_bytes)


def release(cabinet_id, size_bytes):
    """Reserved bytes are free again: they were stored and counted as such, or never came. Inside a transaction."""
    count(cabinet_id, reserved=-size_bytes)
