"""What the log says once it was put back from a backup: which events that somebody holds a checkpoint of it lacks."""

from django.db import transaction

from activity.actions import Action
from activity.chain import in_utc
from activity.models import Event
from activity.recording import Subject, record


class ClockBehind(ValueError):
    """The clock is behind the checkpoint that is held: what happens next would seem to be older than what was lost."""


def tell_of_restore(backup, *, made, held=None):
    """The log's next event names the gap between its head and ``held``, what the last checkpoint that anybody has Told, or says
    that none is held. Verification reads it (activity.standalone.Gap). ``backup`` is the restored set's name, ``made`` when
    that was, as words. Raises ClockBehind."""
    with transaction.atomic():
        head = Event.objects.order_by("-seq").first()
        after = {"restored head": head.seq, "restored hash": bytes(head.hash).hex()}
        if held is not None:
            after |= {"checkpoint": held.size, "checkpoint hash": held.hash.hex(), "checkpoint made": held.at}
        event = record(
            Action.RESTORED,
            subject=Subject("backup", backup, backup),
            after=after,
            note=f"From the backup made {made}. {_gap_in_words(head.seq, held)}",
        )
        if held is not None and in_utc(event.at) <= held.at:
            raise ClockBehind(
                f"the checkpoint was made {held.at}, and it is {in_utc(event.at)} by this machine's clock"
            )
        return event


def _gap_in_words(head, held):
    if held is None:
        return f"What was recorded after event {head} is lost; nobody holds a checkpoint that says how much."
    if held.size <= head:
        return (
            f"Nothing that the checkpoint of event {held.size} stands for is lost; what was recorded after {head} is."
        )
    return f"Events {head + 1} to {held.size}, which a checkpoint stands for, are lost, and whatever followed them."
