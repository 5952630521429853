"""The server's own log: each line with the number of its request, none with a token that stood in an address."""

import logging
import re

from django.urls import Resolver404, resolve

from activity.origin import current_origin

MOST_OF_A_WORD = 20  # a part of a path that is longer may be a token; no address of the portal has such a word


class RequestLines(logging.Filter):
    """Gives each line ``request_id``, as in events and in X-Request-ID ("-" outside a request), and masks its paths."""

    def filter(self, record):
        # Django logs a refusal once the request's context is gone
        origin = getattr(getattr(record, "request", None), "origin", None) or current_origin()
        record.request_id = "-" if origin.is_system else origin.request_id
        if isinstance(record.args, tuple):
            record.args = tuple(page_of(one) if isinstance(one, str) and one[:1] == "/" else one for one in record.args)
        return True


def page_of(path):
    """The path without what may be a token, and without its query."""
    path = path.partition("?")[0]
    try:
        values = resolve(path).kwargs.values()
    except Resolver404:
        return "/".join("…" if len(part) > MOST_OF_A_WORD else part for part in path.split("/"))
    for value in values:
        path = re.sub(rf"(?<=[/-]){re.escape(str(value))}(?=[/-]|$)", "…", path)
    return path
