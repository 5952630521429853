"""Behind a real nginx with the configuration that is shipped: uploads pass through, and it sends what the portal allows."""

import hashlib
import os
import re
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import SimpleNamespace

import pytest

from portal.middleware import PERMISSIONS
from tests import servers
from tests.nginx import nginx
from tests.prove.browser import SecureBrowser
from tests.prove.inspect_portal import state_of
from tests.prove.machine import need

CONTENT = os.urandom(12_000_000)


HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "Server": "nginx",
}


@pytest.fixture(scope="module")
def site():
    """The portal, nginx's own folder and the port that it listens at."""
    need("nginx", package="nginx-light")
    port = servers.free_port()
    options = {"BASE_URL": f"https://localhost:{port}", "TRUSTED_PROXY_COUNT": "1", "SERVE_FILES": "nginx"}
    with (
        servers.portal(PORTAL_WORKERS="1", **options) as portal,
        nginx(portal.port, portal.var / "files" / "objects", port) as folder,
    ):
        yield SimpleNamespace(portal=portal, port=port, folder=folder)


@pytest.fixture
def served(site):
    """(the portal, a client's browser that comes through nginx)"""
    return site.portal, SecureBrowser(site).sign_in("client@example.com")


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

    status, headers, body = browser.answer_to(path)
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
        status, part_headers, part = browser.answer_to(path, Range="bytes=5000000-5000009", If_Range=condition)
        assert status == expected
        assert part == (CONTENT[5_000_000:5_000_010] if expected == 206 else CONTENT)
    assert part_headers["ETag"] == headers["ETag"]
    assert browser.answer_to(path, method="HEAD")[1]["Content-Length"] == str(len(CONTENT))
    assert browser.answer_to(path, Range="bytes=99000000-")[0] == 416

    for outside in (
        f"/protected/{key[:2]}/{key}",
        f"/protected//{key[:2]}/{key}",
        f"/help/../protected/{key[:2]}/{key}",
    ):
        status, _, body = browser.answer_to(outside)
        assert (status, len(body) < 20_000) == (404, True)
    acts = [event.action for event in state_of(portal).events if event.subject_id == version.file_id]
    assert acts == ["files.uploaded", "files.downloaded"]

    # a ZIP that is broken off does not look complete either
    folder = upload.removesuffix("files/")
    assert browser.answer_to(f"{folder}zip/")[0] == 200
    (portal.var / "files" / "objects" / key[:2] / key).unlink()
    with pytest.raises(HTTPException):
        browser.answer_to(f"{folder}zip/")
    assert browser.answer_to(path)[0] == 503
    say("nginx sent the files that the portal named, and no others.")


def staged(portal):
    sizes = []
    for path in (portal.var / "files" / "staging").iterdir():
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue
    return max(sizes, default=0)


def test_a_gigabyte_goes_through_nginx_and_never_onto_its_disk(site, served, say):
    portal, browser = served
    _, upload = browser.own_folder()
    piece, digest = os.urandom(1_000_000), hashlib.sha256()
    before, began = written_by(site.folder), time.monotonic()
    sending = browser.begin_upload(upload, "Archive.bin", 1_000 * len(piece))
    for number in range(1_000):
        sending.send(piece)
        digest.update(piece)
        if number % 50 == 0:
            assert kept_by(site.folder) == []
    assert sending.finish().status == 302
    seconds = time.monotonic() - began
    (version,) = [one for one in state_of(portal).versions if one.name == "Archive.bin"]
    assert version.sha256 == digest.hexdigest()
    fetched = browser.fetch(f"/files/{version.file_id}/download/")
    assert (fetched.status, fetched.size_bytes, fetched.sha256) == (200, 1_000_000_000, digest.hexdigest())
    status, headers, part = browser.answer_to(f"/files/{version.file_id}/download/", Range="bytes=-10")
    assert (status, part, headers["Content-Range"]) == (206, piece[-10:], "bytes 999999990-999999999/1000000000")
    assert kept_by(site.folder) == []
    written = written_by(site.folder) - before
    say(f"1 GB in {seconds:.0f} s through nginx, and back: it wrote {written:,} bytes to its disk.")
    assert written < 1_000_000


def kept_by(folder):
    """The files that nginx has for what passes through, in the folders that it has for them."""
    return [path for name in ("body", "proxy") for path in (folder / name).rglob("*") if path.is_file()]


def written_by(folder):
    """How many bytes nginx's processes have given to a disk: a file that is unlinked already counts too."""
    master = (folder / "nginx.pid").read_text().strip()
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    figures = [Path(f"/proc/{process}/io").read_text() for process in (master, *workers)]
    return sum(int(re.search(r"^write_bytes: (\d+)", text, re.MULTILINE)[1]) for text in figures)


def test_pages_and_files_have_the_headers_that_protect_them(site, served):
    portal, browser = served
    _, upload = browser.own_folder()
    assert browser.upload(upload, "Letter.txt", b"Dear client").status == 302
    (letter,) = [one for one in state_of(portal).versions if one.name == "Letter.txt"]
    status, headers, body = browser.answer_to(f"/files/{letter.file_id}/download/")
    assert (status, body) == (200, b"Dear client")
    assert {name: headers[name] for name in HEADERS} == HEADERS
    for path in ("/account/login/", "/files/", upload.removesuffix("files/"), "/nothing/is/here/"):
        _, headers, _ = browser.answer_to(path)
        assert {name: headers[name] for name in HEADERS} == HEADERS, path
        policy = set(headers["Content-Security-Policy"].split("; "))
        assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= policy, path
    anybody = SecureBrowser(site)
    assert anybody.answer_to("/files/")[0] == 302
    cookies = anybody.answer_to("/account/login/")[1].get_all("Set-Cookie")
    assert cookies and all("Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)


def test_who_comes_without_tls_is_led_to_it(site):
    (port,) = re.findall(r"listen 127\.0\.0\.1:(\d+);", (site.folder / "nginx.conf").read_text())
    connection = HTTPConnection("127.0.0.1", int(port), timeout=10)
    connection.request("GET", "/files/?q=1", headers={"Host": "localhost"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, "https://localhost/files/?q=1")
    connection.close()
