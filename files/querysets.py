from datetime import date

from django.db import models
from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce

from accounts.rights import Right


class CabinetQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The cabinets whose content the user may read. Auditors read the logs, not the files."""
        if not user.may(Right.VIEW_FILES):
            return self.none()
        shared = Q(kind="client", client__in=user.visible_clients())
        own = Q(kind="personal", owner=user)
        return self.filter(shared | own) if user.is_client_user else self.filter(shared | own | Q(kind="firm"))

    def with_tops(self):
        """Each with ``top_id``, its top folder's."""
        from files.models import Folder

        return self.annotate(top_id=Subquery(Folder.objects.filter(cabinet=OuterRef("pk"), parent=None).values("pk")))


class FolderQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Folders that the user may open. What was deleted only the firm still sees."""
        from files.models import Cabinet

        folders = self.filter(cabinet__in=Cabinet.objects.visible_to(user))
        return folders.in_place() if user.is_client_user else folders

    def in_bin_for(self, user):
        """Folders that lie in the bin by themselves, for whoever may put them back: the firm, and who put them there."""
        from files.models import Cabinet

        folders = self.exclude(binned_at=None).filter(cabinet__in=Cabinet.objects.visible_to(user), binned_with=None)
        folders = folders.filter(purged_at=None)
        return folders.filter(binned_by=user) if user.is_client_user else folders

    def in_place(self):
        return self.filter(binned_at=None)

    def locked(self):
        """Held until the transaction ends, lower ids first; rows that refer to them may still come."""
        return self.select_for_update(no_key=True).order_by("pk")

    def with_binned_counts(self):
        """Each with ``file_count``: the files that went to the bin with it."""
        return self.annotate(file_count=Count("binned_files", filter=Q(binned_files__purged_at=None)))

    def with_file_counts(self):
        from files.models import File

        files = File.objects.in_place().filter(folder=OuterRef("pk")).order_by().values("folder")
        return self.annotate(file_count=_or_zero(files.annotate(n=Count("pk")).values("n")))


class FileQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Files whose content the user may read. What was deleted only the firm still sees, and who sent it."""
        from files.models import Cabinet

        files = self.filter(folder__cabinet__in=Cabinet.objects.visible_to(user), purged_at=None)
        return files.filter(Q(binned_at=None) | Q(current__by=user)) if user.is_client_user else files

    def in_place(self):
        return self.filter(binned_at=None)

    def in_bin(self):
        """What lies in the bin, and can be put back."""
        return self.exclude(binned_at=None).filter(purged_at=None)

    def in_bin_alone(self):
        """Put there by themselves, not with a folder."""
        return self.in_bin().filter(binned_with=None)

    def locked(self):
        """Held until the transaction ends, lower ids first; rows that refer to them may still come."""
        return self.select_for_update(no_key=True).order_by("pk")

    def told(self):
        """With what the log says of each."""
        return self.select_related("current", "folder__cabinet__client")

    def with_sender(self):
        """``sender_name``: what ``current.sender`` says, for sorting."""
        names = Case(
            When(current__link__isnull=False, then=F("current__link__email")),
            When(current__by__name="", then=F("current__by__email")),
            default=F("current__by__name"),
        )
        return self.annotate(sender_name=names)

    def new_to(self, user):
        """As ``files.marks`` marks them: sent by the other side since the user joined, and not yet opened by them."""
        from files.models import Opening, Version

        of_clients = Q(current__by__role="client_user") | Q(current__link__isnull=False)
        opened = Opening.objects.filter(user=user, version=OuterRef("current"))
        return self.in_place().filter(
            ~of_clients if user.is_client_user else of_clients,
            ~Exists(opened),
            folder__cabinet__kind="client",
            current__at__gt=user.joined_at or user.created_at,
            current__state__in=Version.SERVED,
            current__removed_at=None,
        )


class VersionQuerySet(models.QuerySet):
    def stored(self):
        """Those whose bytes were not removed."""
        return self.filter(removed_at=None)

    def total_bytes(self):
        return self.stored().aggregate(total=Sum("size_bytes"))["total"] or 0


NEVER = date(9999, 12, 31)
MISSING = Q(documents__received_at=None, documents__declined_because="")


class RequestQuerySet(models.QuerySet):
    def visible_to(self, user):
        from files.models import Cabinet

        return self.filter(folder__cabinet__in=Cabinet.objects.visible_to(user))

    def open(self):
        return self.filter(closed_at=None)

    def with_counts(self):
        """``document_count``, ``got_count``, ``missing_count``, and ``due_order``: the first day that a missing document
        is due, or NEVER."""
        due = Coalesce(F("documents__due_on"), F("due_on"))
        return self.annotate(
            document_count=Count("documents"),
            got_count=Count("documents__received_at"),
            missing_count=Count("documents", filter=MISSING),
            due_order=Coalesce(Min(due, filter=MISSING), NEVER, output_field=models.DateField()),
        )


class RequestedDocumentQuerySet(models.QuerySet):
    def visible_to(self, user):
        from files.models import Request

        return self.filter(request__in=Request.objects.visible_to(user))

    def missing(self):
        return self.filter(received_at=None, declined_because="")


def _or_zero(query):
    return models.functions.Coalesce(Subquery(query), 0, output_field=models.BigIntegerField())


class UploadQuerySet(models.QuerySet):
    def open(self):
        """Those whose bytes are reserved."""
        return self.filter(closed_at=None)

    def in_parts(self):
        """Those of files that come in parts; the others are forms."""
        return self.exclude(name="")

    def of(self, user, link=None):
        """Those that this person began; over a link, whoever has the link."""
        return self.filter(link=link) if link else self.filter(by=user, link=None)

    def like(self, *, folder, by, link=None, path, name, size_bytes, changed_at, document=None, **what):
        """Unfinished ones of the same file, sent to the same place by the same person."""
        return (
            self.open()
            .of(by, link)
            .filter(
                folder=folder, path=path, name=name, size_bytes=size_bytes, changed_at=changed_at, document=document
            )
        )

    def with_sizes(self):
        """With ``came_bytes``, of the parts that the portal itself has."""
        return self.annotate(came_bytes=Sum("parts__size_bytes", default=0))

    def awaited_bytes(self):
        """What is reserved of these and has not come."""
        from files.models import Part

        came = Part.objects.filter(upload__in=self).aggregate(sum=Sum("size_bytes"))["sum"] or 0
        return (self.aggregate(sum=Sum("size_bytes"))["sum"] or 0) - came
