"""What the scanner held back, and letting through what it could not look into."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import NotForYou, for_right, for_the_firm
from accounts.paging import Page
from accounts.rights import Right
from files.access import changeable_file_for
from files.checking import HELD
from files.forms import ReleaseForm
from files.models import File, Version
from files.scanner import SIGNATURES_ARE_OLD_AFTER, ScannerUnavailable, scanner_version

CHECKS_PER_PAGE = 50


@for_the_firm
@for_right(Right.VIEW_FILES)
@require_GET
def checks(request):
    """Of the files that one sees: what is being checked, quarantined, damaged, or waits for somebody to release it."""
    held = Version.objects.filter(state__in=HELD, removed_at=None, file__in=File.objects.visible_to(request.user))
    held = held.select_related("file__folder__cabinet__client", "file__folder__cabinet__owner", "by", "link")
    page = Page(held, "at", request.GET, size=CHECKS_PER_PAGE, descending=True)
    for version in page:
        version.is_releasable = version.may_be_released_by(request.user)
    return render(request, "files/checks.html", {"page": page, "scanner": _scanner()})


def _scanner():
    """What answers now, for the page: ``problem`` where nothing does; None where no scanner is set up."""
    if settings.CLAMAV is None:
        return None
    try:
        found = scanner_version()
    except ScannerUnavailable as problem:
        return {"problem": str(problem)}
    age = timezone.now() - found.signed_at if found.signed_at else None
    return {"version": found, "is_old": age is not None and age > SIGNATURES_ARE_OLD_AFTER}


@for_the_firm
@require_http_methods(["GET", "POST"])
def release(request, file_id):
    """Of the file's current version, or of the one that the query names."""
    file = changeable_file_for(request.user, file_id)
    number = request.GET.get("version", "")
    version = file.versions.filter(number=number).first() if number.isdecimal() else file.current
    if version is None:
        raise NotForYou("file", file_id)
    if not version.may_be_released_by(request.user):
        messages.info(request, f"{file.name}, version {version.number}, does not wait to be released.")
        return redirect(file)
    form = ReleaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        version.release(why=form.cleaned_data["why"], by=request.user)
        messages.success(request, f"{file.name} is released. Whoever may see it can fetch it now.")
        return redirect(file)
    context = {"form": form, "file": file, "version": version, "trail": [*file.folder.trail(), file.folder]}
    return render(request, "files/release.html", context)
