"""What the log tells people by mail: its checkpoints, and that it is broken."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from accounts.models import Firm, Role, User
from activity.checkpoints import written
from activity.models import Checkpoint, Verification
from notices.signals import announced

DAY = timedelta(hours=23, minutes=30)  # the clock comes hourly


def tell_of_checkpoint(checkpoint):
    """A mail with the checkpoint is on its way to everybody who keeps them outside the portal."""
    for address in _kept_informed():
        mail_checkpoint.enqueue(address=address, size=checkpoint.pk)


def tell_of_checkpoint_once_a_day():
    """For the clock: the newest checkpoint, where none was mailed for a day."""
    now, newest = timezone.now(), Checkpoint.objects.first()
    if newest is None or Checkpoint.objects.filter(mailed_at__range=(now - DAY, now)).exists():
        return
    with transaction.atomic():
        newest.mailed_at = now
        newest.save(update_fields=["mailed_at"])
        tell_of_checkpoint(newest)


def tell_of_break(verification):
    """A mail about the break is on its way to administrators and to everybody who keeps checkpoints."""
    administrators = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).values_list("email", flat=True)
    for address in sorted({*administrators, *_kept_informed()}):
        mail_log_broken.enqueue(address=address, verification_id=verification.pk)


def _kept_informed():
    return Firm.fresh().checkpoint_emails.split()


@task()
def mail_checkpoint(*, address, size):
    """A signed checkpoint goes to somebody who keeps it outside the portal. Sent or not, it is announced."""
    checkpoint = Checkpoint.objects.get(pk=size)
    _mail(checkpoint, "checkpoint", address, {"checkpoint": checkpoint, "words": written(checkpoint)})


@task()
def mail_log_broken(*, address, verification_id):
    """Somebody who has to know is told of a break in the log. Sent or not, it is announced."""
    verification = Verification.objects.get(pk=verification_id)
    _mail(verification, "log_broken", address, {"verification": verification})


def _mail(subject, name, address, context):
    with announced(subject, f"to {address}"):
        get_adapter().send_mail(f"activity/mail/{name}", address, context)
