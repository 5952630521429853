"""Pages about retention rules: which there are, what a new one would take, and what will go next."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import NotForYou, for_administrators, for_the_firm, found_for
from accounts.paging import Page
from files.access import folder_for
from files.forms import RuleForm
from files.models import Cabinet, File, RetentionRule
from files.retention import kept_by_holds

FILES_PER_PAGE = 100


@for_administrators
@require_GET
def rules(request):
    found = RetentionRule.objects.select_related("folder__cabinet__client", "folder__cabinet__owner", "by")
    context = {
        "rules": found.open(),
        "ended": found.exclude(ended_at=None).order_by("-ended_at")[:20],
        "held": kept_by_holds(Cabinet.objects.visible_to(request.user)),
    }
    return render(request, "files/retention.html", context)


@for_administrators
@require_http_methods(["GET", "POST"])
def add_rule(request):
    """What the rule would take today is shown before it is made."""
    folder = _folder_asked_for(request)
    form = RuleForm(request.POST or None)
    weighed = None
    if request.method == "POST" and form.is_valid():
        rule = form.save(commit=False)
        rule.folder, rule.by = folder, request.user
        if request.POST.get("sure"):
            rule.make()
            messages.success(request, f"The rule “{rule}” stands. Nothing goes before {rule.notice_days} days' notice.")
            return redirect("retention")
        weighed = dict(zip(("count", "size"), rule.weigh(), strict=True))
    return render(request, "files/add_rule.html", {"form": form, "folder": folder, "weighed": weighed})


def _folder_asked_for(request):
    """The client's folder that the address names; none: all clients."""
    folder_id = request.GET.get("folder")
    if not folder_id:
        return None
    try:
        return folder_for(request.user, uuid.UUID(folder_id))
    except ValueError as problem:
        raise NotForYou("folder", folder_id) from problem


@for_administrators
@require_POST
def end_rule(request, rule_id):
    rule = found_for(request.user, RetentionRule.objects.all(), "rule", rule_id)
    rule.end(by=request.user)
    messages.success(request, f"The rule “{rule}” has ended. What it had announced stays where it is.")
    return redirect("retention")


@for_the_firm
@require_GET
def due(request):
    """The files that rules will take, of the clients that one sees, the soonest announced first."""
    files = File.objects.visible_to(request.user).in_place().filter(announced_rule__ended_at=None)
    files = files.exclude(announced_rule=None).select_related(
        "current__by", "folder__cabinet__client", "announced_rule"
    )
    page = Page(files, "announced_at", request.GET, size=FILES_PER_PAGE)
    for file in page:
        file.goes_on = file.announced_rule.takes_on(file)
    context = {"page": page, "held": kept_by_holds(Cabinet.objects.visible_to(request.user))}
    return render(request, "files/retention_due.html", context)
