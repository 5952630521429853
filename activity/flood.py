"""Strangers cannot flood the log: the first try of a kind from an address is an event at once; those after it make one event
for each ten minutes, with their number."""

from datetime import UTC, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.network import network_of
from activity.actions import Action
from activity.models import Refusal
from activity.origin import Origin, coming_from, current_origin
from activity.recording import record

PERIOD = timedelta(minutes=10)


def record_refusal(action, *, by=None, note="", **fields):
    """The try is in the log, or counted for the event that ends its ten minutes. Tries at different accounts are of
    different kinds."""
    with transaction.atomic():
        refusal, is_first = Refusal.objects.select_for_update().get_or_create(
            action=action, network=network_of(current_origin().ip), email=by.email if by else ""
        )
        if is_first:
            record(action, by=by, note=note, **fields)
        elif timezone.now() - PERIOD < refusal.since <= timezone.now():
            Refusal.objects.filter(pk=refusal.pk).update(count=F("count") + 1)
        else:
            note = "; ".join(filter(None, (note, _rest_in_words(refusal, 1))))
            record(action, by=by, note=note, **fields)
            refusal.since, refusal.count = timezone.now(), 0
            refusal.save(update_fields=["since", "count"])


def record_rest():
    """What was counted and followed by no further try in its ten minutes is in the log too. For the clock."""
    for refusal in Refusal.objects.filter(since__lte=timezone.now() - PERIOD):
        with transaction.atomic(), coming_from(Origin(ip=refusal.network)):
            refusal = Refusal.objects.select_for_update().filter(pk=refusal.pk, since=refusal.since).first()
            if refusal is None:
                continue
            refusal.delete()
            if refusal.count:
                user = User.objects.filter(email=refusal.email).first() if refusal.email else None
                record(Action(refusal.action), by=user, actor_email=refusal.email, note=_rest_in_words(refusal))


def _rest_in_words(refusal, this=0):
    count = refusal.count + this
    since = refusal.since.astimezone(UTC)
    return f"{count:,} time{'' if count == 1 else 's'} since {since:%Y-%m-%d %H:%M} UTC"
