from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from activity.actions import Action
from activity.recording import Subject, record
from reports.catalog import REPORTS, reports_open_to


class NameTaken(ValueError):
    """The person has another view of this name."""


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own and those that colleagues share, of the reports that ``user`` may open."""
        return self.filter(Q(owner=user) | Q(is_shared=True), report__in=reports_open_to(user))

    def to_change_by(self, user):
        """One's own; for administrators also what others share, since who shared it may be gone."""
        theirs = Q(owner=user) | Q(is_shared=True) if user.is_administrator else Q(owner=user)
        return self.visible_to(user).filter(theirs)


class SavedView(models.Model):
    """A report's filter under a name: what is asked, never what was found. Whoever opens it sees what they may see."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    report = models.CharField(max_length=40)  # the slug of a table
    query = models.TextField(blank=True)
    words = models.TextField()  # the filter as its owner read it; it may name what others may not see
    is_shared = models.BooleanField("Share it with colleagues", default=False)
    at = models.DateTimeField(default=timezone.now)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="view_name_once")]
        indexes = [models.Index(fields=["name"], name="shared_views", condition=Q(is_shared=True))]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("saved-view", args=[self.pk])

    @property
    def title(self):
        return REPORTS[self.report].table.title

    @property
    def address(self):
        """That of the report's page with this filter."""
        return REPORTS[self.report].address(self.query)

    def as_seen_by(self, reader):
        return REPORTS[self.report].as_seen_by(reader, self.query)

    def keep(self):
        """The view is in its owner's list, and in those of colleagues where it is shared. Raises NameTaken."""
        with transaction.atomic():
            self._save()
            self._record(Action.VIEW_SAVED, self.owner, note=f"{self.title}: {self.words}")
            if self.is_shared:
                self._record(Action.VIEW_SHARED, self.owner)

    def change(self, *, name, is_shared, by):
        """The view has this name, and colleagues find it or not. Raises NameTaken."""
        before, was_shared = self.name, self.is_shared
        with transaction.atomic():
            self.name, self.is_shared = name, is_shared
            try:
                self._save()
            except NameTaken:
                self.name, self.is_shared = before, was_shared
                raise
            if name != before:
                self._record(Action.VIEW_RENAMED, by, before={"name": before}, after={"name": name})
            if is_shared != was_shared:
                self._record(Action.VIEW_SHARED if is_shared else Action.VIEW_UNSHARED, by)

    def delete_view(self, *, by):
        """The view is gone, for colleagues too."""
        with transaction.atomic():
            self._record(Action.VIEW_DELETED, by, note=f"{self.title}: {self.words}")
            self.delete()

    def _save(self):
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError as problem:
            raise NameTaken(self.name) from problem

    def _record(self, action, by, **details):
        record(action, by=by, subject=Subject("savedview", str(self.pk), self.name), **details)
