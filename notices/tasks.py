from allauth.account.adapter import get_adapter
from django.conf import settings
from django.urls import reverse
from django_tasks import task

from accounts.mail import send_invitation
from accounts.models import User
from files.models import File
from notices.signals import announced


@task()
def tell_of_files(*, recipient_id, file_ids, sender_id):
    """A mail with the names of the files and a link to each, never their content. Sent or not, it is announced."""
    recipient, sender = User.objects.get(pk=recipient_id), User.objects.get(pk=sender_id)
    files = (
        File.objects.visible_to(recipient).in_place().filter(pk__in=file_ids).select_related("folder__cabinet__client")
    )
    lines = [(file.name, settings.BASE_URL.origin + reverse("file", args=[file.pk])) for file in files]
    if not lines:
        return
    context = {"recipient": recipient, "sender": sender, "files": lines, "client": files[0].client}
    with announced(recipient, f"{_count(lines)} from {sender.email}"):
        get_adapter().send_mail("notices/mail/files_arrived", recipient.email, context)


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


def _count(lines):
    return "1 file" if len(lines) == 1 else f"{len(lines)} files"
