import time

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import SecondFactor, firm_read_once
from accounts.second_factor import must_enrol, policy_for
from accounts.sessions import TOUCH_SECONDS, end_session, past_limit


class FirmMiddleware:
    """The firm's settings are read once for each request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with firm_read_once():
            return self.get_response(request)


class TimeZoneMiddleware:
    """Times on a page are in the zone of whoever reads it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(request.user.zone):
            return self.get_response(request)


class SessionLimitsMiddleware:
    """A session ends when it is not used for the firm's idle time, or at its greatest age; the log says which."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            request.came_with_session = request.session.session_key
            reason = self._over(request.session)
            if reason:
                end_session(request, reason)
                messages.info(request, f"You were signed out, to keep your files safe: {reason}. Sign in to go on.")
                return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        return self.get_response(request)

    def _over(self, session):
        now = int(time.time())
        idle_seconds = now - session.get("seen_at", 0)
        reason = past_limit(now - session.get("began_at", 0), idle_seconds)
        if not reason and idle_seconds > TOUCH_SECONDS:
            session["seen_at"] = now
            UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())
        return reason


class SecondFactorMiddleware:
    """Who must have a second factor and has none is taken to add one before anything else; where the firm has it off,
    none is added."""

    WHILE_ENROLLING = ("account_logout", "account_reauthenticate", "mfa_")
    ADDING = ("mfa_activate_totp", "mfa_add_webauthn")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        name = request.resolver_match.url_name or ""
        if name in self.ADDING and policy_for(request.user) == SecondFactor.OFF:
            return redirect("mfa_index")  # which says why
        if name.startswith(self.WHILE_ENROLLING):
            return None
        return redirect("mfa_index") if must_enrol(request.user) else None
