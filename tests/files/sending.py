"""Files in a form's body, written by hand as Chromium writes them, and faults on their way."""

import errno
import os
from io import BytesIO

from django.urls import reverse

from files.models import File, Version
from files.storage import storage

BOUNDARY = "----WebKitFormBoundaryu7Qd2YbEoVfX0aKz"
END = f"--{BOUNDARY}--\r\n".encode()


def as_chromium_writes(name):
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def part(raw_name, content=b"content", field="files"):
    """One file's part; ``raw_name`` goes into the header as it is."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{raw_name}"\r\n'
    return f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n"


def token_part(token):
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
    return f"{head}{token}\r\n".encode()


def form(*parts):
    return b"".join(parts) + END


def post(browser, folder, body, *, length=None):
    """Posts the bytes, or whatever can be read, to the folder."""
    stream = BytesIO(body) if isinstance(body, bytes) else body
    environ = {
        "CONTENT_TYPE": f"multipart/form-data; boundary={BOUNDARY}",
        "CONTENT_LENGTH": str(len(body) if length is None else length),
        "wsgi.input": stream,
    }
    return browser.generic("POST", reverse("folder-files", args=[folder.pk]), **environ)


def send(browser, folder, *names, content=b"content"):
    """The person sends empty or equal files of these names with Chromium. Returns the answer."""
    return post(browser, folder, form(*(part(as_chromium_writes(name), content) for name in names)))


def sent(browser, folder, name, content=b"content"):
    """The File that was kept of a file sent under this name."""
    before = set(File.objects.values_list("pk", flat=True))
    assert send(browser, folder, name, content=content).status_code == 302
    return File.objects.exclude(pk__in=before).get()


def kept():
    """All that an upload can leave anywhere: rows, objects, unfinished bytes."""
    store = storage()
    rows = set(File.objects.values_list("pk", flat=True)), set(Version.objects.values_list("pk", flat=True))
    return *rows, {key for key, _ in store.stored()}, set(store.staging.iterdir())


class Unread:
    """A body that nobody may read."""

    def read(self, *args):
        raise AssertionError("the body was read")

    readline = read


class BrokenOff:
    """A connection that gives these bytes, then fails."""

    def __init__(self, content, problem):
        self._content, self._problem = BytesIO(content), problem

    def read(self, size=-1):
        data = self._content.read(size)
        if not data:
            raise self._problem
        return data

    readline = read


def fill_the_disk(monkeypatch, *, room, code=errno.ENOSPC):
    """From here on the disk takes ``room`` more bytes, then refuses."""
    write, left = os.write, room

    def filling(descriptor, data):
        nonlocal left
        if not left:
            raise OSError(code, os.strerror(code))
        count = write(descriptor, memoryview(data)[:left])
        left -= count
        return count

    monkeypatch.setattr(os, "write", filling)
