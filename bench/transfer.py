"""Bytes through the portal, as it is installed, beside what the disk alone does with them."""

import hashlib
import http.client
import os
import re
import shutil
import time
from pathlib import Path
from urllib.parse import urlencode

from portal.demonstration.people import PASSWORD
from tests.servers import portal

SIZE = 500 * 1000**2
BOUNDARY = "portal-bench-boundary"
MEGABYTE = 1000**2


def figures():
    """(what, measured, baseline, unit, ratio) for each."""
    with portal() as server:
        source = server.var / "source.bin"
        with source.open("wb") as file:
            for _ in range(SIZE // MEGABYTE):
                file.write(os.urandom(MEGABYTE))
        copied = _copy_speed(source, server.var / "copy.bin")
        browser = Browser(server.port)
        browser.sign_in("client@example.com")
        sent, file_id = browser.upload(source)
        yield f"Upload of {SIZE // MEGABYTE} MB / cp and fsync", sent, copied, "MB/s", sent / copied
        fetched, digest = browser.download(file_id)
        assert digest == hashlib.sha256(source.read_bytes()).hexdigest()
        read = _read_speed(source)
        yield f"Download of {SIZE // MEGABYTE} MB / reading the file", fetched, read, "MB/s", fetched / read


def _copy_speed(source, target):
    start = time.perf_counter()
    shutil.copyfile(source, target)
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    speed = SIZE / MEGABYTE / (time.perf_counter() - start)
    target.unlink()
    return speed


def _read_speed(source):
    start = time.perf_counter()
    digest = hashlib.sha256()
    with source.open("rb") as file:
        while chunk := file.read(MEGABYTE):
            digest.update(chunk)
    return SIZE / MEGABYTE / (time.perf_counter() - start)


class Browser:
    """As much of a browser as one upload and one download need."""

    def __init__(self, port):
        self._port = port
        self._cookies = {}

    def sign_in(self, email):
        token = self._token("/account/login/")
        form = {"csrfmiddlewaretoken": token, "login": email, "password": PASSWORD}
        answer, _ = self._request(
            "POST", "/account/login/", urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert answer.status == 302, answer.status

    def upload(self, source):
        """MB a second, and the file's id."""
        _, page = self._request("GET", "/")
        action = re.search(r'action="(/files/folders/[^"]+/files/)"', page)[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{source.name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(head) + SIZE + len(tail)),
        }
        start = time.perf_counter()
        answer, _ = self._request("POST", action, _body(head, source, tail), headers)
        speed = SIZE / MEGABYTE / (time.perf_counter() - start)
        assert answer.status == 302, answer.status
        _, page = self._request("GET", "/")
        return speed, re.search(rf'href="/files/([0-9a-f-]+)/"[^>]*><span>{source.name}', page)[1]

    def download(self, file_id):
        """MB a second, and the SHA-256 of what came."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        start = time.perf_counter()
        connection.request("GET", f"/files/{file_id}/download/", headers=self._headers())
        answer, digest = connection.getresponse(), hashlib.sha256()
        while chunk := answer.read(MEGABYTE):
            digest.update(chunk)
        return SIZE / MEGABYTE / (time.perf_counter() - start), digest.hexdigest()

    def _token(self, path):
        _, page = self._request("GET", path)
        return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]

    def _request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        connection.request(method, path, body, {**self._headers(), **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, value = cookie.split(";")[0].split("=", 1)
            self._cookies[name] = value
        return answer, text

    def _headers(self):
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return {"Host": f"localhost:{self._port}", "Cookie": cookies}


def _body(head, source: Path, tail):
    yield head
    with source.open("rb") as file:
        while chunk := file.read(256 * 1024):
            yield chunk
    yield tail
