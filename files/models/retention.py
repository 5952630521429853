from django.conf import settings
from django.db import models
from django.utils import timezone

from files.models.folders import Folder


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

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name
