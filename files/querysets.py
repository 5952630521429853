from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery, Sum

from accounts.rights import Right


class CabinetQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The cabinets whose content the user may read. Auditors read the logs, not the files."""
        if not user.may(Right.VIEW_FILES):
            return self.none()
        shared = Q(kind="client", client__in=user.visible_clients())
        own = Q(kind="personal", owner=user)
        return self.filter(shared | own) if user.is_client_user else self.filter(shared | own | Q(kind="firm"))


class FolderQuerySet(models.QuerySet):
    def visible_to(self, user):
        from files.models import Cabinet

        return self.filter(cabinet__in=Cabinet.objects.visible_to(user))

    def in_place(self):
        return self.filter(binned_at=None)

    def with_file_counts(self):
        return self.annotate(file_count=Count("files", filter=Q(files__binned_at=None)))


class FileQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Files whose content the user may read. What was deleted only the firm still sees, and who sent it."""
        from files.models import Cabinet

        files = self.filter(folder__cabinet__in=Cabinet.objects.visible_to(user), purged_at=None)
        return files.filter(Q(binned_at=None) | Q(current__by=user)) if user.is_client_user else files

    def in_place(self):
        return self.filter(binned_at=None)

    def in_bin(self):
        return self.exclude(binned_at=None)


class VersionQuerySet(models.QuerySet):
    def usage_by_person(self, people):
        """``people`` with ``file_count`` (files whose current version they sent, not in the bin), ``size_bytes`` (every
        version they sent, bin and earlier versions included) and ``last_sent_at``. Sizes add up to the total."""
        sent = self.filter(by=OuterRef("pk")).order_by().values("by")
        return people.annotate(
            file_count=_or_zero(sent.annotate(n=Count("current_of", filter=Q(current_of__binned_at=None))).values("n")),
            size_bytes=_or_zero(sent.annotate(n=Sum("size_bytes")).values("n")),
            last_sent_at=Subquery(sent.annotate(at=models.Max("at")).values("at")),
        )

    def total_bytes(self):
        return self.aggregate(total=Sum("size_bytes"))["total"] or 0


def _or_zero(query):
    return models.functions.Coalesce(Subquery(query), 0, output_field=models.BigIntegerField())
