"""Pages about saved views: one's own and those of colleagues."""

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import NotForYou, for_report_readers, found_for
from accounts.forms import ConfirmForm
from accounts.paging import Page
from reports.catalog import REPORTS, problems_of, without_place
from reports.models import NameTaken, SavedView
from reports.saved_forms import ViewForm

VIEWS_PER_PAGE = 100
MOST_QUERY = 2_000


@for_report_readers
@require_GET
def views(request):
    found = SavedView.objects.visible_to(request.user).select_related("owner")
    context = {
        "own": found.filter(owner=request.user),
        "page": Page(found.exclude(owner=request.user), "name", request.GET, size=VIEWS_PER_PAGE),
    }
    return render(request, "reports/saved_views.html", context)


@for_report_readers
@require_http_methods(["GET", "POST"])
def save_view(request, report):
    """What the address asks of the report is saved, once it is understood."""
    if report not in REPORTS or not REPORTS[report].opens_to(request.user):
        raise NotForYou("report", report)
    query = without_place(request.GET).urlencode()
    table = REPORTS[report].as_seen_by(request.user, query)
    problems = problems_of(table)
    if len(query) > MOST_QUERY:
        problems.append(("Filter", "It is too long to be kept. Take something out of it."))
    view = SavedView(owner=request.user, report=report, query=query, words=table.filter.sentence)
    form = ViewForm(request.POST or None, instance=view)
    if request.method == "POST" and not problems and form.is_valid() and _is_named(form, view.keep):
        messages.success(request, f"The view “{view}” is saved.")
        return redirect(view.address)
    context = {"form": form, "table": table, "problems": problems, "address": REPORTS[report].address(query)}
    return render(request, "reports/save_view.html", context)


@for_report_readers
@require_GET
def open_view(request, view_id):
    """On to the report's page, where the filter still means something to the reader; else what it does not."""
    view = _view_for(request.user, view_id)
    table = view.as_seen_by(request.user)
    problems = problems_of(table)
    if not problems:
        return redirect(view.address)
    rest = QueryDict(view.query, mutable=True)
    for name in table.filter.form.errors:
        rest.pop(name, None)
    context = {"view": view, "problems": problems, "rest": REPORTS[view.report].address(rest.urlencode())}
    return render(request, "reports/view_unclear.html", context)


@for_report_readers
@require_http_methods(["GET", "POST"])
def change_view(request, view_id):
    view = _view_to_change(request.user, view_id)
    form = ViewForm(request.POST or None, initial={"name": view.name, "is_shared": view.is_shared})

    def change():
        view.change(**form.cleaned_data, by=request.user)

    if request.method == "POST" and form.is_valid() and _is_named(form, change):
        messages.success(request, f"The view “{view}” is changed.")
        return redirect("saved-views")
    return render(request, "reports/change_view.html", {"form": form, "view": view})


@for_report_readers
@require_http_methods(["GET", "POST"])
def delete_view(request, view_id):
    """Asks to type YES: colleagues may use it."""
    view = _view_to_change(request.user, view_id)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        view.delete_view(by=request.user)
        messages.success(request, f"The view “{view}” is deleted.")
        return redirect("saved-views")
    return render(request, "reports/delete_view.html", {"form": form, "view": view})


def _view_for(user, view_id):
    return found_for(user, SavedView.objects.visible_to(user).select_related("owner"), "savedview", view_id)


def _view_to_change(user, view_id):
    return found_for(user, SavedView.objects.to_change_by(user).select_related("owner"), "savedview", view_id)


def _is_named(form, act):
    """Whether it is done; the name may be another view's, which only the database can tell."""
    try:
        act()
    except NameTaken as problem:
        form.add_error("name", f"There is a view “{problem}” already. Choose another name.")
        return False
    return True
