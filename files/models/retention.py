import calendar
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from files import signals
from files.models.cabinets import Cabinet
from files.models.files import File
from files.models.folders import Folder

AT_ONCE = 1_000  # rows that one transaction changes


class RetentionRuleQuerySet(models.QuerySet):
    def open(self):
        return self.filter(ended_at=None)


class RetentionRule(models.Model):
    """Files of clients whose current version is older than this go to the bin, after a notice; with a folder, only those in
    it and below."""

    name = models.CharField(max_length=120)
    folder = models.ForeignKey(Folder, null=True, blank=True, on_delete=models.PROTECT, related_name="rules")
    months = models.PositiveIntegerField()
    notice_days = models.PositiveIntegerField(default=30)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)  # of what was announced until then people were told

    objects = RetentionRuleQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def client(self):
        return self.folder.client if self.folder_id else None

    @property
    def in_words(self):
        return {
            "files of": f"{self.folder.cabinet}, {self.folder} and below" if self.folder_id else "all clients",
            "older than months": str(self.months),
            "notice in days": str(self.notice_days),
        }

    def make(self):
        """The rule stands, from the next night on; the log says who made it."""
        with transaction.atomic():
            self.save()
            signals.rule_made.send(RetentionRule, subject=self, by=self.by, after=self.in_words)

    def end(self, *, by):
        """The rule takes nothing any more; what it had announced stays where it is."""
        with transaction.atomic():
            RetentionRule.objects.select_for_update().get(pk=self.pk)
            self.refresh_from_db(fields=["ended_at"])
            if self.ended_at is not None:
                return
            self.ended_at = timezone.now()
            self.save(update_fields=["ended_at"])
            signals.rule_ended.send(RetentionRule, subject=self, by=by, before=self.in_words)
        self.take_back_announcements()

    def covered(self):
        """The files in place that the rule is about, whatever their age."""
        files = File.objects.in_place().filter(folder__cabinet__kind=Cabinet.Kind.CLIENT)
        return files.filter(folder__in=below(self.folder)) if self.folder_id else files

    def due(self, at=None):
        """The files that are too old at this moment, but for those that a legal hold keeps."""
        before = months_before(at or timezone.now(), self.months)
        return self.covered().filter(current__at__lte=before, folder__cabinet__held_at=None)

    def kept_by_hold(self, cabinet):
        """The files of this cabinet that would be due, were it not under a legal hold."""
        before = months_before(timezone.now(), self.months)
        return self.covered().filter(current__at__lte=before, folder__cabinet=cabinet)

    def unannounced(self):
        """The files that will be due when a notice that is given now has run, and that nobody was told of."""
        return self.due(timezone.now() + timedelta(days=self.notice_days)).filter(announced_rule=None)

    def ready(self):
        """The files that are due, and were announced long enough ago."""
        told_before = timezone.now() - timedelta(days=self.notice_days)
        return self.due().filter(announced_rule=self, announced_at__lte=told_before)

    def takes_on(self, file):
        """The moment from which the announced file may go: when it is old enough, and the notice has run."""
        old_enough = months_before(file.current.at, -self.months)
        return max(old_enough, file.announced_at + timedelta(days=self.notice_days))

    def weigh(self):
        """(files, bytes) that would go if nobody had to be told first."""
        totals = self.due().aggregate(count=Count("pk"), size=Sum("current__size_bytes", default=0))
        return totals["count"], totals["size"]

    def announce_some(self, cabinet):
        """Some of the cabinet's files that will be due soon are announced, and the log says how many. Returns that."""
        with transaction.atomic():
            files = list(
                self.unannounced().filter(folder__cabinet=cabinet).values_list("pk", "current__size_bytes")[:AT_ONCE]
            )
            unannounced = File.objects.in_place().filter(pk__in=[pk for pk, _ in files], announced_rule=None)
            count = unannounced.update(announced_at=timezone.now(), announced_rule=self)
            if count:
                signals.files_announced.send(
                    RetentionRule,
                    subject=self,
                    by=None,
                    each=[{"client": cabinet.client, "size_bytes": sum(size_bytes for _, size_bytes in files)}],
                    note="1 file goes to the bin" if count == 1 else f"{count:,} files go to the bin",
                )
        return count

    def take_back_announcements(self):
        """Nobody is told of files any more that the rule will not take: a new version came, they were moved, a legal hold
        keeps them, or the rule has ended. What comes back into its reach is announced anew. Returns how many."""
        stale = File.objects.filter(announced_rule=self)
        if self.ended_at is None:
            still = self.due(timezone.now() + timedelta(days=self.notice_days))
            stale = stale.exclude(pk__in=still.values("pk"))
        count = 0
        while some := list(stale.values_list("pk", flat=True)[:AT_ONCE]):
            count += File.objects.filter(pk__in=some).update(announced_at=None, announced_rule=None)
        return count


def below(folder):
    """The ids of the folder and of all those in it."""
    children = {}
    for pk, parent in Folder.objects.filter(cabinet=folder.cabinet_id).values_list("pk", "parent"):
        children.setdefault(parent, []).append(pk)
    found, waiting = [], [folder.pk]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], ())
    return found


def months_before(moment, months):
    """The moment so many months earlier (or, below 0, later), on the same day, or the last of a shorter month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    if not 1 <= year <= 9999:
        return moment.replace(year=min(max(year, 1), 9999), day=1)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))
