"""The filter of the sign-ins."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django_filters import ChoiceFilter

from activity.models import Event
from activity.querysets import FAILED_TRIES
from reports.filters.roster import RosterFilter


class Seen(models.TextChoices):
    """Whether and when somebody signed in."""

    NEVER = "never", "Never signed in"
    NOT_FOR_30_DAYS = "30", "Not for 30 days"
    NOT_FOR_90_DAYS = "90", "Not for 90 days"
    NOT_FOR_A_YEAR = "365", "Not for a year"
    FAILED = "failed", "Failed tries since"


class SignInFilter(RosterFilter):
    """The roster's, and whether and when somebody signed in. Who never did is not among those who did not for long."""

    seen = ChoiceFilter(choices=Seen.choices, label="Sign-in", empty_label="All", method="who_was_seen")

    IN_WORDS = {**RosterFilter.IN_WORDS, "seen": lambda value: Seen(value).label}

    def who_was_seen(self, people, name, value):
        if value == Seen.NEVER:
            return people.filter(last_login=None)
        if value == Seen.FAILED:  # found by the action's index, then counted for these few
            tried = Event.objects.filter(action__in=FAILED_TRIES, actor_id__isnull=False).values("actor_id")
            return people.filter(pk__in=tried, failed_count__gt=0)
        return people.filter(last_login__lt=timezone.now() - timedelta(days=int(value)))
