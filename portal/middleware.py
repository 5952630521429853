import time

from django.conf import settings

from accounts.connections import release_connection
from operations.metrics import count_request
from portal.log_lines import log_request

PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"


class HeadersMiddleware:
    """What no page here needs is switched off; no other site embeds anything; no cache keeps what does not say that it may
    be kept."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response.setdefault("Cache-Control", "private, no-store")
        return response


class StreamingMiddleware:
    """A response that streams holds no database connection while its reader takes its time."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.streaming:
            release_connection()
        return response


class WatchingMiddleware:
    """Each request is counted where somebody may fetch the metrics, and written down where LOG_REQUESTS says so."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        began_at = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began_at
        if settings.METRICS_ALLOWED:
            count_request(request, response, seconds, view=view_of(request))
        if settings.LOG_REQUESTS:
            log_request(request, response, seconds, view=view_of(request))
        return response


def view_of(request):
    """The name of the view that answered; "static" for styles and scripts, "none" where there is no such address."""
    if request.resolver_match:
        return request.resolver_match.view_name
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"
