from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

AGAIN_AFTER = timedelta(hours=1)


class Visit(models.Model):
    """When somebody last opened an organizer (``section`` is "") or saved a section of it, as the log was told."""

    organizer = models.ForeignKey("Organizer", on_delete=models.PROTECT, related_name="visits")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    section = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organizer", "by", "section"], name="one_visit")]

    @classmethod
    def is_new(cls, organizer, by, section=""):
        """Whether the log is to be told: the first time since this person signed in, and once an hour. Notes it."""
        now = timezone.now()
        visit, is_first = cls.objects.get_or_create(organizer=organizer, by=by, section=section, defaults={"at": now})
        since = max(now - AGAIN_AFTER, by.last_login or now - AGAIN_AFTER)
        if not is_first and visit.at > since:
            return False
        visit.at = now
        visit.save(update_fields=["at"])
        return True
