"""Who is told of what. Receivers enqueue ids and nothing else: a notice that fails undoes nothing."""

from accounts.models import Role, User
from files import signals as files
from notices.tasks import tell_of_files


def connect():
    for signal in (files.file_uploaded, files.version_uploaded):
        signal.connect(_files_arrived, dispatch_uid="notices.files_arrived")


def _files_arrived(sender, *, subjects, by, **kwargs):
    client = subjects[0].client
    if client is None:
        return
    for recipient in _told(client, by).filter(is_active=True).exclude(pk=by.pk).values_list("pk", flat=True):
        tell_of_files.enqueue(recipient_id=recipient, file_ids=[str(file.pk) for file in subjects], sender_id=by.pk)


def _told(client, by):
    """The other side: a client's people; or who looks after it, and where nobody does, the administrators."""
    if not by.is_client_user:
        return client.people
    firm_users = client.firm_users.filter(is_active=True)
    return firm_users if firm_users.exists() else User.objects.filter(role=Role.ADMINISTRATOR)
