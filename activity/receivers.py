"""Everything that the firm can see, in one table: signal → Action."""

from functools import partial

from django.contrib.auth import signals as auth_signals

from accounts import signals as accounts
from accounts.models import Client, User
from activity.actions import Action
from activity.recording import Entry, Subject, record_all, record_now
from files import signals as files
from notices import signals as notices

RECORDED = {
    accounts.user_invited: Action.USER_INVITED,
    accounts.user_joined: Action.USER_JOINED,
    accounts.profile_changed: Action.PROFILE_CHANGED,
    accounts.client_created: Action.CLIENT_CREATED,
    accounts.settings_changed: Action.SETTINGS_CHANGED,
    files.file_uploaded: Action.FILE_UPLOADED,
    files.version_uploaded: Action.VERSION_UPLOADED,
    files.upload_failed: Action.UPLOAD_FAILED,
    files.file_downloaded: Action.FILE_DOWNLOADED,
    files.file_renamed: Action.FILE_RENAMED,
    files.file_binned: Action.FILE_BINNED,
    files.file_restored: Action.FILE_RESTORED,
    files.folder_created: Action.FOLDER_CREATED,
    notices.notice_sent: Action.NOTICE_SENT,
    notices.notice_failed: Action.NOTICE_FAILED,
}


def connect():
    """Every signal of the table, and those of Django, is recorded from now on."""
    for signal, action in RECORDED.items():
        signal.connect(partial(_record, action), weak=False, dispatch_uid=f"activity.{action}")
    auth_signals.user_logged_in.connect(_signed_in, dispatch_uid="activity.signed-in")
    auth_signals.user_logged_out.connect(_signed_out, dispatch_uid="activity.signed-out")
    auth_signals.user_login_failed.connect(_sign_in_failed, dispatch_uid="activity.sign-in-failed")
    accounts.sign_in_limited.connect(_sign_in_limited, dispatch_uid="activity.sign-in-limited")
    for signal, action in {
        accounts.password_changed: Action.PASSWORD_CHANGED,
        accounts.password_reset: Action.PASSWORD_RESET,
        accounts.password_reset_asked: Action.PASSWORD_RESET_ASKED,
    }.items():
        signal.connect(partial(_about_oneself, action), weak=False, dispatch_uid=f"activity.{action}")


def _record(action, sender, *, by, subject=None, subjects=None, each=None, signal=None, **details):
    subjects = [subject] if subjects is None else subjects
    each = each or [{}] * len(subjects)
    record_all(_entry(action, by, one, {**details, **own}) for one, own in zip(subjects, each, strict=True))


def _entry(action, by, subject, details):
    return Entry(action, by, subject_of(subject, details.pop("size_bytes", None)), details=details)


def subject_of(thing, size_bytes=None):
    """What an event copies of the thing it is about."""
    if isinstance(thing, Client):
        client = thing
    elif isinstance(thing, User):
        client = thing.only_client()
    else:
        client = getattr(thing, "client", None)
    return Subject(thing._meta.model_name, str(thing.pk), str(thing), client, size_bytes)


def _signed_in(sender, *, request, user, **kwargs):
    """Commits before the middleware saves the session: nobody is in who is not in the log."""
    record_now(Action.SIGNED_IN, by=user)


def _signed_out(sender, *, request, user, **kwargs):
    if user is not None:
        record_now(Action.SIGNED_OUT, by=user)


def _about_oneself(action, sender, *, user, **kwargs):
    record_now(action, by=user)


def _sign_in_failed(sender, *, credentials, request=None, **kwargs):
    _refused(Action.SIGN_IN_FAILED, credentials.get("email") or credentials.get("username") or "")


def _sign_in_limited(sender, *, email, **kwargs):
    _refused(Action.SIGN_IN_LIMITED, email)


def _refused(action, email):
    """Stands with the account that was tried. An address that is no account is kept shortened: it may be a password."""
    user = User.objects.filter(email=User.objects.normalize_email(email)).first()
    if user is not None:
        record_now(action, by=user)
    else:
        record_now(action, actor_email=shortened(email), note="no such account")


def shortened(email):
    name, at, host = email.strip().partition("@")
    return f"{name[:1]}…{at}{host[:60]}" if at else f"{name[:1]}…"
