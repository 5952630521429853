"""Requests and request links, as the firm makes them."""

from datetime import timedelta

from django.utils import timezone

from files.models import Line, Request, RequestLink

GUEST = "appraiser@elm.example.com"


def ask(cast, *names, client=None, **fields):
    """The client is asked for documents of these names."""
    fields = {"title": "2025 tax return", "folder": (client or cast.acme).cabinet.top, **fields}
    return Request.ask(lines=[Line(name) for name in names or ("W-2", "1098")], by=cast.administrator, **fields)


def linked(cast, *, client=None, **fields):
    """A link and its token."""
    fields = {"title": "Appraisal", "email": GUEST, "expires_at": timezone.now() + timedelta(days=14), **fields}
    link = RequestLink.make(folder=(client or cast.acme).cabinet.top, by=cast.administrator, **fields)
    return link, link.new_token()
