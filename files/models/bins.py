"""Into the bin and out of it: files and folders together, each act whole and in the log."""

from collections import Counter, defaultdict

from django.db import models, transaction
from django.db.models import Case, Q, Value, When
from django.utils import timezone

from files import signals
from files.models.trees import Tree, free_names, lock_below, lock_folders, lock_trees
from files.removal import remove_when_committed
from files.space import count_binned, count_purged, count_restored


def move_to_bin(files=(), folders=(), *, by, rule=None):
    """These are in the bin, a folder with all that is in it, and the log says of each file and folder who put it there, or
    which rule. Those there already stay as they are, and with a rule those that it does not take, or that a legal hold
    keeps. No folder of ``folders`` lies in another. Returns (files, folders) that were given and
    are newly there, all with the same ``binned_at``."""
    from files.models import File, Folder

    with transaction.atomic():
        lock_trees({folder.cabinet_id for folder in folders})
        lock_folders({file.folder_id for file in files})
        lock_folders([folder.pk for folder in folders])
        roots = Folder.objects.filter(pk__in=[folder.pk for folder in folders]).in_place().exclude(parent=None)
        roots = list(roots.select_related("cabinet__client"))
        whose = lock_below(roots)
        in_place = File.objects.in_place()
        given = in_place.filter(pk__in=[file.pk for file in files]).exclude(folder__in=whose)
        alone = those_locked(given.filter(pk__in=rule.ready().values("pk")) if rule else given)
        within = those_locked(in_place.filter(folder__in=whose)) if roots else []
        fields = {"binned_at": timezone.now(), "binned_by": by, "announced_at": None, "announced_rule": None}
        File.objects.filter(pk__in=[file.pk for file in alone]).update(**fields)
        if roots:
            File.objects.filter(folder__in=whose, binned_at=None).update(
                **fields, binned_with=_root_of("folder", whose)
            )
            below = [pk for pk, root in whose.items() if pk != root.pk]
            fields = {name: fields[name] for name in ("binned_at", "binned_by")}
            Folder.objects.filter(pk__in=below).update(**fields, binned_with=_root_of("pk", whose))
            Folder.objects.filter(pk__in=[root.pk for root in roots]).update(**fields)
        for one in (*alone, *roots):
            one.binned_at = fields["binned_at"]
        count_binned([*alone, *within])
        counts = Counter(whose[file.folder_id].pk for file in within)
        tell(signals.folder_binned, roots, by, [_size_of_content(counts[root.pk]) for root in roots])
        each = [said(file, f"with the folder {whose[file.folder_id].name}") for file in within]
        tell(
            signals.file_binned,
            [*alone, *within],
            by,
            [*(said(file, rule and f"by the rule “{rule}”") for file in alone), *each],
        )
    return alone, roots


def purge(files, *, by, rule=None):
    """The files that lie in the bin have no bytes any more, for good; their rows stay, hidden, and the log says of each who
    did it, or which rule. Those in place, and those gone already, stay as they are. One transaction: give a few hundred at
    most. Raises OnHold."""
    from files.models import Cabinet, File, Version

    with transaction.atomic():
        lock_folders({file.folder_id for file in files})  # none goes to another cabinet, whose hold would be meant
        locked = File.objects.select_for_update(of=("self",)).filter(pk__in=[file.pk for file in files])
        locked = list(locked.in_bin().order_by("pk").values_list("pk", flat=True))
        purged = list(File.objects.filter(pk__in=locked).order_by("pk").select_related("folder__cabinet__client"))
        if not purged:
            return []
        Cabinet.must_not_be_held({file.folder.cabinet_id for file in purged})
        versions = Version.objects.filter(file__in=purged, removed_at=None)
        removed = list(versions.values_list("file", "size_bytes", "storage_key"))
        count_purged(purged)
        now = timezone.now()
        versions.update(removed_at=now)
        File.objects.filter(pk__in=[file.pk for file in purged]).update(purged_at=now)
        remove_when_committed([key for _, _, key in removed])
        tell(signals.file_purged, purged, by, [_what_went(file, removed, rule) for file in purged])
    return purged


def _what_went(file, removed, rule):
    """For the log: the bytes of all its versions, and by which rule."""
    sizes = [size_bytes for file_id, size_bytes, _ in removed if file_id == file.pk]
    words = [f"by the rule “{rule}”"] * bool(rule) + [f"{len(sizes)} versions"] * (len(sizes) > 1)
    return {"size_bytes": sum(sizes), **({"note": ", ".join(words)} if words else {})}


def purge_folders(cabinets, *, before):
    """Folders that went to the bin of these cabinets before this moment, and hold no bytes any more, are hidden for good."""
    from files.models import File, Folder

    holding = File.objects.filter(purged_at=None, binned_with__isnull=False).values("binned_with")
    roots = Folder.objects.filter(cabinet__in=cabinets, binned_at__lt=before, binned_with=None, purged_at=None)
    roots = list(roots.exclude(pk__in=holding).values_list("pk", flat=True))
    hidden = Folder.objects.filter(Q(pk__in=roots) | Q(binned_with__in=roots))
    hidden.update(purged_at=timezone.now())


def restore(files=(), folders=(), *, by):
    """These are out of the bin, a folder with all that went there with it, each where it was or in the nearest folder that is
    in place, under a numbered name where another has taken its own. Returns (files, folders) that were given and came out."""
    from files.models import File, Folder

    with transaction.atomic():
        lock_trees({folder.cabinet_id for folder in folders} | {file.folder.cabinet_id for file in files})
        roots = Folder.objects.exclude(binned_at=None).filter(pk__in=[one.pk for one in folders], binned_with=None)
        roots = list(roots.select_related("cabinet__client"))
        alone = File.objects.in_bin().filter(pk__in=[file.pk for file in files], purged_at=None)
        alone = list(alone.exclude(binned_with__in=roots).told())
        tree = Tree({one.cabinet_id for one in roots} | {file.folder.cabinet_id for file in alone})
        leaving = set(Folder.objects.filter(binned_with__in=roots).values_list("pk", flat=True))
        leaving |= {root.pk for root in roots}
        place_of = {root.pk: tree.nearest_in_place(root.parent_id, leaving) for root in roots}
        place_of |= {file.pk: tree.nearest_in_place(file.folder_id, leaving) for file in alone}
        lock_folders(set(place_of.values()) - leaving)
        alone = those_locked(File.objects.in_bin().filter(pk__in=[file.pk for file in alone]))
        within = those_locked(File.objects.filter(binned_with__in=roots, purged_at=None)) if roots else []

        changes = _place(Folder, "parent", roots, place_of, tree) | _place(File, "folder", alone, place_of, tree)
        out = {"binned_at": None, "binned_by": None, "binned_with": None}
        File.objects.filter(binned_with__in=roots, purged_at=None).update(**out)
        Folder.objects.filter(binned_with__in=roots).update(**out)
        count_restored([*alone, *within])
        counts = Counter(file.binned_with_id for file in within)
        each = [{**_size_of_content(counts[root.pk]), **changes[root.pk]} for root in roots]
        tell(signals.folder_restored, roots, by, each)
        name_of = {root.pk: root.name for root in roots}
        each = [{**said(file), **changes[file.pk]} for file in alone]
        each += [said(file, f"with the folder {name_of[file.binned_with_id]}") for file in within]
        tell(signals.file_restored, [*alone, *within], by, each)
    return alone, roots


def _place(model, within, things, place_of, tree):
    """Each lies in its place, out of the bin, under a name that is free there; gives what has changed of each, by its id."""
    taken = defaultdict(set)
    places = model.objects.in_place().filter(**{f"{within}__in": {place_of[thing.pk] for thing in things}})
    for place, name in places.values_list(within, "name"):
        taken[place].add(name)
    changes, changed = {}, []
    for thing in things:
        place, was = place_of[thing.pk], getattr(thing, f"{within}_id")
        (name,) = free_names([thing.name], taken[place])
        before, after = {}, {}
        if name != thing.name:
            before["name"], after["name"] = thing.name, name
            thing.take_name(name)
        if place != was:
            before["folder"], after["folder"] = tree.path(was), tree.path(place)
            setattr(thing, f"{within}_id", place)
        changes[thing.pk] = {"before": before, "after": after} if before else {}
        changed += [thing] if before else []
    model.objects.bulk_update(changed, [within, *model.NAME_FIELDS], batch_size=200)  # before it must be theirs alone
    placed = model.objects.filter(pk__in=[thing.pk for thing in things])
    placed.update(binned_at=None, binned_by=None, binned_with=None)
    return changes


def those_locked(files):
    """Those that are so once nobody else can change them, with what the log says of each."""
    from files.models import Folder

    locked = list(files.locked().values_list("pk", flat=True))
    found = list(files.model.objects.filter(pk__in=locked).select_related("current"))
    folders = Folder.objects.select_related("cabinet__client").in_bulk({file.folder_id for file in found})
    for file in found:  # one object for each folder, not for each file
        file.folder = folders[file.folder_id]
    return found


def _root_of(field, whose):
    """For an update: the folder that each row went to the bin with."""
    below = defaultdict(list)
    for pk, root in whose.items():
        below[root.pk].append(pk)
    cases = [When(**{f"{field}__in": ids}, then=Value(root)) for root, ids in below.items()]
    return Case(*cases, output_field=models.UUIDField())


def said(file, note=""):
    return {"size_bytes": file.current.size_bytes, **({"note": note} if note else {})}


def _size_of_content(count):
    return {"note": f"with {count} file{'' if count == 1 else 's'}"}


def tell(signal, subjects, by, each):
    if subjects:
        signal.send(type(subjects[0]), subjects=subjects, by=by, each=each)
