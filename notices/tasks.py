from datetime import timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks import task

from accounts.mail import send_invitation, send_password_reset
from accounts.models import Firm, Notices, User
from files.checking import refusal
from files.models import File, Version
from notices.models import Waiting
from notices.signals import announced

MORNING_HOUR = 7
MOST_CLIENTS = 50


@task()
def tell_of_files(*, recipient_id, version_ids):
    """A mail with the names of the files, which one person sent at once, and a link to each, never their content. Sent or
    not, it is announced."""
    recipient = User.objects.get(pk=recipient_id)
    versions = _still_there(recipient, version_ids)
    if versions:
        sender, client = versions[0].sender, versions[0].file.client
        context = {"recipient": recipient, "sender": sender, "files": _lines(versions), "client": client}
        with announced(recipient, f"{_count(versions)} from {versions[0].sender_email}"):
            get_adapter().send_mail("notices/mail/files_arrived", recipient.email, context)


@task()
def tell_of_the_day(*, recipient_id):
    """One mail with all that waits for this person, by client and sender. Sent or not, it is announced."""
    recipient = User.objects.get(pk=recipient_id)
    waiting = Waiting.objects.filter(recipient=recipient)
    told = list(waiting.values_list("pk", "version_id"))
    versions = _still_there(recipient, [version_id for _, version_id in told])
    if versions and recipient.is_active and recipient.file_notices != Notices.NEVER:
        groups = [
            (client, sender, _lines(files))
            for (client, sender), files in groupby(versions, key=lambda version: (version.file.client, version.sender))
        ]
        with announced(recipient, f"{_count(versions)} of the day"):
            get_adapter().send_mail("notices/mail/day", recipient.email, {"groups": groups, "count": len(versions)})
    waiting.filter(pk__in=[pk for pk, _ in told]).delete()


def tell_of_the_day_in_the_morning():
    """For the clock: whoever wants one mail a day is sent what came before seven in the morning, the firm's time."""
    now = timezone.now().astimezone(ZoneInfo(Firm.fresh().time_zone))
    morning = now.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
    if now < morning:
        morning -= timedelta(days=1)
    with transaction.atomic():
        for recipient in (
            Waiting.objects.filter(at__lt=morning).order_by().values_list("recipient", flat=True).distinct()
        ):
            tell_of_the_day.enqueue(recipient_id=recipient)


def _still_there(recipient, version_ids):
    """Those of the versions that are current, in place and for this person to see, by client and sender."""
    files = File.objects.visible_to(recipient).in_place()
    versions = Version.objects.filter(pk__in=version_ids, file__in=files, current_of__isnull=False)
    return list(
        versions.select_related("by", "link", "file__folder__cabinet__client").order_by(
            "file__folder__cabinet__client__name", "by", "link", "at", "file__name"
        )
    )


def _lines(versions):
    return [
        (version.file.name, settings.BASE_URL.origin + reverse("file", args=[version.file_id])) for version in versions
    ]


@task()
def tell_of_retention(*, recipient_id, counts):
    """A mail says how many files of which clients go to the bin by rules, and where to look at them. Sent or not, it is
    announced. ``counts`` is {client's id: files}."""
    recipient = User.objects.get(pk=recipient_id)
    clients = recipient.visible_clients().filter(pk__in=counts).order_by("name")
    lines = [(client.name, counts[str(client.pk)]) for client in clients]
    if not lines:
        return
    total = sum(count for _, count in lines)
    context = {
        "clients": lines[:MOST_CLIENTS],
        "more": max(0, len(lines) - MOST_CLIENTS),
        "total": total,
        "link": settings.BASE_URL.origin + reverse("retention-due"),
    }
    with announced(recipient, f"{total} files by retention rules"):
        get_adapter().send_mail("notices/mail/retention_due", recipient.email, context)


@task()
def tell_of_held(*, recipient_id, version_id):
    """Somebody at the firm is told of a file that is handed out to nobody, and why. Sent or not, it is announced."""
    recipient = User.objects.get(pk=recipient_id)
    files = File.objects.visible_to(recipient)
    versions = Version.objects.filter(pk=version_id, file__in=files)
    version = versions.select_related("file__folder__cabinet__client", "by", "link").first()
    if version is None or version.is_served:
        return
    link = settings.BASE_URL.origin + reverse("file", args=[version.file_id])
    context = {"version": version, "link": link, "words": refusal(version)}
    with announced(recipient, f"{version.get_state_display()}: {version.file.name}"):
        get_adapter().send_mail("notices/mail/file_held", recipient.email, context)


@task()
def mail_invitation(*, user_id, by_id):
    """The link of an invitation that still stands goes to the invited person. Its token is made here; an earlier one no
    longer works. Sent or not, it is announced."""
    user, by = User.objects.get(pk=user_id), User.objects.get(pk=by_id)
    invitation = user.invitations.order_by("-pk").first()
    if user.joined_at or invitation is None or not invitation.is_open:
        return
    with announced(user, f"Invitation from {by.email}"):
        send_invitation(user, invitation.new_token(), by=by)


@task()
def mail_password_reset(*, user_id):
    """A link to set a new password goes to whoever asked for it and may still sign in. Sent or not, it is announced."""
    user = User.objects.get(pk=user_id)
    if user.is_active:
        with announced(user, "Link to set a new password"):
            send_password_reset(user)


def _count(versions):
    return "1 file" if len(versions) == 1 else f"{len(versions)} files"
