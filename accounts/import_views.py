"""Clients from a spreadsheet: choose a file, see what would happen, confirm; then part after part is written."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import for_administrators, found_for
from accounts.held_invitations import send_held_invitations
from accounts.import_batches import ImportBatch
from accounts.import_forms import ConfirmImportForm, ListFileForm
from accounts.importing import Plan
from accounts.models import Client, User
from accounts.spreadsheets import COLUMNS, FORMATS, template

SECONDS_AT_ONCE = 5
SHOWN = 50
SHOWN_PROBLEMS = 200


@for_administrators
@require_http_methods(["GET", "POST"])
def import_clients(request):
    """A file without problems waits to be confirmed; of one with problems nothing is kept."""
    if request.method == "GET":
        return _ask_for_file(request, ListFileForm())
    form = ListFileForm(request.POST, request.FILES, body_bytes=int(request.META.get("CONTENT_LENGTH") or 0))
    if not form.is_valid():
        return _ask_for_file(request, form)
    plan = Plan(form.spreadsheet.dataset)
    if plan.problems:
        return _ask_for_file(request, ListFileForm(), file_name=form.file_name, **_problems(plan))
    batch = ImportBatch.receive(form.file_name, plan, notes=form.spreadsheet.notes, by=request.user)
    return redirect("import-batch", batch.pk)


@for_administrators
@require_GET
def import_template(request, extension):
    response = HttpResponse(template(extension), content_type=FORMATS[extension].CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="clients.{extension}"'
    return response


@for_administrators
@require_http_methods(["GET", "POST"])
def import_batch(request, batch_id):
    """Shows on GET what would happen, how far it is, or what happened; POST confirms or goes on."""
    batch = _batch_for(request.user, batch_id)
    is_waiting = batch.state == ImportBatch.State.WAITING
    if request.method == "GET":
        if is_waiting:
            return _show_plan(request, batch, batch.plan(), ConfirmImportForm())
        return render(request, "accounts/import_progress.html", {"batch": batch})
    if is_waiting:
        plan, form = batch.plan(), ConfirmImportForm(request.POST)
        if not plan.counts["people"]:
            form.fields["invitations"].required = False
        if plan.problems or plan.does_nothing or not form.is_valid():
            return _show_plan(request, batch, plan, form)
        batch.confirm(sends_invitations=form.sends_invitations)
    batch.write(seconds=SECONDS_AT_ONCE, by=request.user)
    return redirect("import-batch", batch.pk)


@for_administrators
@require_POST
def discard_import(request, batch_id):
    _batch_for(request.user, batch_id).discard()
    return redirect("import")


@for_administrators
@require_http_methods(["GET", "POST"])
def held_invitations(request):
    """Whose invitations are held; POST sends as many as there is time for, and the page that answers goes on."""
    sent_count = send_held_invitations(seconds=SECONDS_AT_ONCE, by=request.user) if request.method == "POST" else 0
    held = User.objects.held()
    held_count = held.count()
    if sent_count and not held_count:
        messages.success(request, "Everybody is invited. The mails go out one after another.")
        return redirect("held-invitations")
    names = Client.objects.visible_to(request.user).names_of_person()
    people = held.annotate(client_name=names).order_by("email")[:SHOWN]
    context = {"people": people, "held_count": held_count, "sent_count": sent_count}
    return render(request, "accounts/held_invitations.html", context)


def _batch_for(user, batch_id):
    return found_for(user, ImportBatch.objects.visible_to(user), "import", batch_id)


def _ask_for_file(request, form, **context):
    unfinished = ImportBatch.objects.visible_to(request.user).unfinished()
    return render(
        request,
        "accounts/import.html",
        {"form": form, "unfinished": unfinished, "columns": COLUMNS.values(), **context},
    )


def _show_plan(request, batch, plan, form):
    context = {"batch": batch, "plan": plan, "form": form, "rows": plan.rows[:SHOWN], **_problems(plan)}
    return render(request, "accounts/import_preview.html", context)


def _problems(plan):
    return {"problems": plan.problems[:SHOWN_PROBLEMS], "problem_count": len(plan.problems)}
