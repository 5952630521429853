import re
from dataclasses import dataclass, field

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from files import signals
from files.models.cabinets import Cabinet
from files.models.folders import Folder
from files.names import clean_name


@dataclass
class Node:
    """A folder of a set, and those in it."""

    name: str
    nodes: dict = field(default_factory=dict)


class FolderSet(models.Model):
    """Folders that the firm makes together, in a new client's cabinet or wherever it likes."""

    name = models.CharField(max_length=120, unique=True)
    folders = models.TextField()  # one path to a line, like ``{year} Tax Return/Source documents``
    is_for_new_clients = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("folder-set", args=[self.pk])

    @classmethod
    def make(cls, name, folders, *, is_for_new_clients=False, by):
        """A new set. Of all sets one at most is for new clients: this one then, and no other."""
        with transaction.atomic():
            one = cls.objects.create(name=name, folders=folders, is_for_new_clients=is_for_new_clients)
            others = one._take_from_others()
            signals.folder_set_made.send(cls, subject=one, by=by, after=one._in_words())
            cls._announce_taken(others, by)
        return one

    def change(self, *, name, folders, is_for_new_clients, by):
        """The set is so from now on; folders that were made by it stay as they are."""
        with transaction.atomic():
            before = self._in_words()
            self.name, self.folders, self.is_for_new_clients = name, folders, is_for_new_clients
            self.save()
            others = self._take_from_others()
            after = self._in_words()
            changed = [key for key in after if before[key] != after[key]]
            if changed:
                before, after = ({key: words[key] for key in changed} for words in (before, after))
                signals.folder_set_changed.send(FolderSet, subject=self, by=by, before=before, after=after)
            self._announce_taken(others, by)

    def delete_set(self, *, by):
        """The set is gone; folders that were made by it stay. Its content stays in the log."""
        with transaction.atomic():
            gone = FolderSet(pk=self.pk, name=self.name)
            before = self._in_words()
            self.delete()
            signals.folder_set_deleted.send(FolderSet, subject=gone, by=by, before=before)

    def _take_from_others(self):
        if not self.is_for_new_clients:
            return []
        others = list(FolderSet.objects.filter(is_for_new_clients=True).exclude(pk=self.pk))
        FolderSet.objects.filter(pk__in=[one.pk for one in others]).update(is_for_new_clients=False)
        return others

    @staticmethod
    def _announce_taken(others, by):
        if others:
            change = {"before": {"for new clients": "yes"}, "after": {"for new clients": "no"}}
            signals.folder_set_changed.send(FolderSet, subjects=others, by=by, each=[change] * len(others))

    def _in_words(self):
        return {
            "name": self.name,
            "folders": "; ".join(self.folders.splitlines()),
            "for new clients": "yes" if self.is_for_new_clients else "no",
        }

    def tree(self, cabinet=None):
        """The set's folders as Nodes, named for this cabinet; without one, for any client."""
        return tree_of(self.folders, client=str(cabinet) if cabinet else "Client")

    def apply(self, cabinet, *, by):
        """The cabinet has the set's folders; those that were there are kept. Returns how many were made."""
        with transaction.atomic():
            top = cabinet.top
            top.cabinet = cabinet
            top._lock()
            there = cabinet.folders.in_place().exclude(parent=None)
            return self._make_all([top], {(one.parent_id, one.name): one for one in there}, by)

    def apply_to_new(self, cabinets, *, by):
        """As ``apply``, to new cabinets, of which there may be thousands. Inside the transaction that makes them."""
        known = {cabinet.pk: cabinet for cabinet in cabinets}
        tops = list(Folder.objects.filter(cabinet__in=known, parent=None))
        for top in tops:
            top.cabinet = known[top.cabinet_id]
        self._make_all(tops, {}, by)

    def _make_all(self, tops, there, by):
        """Level by level, each in one statement for all cabinets."""
        tree = None if "{client}" in self.folders else self.tree()
        level = [(top, top, "", tree or self.tree(top.cabinet)) for top in tops]
        made = {top: [] for top in tops}
        while level:
            new, below = [], []
            for top, parent, path, nodes in level:
                for node in nodes.values():
                    folder = there.get((parent.pk, node.name))
                    if folder is None:
                        folder = Folder(cabinet=top.cabinet, parent=parent, name=node.name)
                        new.append(folder)
                        made[top].append(f"{path}{node.name}")
                    below.append((top, folder, f"{path}{node.name}/", node.nodes))
            Folder.objects.bulk_create(new, batch_size=500)
            level = below
        changed = [top for top in tops if made[top]]
        if changed:
            each = [{"after": {"folders": "; ".join(made[top])}, "note": self.name} for top in changed]
            signals.folder_set_applied.send(Folder, subjects=changed, by=by, each=each)
        return sum(map(len, made.values()))


PLACEHOLDERS = ("year", "client")


class UnreadablePath(ValueError):
    """A line of a set that gives no folder."""


def tax_year():
    """The year that returns are made for: the last one."""
    return timezone.localtime().year - 1


def tree_of(text, *, client):
    """The paths, one to a line, as Nodes by name. Raises UnreadablePath, whose words say which line and why."""
    tree = Node("")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            node = tree
            for part in line.strip().strip("/").split("/"):
                name = _named(part.strip(), number, client)
                node = node.nodes.setdefault(name, Node(name))
    return tree.nodes


def _named(part, number, client):
    unknown = [word for word in re.findall(r"\{([^}]*)\}", part) if word not in PLACEHOLDERS]
    if unknown:
        raise UnreadablePath(f"Line {number}: {{{unknown[0]}}} is not known. There are {{year}} and {{client}}")
    name = part.replace("{year}", str(tax_year())).replace("{client}", client.replace("/", "-"))
    name = clean_name(name, fallback="")
    if not name:
        raise UnreadablePath(f"Line {number}: give each folder a name that can be read")
    return name


def open_cabinet(sender, *, by, subject=None, subjects=None, **kwargs):
    """Receiver of ``client_created``: each new client has a cabinet, with the folders of the set for new clients."""
    cabinets = Cabinet.open_all(Cabinet.Kind.CLIENT, [{"client": client} for client in subjects or [subject]])
    for_new_clients = FolderSet.objects.filter(is_for_new_clients=True).first()
    if for_new_clients:
        for_new_clients.apply_to_new(cabinets, by=by)
