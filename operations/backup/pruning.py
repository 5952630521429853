"""Which sets are kept, and the removal of the others and of objects that no set names any more."""

import heapq
import itertools
import os
import shutil
from dataclasses import dataclass

from files.parts import sync_folder
from operations.backup import sums
from operations.backup.problems import Damaged


@dataclass(frozen=True)
class Rule:
    """The newest set of each of the last so many days, weeks and months that have one is kept; the newest of all, always."""

    daily: int = 0
    weekly: int = 0
    monthly: int = 0

    @property
    def is_set(self):
        return bool(self.daily or self.weekly or self.monthly)

    def kept(self, sets):
        """The names of those that stay; ``sets`` come oldest first. Days are those of UTC, as the names are."""
        newest_first = sets[::-1]
        kept = {newest_first[0].name} if sets else set()
        for count, period in (
            (self.daily, lambda one: one.made_at.date()),
            (self.weekly, lambda one: one.made_at.isocalendar()[:2]),
            (self.monthly, lambda one: (one.made_at.year, one.made_at.month)),
        ):
            newest = [next(group).name for _, group in itertools.groupby(newest_first, key=period)]
            kept |= set(newest[:count])
        return kept


def prune(folder, rule):
    """Only the sets that the rule keeps are left, and the objects that they name. Returns how many (sets, objects) were removed.
    Raises Damaged, and removes nothing, where a set does not say what it needs."""
    sets = folder.sets()
    kept = rule.kept(sets) if rule.is_set else {one.name for one in sets}
    staying = [one for one in sets if one.name in kept]
    for one in staying:
        if sums.sha256_of(one.path / "objects.sums") != one.sums()["objects.sums"]:
            raise Damaged([f"{one.named('objects.sums')} is damaged"])
    leaving = [one for one in sets if one.name not in kept]
    for one in leaving:
        gone = one.path.with_name(f".{one.name}.removed")
        os.rename(one.path, gone)
        shutil.rmtree(gone)
    if leaving:
        sync_folder(folder.sets_folder)
    return len(leaving), _remove_unnamed(folder, staying)


def _remove_unnamed(folder, sets):
    """How many objects lay in the folder that none of the sets names, what broken-off copies left among them."""
    named = sums.Lookup((name, "named") for name, _ in heapq.merge(*[one.objects() for one in sets]))
    removed = 0
    for shelf in (folder.path / "archives", *sorted((folder.path / "objects").glob("??"))):
        for path in sorted(shelf.iterdir()) if shelf.is_dir() else ():
            if not named.get(str(path.relative_to(folder.path))):
                path.unlink()
                removed += not path.name.startswith(".")
    return removed
