"""Mails about the Tax Organizer: that one came, waits, is open again; that one was started or submitted. Never an answer."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from accounts.models import Firm, User
from accounts.rights import Right
from notices.signals import announced
from notices.tasks import MORNING_HOUR
from organizer.models import Mark, Organizer
from organizer.models.following import WEEKLY

SENT, REMINDED, REOPENED = "organizer_sent", "organizer_reminder", "organizer_reopened"
STARTED, SUBMITTED = "organizer_started", "organizer_submitted"
WORDS = {
    SENT: "Tax Organizer",
    REMINDED: "Reminder",
    REOPENED: "Opened again",
    STARTED: "Started",
    SUBMITTED: "Submitted",
}
WEEK = timedelta(days=7)
ORGANIZERS_AT_ONCE = 200


@task()
def tell_clients(*, mail, organizer_ids):
    """A mail to each of the clients' people who can fill them in is on its way: all, or, where this breaks off, none yet."""
    with transaction.atomic():
        found = Organizer.objects.waiting().filter(pk__in=organizer_ids).select_related("client")
        for organizer in found.prefetch_related("client__people"):
            for person in organizer.client.people.all():
                if person.is_active and person.may(Right.USE_ORGANIZER) and organizer.client.is_open:
                    tell_client.enqueue(mail=mail, organizer_id=str(organizer.pk), recipient_id=person.pk)


@task()
def tell_client(*, mail, organizer_id, recipient_id):
    """One of the client's people reads what waits for them, while it does. Sent or not, it is announced."""
    recipient = User.objects.get(pk=recipient_id)
    organizer = _visible_to(recipient, Organizer.objects.waiting(), organizer_id)
    if organizer is None:
        return
    asks = organizer.marks.filter(kind=Mark.Kind.ASK).count() if mail == REOPENED else 0
    _mail(mail, recipient, organizer, ask_count=asks)


@task()
def tell_firm(*, mail, organizer_id, recipient_id, by_id):
    """Whoever looks after the client reads what one of its people did. Sent or not, it is announced."""
    recipient = User.objects.get(pk=recipient_id)
    organizer = _visible_to(recipient, Organizer.objects.filter(withdrawn_at=None), organizer_id)
    if organizer is not None:
        _mail(mail, recipient, organizer, by=User.objects.get(pk=by_id))


def remind_of_organizers_in_the_morning():
    """For the clock: from seven in the morning on, the firm's time, the people of each client whose organizer is to be
    reminded of are. A day that was missed is made up for."""
    now = timezone.now().astimezone(Firm.fresh().zone)
    if now.hour < MORNING_HOUR:
        return
    today = now.date()
    waiting = Organizer.objects.waiting().exclude(due_on=None).exclude(reminder_days=[]).exclude(reminded_on=today)
    found = waiting.only("due_on", "reminder_days", "reminded_on", "at")
    ids = [one.pk for one in found if _is_to_be_reminded(one, today, now.tzinfo)]
    for start in range(0, len(ids), ORGANIZERS_AT_ONCE):
        _remind(ids[start : start + ORGANIZERS_AT_ONCE], today)


def _remind(ids, today):
    """Of those that nobody has reminded of meanwhile."""
    with transaction.atomic():
        found = Organizer.objects.select_for_update().waiting().filter(pk__in=ids).exclude(reminded_on=today)
        mine = list(found.values_list("pk", flat=True))
        Organizer.objects.filter(pk__in=mine).update(reminded_on=today)
        tell_clients.enqueue(mail=REMINDED, organizer_ids=[str(pk) for pk in mine])


def _is_to_be_reminded(organizer, today, zone):
    day = reminder_day(organizer.due_on, organizer.reminder_days, today)
    last = max(filter(None, (organizer.reminded_on, organizer.at.astimezone(zone).date())))
    return day is not None and last < day


def reminder_day(due_on, days, today):
    """The latest day, today included, that a reminder belongs to; None before the first."""
    chosen = [due_on - timedelta(days=number) for number in days if number >= 0]
    if WEEKLY in days and today >= due_on + WEEK:
        chosen.append(due_on + WEEK * ((today - due_on) // WEEK))
    return max((day for day in chosen if day <= today), default=None)


def _visible_to(recipient, organizers, organizer_id):
    if not recipient.is_active:
        return None
    visible = organizers.visible_to(recipient).filter(pk=organizer_id)
    return visible.select_related("client", "by").first()


def _mail(mail, recipient, organizer, **context):
    link = settings.BASE_URL.origin + organizer.get_absolute_url()
    context = {"recipient": recipient, "organizer": organizer, "link": link, **context}
    with announced(recipient, f"{WORDS[mail]}: {organizer}, {organizer.client}"):
        get_adapter().send_mail(f"notices/mail/{mail}", recipient.email, context)
