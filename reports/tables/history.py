"""What happened to one file, and what a client's people are told of their own."""

from functools import cached_property

from django.db.models import Count, Max

from accounts.rights import Right
from activity.actions import Area
from activity.querysets import OPENED
from reports.filters.history import HistoryFilter, TrailFilter
from reports.tables.access import WHO
from reports.tables.log import ActivityLog


class FileHistory(ActivityLog):
    """What happened to one file, whose page the reader may open."""

    slug, template = "file-history", "reports/file_history.html"
    filter_class = HistoryFilter

    def __init__(self, request, file):
        self.file = file
        super().__init__(request)

    @property
    def title(self):
        return f"History of {self.file.name}"

    @property
    def columns(self):
        names = "at user action what" if self.is_discreet else "seq at user action what ip size details"
        return self.chosen_columns(names)

    def source(self):
        return super().source().filter(subject_type="file", subject_id=str(self.file.pk))

    @cached_property
    def openings(self):
        """How often the file was opened, by how many people, and when last, of what the reader sees."""
        opened = self.source().filter(action__in=OPENED, seq__lte=self.upto).annotate(who=WHO)
        return opened.aggregate(times=Count("seq"), people=Count("who", distinct=True), last_at=Max("at"))


class Trail(ActivityLog):
    """What a client's people did, and who at the firm opened their files."""

    slug, title, template = "trail", "What happened with your files", "reports/trail.html"
    filter_class = TrailFilter

    @property
    def columns(self):
        return self.chosen_columns("at user action what client")

    def source(self):
        """Without who read which report: the labels of these hold numbers."""
        events = super().source().exclude(area=Area.LOG)
        return events if self.reader.may(Right.VIEW_FILES) else events.filter(actor_id=self.reader.pk)
