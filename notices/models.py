from django.conf import settings
from django.db import models
from django.utils import timezone

from files.models import Version


class Waiting(models.Model):
    """A version that somebody is told of in their next mail of the day."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["recipient", "version"], name="waiting_once")]
