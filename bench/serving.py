"""What the portal has nginx send, beside what nginx sends by itself; and many files as one ZIP."""

import http.client
import re
import time
from contextlib import contextmanager
from zipfile import ZIP_STORED, ZipFile

from bench.transfer import Browser
from bench.workers import Workers
from tests.nginx import command, nginx
from tests.servers import free_port, portal

MEGABYTE = 1000**2
BIG_MB, MANY = 1000, 200
STATIC = "location = /same-file { alias %s; }"
MAKE = f"""
import os
from accounts.models import User
from files.models import Arrived, Cabinet
from files.storage import storage
block = os.urandom({MEGABYTE})
by = User.objects.get(email="client@example.com")
top = Cabinet.objects.get(client=by.only_client()).top
def put(folder, files):
    arrived = []
    for name, size_mb in files:
        staged = storage().stage()
        for _ in range(size_mb):
            staged.write(block)
        staged.keep()
        arrived.append(Arrived(name, staged.key, staged.size_bytes, staged.sha256))
    return folder.receive(arrived, by=by)
many, one = (top.add_folder(name, by=by) for name in ("Many", "One"))
(big,) = put(top, [("Big.qbb", {BIG_MB})])
put(many, [(f"{{number:03}}.pdf", 1) for number in range({MANY})])
put(one, [("000.pdf", 1)])
print("MADE", big.file_id, big.storage_key, many.pk, one.pk)
"""


def figures():
    """(what, measured, baseline, unit, ratio) for each."""
    port = free_port()
    has_nginx = command() is not None
    options = {"BASE_URL": f"http://localhost:{port}", "SERVE_FILES": "nginx"} if has_nginx else {}
    with portal(PORTAL_WORKERS="1", TRUSTED_PROXY_COUNT="1", **options) as server:
        made = re.search(r"MADE (\S+) (\S+) (\S+) (\S+)", server.manage("shell", "-c", MAKE).stdout)
        big, key, many, one = made.groups()
        objects = server.var / "files" / "objects"
        if has_nginx:
            yield _behind_nginx(server, objects, port, big, objects / key[:2] / key)
        else:
            print("Not measured: downloads behind nginx, which is not installed (sh tests/install_nginx.sh)")
        yield from _zips(server, objects, many, one)


def _behind_nginx(server, objects, port, file_id, stored):
    same = STATIC % stored
    with nginx(server.port, objects, port, is_secure=False, more=same):
        browser = _signed_in(port)
        paths = [f"/files/{file_id}/download/", "/same-file"]
        best = dict.fromkeys(paths, 0)
        for turn in range(4):
            for path in paths[:: (-1) ** turn]:  # neither is always the one that finds the file at hand
                best[path] = max(best[path], _speed(browser, port, path))
    ours, theirs = best.values()
    return f"Download of {BIG_MB} MB behind nginx / nginx alone", ours, theirs, "MB/s", ours / theirs


def _zips(server, objects, many, one):
    browser, worker = _signed_in(server.port), Workers(server)
    at_rest = worker.begin()
    firsts = {}
    for folder in (many, one):
        firsts[folder] = min(_first_byte(browser, server.port, f"/files/folders/{folder}/zip/") for _ in range(3))
    yield f"First byte of a ZIP of {MANY} files / of one file", *_ratio(firsts[many] * 1000, firsts[one] * 1000, "ms")
    zipped, written = _speed(browser, server.port, f"/files/folders/{many}/zip/"), _zip_speed(objects)
    yield f"ZIP of {MANY} files of 1 MB / zipfile into nothing", *_ratio(zipped, written, "MB/s")
    yield "Peak memory of the worker / before", *_ratio(worker.peak_mb(), at_rest, "MB")


def _ratio(measured, baseline, unit):
    return measured, baseline, unit, measured / baseline


def _signed_in(port):
    browser = Browser(port)
    browser.sign_in("client@example.com")
    return browser


@contextmanager
def _asked(browser, port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers=browser._headers())
    answer = connection.getresponse()
    assert answer.status == 200, (path, answer.status)
    yield answer
    connection.close()


def _speed(browser, port, path):
    buffer, size, start = bytearray(MEGABYTE), 0, time.perf_counter()
    with _asked(browser, port, path) as answer:
        while count := answer.readinto(buffer):
            size += count
    return size / MEGABYTE / (time.perf_counter() - start)


def _first_byte(browser, port, path):
    start = time.perf_counter()
    with _asked(browser, port, path) as answer:
        answer.read(1)
        seconds = time.perf_counter() - start
        while answer.read(MEGABYTE):
            pass
    return seconds


def _zip_speed(objects):
    paths = [path for path in objects.glob("??/*") if path.stat().st_size == MEGABYTE][:MANY]
    start = time.perf_counter()
    with open("/dev/null", "wb") as nothing, ZipFile(nothing, "w", ZIP_STORED) as archive:
        for path in paths:
            archive.write(path)
    return len(paths) / (time.perf_counter() - start)
