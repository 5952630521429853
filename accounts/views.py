from base64 import b64encode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import for_administrators, for_the_firm, found_for
from accounts.forms import AcceptForm, ClientForm, FirmForm, FirmPersonForm, PersonForm, ProfileForm
from accounts.mail import send_invitation
from accounts.models import Client, Firm, Invitation, InvitationSpent, Role, User, invite_firm_person
from accounts.paging import Page

CLIENTS_PER_PAGE = 50


@require_http_methods(["GET", "POST"])
def profile(request):
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        User.objects.get(pk=request.user.pk).change_profile(**form.cleaned_data, by=request.user)
        messages.success(request, "Your account is changed.")
        return redirect("profile")
    return render(request, "accounts/profile.html", {"form": form})


@login_not_required
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


@for_the_firm
@require_GET
def clients(request):
    words = request.GET.get("q", "").replace("\0", "").strip()
    found = Client.objects.visible_to(request.user)
    if words:
        found = found.filter(name__icontains=words)
    found = found.prefetch_related("people", Prefetch("firm_users", User.objects.order_by("name")))
    page = Page(found, "name", request.GET, size=CLIENTS_PER_PAGE)
    return render(request, "accounts/clients.html", {"page": page, "words": words})


@for_administrators
@require_http_methods(["GET", "POST"])
def add_client(request):
    form = ClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        client = Client.add(form.cleaned_data["name"], firm_users=form.cleaned_data["firm_users"], by=request.user)
        messages.success(request, f"{client} is added. Invite the people who use the portal for them.")
        return redirect("client-people", client.pk)
    return render(request, "accounts/add_client.html", {"form": form})


@for_the_firm
@require_GET
def client(request, client_id):
    client = _client_for(request.user, client_id)
    context = {
        "client": client,
        "people": client.people.order_by("email"),
        "firm_users": client.firm_users.order_by("name"),
    }
    return render(request, "accounts/client.html", context)


@for_the_firm
@require_http_methods(["GET", "POST"])
def add_person(request, client_id):
    client = _client_for(request.user, client_id)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user, token = client.invite(form.cleaned_data["email"], name=form.cleaned_data["name"], by=request.user)
        _send(request, user, token)
        return redirect("client", client.pk)
    return render(request, "accounts/add_person.html", {"form": form, "client": client})


@for_the_firm
@require_POST
def invite_again(request, user_id):
    """A new link for somebody whose first one was lost or is too old."""
    people = User.objects.visible_to(request.user)
    if request.user.is_firm_user:
        people = people.filter(role=Role.CLIENT_USER)
    user = found_for(request.user, people, "person", user_id)
    try:
        _send(request, user, Invitation.issue_again(user, by=request.user))
    except InvitationSpent:
        messages.info(request, f"{user.email} has joined already.")
    client = user.only_client()
    return redirect("client", client.pk) if client else redirect("firm-users")


@for_administrators
@require_GET
def firm_users(request):
    return render(request, "accounts/firm_users.html", {"people": User.objects.of_the_firm().order_by("email")})


@for_administrators
@require_http_methods(["GET", "POST"])
def add_firm_user(request):
    form = FirmPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user, token = invite_firm_person(**form.cleaned_data, by=request.user)
        _send(request, user, token)
        return redirect("firm-users")
    return render(request, "accounts/add_firm_user.html", {"form": form})


@for_administrators
@require_http_methods(["GET", "POST"])
def firm_settings(request):
    form = FirmForm(request.POST or None, request.FILES or None, instance=Firm.current())
    if request.method == "POST" and form.is_valid():
        Firm.current().change(by=request.user, **form.changes())
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


def _client_for(user, client_id):
    return found_for(user, Client.objects.visible_to(user), "client", client_id)


def _send(request, user, token):
    """The invitation goes out by mail; where mail fails, the account stands and the page says so."""
    try:
        send_invitation(user, token, by=request.user)
        messages.success(request, f"{user.email} is invited. The link in the mail works for 14 days.")
    except OSError:
        messages.error(
            request, f"{user.email} has an account, but the mail could not be sent. Check the mail settings."
        )
