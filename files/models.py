import uuid

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client
from accounts.rights import Right
from files import signals
from files.media import media_type_of
from files.names import clean_name, numbered
from files.querysets import CabinetQuerySet, FileQuerySet, FolderQuerySet, VersionQuerySet


class NameTaken(ValueError):
    """Something else in the folder has this name."""

    def __init__(self, name):
        super().__init__(f"There is already “{name}” in this folder")
        self.name = name


class Cabinet(models.Model):
    """Where files lie: shared between a client and the firm, the firm's own, or one person's."""

    class Kind(models.TextChoices):
        CLIENT = "client", "Client"
        FIRM = "firm", "Firm"
        PERSONAL = "personal", "Personal"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    client = models.OneToOneField(Client, null=True, blank=True, on_delete=models.PROTECT, related_name="cabinet")
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="cabinet"
    )

    objects = CabinetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cabinet_has_one_owner",
                condition=Q(kind="client", client__isnull=False, owner=None)
                | Q(kind="personal", client=None, owner__isnull=False)
                | Q(kind="firm", client=None, owner=None),
            ),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="firm"), name="cabinet_one_of_the_firm"),
        ]

    def __str__(self):
        return str(self.client or self.owner or "Firm")

    @classmethod
    def open(cls, kind, **owner):
        """A new cabinet with its top folder."""
        return cls.open_all(kind, [owner])[0]

    @classmethod
    def open_all(cls, kind, owners):
        """New cabinets, one for each of ``owners``, with their top folders."""
        cabinets = cls.objects.bulk_create(cls(kind=kind, **owner) for owner in owners)
        Folder.objects.bulk_create(Folder(cabinet=cabinet, name=str(cabinet)) for cabinet in cabinets)
        return cabinets

    @property
    def top(self):
        return self.folders.get(parent=None)

    def get_absolute_url(self):
        return reverse("cabinet", args=[self.pk])


def open_cabinet(sender, *, subject=None, subjects=None, **kwargs):
    """Receiver of ``client_created``: each new client has a cabinet."""
    Cabinet.open_all(Cabinet.Kind.CLIENT, [{"client": client} for client in subjects or [subject]])


class Folder(models.Model):
    """A folder of a cabinet; the one without a parent is the cabinet's top."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cabinet = models.ForeignKey(Cabinet, on_delete=models.PROTECT, related_name="folders")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="folders")
    name = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)

    objects = FolderQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="folder_name_once"),
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

    def add_folder(self, name, *, by):
        """A new folder in this one. Raises NameTaken."""
        name = clean_name(name)
        with transaction.atomic():
            self._lock()
            if self.folders.filter(name=name).exists():
                raise NameTaken(name)
            folder = Folder.objects.create(cabinet=self.cabinet, parent=self, name=name)
            signals.folder_created.send(Folder, subject=folder, by=by)
        return folder

    def receive(self, uploads, *, by):
        """The files that lie safely in storage are in this folder: each new, or a new version of the one with its name.

        An upload has name, key, size_bytes and sha256. Returns the Versions. All rows first, then the log: who records
        takes a lock that all others wait for.
        """
        with transaction.atomic():
            self._lock()
            received = [self._receive(upload, by) for upload in uploads]
            for signal, is_new in ((signals.file_uploaded, True), (signals.version_uploaded, False)):
                versions = [version for version in received if (version.number == 1) is is_new]
                if versions:
                    signal.send(
                        File,
                        subjects=[version.file for version in versions],
                        by=by,
                        each=[
                            {"size_bytes": version.size_bytes, "note": f"SHA-256 {version.sha256}"}
                            for version in versions
                        ],
                    )
        return received

    def _receive(self, upload, by):
        name = clean_name(upload.name)
        file = self.files.in_place().filter(name=name).first() or File.objects.create(folder=self, name=name)
        file.current = file.versions.create(
            number=file.versions.count() + 1,
            storage_key=upload.key,
            size_bytes=upload.size_bytes,
            sha256=upload.sha256,
            media_type=media_type_of(name),
            by=by,
        )
        file.save(update_fields=["current"])
        return file.current

    def _lock(self):
        """Two who give the same name at once come one after the other."""
        Folder.objects.select_for_update().get(pk=self.pk)


class File(models.Model):
    """A name in a folder with one or more versions. In the bin it keeps its place, hidden."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    folder = models.ForeignKey(Folder, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=255)
    former_names = models.TextField(blank=True)  # one to a line, so that the log's search finds what was renamed
    current = models.OneToOneField("Version", null=True, on_delete=models.PROTECT, related_name="current_of")
    created_at = models.DateTimeField(default=timezone.now)
    binned_at = models.DateTimeField(null=True, blank=True)
    binned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
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
            renamed = {"before": {"name": before}, "after": {"name": self.name}} if self.name != before else {}
            signals.file_restored.send(File, subject=self, by=by, size_bytes=self.current.size_bytes, **renamed)


class Version(models.Model):
    """The bytes of a file as they were sent once. Never overwritten."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    storage_key = models.CharField(max_length=64, unique=True)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=100)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="versions")
    at = models.DateTimeField(default=timezone.now)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="version_number_once")]

    def __str__(self):
        return f"{self.file.name}, version {self.number}"

    def hand_out(self, *, by):
        """The log says, committed, that this person was given these bytes. Called before the first byte leaves."""
        with transaction.atomic():
            note = {} if self.pk == self.file.current_id else {"note": f"version {self.number}"}
            signals.file_downloaded.send(File, subject=self.file, by=by, size_bytes=self.size_bytes, **note)
