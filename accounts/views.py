from base64 import b64encode

from allauth.decorators import rate_limit
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import for_administrators, found_for
from accounts.devices import device_in_words
from accounts.forms import AcceptForm, FirmForm, ProfileForm
from accounts.models import Firm, Invitation, InvitationSpent, User
from accounts.second_factor import factors_of, policy_for
from accounts.sessions import end, end_all, forgets_in_browser, sessions_of

CLIENTS_PER_PAGE = 50


@require_http_methods(["GET", "POST"])
def profile(request):
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        User.objects.get(pk=request.user.pk).change_profile(**form.cleaned_data, by=request.user)
        messages.success(request, "Your account is changed.")
        return redirect("profile")
    context = {
        "form": form,
        "factors": factors_of(request.user),
        "policy": policy_for(request.user),
        "session_count": len(sessions_of(request.user)),
    }
    return render(request, "accounts/profile.html", context)


@login_not_required
@rate_limit(action="invitation", limit_get=True)
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def invitation(request, token):
    """Shows on GET and acts on POST: the scanners of mail servers open links."""
    invitation = Invitation.find(token)
    if invitation is None or not invitation.is_open:
        return render(request, "accounts/invitation_spent.html", status=410)
    form = AcceptForm(request.POST or None, user=invitation.user)
    if request.method == "POST" and form.is_valid():
        try:
            invitation.accept(**form.cleaned_data)
        except InvitationSpent:
            return render(request, "accounts/invitation_spent.html", status=410)
        messages.success(request, "Your password is set. Sign in with it.")
        return redirect("account_login")
    return render(request, "accounts/invitation.html", {"form": form, "invitation": invitation})


@for_administrators
@require_http_methods(["GET", "POST"])
def firm_settings(request):
    form = FirmForm(request.POST or None, request.FILES or None, instance=Firm.fresh())
    if request.method == "POST" and form.is_valid():
        Firm.fresh().change(by=request.user, **form.changes())
        messages.success(request, "The firm settings are changed.")
        return redirect("firm-settings")
    return render(request, "accounts/firm_settings.html", {"form": form})


@login_not_required
@require_GET
@cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
def firm_css(request):
    """The firm's colour and logo. Cached for long: pages ask for it with the version of the settings."""
    firm = Firm.current()
    rules = [f":root {{ --firm-accent: {firm.accent}; }}"]
    if firm.logo:
        picture = f"data:{firm.logo_type};base64,{b64encode(firm.logo).decode()}"
        rules.append(f'.brand__mark {{ background: url("{picture}") center / cover; color: transparent; }}')
    return HttpResponse("\n".join(rules), content_type="text/css")


@require_http_methods(["GET", "POST"])
def sessions(request):
    """Where one is signed in; POST ends all but this session."""
    if request.method == "POST":
        end_all(request.user, by=request.user, except_key=request.session.session_key)
        messages.success(request, "You are signed in here only.")
        return redirect("sessions")
    return render(request, "accounts/sessions.html", {"sessions": sessions_of(request.user)})


@forgets_in_browser
@require_POST
def end_session(request, session_id):
    """Ends one of one's own sessions; this one too, which is signing out."""
    session = found_for(request.user, UserSession.objects.filter(user=request.user), "session", session_id)
    if session.session_key == request.session.session_key:
        logout(request)
        return redirect("account_login")
    end(session, by=request.user)
    messages.success(request, f"{device_in_words(session.user_agent)} at {session.ip} is signed out.")
    return redirect("sessions")
