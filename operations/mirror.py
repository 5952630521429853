"""Shows a request as it arrives here, behind whatever stands in front, to whoever holds SECRET_KEY: the doctor."""

import json
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import JsonResponse

from accounts.network import client_address
from operations.fetching import ask_portal

PATH = "/operations/mirror"
QUESTION = "X-Portal-Question"
SECONDS = 60
FORGED = "192.0.2.77"  # of a network that is kept for examples: what a visitor might say of their own address


class NoMirror(Exception):
    """What answers at BASE_URL is not this portal, or has another SECRET_KEY."""


@dataclass(frozen=True)
class Reflection:
    """A request of the doctor's as the portal got it, and what the portal that got it believes and is set to."""

    peer: str
    forwarded_for: str
    forwarded_proto: str
    host: str
    client: str
    is_secure: bool
    base_url: str
    proxy_count: int
    seconds: float

    @property
    def added_hops(self):
        """Addresses that proxies added to X-Forwarded-For."""
        hops = [hop.strip() for hop in self.forwarded_for.split(",") if hop.strip()]
        return hops[hops.index(FORGED) + 1 :] if FORGED in hops else hops


class MirrorMiddleware:
    """Stands before all that could refuse the request or send it elsewhere. Without a fresh signature there is nothing here."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path == PATH and _is_asked_by_us(request.headers.get(QUESTION, "")):
            return JsonResponse(_reflect(request))
        return self.get_response(request)


def look_into_mirror():
    """The Reflection of a request that goes to BASE_URL, with headers as somebody with bad intent may send. Raises
    Unreachable, NoMirror."""
    said = {"X-Forwarded-For": FORGED, "X-Forwarded-Proto": "http", QUESTION: _signer().sign("?")}
    answer = ask_portal(PATH, **said)
    try:
        return Reflection(**json.loads(answer.text))
    except (ValueError, TypeError) as problem:
        raise NoMirror(answer.status) from problem


def _reflect(request):
    return {
        "peer": request.META.get("REMOTE_ADDR", ""),
        "forwarded_for": request.headers.get("X-Forwarded-For", ""),
        "forwarded_proto": request.headers.get("X-Forwarded-Proto", ""),
        "host": request.headers.get("Host", ""),
        "client": client_address(request),
        "is_secure": request.is_secure(),
        "base_url": settings.BASE_URL.origin,
        "proxy_count": settings.TRUSTED_PROXY_COUNT,
        "seconds": time.time(),
    }


def _is_asked_by_us(question):
    try:
        _signer().unsign(question, max_age=SECONDS)
    except BadSignature:
        return False
    return True


def _signer():
    return TimestampSigner(salt="operations.mirror")
