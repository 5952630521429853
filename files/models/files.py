import uuid

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.connections import release_connection
from accounts.rights import Right
from files import signals
from files.models import bins
from files.models.cabinets import Cabinet
from files.models.trees import NotInPlace, lock_folders
from files.names import clean_name
from files.querysets import FileQuerySet, VersionQuerySet
from files.removal import remove_when_committed
from files.space import Tally, count_fetched, lock_room, need_room
from files.storage import storage


class NameTaken(ValueError):
    """Something else in the folder has this name."""

    def __init__(self, name):
        super().__init__(f"There is already “{name}” in this folder")
        self.name = name


class NotServed(ValueError):
    """These bytes are handed to nobody: they are still being checked, or were found bad."""

    def __init__(self, version):
        super().__init__(f"{version.file.name} is not handed out")
        self.version = version


class CurrentVersion(ValueError):
    """The version is what its file is now, and stays with it."""


class File(models.Model):
    """A name in a folder with one or more versions. In the bin it keeps its place, hidden."""

    NAME_FIELDS = ("name", "former_names")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    folder = models.ForeignKey("Folder", on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=255)
    former_names = models.TextField(blank=True)  # one to a line, so that the log's search finds what was renamed
    current = models.OneToOneField("Version", null=True, on_delete=models.PROTECT, related_name="current_of")
    created_at = models.DateTimeField(default=timezone.now)
    binned_at = models.DateTimeField(null=True, blank=True)
    binned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    binned_with = models.ForeignKey(  # the folder that was put in the bin with this file in it
        "Folder", null=True, blank=True, on_delete=models.PROTECT, related_name="binned_files"
    )
    purged_at = models.DateTimeField(null=True, blank=True)  # its bytes are removed; the row stays, hidden
    announced_at = models.DateTimeField(null=True, blank=True)  # people were told that ``announced_rule`` will take it
    announced_rule = models.ForeignKey(
        "RetentionRule", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = FileQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["folder", "name"], condition=Q(binned_at=None), name="file_name_once")
        ]
        indexes = [models.Index(fields=["folder", "binned_at", "name"], name="file_in_folder")]

    def __str__(self):
        return self.name

    @property
    def client(self):
        return self.folder.client

    def get_absolute_url(self):
        return reverse("file", args=[self.pk])

    def may_be_changed_by(self, user):
        """Who has the right changes: at the firm any file that they see, of a client's people those that they sent last."""
        if not user.may(Right.DELETE_FILES):
            return False
        return not user.is_client_user or self.current.by_id == user.pk

    def rename(self, name, *, by):
        """The file has this name; its former one is kept for searching. Raises NameTaken, NotInPlace."""
        name = clean_name(name)
        with transaction.atomic():
            self._lock_place()
            if name == self.name:
                return
            if self.folder.files.in_place().filter(name=name).exists():
                raise NameTaken(name)
            before = self.name
            self.take_name(name)
            self.save(update_fields=self.NAME_FIELDS)
            signals.file_renamed.send(
                File,
                subject=self,
                by=by,
                size_bytes=self.current.size_bytes,
                before={"name": before},
                after={"name": name},
            )

    def take_name(self, name):
        """This is the name, and the one before it is kept for searching. Not saved: ``NAME_FIELDS`` differ."""
        self.former_names = f"{self.former_names}{self.name}\n"
        self.name = name

    @staticmethod
    def move_all_to_bin(files, *, by, rule=None):
        """As ``bins.move_to_bin``, of files alone. Returns those that were not there yet."""
        return bins.move_to_bin(files, by=by, rule=rule)[0]

    def move_to_bin(self, *, by):
        return self.move_all_to_bin([self], by=by)

    def restore(self, *, by):
        """As ``bins.restore``, of this one; it then says where it is."""
        bins.restore([self], by=by)
        self.refresh_from_db()

    def make_current(self, version, *, by):
        """The file has this earlier version's bytes again, as its latest version. They are a copy, made before anything is
        locked. Raises NotServed, QuotaExceeded and what the storage raises."""
        if not version.is_served:
            raise NotServed(version)
        release_connection()
        key = storage().copy(version.storage_key)
        with transaction.atomic():
            lock_room()
            self._lock_place()
            cabinet = Cabinet.objects.get(folders=self.folder_id)  # as it is, now that the place is locked
            need_room(cabinet, version.size_bytes)
            tally = Tally()
            tally.add_sent(cabinet.pk, by.pk, version.size_bytes, instead_of=self.current)
            tally.count()
            newest = self.versions.aggregate(newest=models.Max("number"))["newest"]
            self.current = version.copied(file=self, number=newest + 1, key=key, by=by)
            self.current.save(force_insert=True)
            self.save(update_fields=["current"])
            words = f"version {version.number} again, as version {self.current.number}"
            signals.version_restored.send(File, subject=self, by=by, size_bytes=version.size_bytes, note=words)
        return self.current

    def add_note(self, text, *, by):
        """The note stands on the file. The log says that there is one, not what it says."""
        with transaction.atomic():
            note = self.notes.create(text=text, by=by)
            signals.note_added.send(File, subject=self, by=by)
        return note

    def _lock_place(self):
        """The folder that the file lies in now keeps it and its name until the transaction ends. Raises NotInPlace where the
        file is in the bin."""
        lock_folders([self.folder_id])
        while File.objects.values_list("folder", flat=True).get(pk=self.pk) != self.folder_id:
            self.refresh_from_db(fields=["folder"])
            lock_folders([self.folder_id])
        self.refresh_from_db(fields=["name", "former_names", "binned_at", "current"])
        if self.binned_at:
            raise NotInPlace(self.name)

    @staticmethod
    def purge_all(files, *, by, rule=None):
        """As ``bins.purge``."""
        return bins.purge(files, by=by, rule=rule)


class Version(models.Model):
    """The bytes of a file as they were sent once. Never overwritten."""

    class State(models.TextChoices):
        """What is known of the bytes. ``SERVED`` are handed out; no others."""

        RECEIVED = "received", "Received"  # whole, and no scanner is set up
        CHECKING = "checking", "Being checked"  # not read yet, or the scanner does not answer: tried again
        CLEAN = "clean", "Checked"
        NOT_SCANNED = "not-scanned", "Not scanned"  # the scanner cannot look into it
        RELEASED = "released", "Released"  # not scanned, and somebody of the firm answers for it
        INFECTED = "infected", "Quarantined"
        DAMAGED = "damaged", "Damaged"  # the store does not hold what was sent

    SERVED = (State.RECEIVED, State.CLEAN, State.RELEASED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    storage_key = models.CharField(max_length=64, unique=True)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)  # empty until they were read
    media_type = models.CharField(max_length=100)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="versions")
    at = models.DateTimeField(default=timezone.now)

    link = models.ForeignKey(  # sent by somebody without an account, over this link, for which ``by`` stands
        "RequestLink", null=True, blank=True, on_delete=models.PROTECT, related_name="versions"
    )
    state = models.CharField(max_length=12, choices=State, default=State.RECEIVED)
    state_note = models.CharField(max_length=200, blank=True)  # what was found, or why it could not be looked at
    checked_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(null=True, blank=True)
    release_reason = models.CharField(max_length=300, blank=True)
    receipted_at = models.DateTimeField(null=True, blank=True)  # its sender's receipt is on its way, or is not wanted
    removed_at = models.DateTimeField(null=True, blank=True)  # its bytes are gone; the row stays, hidden
    client_downloaded_at = models.DateTimeField(null=True, blank=True)  # first, by any of the client's people

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="version_number_once")]
        indexes = [
            models.Index(fields=["sha256"], name="version_by_sha256"),  # finds what was sent twice
            models.Index(fields=["size_bytes", "id"], name="version_by_size"),
            models.Index(fields=["at", "id"], name="version_by_time"),
        ]

    def __str__(self):
        return f"{self.file.name}, version {self.number}"

    @property
    def is_served(self):
        return self.state in self.SERVED and self.removed_at is None

    @property
    def was_checked_at_once(self):
        """While its sender waited."""
        return self.checked_at is not None and self.checked_at <= self.at

    @property
    def sender(self):
        """Who sent it, as pages name them."""
        return self.link.email if self.link_id else self.by.name or self.by.email

    @property
    def sender_email(self):
        return self.link.email if self.link_id else self.by.email

    def copied(self, *, file, number, key, by):
        """A version with the same bytes, under ``key``, and all that is known of them. Not saved."""
        kept = ("size_bytes", "sha256", "media_type", "state", "state_note", "checked_at")
        kept += ("released_by_id", "released_at", "release_reason")
        same = {name: getattr(self, name) for name in kept}
        return Version(file=file, number=number, storage_key=key, by=by, **same)

    def remove(self, *, by):
        """The bytes of this earlier version are gone, for good; its row stays, hidden. Raises CurrentVersion, OnHold."""
        with transaction.atomic():
            lock_folders(
                [self.file.folder_id]
            )  # neither goes to another cabinet, whose hold and counters would be meant
            file = File.objects.select_for_update(of=("self",)).get(pk=self.file_id)
            file = File.objects.select_related("folder__cabinet__client").get(pk=file.pk)
            if file.current_id == self.pk:
                raise CurrentVersion
            Cabinet.must_not_be_held([file.folder.cabinet_id])
            if not Version.objects.filter(pk=self.pk, removed_at=None).update(removed_at=timezone.now()):
                return
            tally = Tally()
            kind = "binned" if file.binned_at else "earlier"
            tally.add(file.folder.cabinet_id, self.by_id, **{kind: -self.size_bytes})
            tally.count()
            remove_when_committed([self.storage_key])
            signals.version_removed.send(
                File, subject=file, by=by, size_bytes=self.size_bytes, note=f"version {self.number}"
            )

    @property
    def in_words(self):
        """What the log says of it: the file's events are many, and these tell which bytes each is about."""
        return {"version": str(self.number), **({"sha256": self.sha256} if self.sha256 else {})}

    def settle(self, state, *, note="", sha256=""):
        """What a check found is known, and in the log. Nothing changes where it was known already: of two checks of the same
        bytes the first counts. Returns whether this one did."""
        signal = {
            Version.State.INFECTED: signals.file_quarantined,
            Version.State.NOT_SCANNED: signals.file_not_scanned,
            Version.State.DAMAGED: signals.file_damaged,
        }.get(state, signals.file_checked)
        with transaction.atomic():
            versions = Version.objects.select_for_update(of=("self",)).filter(pk=self.pk, removed_at=None)
            version = versions.filter(state=Version.State.CHECKING).select_related("file").first()
            if version is None:
                return False
            version.state, version.state_note, version.checked_at = state, note[:200], timezone.now()
            version.sha256 = version.sha256 or sha256
            version.save(update_fields=["state", "state_note", "checked_at", "sha256"])
            version.announce(signal)
        return True

    def announce(self, signal):
        """Whoever listens knows what was found. The last statement of the transaction that found it."""
        signal.send(
            File,
            subjects=[self.file],
            by=None,
            each=[{"size_bytes": self.size_bytes, "after": self.in_words, "note": self.state_note}],
            versions=[self],
        )

    def put_off(self, note):
        """It could not be checked; the page says why, and the next look is for those that wait longer."""
        waiting = Version.objects.filter(pk=self.pk, state=Version.State.CHECKING)
        waiting.update(state_note=note[:200], checked_at=timezone.now())

    def may_be_released_by(self, user):
        """Somebody of the firm who may change its files; what is infected nobody lets through."""
        return self.state == self.State.NOT_SCANNED and not user.is_client_user and user.may(Right.DELETE_FILES)

    def release(self, *, why, by):
        """The version that no scanner could look into is handed out, and ``by`` answers for it. Returns whether it was
        waiting for that."""
        with transaction.atomic():
            version = Version.objects.select_for_update(of=("self",)).filter(pk=self.pk, removed_at=None)
            version = version.filter(state=Version.State.NOT_SCANNED).select_related("file").first()
            if version is None:
                return False
            version.state, version.released_by, version.released_at = Version.State.RELEASED, by, timezone.now()
            version.release_reason = why
            version.save(update_fields=["state", "released_by", "released_at", "release_reason"])
            signals.file_released.send(
                File,
                subjects=[version.file],
                by=by,
                each=[{"size_bytes": version.size_bytes, "after": version.in_words, "note": why}],
                versions=[version],
            )
        return True

    def hand_out(self, *, by):
        """As ``hand_out_all``, of this one."""
        self.hand_out_all([self], by=by)

    @staticmethod
    def hand_out_all(versions, *, by, signal=signals.file_downloaded, note=""):
        """The log says, committed, that this person was given these bytes, and they are no longer new to them. Called
        before the first byte leaves. ``signal`` says how they were given; the versions have their ``file`` at hand."""
        with transaction.atomic():
            if by.is_client_user:
                count_fetched([version.file_id for version in versions], by)
            openings = [Opening(version=version, user=by) for version in versions]
            Opening.objects.bulk_create(openings, ignore_conflicts=True, batch_size=500)
            if by.is_client_user:
                unmarked = Version.objects.filter(
                    pk__in=[version.pk for version in versions], client_downloaded_at=None
                )
                unmarked.update(client_downloaded_at=timezone.now())
            each = [{"size_bytes": version.size_bytes, **_noted(version, note)} for version in versions]
            signal.send(File, subjects=[version.file for version in versions], by=by, each=each)


def _noted(version, note):
    number = "" if version.pk == version.file.current_id else f"version {version.number}"
    words = ", ".join(filter(None, (number, note)))
    return {"note": words} if words else {}


class Opening(models.Model):
    """Somebody has opened or downloaded a version: it is no longer new to them."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="openings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="opening_once")]


class Note(models.Model):
    """A few words that somebody left on a file, for all who see it."""

    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.text

    def may_be_removed_by(self, user):
        return user.is_administrator or user.pk == self.by_id

    def remove(self, *, by):
        """The note is gone; the log says who took it away."""
        with transaction.atomic():
            self.delete()
            signals.note_removed.send(File, subject=self.file, by=by)
