"""The server's own log: each line with the number of its request, none with a token that stood in an address."""

import logging
import re
from datetime import UTC, datetime

from django.urls import Resolver404, resolve
from pythonjsonlogger.json import JsonFormatter

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


class JsonLines(JsonFormatter):
    """Each line is a JSON object with these names and no others: what libraries hang on a record, such as Django the whole
    request, stays out of it."""

    OF_A_REQUEST = ("method", "path", "view", "status", "ms")

    def add_fields(self, log_data, record, message_dict):
        log_data["at"] = datetime.fromtimestamp(record.created, UTC)
        log_data["level"] = record.levelname
        log_data["request_id"] = getattr(record, "request_id", "-")
        log_data["logger"] = record.name
        log_data["message"] = record.message
        log_data |= {name: getattr(record, name) for name in self.OF_A_REQUEST if record.name == REQUESTS.name}
        log_data |= message_dict  # a traceback


REQUESTS = logging.getLogger("portal.requests")


class Written:
    """A stream whose lines are those of a logger: for commands that the clock runs."""

    def __init__(self, logger, level=logging.INFO):
        self._logger, self._level = logger, level

    def write(self, text):
        for line in text.splitlines():
            if line.strip():
                self._logger.log(self._level, "%s", line)

    def flush(self):
        """Each line is written at once."""


def log_request(request, response, seconds, *, view):
    """A line says that the request was answered: how long it took until its first byte could be sent, in milliseconds."""
    told = {
        "method": request.method,
        "path": "".join(char if char.isprintable() else "?" for char in page_of(request.path)),
        "view": view,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
    }
    REQUESTS.info("%(method)s %(path)s %(status)s in %(ms)s ms", told, extra=told)


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
