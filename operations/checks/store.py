"""Where the files lie: it keeps, gives and removes bytes, and browsers reach a bucket themselves."""

import ipaddress
from contextlib import closing, suppress
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError
from django.conf import settings

from files.parts import code_of
from files.storage import storage
from operations.fetching import Unreachable, ask
from operations.findings import first_line, ok, warning, wrong

CONTENT = b"A small file of the doctor's.\n"
MENDS = {
    "InvalidAccessKeyId": "set AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "set AWS_SECRET_ACCESS_KEY, and the region in STORAGE_URL",
    "AccessDenied": "give the key the right to list, read, write and delete in the bucket",
    "NoSuchBucket": "run `manage.py prepare`, which makes it",
    "404": "run `manage.py prepare`, which makes it",
    "403": "give the key the right to list, read, write and delete in the bucket",
    "RequestTimeTooSkewed": "this machine's clock is wrong; let NTP set it",
}


def stores():
    """A small file is written, listed, read and removed again."""
    try:
        _there_and_back(storage())
    except (OSError, BotoCoreError) as problem:
        yield wrong(_in_words(problem))
    else:
        yield ok(f"{_place()} keeps, gives and removes a file")


def _there_and_back(store):
    staged = store.stage()
    try:
        staged.write(CONTENT)
        staged.keep()
        if staged.key not in [key for key, *_ in store.listed(staged.key[:2])]:
            raise OSError("what was written is not listed")
        with closing(store.open(staged.key)) as file:
            if file.read(len(CONTENT) + 1) != CONTENT:
                raise OSError("what is read is not what was written")
    finally:
        with suppress(OSError):
            staged.drop()
        store.remove(staged.key)
    if staged.key in [key for key, *_ in store.listed(staged.key[:2])]:
        raise OSError("what was removed is still listed")


def browsers_reach_bucket():
    """Browsers at BASE_URL may send parts of files to the bucket. Nothing where files lie in a folder."""
    where, base = settings.STORAGE, settings.BASE_URL
    if where.kind == "folder":
        return
    (origin, *_) = where.origins
    if base.is_secure and urlsplit(origin).scheme != "https":
        yield wrong(
            f"the pages are https:// and the bucket is {origin}; browsers refuse that: give it an https:// endpoint"
        )
    elif not base.is_local and _is_inside(urlsplit(origin).hostname):
        yield wrong(f"browsers send files straight to {origin}, which leads nowhere for them; give a public endpoint")
    yield from _preflight(origin)


def _preflight(origin):
    """Asks the bucket what a browser asks before it sends a part to the address that the portal gives it."""
    store, mine = storage(), settings.BASE_URL.origin
    try:
        key, storage_id = store.begin_parts()
        try:
            url = store.part_url(key, storage_id, 1, len(CONTENT))
        finally:
            store.drop_parts(key, storage_id)
        asked = {"Origin": mine, "Access-Control-Request-Method": "PUT"}
        answer = ask(url, method="OPTIONS", headers=asked)
    except (OSError, BotoCoreError) as problem:
        yield warning(f"what browsers may do could not be asked: {first_line(problem)}")
        return
    except Unreachable as problem:
        yield wrong(f"{origin}: {problem}")
        return
    allowed = answer.headers.get("Access-Control-Allow-Origin", "")
    methods = answer.headers.get("Access-Control-Allow-Methods", "")
    if answer.status < 300 and allowed in ("*", mine) and ("PUT" in methods.upper() or methods == "*"):
        yield ok(f"the bucket lets pages of {mine} send files to it")
    else:
        yield wrong(
            f"the bucket does not let pages of {mine} send files; run `manage.py prepare`, or allow PUT, GET and HEAD from "
            "there by hand (CORS), with ETag exposed"
        )


def _is_inside(host):
    """Whether the name or address means something on this machine or in its own network alone."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_private
    return host == "localhost" or "." not in host


def _in_words(problem):
    code = code_of(problem) if isinstance(problem, OSError) else ""
    if settings.STORAGE.kind == "folder":
        return f"{_place()} cannot be used ({first_line(problem)}); give it to the portal's user, and run `manage.py prepare`"
    mend = MENDS.get(code, "look at STORAGE_URL and the AWS_ settings")
    return f"{_place()} cannot be used ({code or first_line(problem)}); {mend}"


def _place():
    where = settings.STORAGE
    return str(where.folder) if where.kind == "folder" else f"the bucket {where.bucket}"
