"""Sessions as people see them: where somebody is signed in, and ending it. The rows are django-allauth's UserSession."""

import time
from functools import wraps

from allauth.account import signals as allauth_signals
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from accounts import signals
from accounts.devices import device_icon, device_in_words
from accounts.models import Firm, User, firm_read_once

TOUCH_SECONDS = 60  # how exactly a session's last use is known


def connect():
    """A session begins with its sign-in, and ends with the password or the account that it stands on."""
    for signal, receiver in {
        user_logged_in: _begin,
        user_logged_out: _signed_out,
        allauth_signals.password_changed: _go_on_alone,
        allauth_signals.password_reset: _password_reset,
        signals.user_deactivated: _account_closed,
        signals.user_deleted: _account_closed,
    }.items():
        signal.connect(receiver, dispatch_uid=f"accounts.sessions{receiver.__name__}")


def sessions_of(user):
    """The person's open sessions, last used first, each with ``device`` in words and its ``icon``."""
    sessions = [session for session in UserSession.objects.filter(user=user) if not reason_over(session)]
    keys = [session.session_key for session in sessions]
    there = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list("pk", flat=True)
    )
    for session in sessions:
        session.device, session.icon = device_in_words(session.user_agent), device_icon(session.user_agent)
    return sorted(
        (session for session in sessions if session.session_key in there),
        key=lambda session: session.last_seen_at,
        reverse=True,
    )


def end(session, *, by, reason=""):
    """The session is over with its next request, and the log says who ended it."""
    _end_each([session], by=by, reason=reason)


def end_all(user, *, by, except_key=None, reason=""):
    """Every session of the person is over, but the one with ``except_key``."""
    _end_each(UserSession.objects.filter(user=user).exclude(session_key=except_key or ""), by=by, reason=reason)


def forgets_in_browser(view):
    """Whoever signs out by this view leaves nothing in the browser's own storage, such as answers that were not saved yet.
    Where a session runs out by itself they stay, and are saved after the next sign-in."""

    @wraps(view)
    def forgetting(request, *args, **kwargs):
        was_in = request.user.is_authenticated
        response = view(request, *args, **kwargs)
        if was_in and not request.user.is_authenticated:
            response["Clear-Site-Data"] = '"storage"'
        return response

    return forgetting


def end_session(request, reason):
    """The request's own session is over."""
    user = request.user
    with transaction.atomic():
        signals.session_ended.send(User, subject=user, by=user, note=reason)
        UserSession.objects.filter(session_key=request.session.session_key).delete()
    request.session.flush()
    request.user = AnonymousUser()


def record_expired(user=None):
    """Sessions that ran out by themselves, of everybody or one person, are in the log and out of the list: browsers that
    were closed and never came back. Returns how many."""
    sessions = UserSession.objects.select_related("user")
    count = 0
    with firm_read_once():
        for session in sessions.filter(user=user) if user else sessions:
            reason = reason_over(session) or ("" if session.exists() else "ran out")
            if reason:
                end(session, by=session.user, reason=reason)
                count += 1
    return count


def reason_over(session):
    """Which of the firm's limits the session is past, in words; empty while it is open."""
    age, idle = timezone.now() - session.created_at, timezone.now() - session.last_seen_at
    return past_limit(age.total_seconds(), idle.total_seconds() - TOUCH_SECONDS)


def past_limit(age_seconds, idle_seconds):
    firm = Firm.current()
    if age_seconds > firm.session_hours * 3600:
        return f"open for {firm.session_hours} hour{'' if firm.session_hours == 1 else 's'}"
    if idle_seconds > firm.idle_minutes * 60:
        return f"not used for {firm.idle_minutes} minute{'' if firm.idle_minutes == 1 else 's'}"
    return ""


def _end_each(sessions, *, by, reason):
    """One transaction, the events first: whoever ends sessions takes the log's lock before the sessions'."""
    with transaction.atomic():
        sessions = list(sessions)
        notes = [{"note": _in_words(session, reason)} for session in sessions]
        if sessions:
            subjects = [session.user for session in sessions]
            signals.session_ended.send(User, subjects=subjects, each=notes, by=by)
        for session in sessions:
            session.end()


def _in_words(session, reason):
    where = f"{device_in_words(session.user_agent)} at {session.ip}"
    return f"{where}, {reason}" if reason else where


def _begin(sender, *, request, user, **kwargs):
    """The limits count from here. What ran out since the last sign-in is recorded before allauth's list forgets it."""
    record_expired(user)
    request.session["began_at"] = request.session["seen_at"] = int(time.time())


def _signed_out(sender, *, request, **kwargs):
    UserSession.objects.filter(session_key=request.session.session_key).delete()


def _go_on_alone(sender, *, request, user, **kwargs):
    """A changed password gave the session at hand a new key, and its place in the list goes with it; all others are over."""
    key = request.session.session_key
    UserSession.objects.filter(session_key=key).delete()
    UserSession.objects.filter(session_key=getattr(request, "came_with_session", None)).update(session_key=key)
    end_all(user, by=user, except_key=key, reason="the password was changed")


def _password_reset(sender, *, user, **kwargs):
    end_all(user, by=user, reason="a new password was set")


def _account_closed(sender, *, subject, by, **kwargs):
    end_all(subject, by=by, reason="the account was closed")
