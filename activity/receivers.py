"""Everything that the firm can see, in one table: signal → Action."""

from functools import partial

from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth_signals

from accounts import signals as accounts
from accounts.models import Client, User
from activity.actions import Action
from activity.flood import record_refusal
from activity.origin import Origin, coming_from, current_origin
from activity.receipts_by_mail import mail_receipts
from activity.recording import Entry, Subject, record_all, record_now
from files import signals as files
from notices import signals as notices
from organizer import signals as organizer

RECORDED = {
    accounts.user_invited: Action.USER_INVITED,
    accounts.user_joined: Action.USER_JOINED,
    accounts.invitation_revoked: Action.INVITATION_REVOKED,
    accounts.user_changed: Action.USER_CHANGED,
    accounts.user_deactivated: Action.USER_DEACTIVATED,
    accounts.user_reactivated: Action.USER_REACTIVATED,
    accounts.user_deleted: Action.USER_DELETED,
    accounts.user_unlocked: Action.USER_UNLOCKED,
    accounts.member_added: Action.MEMBER_ADDED,
    accounts.member_removed: Action.MEMBER_REMOVED,
    accounts.factors_reset: Action.FACTORS_RESET,
    accounts.session_ended: Action.SESSION_ENDED,
    accounts.client_changed: Action.CLIENT_CHANGED,
    accounts.client_archived: Action.CLIENT_ARCHIVED,
    accounts.client_reactivated: Action.CLIENT_REACTIVATED,
    accounts.client_deleted: Action.CLIENT_DELETED,
    accounts.profile_changed: Action.PROFILE_CHANGED,
    accounts.email_change_asked: Action.EMAIL_CHANGE_ASKED,
    accounts.email_changed: Action.EMAIL_CHANGED,
    accounts.client_created: Action.CLIENT_CREATED,
    accounts.clients_imported: Action.CLIENTS_IMPORTED,
    accounts.settings_changed: Action.SETTINGS_CHANGED,
    files.file_uploaded: Action.FILE_UPLOADED,
    files.version_uploaded: Action.VERSION_UPLOADED,
    files.upload_failed: Action.UPLOAD_FAILED,
    files.file_released: Action.FILE_RELEASED,
    files.upload_given_up: Action.UPLOAD_GIVEN_UP,
    files.file_downloaded: Action.FILE_DOWNLOADED,
    files.file_previewed: Action.FILE_PREVIEWED,
    files.zip_broken_off: Action.ZIP_BROKEN_OFF,
    files.file_renamed: Action.FILE_RENAMED,
    files.file_moved: Action.FILE_MOVED,
    files.file_copied: Action.FILE_COPIED,
    files.file_binned: Action.FILE_BINNED,
    files.file_restored: Action.FILE_RESTORED,
    files.version_restored: Action.VERSION_RESTORED,
    files.note_added: Action.NOTE_ADDED,
    files.note_removed: Action.NOTE_REMOVED,
    files.folder_created: Action.FOLDER_CREATED,
    files.folder_renamed: Action.FOLDER_RENAMED,
    files.folder_moved: Action.FOLDER_MOVED,
    files.folder_copied: Action.FOLDER_COPIED,
    files.folder_binned: Action.FOLDER_BINNED,
    files.folder_restored: Action.FOLDER_RESTORED,
    files.folder_view_only_set: Action.FOLDER_VIEW_ONLY_SET,
    files.folder_set_applied: Action.FOLDER_SET_APPLIED,
    files.folder_set_made: Action.FOLDER_SET_MADE,
    files.folder_set_changed: Action.FOLDER_SET_CHANGED,
    files.folder_set_deleted: Action.FOLDER_SET_DELETED,
    files.request_made: Action.REQUEST_MADE,
    files.request_changed: Action.REQUEST_CHANGED,
    files.request_closed: Action.REQUEST_CLOSED,
    files.request_reopened: Action.REQUEST_REOPENED,
    files.document_received: Action.DOCUMENT_RECEIVED,
    files.document_returned: Action.DOCUMENT_RETURNED,
    files.document_declined: Action.DOCUMENT_DECLINED,
    files.link_made: Action.LINK_MADE,
    files.link_sent_again: Action.LINK_SENT_AGAIN,
    files.link_revoked: Action.LINK_REVOKED,
    files.link_code_asked: Action.LINK_CODE_ASKED,
    files.link_code_failed: Action.LINK_CODE_FAILED,
    files.link_confirmed: Action.LINK_CONFIRMED,
    files.file_purged: Action.FILE_PURGED,
    files.version_removed: Action.VERSION_REMOVED,
    files.quota_changed: Action.QUOTA_CHANGED,
    files.hold_placed: Action.HOLD_PLACED,
    files.hold_lifted: Action.HOLD_LIFTED,
    files.rule_made: Action.RULE_MADE,
    files.rule_ended: Action.RULE_ENDED,
    files.files_announced: Action.RETENTION_ANNOUNCED,
    files.counters_repaired: Action.COUNTERS_REPAIRED,
    organizer.organizer_opened: Action.ORGANIZER_OPENED,
    organizer.organizer_sent: Action.ORGANIZER_SENT,
    organizer.organizer_changed: Action.ORGANIZER_CHANGED,
    organizer.organizer_withdrawn: Action.ORGANIZER_WITHDRAWN,
    organizer.organizer_reminded: Action.ORGANIZER_REMINDED,
    organizer.organizer_started: Action.ORGANIZER_STARTED,
    organizer.section_saved: Action.SECTION_SAVED,
    organizer.organizer_submitted: Action.ORGANIZER_SUBMITTED,
    organizer.answers_marked: Action.ANSWERS_MARKED,
    organizer.organizer_reopened: Action.ORGANIZER_REOPENED,
    organizer.organizer_reviewed: Action.ORGANIZER_REVIEWED,
    organizer.organizer_sealed: Action.ORGANIZER_SEALED,
    organizer.organizer_exported: Action.ORGANIZER_EXPORTED,
    organizer.secret_revealed: Action.SECRET_REVEALED,
    organizer.template_made: Action.TEMPLATE_MADE,
    organizer.template_changed: Action.TEMPLATE_CHANGED,
    organizer.template_published: Action.TEMPLATE_PUBLISHED,
    organizer.template_held: Action.TEMPLATE_HELD,
    organizer.template_discarded: Action.TEMPLATE_DISCARDED,
    organizer.template_exported: Action.TEMPLATE_EXPORTED,
    notices.notice_sent: Action.NOTICE_SENT,
    notices.notice_failed: Action.NOTICE_FAILED,
}

# As often as strangers like: through activity.flood
TRIED_BY_STRANGERS = {
    files.link_opened: Action.LINK_OPENED,
    files.link_refused: Action.LINK_REFUSED,
}

# Found by the portal itself, even while somebody waits for it: not from their address, and not theirs
FOUND = {
    files.file_checked: Action.FILE_CHECKED,
    files.file_quarantined: Action.FILE_QUARANTINED,
    files.file_not_scanned: Action.FILE_NOT_SCANNED,
    files.file_damaged: Action.FILE_DAMAGED,
}

FACTORS = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery code",
}


def connect():
    """Every signal of the table, and those of Django, is recorded from now on."""
    for signal, action in RECORDED.items():
        signal.connect(partial(_record, action), weak=False, dispatch_uid=f"activity.{action}")
    for signal, action in TRIED_BY_STRANGERS.items():
        signal.connect(partial(_tried, action), weak=False, dispatch_uid=f"activity.{action}")
    for signal, action in FOUND.items():
        signal.connect(partial(_found, action), weak=False, dispatch_uid=f"activity.{action}")
    for signal in (files.receipts_due, *FOUND):
        signal.connect(_receipts_due, dispatch_uid="activity.receipts_due")
    auth_signals.user_logged_in.connect(_signed_in, dispatch_uid="activity.signed-in")
    auth_signals.user_logged_out.connect(_signed_out, dispatch_uid="activity.signed-out")
    auth_signals.user_login_failed.connect(_sign_in_failed, dispatch_uid="activity.sign-in-failed")
    accounts.limited.connect(_limited, dispatch_uid="activity.limited")
    for signal, action in {
        accounts.password_changed: Action.PASSWORD_CHANGED,
        accounts.password_reset: Action.PASSWORD_RESET,
        accounts.password_reset_asked: Action.PASSWORD_RESET_ASKED,
    }.items():
        signal.connect(partial(_about_oneself, action), weak=False, dispatch_uid=f"activity.{action}")
    for signal, action in {
        accounts.factor_added: Action.FACTOR_ADDED,
        mfa_signals.authenticator_removed: Action.FACTOR_REMOVED,
        mfa_signals.authentication_failed: Action.FACTOR_FAILED,
    }.items():
        signal.connect(partial(_about_a_factor, action), weak=False, dispatch_uid=f"activity.{action}")
    mfa_signals.authenticator_used.connect(_factor_used, dispatch_uid="activity.factor-used")


def _record(action, sender, *, by, subject=None, subjects=None, each=None, signal=None, **details):
    subjects = [subject] if subjects is None else subjects
    each = each or [{}] * len(subjects)
    record_all(_entry(action, by, one, {**details, **own}) for one, own in zip(subjects, each, strict=True))


def _tried(action, sender, *, by, subject, note="", **kwargs):
    record_refusal(action, by=by, note=note, subject=subject_of(subject) if subject else None)


def _found(action, sender, **announced):
    with coming_from(Origin(request_id=current_origin().request_id, is_system=True)):
        _record(action, sender, **announced)


def _receipts_due(sender, *, versions=None, subjects, **kwargs):
    """The senders' receipts are on their way: when files arrive, or when those are checked that nobody had read."""
    due = [one for one in versions or subjects if one.sha256 and not (versions and one.was_checked_at_once)]
    for by_id, link_id in sorted({(one.by_id, str(one.link_id or "")) for one in due}):
        mail_receipts.enqueue(by_id=by_id, link_id=link_id)


def _entry(action, by, subject, details):
    about = subject_of(subject, details.pop("size_bytes", None), details.pop("client", None))
    return Entry(action, by, about, details=details)


def subject_of(thing, size_bytes=None, client=None):
    """What an event copies of the thing it is about; ``client`` where who announces it knows better than one can look up."""
    if client is not None:
        pass
    elif isinstance(thing, Client):
        client = thing
    elif isinstance(thing, User):
        client = thing.only_client()
    else:
        client = getattr(thing, "client", None)
    return Subject(thing._meta.model_name, str(thing.pk), str(thing), client, size_bytes)


def _signed_in(sender, *, request, user, **kwargs):
    """Commits before the middleware saves the session: nobody is in who is not in the log."""
    record_now(Action.SIGNED_IN, by=user, note=_way_in(request, user))


def _way_in(request, user):
    """With what somebody signed in who did not give a password alone."""
    records = get_authentication_records(request, user)
    last = records[-1] if records else {}
    if last.get("method") != "mfa":
        return ""
    return "by passkey" if last.get("passwordless") else f"with {FACTORS[last['type']]}"


def _signed_out(sender, *, request, user, **kwargs):
    if user is not None:
        record_now(Action.SIGNED_OUT, by=user)


def _about_oneself(action, sender, *, user, **kwargs):
    record_now(action, by=user)


def _about_a_factor(action, sender, *, user, authenticator, **kwargs):
    if action == Action.FACTOR_ADDED and authenticator.type == Authenticator.Type.RECOVERY_CODES:
        action = Action.RECOVERY_CODES_MADE
    record_now(action, by=user, note=FACTORS[authenticator.type])


def _factor_used(sender, *, user, authenticator, **kwargs):
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        record_now(Action.RECOVERY_CODE_USED, by=user)


def _sign_in_failed(sender, *, credentials, request=None, **kwargs):
    record_now(Action.SIGN_IN_FAILED, **_whose(credentials.get("email") or credentials.get("username") or ""))


def _limited(sender, *, email="", by=None, note="", **kwargs):
    record_refusal(Action.SIGN_IN_LIMITED, **({"by": by, "note": note} if by or not email else _whose(email, note)))


def _whose(email, note=""):
    """Stands with the account that was tried. An address that is no account is kept shortened: it may be a password."""
    user = User.objects.filter(email=User.objects.normalize_email(email)).first()
    if user is not None:
        return {"by": user, "note": note}
    return {"actor_email": shortened(email), "note": "no such account"}


def shortened(email):
    name, at, host = email.strip().partition("@")
    return f"{name[:1]}…{at}{host[:60]}" if at else f"{name[:1]}…"
