from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from activity.actions import Action
from activity.recording import Subject, record


class SetupStep(models.Model):
    """Where a step of the set-up stands; one that was never touched has no row. ``findings`` are the last test's, as
    [level, check, words]."""

    class State(models.TextChoices):
        DONE = "done", "Done"
        SKIPPED = "skipped", "Skipped"
        OPEN = "open", "To look at"

    name = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=10, choices=State)
    findings = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.name}: {self.get_state_display()}"

    @classmethod
    def settle(cls, step, state, *, findings=(), by):
        """The step stands so, and where it stood otherwise before, the log says who said so."""
        told = [[finding.level.value, finding.title, finding.words] for finding in findings]
        with transaction.atomic():
            before = cls.objects.filter(name=step.name).values_list("state", flat=True).first()
            row, _ = cls.objects.update_or_create(
                name=step.name, defaults={"state": state, "findings": told, "by": by, "at": timezone.now()}
            )
            if state != before:
                after = {"state": row.get_state_display()}
                record(Action.SETUP_SETTLED, by=by, subject=Subject("setup", step.name, step.title), after=after)
        return row


class Heartbeat(models.Model):
    """When a process that works by itself last said that it lives: a row for each kind of process and machine."""

    class Process(models.TextChoices):
        WORKER = "worker", "Worker"
        CLOCK = "clock", "Clock"

    process = models.CharField(max_length=10, choices=Process)
    machine = models.CharField(max_length=255)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["process", "machine"], name="heartbeat_once")]
        get_latest_by = "at"

    def __str__(self):
        return f"{self.get_process_display()} on {self.machine}"
