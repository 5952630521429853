"""Who is told of what. Receivers enqueue ids and nothing else: a notice that fails undoes nothing."""

from accounts import signals as accounts
from accounts.models import Notices, Role, User
from files import signals as files
from notices.models import Waiting
from notices.tasks import mail_invitation, tell_of_files


def connect():
    for signal in (files.file_uploaded, files.version_uploaded):
        signal.connect(_files_arrived, dispatch_uid="notices.files_arrived")
    accounts.invitations_due.connect(_invitations_due, dispatch_uid="notices.invitations_due")


def _files_arrived(sender, *, subjects, by, **kwargs):
    client = subjects[0].client
    if client is None:
        return
    versions = [file.current_id for file in subjects]
    told = _told(client, by).filter(is_active=True).exclude(pk=by.pk).exclude(file_notices=Notices.NEVER)
    for recipient, when in told.values_list("pk", "file_notices"):
        if when == Notices.DAILY:
            waiting = [Waiting(recipient_id=recipient, version_id=version) for version in versions]
            Waiting.objects.bulk_create(waiting, ignore_conflicts=True)
        else:
            tell_of_files.enqueue(recipient_id=recipient, version_ids=[str(version) for version in versions])


def _invitations_due(sender, *, subjects, by, **kwargs):
    for user in subjects:
        mail_invitation.enqueue(user_id=user.pk, by_id=by.pk)


def _told(client, by):
    """The other side: a client's people; or who looks after it, and where nobody does, the administrators."""
    if not by.is_client_user:
        return client.people
    firm_users = client.firm_users.filter(is_active=True, assignments__client=client, assignments__is_notified=True)
    return firm_users if firm_users.exists() else User.objects.filter(role=Role.ADMINISTRATOR)
