"""Asks the portal at its own address, as a browser would: by name, over TLS, through whatever stands in front."""

import socket
import ssl
from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from django.conf import settings

SECONDS = 10
MOST_BYTES = 64 * 1024


class Unreachable(Exception):
    """Nobody answers at the address; the words say why, and what to do. ``may_come`` where it may only not run yet."""

    def __init__(self, words, *, may_come=False):
        super().__init__(words)
        self.may_come = may_come


@dataclass(frozen=True)
class Answer:
    status: int
    headers: object
    text: str


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *args):
        """A redirect is an answer like any other here: none is followed."""


def ask(url, *, method="GET", headers=None):
    """The Answer of an address; no redirect is followed. Raises Unreachable."""
    request = Request(url, method=method, headers={"User-Agent": "portal doctor", **(headers or {})})  # noqa: S310
    try:
        with build_opener(ProxyHandler({}), _NoRedirect).open(request, timeout=SECONDS) as answer:
            return _read(answer)
    except HTTPError as answer:
        with answer:
            return _read(answer)
    except (OSError, ValueError) as problem:
        raise _unreachable(url, problem) from problem


def ask_portal(path, **headers):
    return ask(settings.BASE_URL.origin + path, headers=headers)


def _read(answer):
    return Answer(answer.status, answer.headers, answer.read(MOST_BYTES).decode("utf-8", "replace"))


def _unreachable(url, problem):
    reason = problem.reason if isinstance(problem, URLError) else problem
    if isinstance(reason, ssl.SSLCertVerificationError):
        words = f"the certificate is not one that browsers accept ({reason.verify_message}); give the proxy a valid one"
        return Unreachable(words)
    if isinstance(reason, ssl.SSLError):
        return Unreachable("what answers there does not speak TLS; let the proxy speak it, on the port of the address")
    if isinstance(reason, socket.gaierror):
        return Unreachable("the name leads to no machine from here; look at its DNS entry")
    if isinstance(reason, ConnectionRefusedError):
        return Unreachable("nobody listens there; start the web process and the proxy", may_come=True)
    if isinstance(reason, TimeoutError):
        return Unreachable(f"nobody answers there within {SECONDS} seconds; look at the firewall, and at the proxy")
    return Unreachable(f"nothing can be fetched from {url} ({type(reason).__name__}); look at the proxy")
