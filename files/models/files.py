import uuid

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Right
from files import signals
from files.names import clean_name, numbered
from files.querysets import FileQuerySet, VersionQuerySet
from files.space import count_binned, count_restored


class NameTaken(ValueError):
    """Something else in the folder has this name."""

    def __init__(self, name):
        super().__init__(f"There is already “{name}” in this folder")
        self.name = name


class File(models.Model):
    """A name in a folder with one or more versions. In the bin it keeps its place, hidden."""

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
        """The file has this name; its former one is kept for searching. Raises NameTaken."""
        name = clean_name(name)
        with transaction.atomic():
            self.folder._lock()
            self.refresh_from_db(fields=["name", "former_names"])
            if name == self.name:
                return
            if self.folder.files.in_place().filter(name=name).exists():
                raise NameTaken(name)
            before, self.name = self.name, name
            self.former_names = f"{self.former_names}{before}\n"
            self.save(update_fields=["name", "former_names"])
            signals.file_renamed.send(
                File,
                subject=self,
                by=by,
                size_bytes=self.current.size_bytes,
                before={"name": before},
                after={"name": name},
            )

    @staticmethod
    def move_all_to_bin(files, *, by):
        """The files are in the bin, and the log says of each who put it there. Those there already stay as they are."""
        with transaction.atomic():
            locked = File.objects.select_for_update(of=("self",)).filter(pk__in=[file.pk for file in files])
            binned = list(locked.in_place().select_related("current", "folder__cabinet__client"))
            File.objects.filter(pk__in=[file.pk for file in binned]).update(binned_at=timezone.now(), binned_by=by)
            if binned:
                count_binned(binned)
                sizes = [{"size_bytes": file.current.size_bytes} for file in binned]
                signals.file_binned.send(File, subjects=binned, by=by, each=sizes)
        return binned

    def move_to_bin(self, *, by):
        return self.move_all_to_bin([self], by=by)

    def restore(self, *, by):
        """The file is back in its folder; under a numbered name where another has taken its own."""
        with transaction.atomic():
            self.folder._lock()
            self.refresh_from_db(fields=["name", "binned_at"])
            if self.binned_at is None:
                return
            taken = set(self.folder.files.in_place().values_list("name", flat=True))
            before, number = self.name, 2
            while self.name in taken:
                self.name, number = numbered(before, number), number + 1
            if self.name != before:
                self.former_names = f"{self.former_names}{before}\n"
            self.binned_at = self.binned_by = None
            self.save(update_fields=["name", "former_names", "binned_at", "binned_by"])
            count_restored([self])
            renamed = {"before": {"name": before}, "after": {"name": self.name}} if self.name != before else {}
            signals.file_restored.send(File, subject=self, by=by, size_bytes=self.current.size_bytes, **renamed)


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
    removed_at = models.DateTimeField(null=True, blank=True)  # its bytes are gone; the row stays, hidden
    client_downloaded_at = models.DateTimeField(null=True, blank=True)  # first, by any of the client's people

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="version_number_once")]

    def __str__(self):
        return f"{self.file.name}, version {self.number}"

    @property
    def is_served(self):
        return self.state in self.SERVED and self.removed_at is None

    @property
    def sender(self):
        """Who sent it, as pages name them."""
        return self.link.email if self.link_id else self.by.name or self.by.email

    @property
    def sender_email(self):
        return self.link.email if self.link_id else self.by.email

    def hand_out(self, *, by):
        """As ``hand_out_all``, of this one."""
        self.hand_out_all([self], by=by)

    @staticmethod
    def hand_out_all(versions, *, by, signal=signals.file_downloaded, note=""):
        """The log says, committed, that this person was given these bytes, and they are no longer new to them. Called
        before the first byte leaves. ``signal`` says how they were given; the versions have their ``file`` at hand."""
        with transaction.atomic():
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
