"""Setting up a new portal, step by step, for administrators."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import for_administrators
from accounts.connections import release_connection
from accounts.models import Firm
from operations import first_run
from operations.first_run import State
from operations.forms import FirmStepForm, SecondFactorForm
from operations.models import SetupStep
from operations.trials import try_out

FORMS = {"firm": FirmStepForm, "second-factor": SecondFactorForm}


@for_administrators
@require_http_methods(["GET", "POST"])
def setup(request):
    """All steps; POST skips what is left."""
    if request.method == "POST":
        first_run.skip_rest(by=request.user)
        messages.success(request, "No step is left. You find them again under Firm settings, Set-up and tests.")
        return redirect("home")
    standings = first_run.standings()
    left = [one.step for one in standings if one.is_left]
    context = {"standings": standings, "left": left, "settled_count": len(standings) - len(left)}
    return render(request, "operations/setup.html", context)


@for_administrators
@require_http_methods(["GET", "POST"])
def setup_step(request, name):
    """One step: a form, a test, or something to read. Skipping it can be taken back by doing it."""
    step = first_run.BY_NAME.get(name)
    if step is None:
        raise Http404
    if request.method == "POST" and "skip" in request.POST:
        SetupStep.settle(step, State.SKIPPED, by=request.user)
        return _go_on(step)
    if request.method == "POST" and step.checks:
        _try_out(step, request.user)
        return redirect("setup-step", step.name)
    form = FORMS[name](request.POST or None, request.FILES or None, instance=Firm.fresh()) if name in FORMS else None
    if request.method == "POST" and (form is None or form.is_valid()):
        if form:
            Firm.fresh().change(by=request.user, **form.changes())
        SetupStep.settle(step, State.DONE, by=request.user)
        return _go_on(step)
    standing = next(one for one in first_run.standings() if one.step == step)
    context = {"step": step, "standing": standing, "form": form, "next": first_run.next_after(step)}
    return render(request, f"operations/setup/{step.name}.html", context)


def _try_out(step, user):
    """The step's checks are made, and for mail one is sent. Done is where nothing is to be looked at."""
    release_connection()  # none is held while another server is waited for
    mail_to = user.email if step.name == "mail" else ""
    findings = try_out(step.name, step.title, step.checks, mail_to=mail_to, by=user)
    state = State.DONE if all(finding.is_ok for finding in findings) else State.OPEN
    SetupStep.settle(step, state, findings=findings, by=user)


def _go_on(step):
    following = first_run.next_after(step)
    return redirect("setup-step", following.name) if following else redirect("setup")
