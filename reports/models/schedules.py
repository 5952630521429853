from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import Firm
from activity.actions import Action
from activity.recording import Subject, record
from reports.catalog import REPORTS, reports_open_to
from reports.rhythm import PERIODS, Every, Rhythm

WEEKDAYS = list(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))
HOURS = [(hour, f"{hour % 12 or 12} {'AM' if hour < 12 else 'PM'}") for hour in range(24)]


class Format(models.TextChoices):
    EXCEL = "xlsx", "Excel"
    WORD = "docx", "Word"
    CSV = "csv", "CSV"


class ScheduleQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; for administrators everybody's. Of the reports that ``user`` may open."""
        found = self.filter(report__in=reports_open_to(user))
        return found if user.is_administrator else found.filter(owner=user)

    def running(self):
        return self.filter(paused_at=None)


class Schedule(models.Model):
    """A view's filter, made into a file again and again, of what its owner may see at that time. It holds a copy: what
    becomes of the view does not touch it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    report = models.CharField(max_length=40)  # the slug of a table
    query = models.TextField(blank=True)
    extension = models.CharField("Format", max_length=4, choices=Format, default=Format.EXCEL)
    every = models.CharField("How often", max_length=5, choices=Every, default=Every.WEEK)
    weekday = models.PositiveSmallIntegerField("Weekday", choices=WEEKDAYS, default=0)
    month_day = models.PositiveSmallIntegerField(
        "Day of the month", default=1, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    hour = models.PositiveSmallIntegerField("Hour", choices=HOURS, default=7)
    is_moving = models.BooleanField(
        "Only the day, the seven days or the calendar month before it, whatever dates the view has", default=False
    )
    recipients = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    done_until = models.DateTimeField(default=timezone.now)  # what was due until then was begun, or is not made up
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.TextField(blank=True)  # empty where somebody paused it

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("schedule", args=[self.pk])

    @property
    def title(self):
        return REPORTS[self.report].table.title

    @property
    def rhythm(self):
        return Rhythm(self.every, self.weekday, self.month_day, self.hour, Firm.current().zone)

    @property
    def when_in_words(self):
        day = {
            Every.DAY: "Every day",
            Every.WEEK: f"Every {self.get_weekday_display()}",
            Every.MONTH: f"On day {self.month_day} of every month",
        }[self.every]
        return f"{day} after {self.get_hour_display()}"

    @property
    def period_in_words(self):
        return f"Of {PERIODS[self.every]}" if self.is_moving else "As the view says"

    @property
    def next_at(self):
        return None if self.paused_at else self.rhythm.next(self.done_until)

    @property
    def in_words(self):
        return {
            "name": self.name,
            "format": self.get_extension_display(),
            "when": self.when_in_words,
            "dates": self.period_in_words,
            "to": ", ".join(str(person) for person in self.recipients.order_by("email")),
        }

    def is_open_to(self, person):
        """Whether the person can sign in and open the report itself."""
        return person.is_active and REPORTS[self.report].opens_to(person)

    def query_at(self, moment):
        """What is asked of the report at this moment: where the dates move, about the period before."""
        query = QueryDict(self.query, mutable=True)
        if self.is_moving:
            query["from"], query["to"] = (day.isoformat() for day in self.rhythm.period(moment))
        return query.urlencode()

    def make(self, *, recipients):
        """From its next moment on the report is made, and these people are told of it."""
        with transaction.atomic():
            self.save()
            self.recipients.set(recipients)
            self._record(Action.SCHEDULE_MADE, self.owner, after={"report": self.title, **self.in_words})

    def change(self, *, recipients, by, **fields):
        """The schedule is as given, from its next moment on."""
        with transaction.atomic():
            before = self.in_words
            for name, value in fields.items():
                setattr(self, name, value)
            self.done_until = timezone.now()
            self.save(update_fields=[*fields, "done_until"])  # a pause meanwhile stays
            self.recipients.set(recipients)
            after = self.in_words
            changed = [name for name in after if after[name] != before[name]]
            if changed:
                before, after = ({name: words[name] for name in changed} for words in (before, after))
                self._record(Action.SCHEDULE_CHANGED, by, before=before, after=after)

    def pause(self, *, by, reason=""):
        """Nothing is made until somebody goes on with it. Returns whether it was not so before."""
        with transaction.atomic():
            running = Schedule.objects.running().filter(pk=self.pk)
            is_new = bool(running.update(paused_at=timezone.now(), pause_reason=reason))
            if is_new:
                self._record(Action.SCHEDULE_PAUSED, by, note=reason)
        return is_new

    def resume(self, *, by):
        """It is made again from its next moment on; what was due meanwhile is not made up."""
        with transaction.atomic():
            paused = Schedule.objects.filter(pk=self.pk).exclude(paused_at=None)
            if paused.update(paused_at=None, pause_reason="", done_until=timezone.now()):
                self._record(Action.SCHEDULE_RESUMED, by)

    def delete_schedule(self, *, by):
        """The schedule, its runs and their files are gone for good."""
        with transaction.atomic():
            self._record(Action.SCHEDULE_DELETED, by, before={"report": self.title, **self.in_words})
            self.delete()

    def _record(self, action, by, **details):
        record(action, by=by, subject=self.as_subject, **details)

    @property
    def as_subject(self):
        return Subject("schedule", str(self.pk), self.name)
