"""Receipts: one's own, and the page where anybody can have one checked."""

from allauth.decorators import rate_limit
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import NotForYou
from activity.actions import Action
from activity.comparing import DigestHandler
from activity.forms import ReceiptForm
from activity.receipts import receipt_of, verify_receipts
from activity.recording import Subject, record_now
from files.access import file_for


@require_GET
def receipt(request, file_id):
    """Of the file's current version, or of the one that the query names."""
    file = file_for(request.user, file_id)
    number = request.GET.get("version", "")
    versions = file.versions.select_related("by", "link")
    version = versions.filter(number=number).first() if number.isdecimal() else file.current
    if version is None:
        raise NotForYou("file", file_id)
    context = {"file": file, "version": version, "receipt": receipt_of(version)}
    return render(request, "activity/receipt.html", context)


@login_not_required
@csrf_exempt
@rate_limit(action="verify_receipt")
@never_cache
@require_http_methods(["GET", "POST"])
def verify(request):
    """Anybody may ask: who holds a receipt may not have an account any more. Shows on GET and answers on POST."""
    handler = DigestHandler.of(request)
    if handler.is_refused:  # a stranger's body: not read to its end for the sake of the answer
        return render(request, "413.html", status=413)
    return _verify(request, handler)


@csrf_protect
def _verify(request, handler):
    form = ReceiptForm(request.POST or None, initial={"receipt": request.GET.get("receipt", "").replace("\0", "")})
    findings = None
    if request.method == "POST":
        if handler.is_too_large:
            form.add_error("sha256", "The file is larger than what is read here. Give its SHA-256 instead.")
        if form.is_valid():
            findings = verify_receipts(
                form.cleaned_data["receipt"], sha256=handler.sha256 or form.cleaned_data["sha256"]
            )
            _record(request.user, findings)
    context = {
        "form": form,
        "findings": findings,
        "most_compared_bytes": DigestHandler.most_bytes,
        "layout": "base.html" if request.user.is_authenticated else "gate.html",
    }
    return render(request, "activity/verify.html", context)


def _record(user, findings):
    """What a stranger brings that is no receipt is no event: strangers cannot flood the log."""
    by = user if user.is_authenticated else None
    genuine = [finding.receipt for finding in findings if finding.is_genuine]
    if not genuine and by is None:
        return
    about = genuine[0] if genuine else next((one.receipt for one in findings if one.receipt), None)
    subject = Subject("file", about.file_id, about.name, size_bytes=about.size_bytes) if about else None
    note = "genuine" if len(genuine) == len(findings) == 1 else f"{len(genuine)} genuine of {len(findings)}"
    record_now(Action.RECEIPT_VERIFIED, by=by, subject=subject, note=note)
