from datetime import timedelta

from django.db import models
from django.utils import timezone

KEPT = timedelta(days=30)


class HousekeepingRun(models.Model):
    """What the hourly works on files did once: ``figures`` are numbers by work and name, ``problems`` words by work."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    figures = models.JSONField(default=dict)
    problems = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at"]
        get_latest_by = "at"

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}"

    @classmethod
    def keep(cls, figures, problems):
        """The run is among the last ones that the page shows; those of long ago are forgotten."""
        cls.objects.filter(at__lt=timezone.now() - KEPT).delete()
        return cls.objects.create(figures=figures, problems=problems)

    @classmethod
    def did(cls, work, *, within):
        """Whether the work was done so recently."""
        return cls.objects.filter(at__gt=timezone.now() - within, figures__has_key=work).exists()
