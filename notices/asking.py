"""Mails about what a client is asked for, and those that a request link sends: names and links, never content."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks import task

from accounts.models import Firm, User
from accounts.rights import Right
from files.models import Request, RequestLink
from notices.signals import announced
from notices.tasks import MORNING_HOUR

FIRST_REMINDER = timedelta(days=3)  # before the day that something is due
WEEK = timedelta(days=7)


def people_asked(request):
    """The ids of the client's people who can sign in. Requests are no notices of files: nobody switches them off."""
    return [user.pk for user in request.client.people.filter(is_active=True) if user.may(Right.VIEW_FILES)]


@task()
def mail_request(*, request_id, recipient_id):
    """One of the client's people is asked for the documents. Sent or not, it is announced."""
    _mail_missing(request_id, recipient_id, "request_made", "Request")


@task()
def remind(*, request_id, recipient_id):
    """One of the client's people is reminded of what is missing. Sent or not, it is announced."""
    _mail_missing(request_id, recipient_id, "reminder", "Reminder")


@task()
def mail_nothing_missing(*, request_id):
    """Whoever asked for the documents reads that there is nothing more to wait for. Sent or not, it is announced."""
    request = _request(request_id)
    if request and request.by.is_active and not request.missing:
        context = {"request": request, "documents": request.documents.all(), "link": _address("request", request.pk)}
        with announced(request.by, f"Nothing is missing: {request}"):
            get_adapter().send_mail("notices/mail/nothing_missing", request.by.email, context)


@task()
def mail_link(*, link_id):
    """The link goes to its address. Its token is made here; an earlier one no longer works. Sent or not, it is announced."""
    link = _link(link_id)
    if link.is_open:
        with announced(link, f"Request link to {link.email}"):
            address = _address("request-link", link.new_token())
            get_adapter().send_mail("notices/mail/request_link", link.email, {"link": link, "address": address})


@task()
def mail_code(*, link_id):
    """A code that confirms the address goes there; it is made here, and an earlier one no longer works. Sent or not, it
    is announced."""
    link = _link(link_id)
    if link.is_open:
        with announced(link, f"Code to {link.email}"):
            get_adapter().send_mail("notices/mail/link_code", link.email, {"link": link, "code": link.new_code()})


def remind_in_the_morning():
    """For the clock: from seven in the morning on, the firm's time, the people of each client with something missing that
    is due in three days or today, or is overdue by whole weeks, are reminded. A day that was missed is made up for."""
    now = timezone.now().astimezone(Firm.fresh().zone)
    if now.hour < MORNING_HOUR:
        return
    today = now.date()
    found = Request.objects.open().filter(has_reminders=True).exclude(reminded_on=today)
    for request in found.prefetch_related("documents__request"):
        if _is_to_be_reminded(request, today, now.tzinfo):
            _remind(request, today)


def _is_to_be_reminded(request, today, zone):
    day = reminder_day(request.next_due_on, today)
    last = max(filter(None, (request.reminded_on, request.at.astimezone(zone).date())))
    return day is not None and last < day


def reminder_day(due_on, today):
    """The latest day, today included, that a reminder of what is due then belongs to; None before the first."""
    if due_on is None or today < due_on - FIRST_REMINDER:
        return None
    if today < due_on:
        return due_on - FIRST_REMINDER
    return due_on + WEEK * ((today - due_on) // WEEK)


def _remind(request, today):
    with transaction.atomic():
        is_mine = Request.objects.open().filter(pk=request.pk).exclude(reminded_on=today).update(reminded_on=today)
        for recipient in people_asked(request) if is_mine and request.client.is_open else ():
            remind.enqueue(request_id=str(request.pk), recipient_id=recipient)


def _mail_missing(request_id, recipient_id, name, what):
    request, recipient = _request(request_id), User.objects.get(pk=recipient_id)
    if not request or not request.missing or not Request.objects.visible_to(recipient).filter(pk=request_id).exists():
        return
    if not recipient.is_active:
        return
    context = {
        "recipient": recipient,
        "request": request,
        "missing": request.missing,
        "link": _address("request", request_id),
    }
    with announced(recipient, f"{what} of {request.by.email}: {request}"):
        get_adapter().send_mail(f"notices/mail/{name}", recipient.email, context)


def _request(request_id):
    """The request while it is open, with its documents."""
    found = Request.objects.open().select_related("client", "by").prefetch_related("documents__request")
    return found.filter(pk=request_id).first()


def _link(link_id):
    return RequestLink.objects.select_related("folder__cabinet__client", "by").get(pk=link_id)


def _address(page, *arguments):
    return settings.BASE_URL.origin + reverse(page, args=arguments)
