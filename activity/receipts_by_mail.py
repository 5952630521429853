"""Each upload's receipts in one mail to whoever sent it."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks import task

from accounts.models import User
from activity.receipts import receipts_of
from files.models import RequestLink, Upload, Version
from notices.signals import announced

STILL_SENDING = timedelta(minutes=1)
AGAIN_AFTER = timedelta(seconds=20)


@task()
def mail_receipts(*, by_id, link_id):
    """Whoever sent files has a receipt for all that were read by now, in one mail; while more is on its way, it waits. Sent
    or not, it is announced. Nobody is mailed one twice, and who wants none gets none."""
    if _is_still_sending(by_id, link_id):
        mail_receipts.using(run_after=timezone.now() + AGAIN_AFTER).enqueue(by_id=by_id, link_id=link_id)
        return
    user = User.objects.get(pk=by_id)
    link = RequestLink.objects.filter(pk=link_id).select_related("folder__cabinet__client").first() if link_id else None
    versions = _take(by_id, link)
    if not versions or not (link or user.is_active and user.gets_receipts):
        return
    receipts = [receipt for receipt in receipts_of(versions) if receipt is not None]
    if not receipts:
        return
    address = link.email if link else user.email
    context = {
        "receipts": receipts,
        "verification": settings.BASE_URL.origin + reverse("receipt-verification"),
        "profile": "" if link else settings.BASE_URL.origin + reverse("profile"),
    }
    with announced(link or user, f"Receipt for {_count(receipts)} to {address}"):
        get_adapter().send_mail("activity/mail/receipts", address, context)


def _is_still_sending(by_id, link_id):
    moving = Upload.objects.filter(by=by_id, link=link_id or None, closed_at=None)
    return moving.filter(moved_at__gt=timezone.now() - STILL_SENDING).exclude(name="").exists()


def _take(by_id, link):
    """The versions whose receipt nobody else mails from now on."""
    with transaction.atomic():
        owed = Version.objects.select_for_update().filter(by=by_id, link=link, receipted_at=None).exclude(sha256="")
        versions = list(owed.order_by("at", "pk"))
        Version.objects.filter(pk__in=[version.pk for version in versions]).update(receipted_at=timezone.now())
    return versions


def _count(receipts):
    return "1 file" if len(receipts) == 1 else f"{len(receipts)} files"
