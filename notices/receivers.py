"""Who is told of what. Receivers enqueue ids and nothing else: a notice that fails undoes nothing."""

from accounts import signals as accounts
from accounts.models import Role, User
from files import signals as files
from notices.tasks import mail_invitation, tell_of_files


def connect():
    for signal in (files.file_uploaded, files.version_uploaded):
        signal.connect(_files_arrived, dispatch_uid="notices.files_arrived")
    accounts.invitations_due.connect(_invitations_due, dispatch_uid="notices.invitations_due")


def _files_arrived(sender, *, subjects, by, **kwargs):
    client = subjects[0].client
    if client is None:
        return
    for recipient in _told(client, by).filter(is_active=True).exclude(pk=by.pk).values_list("pk", flat=True):
        tell_of_files.enqueue(recipient_id=recipient, file_ids=[str(file.pk) for file in subjects], sender_id=by.pk)


def _invitations_due(sender, *, subjects, by, **kwargs):
    for user in subjects:
        mail_invitation.enqueue(user_id=user.pk, by_id=by.pk)


def _told(client, by):
    """The other side: a client's people; or who looks after it, and where nobody does, the administrators."""
    if not by.is_client_user:
        return client.people
    firm_users = client.firm_users.filter(is_active=True, assignments__client=client, assignments__is_notified=True)
    return firm_users if firm_users.exists() else User.objects.filter(role=Role.ADMINISTRATOR)
