"""How much room the files of each cabinet take, counted as it changes, and how much there is left."""

from django.db.models import F, Q, Sum

from accounts.models import Firm

KINDS = ("current", "earlier", "binned", "reserved")


class QuotaExceeded(ValueError):
    """The bytes do not fit into what the firm, or this client, may store."""

    def __init__(self, size_bytes, free_bytes):
        super().__init__(f"{size_bytes} bytes do not fit into {free_bytes}")
        self.size_bytes = size_bytes
        self.free_bytes = free_bytes


def count(cabinet_id, **changes):
    """The cabinet's counters (``current``, ``earlier``, ``binned``, ``reserved``, in bytes) are this much higher or lower.
    Inside the transaction of what changes them; of several cabinets, the one with the lower id first."""
    from files.models import Cabinet

    changes = {f"{kind}_bytes": F(f"{kind}_bytes") + number for kind, number in changes.items() if number}
    if changes:
        Cabinet.objects.filter(pk=cabinet_id).update(**changes)


def count_binned(files):
    """The files' bytes are counted with the bin. Inside the transaction that puts them there."""
    for cabinet_id, current, earlier in _sizes(files):
        count(cabinet_id, current=-current, earlier=-earlier, binned=current + earlier)


def count_restored(files):
    """The files' bytes are counted with what is in place."""
    for cabinet_id, current, earlier in _sizes(files):
        count(cabinet_id, current=current, earlier=earlier, binned=-current - earlier)


def count_moved(files, cabinet):
    """The files' bytes are counted with this cabinet. Inside the transaction that moves them there, before it does. Raises
    QuotaExceeded where the cabinet may not hold so much; the firm's sum stays as it is."""
    changes, arriving = {}, 0
    for cabinet_id, current, earlier in _sizes(files):
        if cabinet_id != cabinet.pk:
            changes[cabinet_id] = {"current": -current, "earlier": -earlier}
            here = changes.setdefault(cabinet.pk, {"current": 0, "earlier": 0})
            here["current"] += current
            here["earlier"] += earlier
            arriving += current + earlier
    for cabinet_id in sorted(changes):
        count(cabinet_id, **changes[cabinet_id])
    cabinet.refresh_from_db(fields=["quota_bytes", *(f"{kind}_bytes" for kind in KINDS)])
    over = sum(getattr(cabinet, f"{kind}_bytes") for kind in KINDS) - (cabinet.quota_bytes or 0)
    if cabinet.quota_bytes is not None and arriving and over > 0:
        raise QuotaExceeded(arriving, max(0, arriving - over))


def lock_room():
    """Those who need room come one after the other. The first lock of a transaction that reserves under others."""
    Firm.objects.select_for_update().filter(pk=1).first()


def _sizes(files):
    """Bytes of the files' current and of their earlier versions, by cabinet."""
    from files.models import Version

    versions = Version.objects.filter(file__in=[file.pk for file in files], removed_at=None)
    of_cabinets = versions.order_by("file__folder__cabinet").values_list("file__folder__cabinet")
    for cabinet_id, in_all, current in of_cabinets.annotate(
        in_all=Sum("size_bytes"), current=Sum("size_bytes", filter=Q(current_of__isnull=False), default=0)
    ):
        yield cabinet_id, current, in_all - current


def used_bytes():
    """Of the whole firm: files, earlier versions, bin, and what is reserved."""
    from files.models import Cabinet

    sums = Cabinet.objects.aggregate(**{kind: Sum(f"{kind}_bytes") for kind in KINDS})
    return sum(number or 0 for number in sums.values())


def free_bytes(cabinet):
    """What can still be stored in the cabinet, by the firm's quota and its own; None where neither says."""
    free = []
    quota_bytes = Firm.current().quota_bytes
    if quota_bytes is not None:
        free.append(quota_bytes - used_bytes())
    if cabinet.quota_bytes is not None:
        free.append(cabinet.quota_bytes - sum(getattr(cabinet, f"{kind}_bytes") for kind in KINDS))
    return max(0, min(free)) if free else None


def reserve(cabinet, size_bytes):
    """The bytes are the cabinet's, so that two at once cannot take the same room. Inside a transaction, before any other
    lock. Raises QuotaExceeded."""
    Firm.objects.select_for_update().filter(pk=1).first()  # one at a time: the sum is over all cabinets
    cabinet.refresh_from_db(fields=["quota_bytes", *(f"{kind}_bytes" for kind in KINDS)])
    free = free_bytes(cabinet)
    if free is not None and size_bytes > free:
        raise QuotaExceeded(size_bytes, free)
    count(cabinet.pk, reserved=size_bytes)
