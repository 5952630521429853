from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from activity.actions import Action
from activity.recording import record
from reports.catalog import reports_open_to

AGAIN_AFTER = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


class RunQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those of one's own schedules, and those one was sent, of the reports that ``user`` may open."""
        sent = Run.recipients.through.objects.filter(user=user).values("run")
        theirs = Q(schedule__owner=user) | Q(pk__in=sent)
        return self.filter(theirs, schedule__report__in=reports_open_to(user))


class Run(models.Model):
    """A scheduled report, made once. Its file lies in the database, in pieces, so that any machine hands it out."""

    class State(models.TextChoices):
        WAITING = "waiting", "On its way"
        MADE = "made", "Made"
        FAILED = "failed", "Failed"

    schedule = models.ForeignKey("Schedule", on_delete=models.CASCADE, related_name="runs")
    due_at = models.DateTimeField()
    query = models.TextField(blank=True)
    words = models.TextField(blank=True)  # the filter as its owner reads it
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    moved_at = models.DateTimeField(default=timezone.now)
    again_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    recipients = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")  # who was told, and may open it
    file_name = models.CharField(max_length=200, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size_bytes = models.BigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-due_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["schedule", "due_at"], name="run_once")]

    def __str__(self):
        return str(self.schedule)

    def get_absolute_url(self):
        return reverse("report-run", args=[self.pk])

    @property
    def is_made(self):
        return self.state == self.State.MADE

    @classmethod
    def take(cls, run_id):
        """The run, for one try more; whoever is still at an earlier one does it in vain. None where there is nothing to do."""
        with transaction.atomic():
            waiting = cls.objects.select_for_update(of=("self",)).filter(pk=run_id, state=cls.State.WAITING)
            run = waiting.select_related("schedule__owner").first()
            if run:
                run.pieces.all().delete()
                run.tries, run.moved_at, run.again_at = run.tries + 1, timezone.now(), None
                run.save(update_fields=["tries", "moved_at", "again_at"])
            return run

    def keep(self, *, recipients, **facts):
        """The file is whole, and these people may open it. Returns whether it was this try's to say so."""
        with transaction.atomic():
            is_mine = self._end(state=self.State.MADE, reason="", **facts)
            if is_mine:
                self.recipients.set(recipients)
        return is_mine

    def put_off(self, again_at):
        """This try was none. Returns whether it was the latest one's to say so."""
        return self._end(tries=self.tries - 1, again_at=again_at)

    def fail(self, reason, *, may_try_again):
        """Why there is no file is kept, and in the log; ``again_at`` is when it is to be tried again, or None. Returns whether
        it was this try's to say so."""
        self.again_at = None
        if may_try_again and self.tries <= len(AGAIN_AFTER):
            self.again_at = timezone.now() + AGAIN_AFTER[self.tries - 1]
        state = self.State.WAITING if self.again_at else self.State.FAILED
        with transaction.atomic():
            is_mine = self._end(state=state, reason=reason, again_at=self.again_at)
            if is_mine:
                self.pieces.all().delete()
                more = " It is tried again." if self.again_at else ""
                record(Action.REPORT_FAILED, subject=self.schedule.as_subject, note=f"{reason}{more}")
        return is_mine

    def fetch(self, *, by):
        """The log says that ``by`` has the file, before its first byte goes out."""
        with transaction.atomic():
            note = f"{self.file_name}, SHA-256 {self.sha256}"
            record(Action.REPORT_FETCHED, by=by, subject=self.schedule.as_subject, note=note)

    def _end(self, **fields):
        mine = Run.objects.filter(pk=self.pk, state=self.State.WAITING, tries=self.tries)
        return bool(mine.update(moved_at=timezone.now(), **fields))


class Piece(models.Model):
    """Some bytes of a run's file."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="pieces")
    attempt = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "attempt", "number"], name="piece_once")]

    def __str__(self):
        return f"{self.run}, {self.number}"
