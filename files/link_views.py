"""The firm's links for people without an account."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import for_the_firm
from accounts.paging import Page
from files.access import cabinet_to_ask_for, link_for
from files.link_forms import LinkForm
from files.models import LinkEnded, RequestLink

LINKS_PER_PAGE = 50


@for_the_firm
@require_GET
def links(request, cabinet_id):
    cabinet = cabinet_to_ask_for(request.user, cabinet_id)
    found = RequestLink.objects.filter(folder__cabinet=cabinet).select_related("folder__cabinet__client", "by")
    page = Page(found, "at", request.GET, size=LINKS_PER_PAGE, descending=True)
    return render(request, "files/links.html", {"cabinet": cabinet, "page": page})


@for_the_firm
@require_http_methods(["GET", "POST"])
def make_link(request, cabinet_id):
    """The link goes by mail to its address and nowhere else: nobody of the firm can lose or pass on what they never saw."""
    cabinet = cabinet_to_ask_for(request.user, cabinet_id)
    form = LinkForm(request.POST or None, cabinet=cabinet)
    if request.method == "POST" and form.is_valid():
        link = RequestLink.make(**form.chosen(), by=request.user)
        messages.success(request, f"The link is on its way to {link.email}.")
        return redirect(link)
    return render(request, "files/make_link.html", {"cabinet": cabinet, "form": form})


@for_the_firm
@require_POST
def send_link_again(request, cabinet_id, link_id):
    link = link_for(request.user, cabinet_id, link_id)
    try:
        link.send_again(by=request.user)
        messages.success(request, f"A new link is on its way to {link.email}. The earlier one no longer works.")
    except LinkEnded as problem:
        messages.warning(request, f"The link is {problem}. Make another one.")
    return redirect(link)


@for_the_firm
@require_POST
def revoke_link(request, cabinet_id, link_id):
    link = link_for(request.user, cabinet_id, link_id)
    link.revoke(by=request.user)
    messages.success(request, f"The link of {link.email} no longer works.")
    return redirect(link)
