"""Asking a client for documents: the firm's lists and forms, and each document's own page, where it is sent."""

from contextlib import contextmanager

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import for_right, for_roles, for_the_firm
from accounts.models import Role
from accounts.paging import Page
from accounts.rights import Right
from files.access import (
    Sending,
    as_of_now,
    cabinet_to_ask_for,
    document_for,
    document_to_send_for,
    request_for,
    request_to_change,
)
from files.models import Request, RequestClosed
from files.receiving import take_form
from files.request_forms import (
    AttachForm,
    OverviewForm,
    WhyForm,
    copied_lines,
    line_forms,
    request_form,
    standing_lines,
)

REQUESTS_PER_PAGE = 50
MOST_SUGGESTED = 10


@for_the_firm
@for_right(Right.VIEW_FILES)
@require_GET
def overview(request):
    """What the clients that one may see are asked for; what is overdue first."""
    form = OverviewForm(request.GET, user=request.user)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = Request.objects.visible_to(request.user).select_related("client").with_counts()
    if chosen.get("client"):
        found = found.filter(client=chosen["client"])
    state = chosen.get("state") or OverviewForm.OPEN
    page = _page(found if form.is_valid() else found.none(), state, request.GET)
    return render(request, "files/requests.html", {"page": page, "form": form, "state": state})


def _page(found, state, query):
    if state == OverviewForm.CLOSED:
        return Page(found.exclude(closed_at=None), "at", query, size=REQUESTS_PER_PAGE, descending=True)
    if state == OverviewForm.COMPLETE:
        return Page(found.open().filter(missing_count=0), "at", query, size=REQUESTS_PER_PAGE, descending=True)
    return Page(found.open().filter(missing_count__gt=0), "due_order", query, size=REQUESTS_PER_PAGE)


@for_the_firm
@require_GET
def requests_of_cabinet(request, cabinet_id):
    cabinet = cabinet_to_ask_for(request.user, cabinet_id)
    found = Request.objects.filter(folder__cabinet=cabinet).select_related("client").with_counts()
    page = Page(found, "at", request.GET, size=REQUESTS_PER_PAGE, descending=True)
    return render(request, "files/requests_of_cabinet.html", {"cabinet": cabinet, "page": page})


@for_the_firm
@require_http_methods(["GET", "POST"])
def ask(request, cabinet_id):
    """A new request; ``copy`` in the address begins with the documents of an earlier one."""
    cabinet = cabinet_to_ask_for(request.user, cabinet_id)
    earlier = list(Request.objects.filter(client=cabinet.client).order_by("-at")[:MOST_SUGGESTED])
    copied = next((one for one in earlier if str(one.pk) == request.GET.get("copy")), None)
    start = {"title": copied.title, "message": copied.message} if copied else {}
    form = request_form(request.POST or None, cabinet=cabinet, initial=start)
    lines = line_forms(request.POST or None, initial=copied_lines(copied) if copied else [])
    if _is_complete(request, form, lines):
        asked = Request.ask(**form.changes(), lines=lines.lines(), by=request.user)
        messages.success(request, f"{cabinet} is asked. A mail is on its way to its people.")
        return redirect(asked)
    context = {"form": form, "lines": lines, "cabinet": cabinet, "earlier": earlier, "copied": copied}
    return render(request, "files/ask.html", context)


@require_GET
def asked(request, request_id):
    asked = request_for(request.user, request_id)
    return render(request, "files/request.html", {"asked": asked, "cabinet": asked.folder.cabinet})


@for_the_firm
@require_http_methods(["GET", "POST"])
def change(request, request_id):
    asked = request_to_change(request.user, request_id)
    if asked.closed_at:
        messages.info(request, "The request is closed. Open it again to change it.")
        return redirect(asked)
    form = request_form(request.POST or None, cabinet=asked.folder.cabinet, instance=asked)
    lines = line_forms(request.POST or None, documents=asked.documents.all(), initial=standing_lines(asked))
    if _is_complete(request, form, lines):
        asked.refresh_from_db()  # the form has set its fields, and the verb tells what they were
        with _unless_closed(request):
            asked.change(**form.changes(), lines=lines.lines(), by=request.user)
            messages.success(request, "The request is changed.")
        return redirect("request", asked.pk)
    asked.refresh_from_db()
    context = {"form": form, "lines": lines, "asked": asked, "cabinet": asked.folder.cabinet}
    return render(request, "files/change_request.html", context)


def _is_complete(request, form, lines):
    if request.method != "POST" or "more" in request.POST:
        return False
    return all([form.is_valid(), lines.is_valid()])


@for_the_firm
@require_POST
def close(request, request_id):
    asked = request_to_change(request.user, request_id)
    asked.close(by=request.user)
    messages.success(request, f"“{asked}” is closed. Nobody is reminded of it any more.")
    return redirect(asked)


@for_the_firm
@require_POST
def reopen(request, request_id):
    asked = request_to_change(request.user, request_id)
    asked.reopen(by=request.user)
    messages.success(request, f"“{asked}” is open again.")
    return redirect(asked)


@require_GET
def document(request, document_id):
    """What is asked for, and the form that sends it; for the firm, what to do with what came."""
    return _show_document(request, document_for(request.user, document_id))


def _show_document(request, document, *, status=200, **forms):
    is_staff = not request.user.is_client_user
    cabinet = document.request.folder.cabinet
    context = {
        "document": document,
        "asked": document.request,
        "cabinet": cabinet,
        "answer_form": None if is_staff else WhyForm(label="What is the reason?"),
        "again_form": WhyForm(label="What is wrong with it?") if is_staff else None,
        "attach_form": AttachForm(cabinet=cabinet) if is_staff else None,
        **forms,
    }
    return render(request, "files/document.html", context, status=status)


@csrf_exempt  # the token is in the body: rights and room are checked before it is read, the token after
@require_POST
def send_document(request, document_id):
    document = document_to_send_for(request.user, document_id)

    def keep(arrived):
        document_to_send_for(as_of_now(request.user), document_id)  # the body may have taken hours
        with _unless_closed(request):
            return document.take(arrived, by=request.user)
        return []

    back = "home" if request.user.is_client_user else document.request
    return take_form(request, Sending(document.request.folder, request.user), keep=keep, back=back)


@for_roles(Role.CLIENT_USER)
@require_POST
def decline(request, document_id):
    document = document_to_send_for(request.user, document_id)
    form = WhyForm(request.POST, label="What is the reason?")
    if not form.is_valid():
        return _show_document(request, document, answer_form=form)
    with _unless_closed(request):
        document.decline(form.cleaned_data["because"], by=request.user)
        messages.success(request, f"Your answer about {document} is with the firm.")
    return redirect("home")


@for_the_firm
@require_POST
def ask_again(request, document_id):
    document = document_to_send_for(request.user, document_id)
    form = WhyForm(request.POST, label="What is wrong with it?")
    if not form.is_valid():
        return _show_document(request, document, again_form=form)
    with _unless_closed(request):
        document.ask_again(form.cleaned_data["because"], by=request.user)
        messages.success(request, f"{document} is asked for again.")
    return redirect(document.request)


@for_the_firm
@require_POST
def attach(request, document_id):
    document = document_to_send_for(request.user, document_id)
    form = AttachForm(request.POST, cabinet=document.request.folder.cabinet)
    if not form.is_valid():
        return _show_document(request, document, attach_form=form)
    with _unless_closed(request):
        document.receive(form.cleaned_data["file"], by=request.user)
        messages.success(request, f"{document} is ticked off with {document.file}.")
    return redirect(document.request)


@contextmanager
def _unless_closed(request):
    """Whoever comes a moment after the request was closed is told so."""
    try:
        yield
    except RequestClosed as problem:
        messages.warning(request, f"“{problem}” was closed. Nothing is sent for it any more.")
