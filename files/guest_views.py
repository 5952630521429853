"""What somebody without an account sees of a request link: who asks, a code by mail, and a form that sends files."""

from functools import wraps

from allauth.core import ratelimit
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from files import guests
from files.access import Sending
from files.link_forms import CodeForm
from files.models import LinkEnded, RequestLink
from files.names import clean_name
from files.receiving import take_form
from files.signals import link_opened, link_refused


def for_guests(view):
    """Opens a view, with the open link of the address' token, to whoever is not signed in. A token that never was, a revoked
    link and one that has ended are the same page."""

    @login_not_required
    @rate_limit(action="request_link", limit_get=True)
    @never_cache
    @wraps(view)
    def checked(request, token):
        link = RequestLink.find(token)
        if link is None or not link.is_open:
            return _ended(request, link)
        if request.user.is_authenticated:
            return render(request, "files/guest_signed_in.html", {"link": link})
        try:
            return view(request, link, token)
        except LinkEnded:
            return _ended(request, link)

    return checked


def _ended(request, link):
    by = link.guest if link else None
    note = link.ended_because if link else "no such link"
    with transaction.atomic():
        link_refused.send(RequestLink, subject=link, by=by, note=note)
    return render(request, "files/link_ended.html", status=410)


@for_guests
@require_http_methods(["GET", "POST"])
def open_link(request, link, token):
    """Shows on GET and acts on POST: the scanners of mail servers open links."""
    if request.method == "POST":
        if not ratelimit.consume(request, action="request_link_code", key=str(link.pk)):
            return ratelimit.respond_429(request)
        link.ask_code()
        return redirect("request-link-code", token)
    if _is_confirmed(request, link):
        return redirect("request-link-files", token)
    with transaction.atomic():
        link_opened.send(RequestLink, subject=link, by=link.guest)
    return render(request, "files/guest.html", {"link": link, "token": token})


@for_guests
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def enter_code(request, link, token):
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="request_link_try", key=str(link.pk)):
            return ratelimit.respond_429(request)
        if link.confirm(form.cleaned_data["code"]):
            guests.begin(request, link)
            return redirect("request-link-files", token)
        form.add_error("code", "That code does not fit, or it no longer works. Ask for a new one after five tries.")
    return render(request, "files/guest_code.html", {"link": link, "token": token, "form": form})


@csrf_exempt  # the token is in the body: who sends is checked before it is read, the token after
@for_guests
@require_http_methods(["GET", "POST"])
def send_over_link(request, link, token):
    if not _is_confirmed(request, link):
        return redirect("request-link", token)
    if request.method == "POST":
        return _take(request, link, token)
    context = {"link": link, "token": token, "receipts": guests.receipts(request)}
    return render(request, "files/guest_files.html", context)


def _take(request, link, token):
    def keep(arrived):
        try:
            versions = link.folder.receive(arrived, by=link.by, link=link)
        except LinkEnded:
            now = RequestLink.find(token)
            if now is None or not now.is_open:
                raise
            messages.error(request, "That is more files than are left. Nothing was kept: choose fewer.")
            return []
        guests.remember(request, [clean_name(one.name) for one in arrived], versions)
        messages.success(request, "Received. What was sent stands below." if len(versions) > 1 else "Received.")
        return []

    whose = Sending(link.folder, link.by, link)
    return take_form(request, whose, keep=keep, back=reverse("request-link-files", args=[token]))


def _is_confirmed(request, link):
    confirmed = guests.confirmed_link(request)
    return confirmed is not None and confirmed.pk == link.pk
