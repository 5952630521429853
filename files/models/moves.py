"""Files and folders to another folder, of the same cabinet or another, and copies of them."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.connections import release_connection
from files import signals
from files.models.bins import said, tell, those_locked
from files.models.trees import IntoItself, NotInPlace, Tree, free_names, lock_below, lock_folders, lock_trees
from files.space import QuotaExceeded, Tally, count_moved, free_bytes, lock_room, need_room
from files.storage import storage


class FolderInUse(ValueError):
    """Something of its client's still comes into the folder: it cannot go to another cabinet."""


def move(files, folders, *, into, by):
    """These lie in the folder ``into``, a folder with all that is in place in it; what is in the bin stays in its cabinet. Under
    a numbered name where their own is taken. Raises IntoItself, NotInPlace, FolderInUse, OnHold where they would leave a
    cabinet that is under a legal hold, QuotaExceeded. Returns (files, folders) that were given and lay elsewhere."""
    from files.models import Cabinet, File, Folder

    with transaction.atomic():
        cabinets = {one.cabinet_id for one in folders} | {file.folder.cabinet_id for file in files}
        lock_trees(cabinets | {into.cabinet_id})
        _lock_place(into)
        lock_folders({file.folder_id for file in files} | {folder.pk for folder in folders})
        roots = Folder.objects.filter(pk__in=[one.pk for one in folders]).in_place().exclude(parent=None)
        roots = roots.filter(parent__in={one.parent_id for one in folders}).exclude(parent=into)
        roots = list(roots.select_related("cabinet__client", "parent"))
        tree = Tree(cabinets | {into.cabinet_id})
        _refuse_into_itself(roots, into, tree)
        leaving = [root for root in roots if root.cabinet_id != into.cabinet_id]
        whose = lock_below(leaving)
        alone = File.objects.in_place().filter(pk__in=[file.pk for file in files]).exclude(folder=into)
        alone = alone.filter(
            folder__in={file.folder_id for file in files}
        )  # others have been taken elsewhere meanwhile
        alone = those_locked(alone.exclude(folder__in=whose))
        within = those_locked(File.objects.in_place().filter(folder__in=whose)) if leaving else []
        left = {root.cabinet_id for root in leaving} | {file.folder.cabinet_id for file in alone}
        Cabinet.must_not_be_held(left - {into.cabinet_id})
        count_moved([*alone, *within], into.cabinet)
        was = {one.pk: tree.path(one.folder_id) for one in (*alone, *within)}
        was |= {root.pk: tree.path(root.parent_id) for root in roots}
        clients = {one.pk: one.client for one in (*alone, *within, *roots)}
        if leaving:
            _refuse_in_use(whose)
            _leave_behind(whose)
            Folder.objects.filter(pk__in=whose).update(cabinet=into.cabinet_id)
        changes = _put(File, "folder", alone, into) | _put(Folder, "parent", roots, into)
        tree = Tree([into.cabinet_id])
        now = {one.pk: tree.path(one.folder_id) for one in (*alone, *within)}
        now |= {root.pk: tree.path(into.pk) for root in roots}
        _tell_both(signals.folder_moved, roots, by, was, now, clients, into.client, changes)
        _tell_both(signals.file_moved, [*alone, *within], by, was, now, clients, into.client, changes)
    return alone, roots


def copy(files, folders, *, into, by):
    """There are copies of these in the folder ``into``, of each file its current version, sent by whoever copies. All bytes
    first, then all rows. Raises IntoItself, NotInPlace, NotServed, QuotaExceeded and what the storage raises. Returns
    (files, folders): the copies of those that were given."""
    from files.models import File, Folder, NotServed, Version

    tree = Tree({one.cabinet_id for one in folders} | {file.folder.cabinet_id for file in files} | {into.cabinet_id})
    _refuse_into_itself(folders, into, tree)
    folders = [folder for folder in folders if tree.is_in_place(folder.pk)]
    below = tree.below([folder.pk for folder in folders])
    chosen = Q(pk__in=[file.pk for file in files]) | Q(folder__in=below)
    originals = list(File.objects.in_place().filter(chosen).told())
    for original in originals:
        original.current.file = original
        if not original.current.is_served:
            raise NotServed(original.current)
    size_bytes = sum(original.current.size_bytes for original in originals)
    free = free_bytes(into.cabinet)
    if free is not None and size_bytes > free:
        raise QuotaExceeded(size_bytes, free)
    release_connection()
    keys = [storage().copy(original.current.storage_key) for original in originals]

    with transaction.atomic():
        lock_room()
        _lock_place(into)
        need_room(into.cabinet, size_bytes)
        tally = Tally()
        for original in originals:
            tally.add_sent(into.cabinet_id, by.pk, original.current.size_bytes)
        tally.count()
        copy_of = {pk: Folder(cabinet=into.cabinet, name=tree.name(pk)) for pk in below}
        roots = [copy_of[folder.pk] for folder in folders]
        alone = [File(folder=into, name=original.name) for original in originals if original.folder_id not in copy_of]
        for pk, folder in copy_of.items():
            folder.parent = copy_of.get(tree.parent(pk), into)
        for folder in roots:
            folder.parent = into
        for things, taken in ((roots, into.folders), (alone, into.files)):
            names = set(taken.in_place().values_list("name", flat=True))
            for thing, name in zip(things, free_names([thing.name for thing in things], names), strict=True):
                thing.name = name
        rest, files = iter(alone), []
        for original, key in zip(originals, keys, strict=True):
            inside = copy_of.get(original.folder_id)
            file = File(folder=inside, name=original.name) if inside else next(rest)
            file.current = original.current.copied(file=file, number=1, key=key, by=by)
            files.append(file)
        Folder.objects.bulk_create(copy_of.values(), batch_size=500)
        File.objects.bulk_create(
            files, batch_size=500
        )  # each names its version, which comes before the transaction ends
        Version.objects.bulk_create([file.current for file in files], batch_size=500)
        was = {file.pk: tree.path(original.folder_id) for file, original in zip(files, originals, strict=True)}
        was |= {copied.pk: tree.path(tree.parent(pk)) for pk, copied in copy_of.items()}
        clients = {file.pk: original.client for file, original in zip(files, originals, strict=True)}
        clients |= {copy_of[folder.pk].pk: folder.client for folder in folders}
        path = Tree([into.cabinet_id]).path
        now = {file.pk: path(file.folder_id) for file in files} | {root.pk: path(into.pk) for root in roots}
        _tell_both(signals.folder_copied, roots, by, was, now, clients, into.client, {})
        _tell_both(signals.file_copied, files, by, was, now, clients, into.client, {})
    return alone, roots


def _lock_place(into):
    into._lock()
    if into.binned_at:
        raise NotInPlace(into.name)


def _refuse_into_itself(roots, into, tree):
    above = set(tree.line(into.pk))
    for root in roots:
        if root.pk in above:
            raise IntoItself(root.name)


def _refuse_in_use(folder_ids):
    """What is on its way, was asked for or is kept by a rule belongs to the cabinet that it was begun in."""
    from files.models import Request, RequestLink, RetentionRule, Upload

    here = Q(folder__in=folder_ids)
    uses = {
        "Something is on its way into it": Upload.objects.filter(here, closed_at=None),
        "Documents are asked for in it": Request.objects.filter(here, closed_at=None),
        "A link leads to it": RequestLink.objects.filter(here, revoked_at=None, expires_at__gt=timezone.now()),
        "A retention rule names it": RetentionRule.objects.filter(here, ended_at=None),
    }
    for words, found in uses.items():
        if found.exists():
            raise FolderInUse(words)


def _leave_behind(whose):
    """What was deleted in these folders lies in the bin of their old cabinet, as if it had lain beside them; and what was
    asked for in them, and is over, stays with the client that was asked."""
    from files.models import File, Folder, Request, RequestLink

    for root in set(whose.values()):
        here = [pk for pk, owner in whose.items() if owner is root]
        File.objects.in_bin().filter(folder__in=here).update(folder=root.parent_id)
        Folder.objects.exclude(binned_at=None).filter(parent__in=here).update(parent=root.parent_id)
        for asked in (Request, RequestLink):
            asked.objects.filter(folder__in=here).update(folder=root.parent_id)


def _put(model, within, things, into):
    """Each lies in ``into``, under a name that is free there; gives the change of name, where there is one, by its id."""
    taken = set(model.objects.in_place().filter(**{within: into}).values_list("name", flat=True))
    names = free_names([thing.name for thing in things], taken)
    changes, renamed = {}, []
    for thing, name in zip(things, names, strict=True):
        if name != thing.name:
            changes[thing.pk] = ({"name": thing.name}, {"name": name})
            thing.take_name(name)
            renamed.append(thing)
        setattr(thing, within, into)
    model.objects.bulk_update(renamed, [within, *model.NAME_FIELDS], batch_size=200)
    moved = {within: into} | ({"announced_at": None, "announced_rule": None} if within == "folder" else {})
    model.objects.filter(pk__in=[thing.pk for thing in things]).update(**moved)
    return changes


def _tell_both(signal, subjects, by, was, now, clients, client, changes):
    """Each stands in the log of the client whose it was, and in that of the client whose it is."""
    told, each = [], []
    for subject in subjects:
        old_name, new_name = changes.get(subject.pk, ({}, {}))
        details = {
            "before": {"folder": was[subject.pk], **old_name},
            "after": {"folder": now[subject.pk], **new_name},
            **(said(subject) if hasattr(subject, "current") else {}),
        }
        whose = [one for one in dict.fromkeys((clients[subject.pk], client)) if one is not None]
        for one in whose or [None]:
            told.append(subject)
            each.append({**details, **({"client": one} if one else {})})
    tell(signal, told, by, each)
