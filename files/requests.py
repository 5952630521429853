"""What is asked for, as the first page shows it."""

from datetime import timedelta

from django.utils import timezone

from files.models import Request

SHOWN_COMPLETE = timedelta(days=14)


def open_requests_of(user):
    """What the client's people are asked for, with the documents, what is due first; a complete one stays for two weeks."""
    found = Request.objects.visible_to(user).open().with_counts().select_related("client", "folder")
    found = found.order_by("due_order", "at").prefetch_related("documents__request")
    since = timezone.now() - SHOWN_COMPLETE
    return [one for one in found if not one.is_complete or max(got.received_at for got in one.documents.all()) > since]


def waiting_for_clients(user):
    """Requests with something missing, what is due first."""
    found = Request.objects.visible_to(user).open().with_counts().filter(missing_count__gt=0)
    return found.select_related("client").order_by("due_order", "pk")
