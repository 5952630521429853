import logging
import sys

from django.core.exceptions import DisallowedHost
from django.db import OperationalError
from django.http import Http404, HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.views.csrf import csrf_failure as django_csrf_failure
from django.views.decorators.http import require_GET

from accounts.access import for_administrators
from accounts.models import User
from accounts.signals import limited
from activity.actions import Action
from activity.flood import record_refusal
from activity.models import Event
from activity.recording import Subject, storable
from files import uploads
from files.marks import mark
from files.models import Cabinet, File
from files.requests import open_requests_of, waiting_for_clients
from operations import first_run
from organizer.models import Organizer
from portal.help import pages_for
from portal.log_lines import page_of
from portal.mailbox import has_mailbox, newest_mails

logger = logging.getLogger(__name__)

RECENT = 6
MOST_HOST = 100


@require_GET
def home(request):
    """What is new and what one may do, for each role. Who has just made the portal is taken to set it up, once."""
    user = request.user
    if user.is_client_user:
        cabinets = list(Cabinet.objects.visible_to(user).filter(kind=Cabinet.Kind.CLIENT).select_related("client"))
        requests = open_requests_of(user)
        context = {
            "cabinets": cabinets,
            "folder": cabinets[0].top if len(cabinets) == 1 else None,
            "requests": requests,
            "missing_count": sum(len(one.missing) for one in requests),
            "organizers": Organizer.objects.visible_to(user).waiting().select_related("client"),
        }
        return render(request, "portal/home_client.html", {**context, "recent": _recent_files(user)})
    left = first_run.left_for(user)
    if first_run.is_new_to(user, left) and not request.session.get("was_shown_setup"):
        request.session["was_shown_setup"] = True
        return redirect("setup")
    events = Event.objects.visible_to(user).newest_first()
    context = {
        "recent": [] if user.is_auditor else _recent_files(user),
        "waiting": [] if user.is_auditor else waiting_for_clients(user)[:RECENT],
        "events": events[:RECENT],
        "client_count": user.visible_clients().count(),
        "setup_left": len(left),
        "review_count": Organizer.objects.visible_to(user).to_review().count(),
    }
    return render(request, "portal/home_firm.html", context)


def _recent_files(user):
    files = File.objects.visible_to(user).in_place()
    files = files.select_related("current__by", "current__link", "folder__cabinet__client", "folder__cabinet__owner")
    return mark(files.order_by("-current__at")[:RECENT], reader=user)


@for_administrators
@require_GET
def mailbox(request):
    """The mails that the demonstration did not send: invitations, notices, codes."""
    if not has_mailbox():
        raise Http404
    return render(request, "portal/mailbox.html", {"mails": newest_mails()})


@require_GET
def help_center(request):
    return render(request, "portal/help.html", {"pages": pages_for(request.user)})


@require_GET
def help_page(request, page):
    pages = pages_for(request.user)
    chosen = next((one for one in pages if one.slug == page), None)
    if chosen is None:
        raise Http404
    return render(request, f"help/{chosen.slug}.html", {"chosen": chosen, "pages": pages})


def bad_request(request, exception):
    if isinstance(exception, DisallowedHost):
        host = storable(request.META.get("HTTP_HOST", ""))[:MOST_HOST]
        record_refusal(Action.HOST_REFUSED, subject=Subject("host", "", host))
    return render(request, "400.html", status=400)


def forbidden(request, exception):
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def not_found(request, exception):
    return render(request, "404.html", status=404)


def server_error(request):
    """Without the request's context: the database may be what fails. Where it is (locked, full, away), or the log refused,
    nothing was done, and that is what the page says."""
    problem = sys.exc_info()[1]
    if isinstance(problem, OperationalError):
        cause = str(problem).partition("\n")[0]
        uploads.drain_small(request)
        logger.error("Nothing was done, because the log or the database cannot be written: %s", cause)
        return HttpResponse(get_template("503.html").render(), status=503)
    return HttpResponseServerError(get_template("500.html").render())


def too_many(request):
    limited.send(User, by=_signed_in(request), note=page_of(request.path))
    return render(request, "429.html", status=429)


def csrf_failure(request, reason=""):
    record_refusal(Action.FORM_REFUSED, by=_signed_in(request), note=page_of(request.path))
    return django_csrf_failure(request, reason, template_name="403_csrf.html")


def _signed_in(request):
    return request.user if request.user.is_authenticated else None
