import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Right
from files import signals
from files.media import media_type_of
from files.models.cabinets import Cabinet
from files.models.files import File, NameTaken, Version
from files.models.trees import NotInPlace, Tree, free_names, lock_folders, lock_trees
from files.names import clean_name
from files.querysets import FolderQuerySet
from files.space import Tally

FOUND_AT_ONCE = {
    Version.State.CLEAN: signals.file_checked,
    Version.State.INFECTED: signals.file_quarantined,
    Version.State.NOT_SCANNED: signals.file_not_scanned,
}


@dataclass
class Arrived:
    """Bytes that lie safely in storage, and the name that they came with."""

    name: str
    key: str
    size_bytes: int
    sha256: str
    state: str = Version.State.RECEIVED
    state_note: str = ""


class Folder(models.Model):
    """A folder of a cabinet; the one without a parent is the cabinet's top."""

    NAME_FIELDS = ("name",)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.PROTECT, related_name="folders")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="folders")
    name = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)
    is_view_only = models.BooleanField(default=False)  # a client's people may look here and below, not change
    binned_at = models.DateTimeField(null=True, blank=True)
    binned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    binned_with = models.ForeignKey(  # the folder that was put in the bin with this one in it
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="binned_folders"
    )
    purged_at = models.DateTimeField(null=True, blank=True)  # the bin was emptied; the row stays, hidden

    objects = FolderQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], condition=Q(binned_at=None), name="folder_name_once"),
            models.UniqueConstraint(fields=["cabinet"], condition=Q(parent=None), name="folder_one_top"),
        ]

    def __str__(self):
        return self.name

    @property
    def client(self):
        return self.cabinet.client

    def get_absolute_url(self):
        return self.cabinet.get_absolute_url() if self.parent_id is None else reverse("folder", args=[self.pk])

    def trail(self):
        """The folders from the cabinet's top down to this one's parent. One query, whatever the depth."""
        folders = {folder.pk: folder for folder in self.cabinet.folders.all()} if self.parent_id else {}
        trail, parent = [], self.parent_id
        while parent:
            trail.append(folders[parent])
            parent = folders[parent].parent_id
        return trail[::-1]

    def with_all_below(self):
        """The ids of this folder and of all below it. One query, whatever the depth."""
        below = {}
        for pk, parent_id in self.cabinet.folders.order_by().values_list("pk", "parent_id"):
            below.setdefault(parent_id, []).append(pk)
        found = [self.pk]
        for pk in found:  # grows while it is walked
            found += below.get(pk, ())
        return found

    def is_closed_to(self, user):
        """A client's people may look here, not change, where the firm said so of this folder or of one above it."""
        return user.is_client_user and any(one.is_view_only for one in [self, *self.trail()])

    def set_view_only(self, is_view_only, *, by):
        """Clients may only look at this folder and all below it; or change it again, as their rights let them."""
        with transaction.atomic():
            self._lock()
            self.refresh_from_db(fields=["is_view_only"])
            if self.is_view_only == is_view_only:
                return
            before, self.is_view_only = _view_only_in_words(self.is_view_only), is_view_only
            self.save(update_fields=["is_view_only"])
            after = _view_only_in_words(is_view_only)
            signals.folder_view_only_set.send(Folder, subject=self, by=by, before=before, after=after)

    def add_folder(self, name, *, by):
        """A new folder in this one. Raises NameTaken, NotInPlace."""
        name = clean_name(name)
        with transaction.atomic():
            self._lock()
            if self.binned_at:
                raise NotInPlace(self.name)
            if self.folders.in_place().filter(name=name).exists():
                raise NameTaken(name)
            folder = Folder.objects.create(cabinet=self.cabinet, parent=self, name=name)
            signals.folder_created.send(Folder, subject=folder, by=by)
        return folder

    def may_be_changed_by(self, user):
        """Who has the right changes: at the firm any folder that they see, of a client's people those that hold nothing but
        what they sent. A cabinet's top is nobody's to change."""
        return self.pk in self.changeable_of([self], user)

    @staticmethod
    def changeable_of(folders, user):
        """The ids of those that the user may change. Two queries for a client's people, of one cabinet; none for the firm."""
        if not user.may(Right.DELETE_FILES):
            return set()
        changeable = {folder.pk for folder in folders if folder.parent_id}
        if not changeable or not user.is_client_user:
            return changeable
        cabinet_id = folders[0].cabinet_id
        anothers = File.objects.in_place().filter(folder__cabinet=cabinet_id).exclude(current__by=user)
        return changeable - Tree([cabinet_id]).barred(set(anothers.order_by().values_list("folder", flat=True)))

    def rename(self, name, *, by):
        """The folder has this name. Raises NameTaken, NotInPlace."""
        name = clean_name(name)
        with transaction.atomic():
            lock_trees([self.cabinet_id])
            self.refresh_from_db(fields=["parent", "name", "binned_at"])
            self.parent._lock()
            if self.binned_at:
                raise NotInPlace(self.name)
            if name == self.name:
                return
            if self.parent.folders.in_place().filter(name=name).exists():
                raise NameTaken(name)
            before = self.name
            self.take_name(name)
            self.save(update_fields=self.NAME_FIELDS)
            signals.folder_renamed.send(Folder, subject=self, by=by, before={"name": before}, after={"name": name})

    def take_name(self, name):
        self.name = name

    def in_place(self):
        """This folder, or the nearest above it that is not in the bin."""
        return Folder.objects.get(pk=Tree([self.cabinet_id]).nearest_in_place(self.pk))

    def walk(self, steps, *, by):
        """(the last folder on the way down ``steps`` that is there, the steps that are missing). Inside a transaction, in
        which all on the way stay as they are. Raises PermissionDenied where a client's people may not change it."""
        folder, steps = Folder.objects.locked().get(pk=self.pk), list(steps)
        while steps:
            below = folder.folders.in_place().filter(name=steps[0]).locked().first()
            if below is None:
                break
            if below.is_view_only and by.is_client_user:
                raise PermissionDenied(f"You can read the folder {below.name}, not change it.")
            folder = below
            del steps[0]
        return folder, steps

    def at_path(self, steps):
        """The folder at the end of ``steps``, or None."""
        folder = self
        for name in steps:
            folder = folder and folder.folders.in_place().filter(name=name).first()
        return folder

    def receive(self, arrived, *, by, link=None, is_separate=False, reserved_bytes=0):
        """The files that lie safely in storage are in this folder: each new, or a new version of the one with its name;
        or, where they are separate, under a numbered name beside it. What was reserved for them is so no more.

        ``arrived`` are Arrived; over a link, ``by`` stands for whoever sent them. Returns the Versions. All rows first, then
        the log: who records takes a lock that all others wait for. Where somebody has put the folder in the bin meanwhile,
        they are in the nearest one above it that is in place: what has arrived is not lost. Over a link each is new, under
        a numbered name where its own is taken: no stranger sends a version of a file that lies here. Raises LinkEnded.
        """
        from files.tasks import check_version

        with transaction.atomic():
            self._lock()
            if self.binned_at:
                return self.in_place().receive(
                    arrived, by=by, link=link, is_separate=is_separate, reserved_bytes=reserved_bytes
                )
            if link:
                link.take_places(len(arrived))
            tally = Tally()
            tally.add_released(self.cabinet_id, reserved_bytes)
            received = [self._receive(one, by, link, is_separate or link, tally) for one in arrived]
            tally.count()
            for version in received:
                if version.state == Version.State.CHECKING:
                    check_version.enqueue(version_id=str(version.pk))
            signals.receipts_due.send(Folder, subjects=received, by=by)
            for signal, is_new in ((signals.file_uploaded, True), (signals.version_uploaded, False)):
                versions = [version for version in received if (version.number == 1) is is_new]
                if versions:
                    signal.send(
                        File,
                        subjects=[version.file for version in versions],
                        by=link.guest if link else by,
                        each=[{"size_bytes": version.size_bytes, "after": version.in_words} for version in versions],
                    )
            for version in received:
                if version.state in FOUND_AT_ONCE:
                    version.announce(FOUND_AT_ONCE[version.state])
        return received

    def _receive(self, arrived, by, link, is_separate, tally):
        name = clean_name(arrived.name)
        if is_separate:
            name = self._free_name(name)
        file = self.files.in_place().filter(name=name).select_related("current").first()
        file = file or File.objects.create(folder=self, name=name)
        tally.add_sent(self.cabinet_id, by.pk, arrived.size_bytes, instead_of=file.current)
        now = timezone.now()
        file.current = file.versions.create(
            number=file.versions.count() + 1,
            storage_key=arrived.key,
            size_bytes=arrived.size_bytes,
            sha256=arrived.sha256,
            media_type=media_type_of(name),
            state=arrived.state,
            state_note=arrived.state_note,
            checked_at=None if arrived.state in (Version.State.RECEIVED, Version.State.CHECKING) else now,
            at=now,
            by=by,
            link=link,
        )
        file.save(update_fields=["current"])
        return file.current

    def _free_name(self, name):
        """The name, numbered where another file of this folder has it."""
        return free_names([name], set(self.files.in_place().values_list("name", flat=True)))[0]

    def _lock(self):
        """Two who give the same name at once come one after the other; where the folder lies is as it is now."""
        lock_folders([self.pk])
        self.refresh_from_db(fields=["cabinet", "parent", "name", "binned_at"])


def _view_only_in_words(is_view_only):
    return {"clients may": "look" if is_view_only else "look and change"}
