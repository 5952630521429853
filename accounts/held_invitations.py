"""Invitations that imports held, sent all at once."""

import time

from django.db import transaction

from accounts import signals
from accounts.models import Invitation, User

PEOPLE_AT_ONCE = 200


def send_held_invitations(*, seconds, by):
    """Parts of the people without an invitation are invited, one after another, until the time is up or nobody is left.
    Returns how many. Whoever is invited by somebody else at the same moment gets one invitation."""
    until, count = time.monotonic() + seconds, 0
    while invited := _send_next(by):
        count += invited
        if time.monotonic() >= until:
            break
    return count


def _send_next(by):
    """The next part is invited, and in the log, whole. What is locked is looked at again: another may have been first."""
    with transaction.atomic():
        locked = User.objects.held().select_for_update(of=["self"]).order_by("pk")[:PEOPLE_AT_ONCE]
        ids = [user.pk for user in locked]
        people = list(User.objects.held().filter(pk__in=ids).prefetch_related("clients"))
        if people:
            Invitation.objects.bulk_create(Invitation.unmailed(user) for user in people)
            signals.invitations_due.send(User, subjects=people, by=by)
            signals.user_invited.send(User, subjects=people, by=by, each=[_details_of(user) for user in people])
    return len(people)


def _details_of(user):
    client = next((client for client in user.clients.all() if client.is_open), None)
    return {"client": client, "after": {"role": user.get_role_display()}}
