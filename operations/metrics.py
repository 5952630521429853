"""Figures for Prometheus, at ``/metrics``: what the web processes count, and how the portal stands when it is asked.

gunicorn's processes count into files of a folder (``operations.counting``), and who is asked adds them up. No label holds
anything but names from the source code.
"""

import ipaddress
import os

from django.conf import settings
from django.http import HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from accounts.network import client_address
from files.signals import file_downloaded, file_uploaded, version_uploaded
from operations.figures import Figures

COUNTED = CollectorRegistry()
REQUESTS = Counter("portal_requests", "Requests that were answered.", ["view", "method", "status"], registry=COUNTED)
SECONDS = Histogram(
    "portal_request_seconds",
    "From a request's arrival until the first byte of its answer.",
    ["view"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=COUNTED,
)
RECEIVED = Counter("portal_files_received_bytes", "Bytes of the files that were uploaded.", registry=COUNTED)
HANDED_OUT = Counter(
    "portal_files_handed_out_bytes", "Bytes of the files that were handed out, begun or whole.", registry=COUNTED
)
METHODS = {"GET", "HEAD", "POST", "PUT", "OPTIONS"}


class MetricsMiddleware:
    """Answers ``/metrics`` for METRICS_ALLOWED, before anything else looks at the request: any Host, nothing in the log. For
    all others there is no such address."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path == "/metrics" and is_allowed(request):
            return HttpResponse(text(), content_type=CONTENT_TYPE_LATEST)
        return self.get_response(request)


def is_allowed(request):
    """Whether METRICS_ALLOWED names the address that asks. A proxy that TRUSTED_PROXY_COUNT does not know of makes everybody
    seem to be on this machine: what comes through one is refused."""
    if not settings.METRICS_ALLOWED or (not settings.TRUSTED_PROXY_COUNT and "X-Forwarded-For" in request.headers):
        return False
    address = client_address(request)
    return bool(address) and any(ipaddress.ip_address(address) in network for network in settings.METRICS_ALLOWED)


def text():
    """All figures as Prometheus reads them."""
    counted, figures = COUNTED, CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
    figures.register(Figures())
    return generate_latest(counted) + generate_latest(figures)


def count_request(request, response, seconds, *, view):
    """The request is counted under the name of its view, which is ``view``."""
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(view, method, f"{response.status_code // 100}xx").inc()
    SECONDS.labels(view).observe(seconds)


def connect():
    """Bytes are counted as they are announced."""
    for signal in (file_uploaded, version_uploaded):
        signal.connect(_received, dispatch_uid="operations.metrics.received")
    file_downloaded.connect(_handed_out, dispatch_uid="operations.metrics.handed_out")


def _received(sender, **details):
    _count(RECEIVED, details)


def _handed_out(sender, **details):
    _count(HANDED_OUT, details)


def _count(counter, details):
    if settings.METRICS_ALLOWED:
        each = details.get("each") or [details]
        counter.inc(sum(one.get("size_bytes") or 0 for one in each))
