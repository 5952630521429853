"""Behind a real nginx with the configuration that is shipped: uploads pass through, and it sends what the portal allows."""

import hashlib
import os
import ssl
import time
from contextlib import closing
from http.client import HTTPException, HTTPSConnection
from types import SimpleNamespace

import pytest

from tests import servers
from tests.nginx import nginx
from tests.prove.browser import TIMEOUT_SECONDS, Browser
from tests.prove.inspect_portal import state_of
from tests.prove.machine import need

CONTENT = os.urandom(12_000_000)


class SecureBrowser(Browser):
    """As Browser, over TLS, without asking who signed for it."""

    @property
    def csrf_token(self):
        return self._cookies["__Host-portal_csrf"]

    def _begin(self, method, path, **headers):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = HTTPSConnection(self._host, self._port, timeout=TIMEOUT_SECONDS, context=context)
        connection.putrequest(method, path)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        referer = f"https://{self._host}:{self._port}/"
        for name, value in {"Cookie": cookies, "Referer": referer, "Connection": "close", **headers}.items():
            connection.putheader(name, str(value))
        return connection

    def ask(self, path, *, method="GET", **headers):
        """(status, headers, body) of the answer."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(self._begin(method, path, **headers)) as connection:
            connection.endheaders()
            response = connection.getresponse()
            return response.status, response.headers, response.read()


@pytest.fixture
def served():
    """(the portal, a client's browser that comes through nginx)"""
    need("nginx", package="nginx-light")
    port = servers.free_port()
    options = {"BASE_URL": f"https://localhost:{port}", "TRUSTED_PROXY_COUNT": "1", "SERVE_FILES": "nginx"}
    with (
        servers.portal(PORTAL_WORKERS="1", **options) as portal,
        nginx(portal.port, portal.var / "files" / "objects", port),
    ):
        yield portal, SecureBrowser(SimpleNamespace(port=port)).sign_in("client@example.com")


def test_files_go_in_and_out_through_nginx(served, say):
    portal, browser = served
    _, upload = browser.own_folder()
    sending = browser.begin_upload(upload, "Scan “1” é.pdf", len(CONTENT))
    sending.send(CONTENT[:8_000_000])
    until = time.monotonic() + 20
    while staged(portal) < 7_000_000:  # it arrives while it is sent: nginx does not keep it until it has all
        assert time.monotonic() < until
        time.sleep(0.05)
    assert sending.send(CONTENT[8_000_000:]).finish().status == 302
    (version,) = [one for one in state_of(portal).versions if one.name.startswith("Scan “1”")]
    assert version.sha256 == hashlib.sha256(CONTENT).hexdigest()
    path, key = f"/files/{version.file_id}/download/", version.key

    status, headers, body = browser.ask(path)
    assert (status, body == CONTENT) == (200, True)
    assert headers["ETag"] == f'"{version.sha256}"'
    assert headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Scan%20")
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Request-ID"]
    assert "X-Accel-Redirect" not in headers
    for condition, expected in ((headers["ETag"], 206), ('"another"', 200)):
        status, part_headers, part = browser.ask(path, Range="bytes=5000000-5000009", If_Range=condition)
        assert status == expected
        assert part == (CONTENT[5_000_000:5_000_010] if expected == 206 else CONTENT)
    assert part_headers["ETag"] == headers["ETag"]
    assert browser.ask(path, method="HEAD")[1]["Content-Length"] == str(len(CONTENT))
    assert browser.ask(path, Range="bytes=99000000-")[0] == 416

    for outside in (
        f"/protected/{key[:2]}/{key}",
        f"/protected//{key[:2]}/{key}",
        f"/help/../protected/{key[:2]}/{key}",
    ):
        status, _, body = browser.ask(outside)
        assert (status, len(body) < 20_000) == (404, True)
    acts = [event.action for event in state_of(portal).events if event.subject_id == version.file_id]
    assert acts == ["files.uploaded", "files.downloaded"]

    # a ZIP that is broken off does not look complete either
    folder = upload.removesuffix("files/")
    assert browser.ask(f"{folder}zip/")[0] == 200
    (portal.var / "files" / "objects" / key[:2] / key).unlink()
    with pytest.raises(HTTPException):
        browser.ask(f"{folder}zip/")
    assert browser.ask(path)[0] == 503
    say("nginx sent the files that the portal named, and no others.")


def staged(portal):
    sizes = []
    for path in (portal.var / "files" / "staging").iterdir():
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue
    return max(sizes, default=0)
