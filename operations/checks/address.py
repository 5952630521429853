"""The address that people type, and what stands between them and the portal."""

import socket
import ssl
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from operations.fetching import SECONDS, Unreachable, ask_portal
from operations.findings import first_line, ok, warning, wrong
from operations.mirror import FORGED, NoMirror, look_into_mirror

CERTIFICATE_ENDS_SOON = timedelta(days=14)
USUAL_PORTS = {"http": ":80", "https": ":443"}


def address():
    """BASE_URL leads to a portal that is ready."""
    base = settings.BASE_URL
    if base.is_local:
        yield warning(f"{base.origin} is for this machine alone; set BASE_URL to the https:// address that people type")
    try:
        answer = ask_portal("/healthz")
    except Unreachable as problem:
        yield (warning if problem.may_come else wrong)(f"{base.origin}: {problem}")
        return
    if answer.status == 200:
        yield ok(f"{base.origin} answers, and is ready")
    elif answer.status == 503:
        yield wrong(f"{base.origin} answers that it is not ready: {first_line(answer.text)}")
    elif answer.status in (301, 302, 307, 308):
        yield wrong(f"{base.origin} sends on to {answer.headers.get('Location')}; set BASE_URL to where people end up")
    elif answer.status in (502, 504):
        yield wrong(
            f"the proxy at {base.origin} does not reach the portal ({answer.status}); compare it with PORTAL_BIND"
        )
    else:
        yield wrong(f"{base.origin}/healthz answers {answer.status}; something else than the portal is there")


def certificate():
    """The certificate at BASE_URL does not end soon."""
    base = settings.BASE_URL
    if not base.is_secure:
        return
    try:
        ends_at = _certificate_ends_at(urlsplit(base.origin))
    except OSError:
        return  # the address says so already
    left = ends_at - timezone.now()
    if left < CERTIFICATE_ENDS_SOON:
        yield warning(f"it ends on {ends_at:%Y-%m-%d}; have it renewed, best by itself")
    else:
        yield ok(f"it is valid until {ends_at:%Y-%m-%d}")


def _certificate_ends_at(parts):
    raw = socket.create_connection((parts.hostname, parts.port or 443), timeout=SECONDS)
    with closing(ssl.create_default_context().wrap_socket(raw, server_hostname=parts.hostname)) as connection:
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(connection.getpeercert()["notAfter"]), UTC)


def proxies():
    """TRUSTED_PROXY_COUNT and what proxies say fit: the portal knows who asks and that they ask over TLS."""
    base, count = settings.BASE_URL, settings.TRUSTED_PROXY_COUNT
    try:
        seen = look_into_mirror()
    except Unreachable:
        if base.is_secure and not count:
            yield warning("BASE_URL is https:// and TRUSTED_PROXY_COUNT is 0; where a proxy speaks TLS, set it to 1")
        else:
            yield warning(f"TRUSTED_PROXY_COUNT is {count}; whether that fits can be seen once BASE_URL answers")
        return
    except NoMirror:
        yield wrong(
            f"what answers at {base.origin} is not this portal, or runs with another SECRET_KEY; "
            "give every process the same settings"
        )
        return
    yield from judge(seen)


def judge(seen):
    """Findings on a visit as it arrived."""
    base, count, added = settings.BASE_URL, settings.TRUSTED_PROXY_COUNT, seen.added_hops
    if (seen.base_url, seen.proxy_count) != (base.origin, count):
        yield wrong(
            f"the web process runs with BASE_URL={seen.base_url} and TRUSTED_PROXY_COUNT={seen.proxy_count}, here they are "
            f"{base.origin} and {count}; start it again with the same settings"
        )
        return
    problems = list(_wrong_addresses(seen, count, added))
    if _without_port(seen.host, base.scheme) != _without_port(urlsplit(base.origin).netloc, base.scheme):
        problems.append(
            wrong(f"the proxy hands on the host {seen.host!r}; let it hand on the visitor's (nginx: Host $http_host)")
        )
    if base.is_secure and not seen.is_secure:
        words = f"X-Forwarded-Proto: {seen.forwarded_proto}" if seen.forwarded_proto else "no X-Forwarded-Proto"
        mend = (
            "let the proxy set it (nginx: X-Forwarded-Proto $scheme)"
            if count
            else "set TRUSTED_PROXY_COUNT to believe it"
        )
        problems.append(
            wrong(f"BASE_URL is https://, but {words} arrives, and browsers are redirected for ever; {mend}")
        )
    yield from problems
    if not problems:
        by = f"{count} {'proxy' if count == 1 else 'proxies'} in front" if count else "no proxy in front"
        yield ok(f"{by}; the portal saw this visit come from {seen.client} over {base.scheme}")


def _wrong_addresses(seen, count, added):
    if seen.client == FORGED:
        yield wrong(
            f"visitors can choose which address the log shows of them: TRUSTED_PROXY_COUNT is {count}, and "
            f"{len(added) or 'no'} proxy adds to X-Forwarded-For; let each add to it, or set the number to {len(added)}"
        )
    elif len(added) > count:
        yield wrong(
            f"everybody seems to come from {seen.client}, a proxy: {len(added)} stand in front; "
            f"set TRUSTED_PROXY_COUNT to {len(added)}"
        )
    elif len(added) < count:
        yield wrong(
            f"TRUSTED_PROXY_COUNT is {count}, but {len(added) or 'no'} proxy adds to X-Forwarded-For, and everybody seems to "
            f"come from {seen.client}; let each add to it, or set the number to {len(added)}"
        )


def _without_port(host, scheme):
    return host.lower().removesuffix(USUAL_PORTS[scheme])
