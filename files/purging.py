"""Emptying bins: by hand, or by the firm's setting after so many days."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Firm
from files.models import Cabinet, File, OnHold, bins

BATCH = 200  # files that are purged in one transaction: each is an event


def empty_bin(cabinet, *, by):
    """What lay in the cabinet's bin by now is gone for good. Returns how many files. Raises OnHold."""
    if cabinet.held_at is not None:
        raise OnHold(cabinet)
    now = timezone.now()
    count = _purge(File.objects.in_bin().filter(folder__cabinet=cabinet, binned_at__lte=now), by=by)
    bins.purge_folders([cabinet], before=now)
    return count


def empty_old_bins():
    """What lies in a bin longer than the firm's setting says is gone for good, but for what a legal hold keeps."""
    days = Firm.fresh().bin_days
    if days is None:
        return {"purged": 0}
    before = timezone.now() - timedelta(days=days)
    lying = File.objects.in_bin().filter(binned_at__lt=before, folder__cabinet__held_at=None)
    count = _purge(lying, by=None, rule=f"bin after {days} {'day' if days == 1 else 'days'}")
    bins.purge_folders(Cabinet.objects.filter(held_at=None), before=before)
    return {"purged": count}


def _purge(files, **who):
    count = 0
    while some := list(files.order_by("pk")[:BATCH]):
        try:
            count += len(File.purge_all(some, **who))
        except OnHold:
            if who["by"] is not None:
                raise
            # placed on one of the cabinets since it was asked: the next turn leaves it out
    return count
