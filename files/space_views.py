"""Pages on which administrators say how much may be stored, and what must not be deleted."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import for_administrators
from accounts.models import Firm
from files.access import cabinet_to_manage
from files.forms import ExchangeForm, HoldForm, QuotaForm
from files.models import RetentionRule
from files.space import space_of, space_of_firm


@for_administrators
@require_http_methods(["GET", "POST"])
def exchange_settings(request):
    firm = Firm.fresh()
    form = ExchangeForm(request.POST or None, firm=firm)
    if request.method == "POST" and form.is_valid():
        firm.change(by=request.user, quota_bytes=form.quota_bytes, bin_days=form.cleaned_data["bin_days"])
        messages.success(request, "The settings of the exchange are changed.")
        return redirect("exchange-settings")
    return render(request, "files/settings.html", {"form": form, "space": space_of_firm()})


@for_administrators
@require_http_methods(["GET", "POST"])
def cabinet_settings(request, cabinet_id):
    cabinet = cabinet_to_manage(request.user, cabinet_id)
    form = QuotaForm(request.POST or None, cabinet=cabinet)
    if request.method == "POST" and form.is_valid():
        cabinet.set_quota(form.quota_bytes, by=request.user)
        messages.success(request, f"The quota of {cabinet} is changed.")
        return redirect("cabinet-settings", cabinet.pk)
    return _show(request, cabinet, form, HoldForm())


@for_administrators
@require_POST
def hold(request, cabinet_id):
    cabinet = cabinet_to_manage(request.user, cabinet_id)
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _show(request, cabinet, QuotaForm(cabinet=cabinet), form)
    cabinet.hold(form.cleaned_data["reason"], by=request.user)
    messages.success(request, f"{cabinet} is under a legal hold. Nothing in it can be deleted for good.")
    return redirect("cabinet-settings", cabinet.pk)


@for_administrators
@require_POST
def lift_hold(request, cabinet_id):
    cabinet = cabinet_to_manage(request.user, cabinet_id)
    cabinet.lift_hold(by=request.user)
    messages.success(request, f"The legal hold on {cabinet} is lifted.")
    return redirect("cabinet-settings", cabinet.pk)


def _show(request, cabinet, quota_form, hold_form):
    context = {
        "cabinet": cabinet,
        "form": quota_form if not hold_form.is_bound else hold_form,
        "quota_form": quota_form,
        "hold_form": hold_form,
        "space": space_of(cabinet),
        "folders": _with_paths(cabinet),
        "rules": RetentionRule.objects.open().filter(folder__cabinet=cabinet).select_related("folder"),
    }
    return render(request, "files/cabinet_settings.html", context)


def _with_paths(cabinet):
    """[(folder, its path)] of the cabinet, each below the one that it is in."""
    folders = {folder.pk: folder for folder in cabinet.folders.in_place()}

    def path(folder):
        names = []
        while folder is not None:
            names.append(folder.name)
            folder = folders.get(folder.parent_id)
        return names[::-1]

    paths = sorted((path(folder), folder.pk) for folder in folders.values())
    return [(folders[pk], " › ".join(names)) for names, pk in paths]
