"""Who is told of what. Receivers enqueue ids and nothing else: a notice that fails undoes nothing."""

from collections import defaultdict

from accounts import signals as accounts
from accounts.models import Assignment, Notices, Role, User
from accounts.rights import Right
from files import signals as files
from notices import asking, organizers
from notices.models import Waiting
from notices.tasks import mail_invitation, mail_password_reset, tell_of_files, tell_of_held, tell_of_retention
from organizer import signals as organizer


def connect():
    for signal in (files.file_uploaded, files.version_uploaded):
        signal.connect(_files_arrived, dispatch_uid="notices.files_arrived")
    files.announcement_due.connect(_announcement_due, dispatch_uid="notices.announcement_due")
    for signal in (files.file_checked, files.file_released):
        signal.connect(_files_let_through, dispatch_uid="notices.files_let_through")
    for signal in (files.file_quarantined, files.file_not_scanned, files.file_damaged):
        signal.connect(_files_held, dispatch_uid="notices.files_held")
    accounts.password_reset_asked.connect(_reset_asked, dispatch_uid="notices.reset_asked")
    accounts.invitations_due.connect(_invitations_due, dispatch_uid="notices.invitations_due")
    files.request_made.connect(_request_made, dispatch_uid="notices.request_made")
    for signal in (files.document_received, files.document_declined):
        signal.connect(_document_answered, dispatch_uid="notices.document_answered")
    for signal in (files.link_made, files.link_sent_again):
        signal.connect(_link_due, dispatch_uid="notices.link_due")
    files.link_code_asked.connect(_code_due, dispatch_uid="notices.code_due")
    organizer.organizer_sent.connect(_organizers_sent, dispatch_uid="notices.organizers_sent")
    organizer.organizer_reminded.connect(_organizer_reminded, dispatch_uid="notices.organizer_reminded")
    organizer.organizer_reopened.connect(_organizer_reopened, dispatch_uid="notices.organizer_reopened")
    organizer.organizer_started.connect(_organizer_started, dispatch_uid="notices.organizer_started")
    organizer.organizer_submitted.connect(_organizer_submitted, dispatch_uid="notices.organizer_submitted")


def _files_arrived(sender, *, subjects, by, **kwargs):
    """Nobody is invited to fetch what is not handed out yet; once it is, ``_files_let_through`` tells of it. What was checked
    while its sender waited is told of here alone."""
    subjects = [file for file in subjects if file.current.is_served]
    client = subjects[0].client if subjects else None
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


def _files_let_through(sender, *, versions, **kwargs):
    for version in versions:
        if version.released_at or not version.was_checked_at_once:
            _files_arrived(sender, subjects=[version.file], by=version.by)


def _files_held(sender, *, versions, **kwargs):
    """Who is told of the client's files at the firm, and administrators, know what nobody can fetch."""
    for version in versions:
        told = User.objects.filter(role=Role.ADMINISTRATOR)
        if client := version.file.client:
            told |= User.objects.filter(assignments__client=client, assignments__is_notified=True)
        for recipient in sorted(set(told.filter(is_active=True).values_list("pk", flat=True))):
            tell_of_held.enqueue(recipient_id=recipient, version_id=str(version.pk))


def _invitations_due(sender, *, subjects, by, **kwargs):
    for user in subjects:
        mail_invitation.enqueue(user_id=user.pk, by_id=by.pk)


def _reset_asked(sender, *, user, **kwargs):
    mail_password_reset.enqueue(user_id=user.pk)


def _request_made(sender, *, subject, **kwargs):
    for recipient in asking.people_asked(subject):
        asking.mail_request.enqueue(request_id=str(subject.pk), recipient_id=recipient)


def _document_answered(sender, *, subject, by, **kwargs):
    """Whoever asked is told when nothing is missing any more, unless it is their own doing."""
    if by.pk != subject.by_id and not subject.documents.missing().exists():
        asking.mail_nothing_missing.enqueue(request_id=str(subject.pk))


def _link_due(sender, *, subject, **kwargs):
    asking.mail_link.enqueue(link_id=str(subject.pk))


def _code_due(sender, *, subject, **kwargs):
    asking.mail_code.enqueue(link_id=str(subject.pk))


def _organizers_sent(sender, *, subjects, **kwargs):
    """One task for all of them: the log is locked by now."""
    ids = [str(organizer.pk) for organizer in subjects]
    organizers.tell_clients.enqueue(mail=organizers.SENT, organizer_ids=ids)


def _organizer_reminded(sender, *, subject, **kwargs):
    organizers.tell_clients.enqueue(mail=organizers.REMINDED, organizer_ids=[str(subject.pk)])


def _organizer_reopened(sender, *, subject, **kwargs):
    organizers.tell_clients.enqueue(mail=organizers.REOPENED, organizer_ids=[str(subject.pk)])


def _organizer_started(sender, *, subject, by, **kwargs):
    _tell_firm(organizers.STARTED, subject, by)


def _organizer_submitted(sender, *, subject, by, **kwargs):
    _tell_firm(organizers.SUBMITTED, subject, by)


def _tell_firm(mail, organizer, by):
    told = _told(organizer.client, by).filter(is_active=True) if by.is_client_user else User.objects.none()
    for recipient in told:
        if recipient.may(Right.USE_ORGANIZER):
            organizers.tell_firm.enqueue(
                mail=mail, organizer_id=str(organizer.pk), recipient_id=recipient.pk, by_id=by.pk
            )


def _announcement_due(sender, *, counts, **kwargs):
    """Administrators are told of all clients, firm users of those whose files they are told of."""
    of_recipients = defaultdict(dict)
    for pk in User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).values_list("pk", flat=True):
        of_recipients[pk] = counts
    theirs = Assignment.objects.filter(
        client__in=counts, is_notified=True, user__is_active=True, client__deleted_at=None
    )
    for user, client in theirs.exclude(user__role=Role.ADMINISTRATOR).values_list("user", "client"):
        of_recipients[user][client] = counts[client]
    for recipient, own in of_recipients.items():
        tell_of_retention.enqueue(recipient_id=recipient, counts={str(client): count for client, count in own.items()})


def _told(client, by):
    """The other side: a client's people; or who looks after it, and where nobody does, the administrators."""
    if not by.is_client_user:
        return client.people
    firm_users = client.firm_users.filter(is_active=True, assignments__client=client, assignments__is_notified=True)
    return firm_users if firm_users.exists() else User.objects.filter(role=Role.ADMINISTRATOR)
