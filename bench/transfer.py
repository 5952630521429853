"""Bytes through the portal, as it is installed, beside what the disk alone does with them."""

import hashlib
import http.client
import json
import os
import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from bench.workers import Workers
from portal.demonstration.people import PASSWORD
from tests.servers import portal

SIZE = 1000 * 1000**2
BOUNDARY = "portal-bench-boundary"
MEGABYTE = 1000**2
AT_ONCE = 4  # parts, as the script sends them
ROUNDS = 2
WAYS = {"in parts, four at once": "upload_in_parts", "by the plain form": "upload"}


def figures():
    """(what, measured, baseline, unit, ratio) for each. Of the speeds, the best of ROUNDS; all take turns."""
    with portal() as server, portal(application="bench.unhashed") as unhashed:
        source = server.var / "source.bin"
        with source.open("wb") as file:
            for _ in range(SIZE // MEGABYTE):
                file.write(os.urandom(MEGABYTE))
        servers = {True: server, False: unhashed}
        browsers = {is_hashed: Browser(one.port) for is_hashed, one in servers.items()}
        for browser in browsers.values():
            browser.sign_in("client@example.com")
        workers = {is_hashed: Workers(one) for is_hashed, one in servers.items()}
        at_rest = workers[True].begin()
        copied, best = 0, {}
        for turn in range(ROUNDS):
            copied = max(copied, _copy_speed(source, server.var / "copy.bin"))
            for way in WAYS.values():
                for is_hashed in (True, False) if turn % 2 else (False, True):  # the disk is not the same to the second
                    browser = browsers[is_hashed]
                    _make_room(servers[is_hashed])
                    seconds = workers[is_hashed].processor_seconds()
                    speed = getattr(browser, way)(source)
                    seconds = workers[is_hashed].processor_seconds() - seconds
                    before = best.get((way, is_hashed), (0, seconds))
                    best[way, is_hashed] = max(before[0], speed), min(before[1], seconds)
        for words, way in WAYS.items():
            (sent, took), (plain, least) = best[way, True], best[way, False]
            yield f"Upload {words} / cp and fsync", sent, copied, "MB/s", sent / copied
            yield "   the same / without SHA-256", sent, plain, "MB/s", sent / plain
            yield "   processor time of the portal / without SHA-256", took, least, "s", took / least
        peak = workers[True].peak_mb()
        yield "   peak memory of a worker meanwhile / before", peak, at_rest, "MB", peak / at_rest
        at_rest = workers[True].begin()
        _make_room(server)
        browsers[True].upload_in_parts(source)
        fetched, digest = max(browsers[True].download() for _ in range(ROUNDS))
        read, expected = max(_read_speed(source) for _ in range(ROUNDS))
        assert digest == expected
        yield f"Download of {SIZE // MEGABYTE} MB / reading the file", fetched, read, "MB/s", fetched / read
        peak = workers[True].peak_mb()
        yield "   peak memory of a worker meanwhile / before", peak, at_rest, "MB", peak / at_rest


def _make_room(server):
    """The bytes of what was sent before are gone: only the speed was wanted."""
    for path in (server.var / "files" / "objects").glob("??/*"):
        if path.stat().st_size == SIZE:
            path.unlink()


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
    return SIZE / MEGABYTE / (time.perf_counter() - start), digest.hexdigest()


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
        """MB a second, by a form."""
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
        _, page = self._request("GET", answer.headers["Location"])
        assert f"Received {source.name}" in page, re.findall(r"notice--bad.*?</p>", page)
        return speed

    def upload_in_parts(self, source):
        """MB a second, from the start of the upload to the file in its folder."""
        _, page = self._request("GET", "/")
        folder = re.search(r'action="/files/folders/([^"]+)/files/"', page)[1]
        token = {"X-CSRFToken": re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]}
        form = {**token, "Content-Type": "application/x-www-form-urlencoded"}
        start = time.perf_counter()
        asked = urlencode({"folder": folder, "name": source.name, "size": SIZE})
        _, text = self._request("POST", "/files/uploads/", asked, form)
        upload = json.loads(text)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            offsets = range(0, SIZE, upload["part_bytes"])
            sent = [pool.submit(self._send_part, source, token, upload, offset) for offset in offsets]
            assert {one.result() for one in sent} == {200}
        answer, text = self._request("POST", f"{upload['address']}complete/", "", form)
        assert answer.status == 200, text
        self._file = json.loads(text)["address"]
        return SIZE / MEGABYTE / (time.perf_counter() - start)

    def _send_part(self, source, token, upload, offset):
        length = min(upload["part_bytes"], SIZE - offset)
        number = offset // upload["part_bytes"] + 1
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        connection.putrequest("PUT", f"{upload['address']}parts/{number}/", skip_host=True)
        for name, value in {**self._headers(), **token, "Content-Length": str(length)}.items():
            connection.putheader(name, value)
        connection.endheaders()
        with source.open("rb") as file:
            connection.sock.sendfile(file, offset, length)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def download(self):
        """MB a second, and the SHA-256 of what came, of the file that was sent last in parts."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        start = time.perf_counter()
        connection.request("GET", f"{self._file}download/", headers=self._headers())
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
