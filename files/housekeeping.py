import time
from dataclasses import dataclass

from files.models import Version
from files.storage import storage

DAY_SECONDS = 24 * 3600
BATCH = 500


@dataclass(frozen=True)
class Swept:
    unfinished: int
    orphans: int


def sweep(*, now=None):
    """What an upload left behind more than a day ago is out of the way: unfinished bytes are gone, whole objects that no
    version names are in lost+found. Never sooner: their transaction may still be on its way."""
    before = (now or time.time()) - DAY_SECONDS
    store = storage()
    unfinished, orphans, batch = store.sweep_staging(before), 0, []
    for key, changed_at in store.stored():
        if changed_at < before:
            batch.append(key)
        if len(batch) == BATCH:
            orphans += _set_aside_unknown(store, batch)
            batch = []
    return Swept(unfinished, orphans + _set_aside_unknown(store, batch))


def _set_aside_unknown(store, keys):
    known = set(Version.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True))
    unknown = [key for key in keys if key not in known]
    for key in unknown:
        store.set_aside(key)
    return len(unknown)
