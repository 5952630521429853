"""Folders above and below one another, and the order in which they are locked: the top of each cabinet first (who changes
the tree comes one after the other, so that no two make a circle), then from above to below, then the files."""

from collections import defaultdict

from files.names import numbered


class IntoItself(ValueError):
    """A folder cannot lie in itself, or below."""


class NotInPlace(ValueError):
    """The folder has been put in the bin."""


def lock_trees(cabinet_ids):
    """The folders of these cabinets stay where they are until the transaction ends, unless it moves them."""
    from files.models import Folder

    list(Folder.objects.locked().filter(cabinet__in=cabinet_ids, parent=None).values_list("pk"))


def lock_folders(folder_ids):
    """No name is given or taken away in these folders until the transaction ends."""
    from files.models import Folder

    list(Folder.objects.locked().filter(pk__in=folder_ids).values_list("pk"))


def lock_below(roots):
    """Whose tree each folder in place belongs to, as {folder id: root}, roots included, all of them locked. Level by level:
    nobody adds to a folder that is locked already."""
    from files.models import Folder

    whose = {root.pk: root for root in roots}
    level = list(whose)
    while level:
        found = Folder.objects.locked().in_place().filter(parent__in=level).values_list("pk", "parent")
        level = [pk for pk, parent in found if whose.setdefault(pk, whose[parent]) is whose[parent]]
    return whose


class Tree:
    """The folders of some cabinets as they lie, from one query."""

    def __init__(self, cabinet_ids):
        from files.models import Folder

        rows = Folder.objects.filter(cabinet__in=cabinet_ids).order_by()
        self._rows = {row[0]: row[1:] for row in rows.values_list("pk", "parent", "name", "binned_at", "is_view_only")}

    def parent(self, folder_id):
        return self._rows[folder_id][0]

    def name(self, folder_id):
        return self._rows[folder_id][1]

    def line(self, folder_id):
        """The ids from the folder up to the top of its cabinet."""
        while folder_id:
            yield folder_id
            folder_id = self._rows[folder_id][0]

    def is_in_place(self, folder_id):
        return self._rows[folder_id][2] is None

    def below(self, folder_ids):
        """These folders and all in place below them, each after the one that it lies in."""
        within = defaultdict(list)
        for pk, (parent, _, binned_at, _) in self._rows.items():
            if binned_at is None:
                within[parent].append(pk)
        found = list(folder_ids)
        for pk in found:
            found += within[pk]
        return found

    def path(self, folder_id):
        """As people say it: ``Acme Dental PC / 2025 / Payroll``."""
        return " / ".join(self._rows[pk][1] for pk in reversed(list(self.line(folder_id))))

    def nearest_in_place(self, folder_id, but=frozenset()):
        """The folder itself, or the lowest above it, of which neither it nor any above is in the bin. Those of ``but`` are
        on their way out."""
        found = None
        for pk in self.line(folder_id):
            is_binned = self._rows[pk][2] is not None and pk not in but
            found = None if is_binned else found or pk
        return found

    def barred(self, folder_ids):
        """These folders and those that clients may only look at, all above them, and all below the latter."""
        closed = [pk for pk, (_, _, binned_at, is_view_only) in self._rows.items() if is_view_only and not binned_at]
        barred = {pk for folder_id in (*folder_ids, *closed) for pk in self.line(folder_id)}
        return barred | {pk for pk in self._rows if any(self._rows[above][3] for above in self.line(pk))}


def free_names(wanted, taken):
    """A name for each of ``wanted``, its own or a numbered one; ``taken`` holds those of the folder, and then these too."""
    names, next_number = [], defaultdict(lambda: 2)
    for name in wanted:
        free = name
        while free in taken:
            free = numbered(name, next_number[name])
            next_number[name] += 1
        taken.add(free)
        names.append(free)
    return names
