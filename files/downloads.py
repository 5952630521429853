"""Sending the bytes of a version: whole, or the one range that was asked for; by the portal, by nginx, or by the bucket."""

import re

from django.conf import settings
from django.core.cache import cache
from django.http import FileResponse, HttpResponse
from django.utils.http import content_disposition_header

from files.media import OCTETS
from files.models import NotServed, Version
from files.names import download_name
from files.signals import file_downloaded, file_previewed
from files.storage import storage

RECORDED_ONCE_SECONDS = 3600
WAYS = {"download": file_downloaded, "preview": file_previewed}
CLOSED = "default-src 'none'; sandbox"


def send(request, version, *, by):
    """The response that gives the version's bytes. It is in the log, committed, before the first byte leaves. A HEAD is
    answered here and is no download. Raises NotServed, and OSError where the bytes cannot be read; nothing is recorded
    then."""
    if not version.is_served:
        raise NotServed(version)
    disposition = content_disposition_header(True, download_name(version.file.name))
    if request.method == "HEAD":
        return send_bytes(request, version, disposition)
    if settings.STORAGE.kind == "s3" and not _resumes_here(request, version):
        return _send_by_link(request, version, disposition, by)
    if settings.SERVE_FILES == "nginx":
        return _send_by_nginx(request, version, disposition, by)
    return send_bytes(request, version, disposition, lambda: _record(request, version, by))


def send_bytes(request, version, disposition, record=lambda: None, *, media_type=None, policy=CLOSED):
    """The bytes by the portal itself. ``record`` is called once it is known that they can be read, before any leaves."""
    byte_range = requested_range(request, version)
    if byte_range is None:
        outside = {"Content-Range": f"bytes */{version.size_bytes}"}
        return _headers(HttpResponse(status=416), version, disposition, policy, **outside)
    start, length = byte_range
    is_part = length != version.size_bytes
    content = storage().open(version.storage_key, start, length)
    try:
        record()
    except BaseException:
        content.close()
        raise
    media_type = media_type or version.media_type or OCTETS
    response = FileResponse(content, status=206 if is_part else 200, content_type=media_type)
    extra = {"Content-Range": f"bytes {start}-{start + length - 1}/{version.size_bytes}"} if is_part else {}
    return _headers(response, version, disposition, policy, **{"Content-Length": str(length), **extra})


def _send_by_nginx(request, version, disposition, by):
    """nginx sends the file, and the range that is asked for, itself: deploy/nginx.conf."""
    storage().size(version.storage_key)  # raises where there is none
    _record(request, version, by)
    response = HttpResponse(content_type=version.media_type or OCTETS)
    where = {"X-Accel-Redirect": storage().served_as(version.storage_key)}
    return _headers(response, version, disposition, CLOSED, **where)


def _send_by_link(request, version, disposition, by):
    """The browser is led to the bucket, where an address works for a minute."""
    storage().size(version.storage_key)
    link = storage().link(version.storage_key, disposition)
    _record(request, version, by)
    return HttpResponse(status=302, headers={"Location": link, "Cache-Control": "private, no-store"})


def _resumes_here(request, version):
    """Whether a resumed download names other bytes than the bucket's: it starts anew, here, since a browser that is led
    on asks the bucket for the same range."""
    if_range = request.headers.get("If-Range")
    return bool(if_range) and if_range != storage().etag(version.storage_key)


def requested_range(request, version):
    """(start, length) of what is asked for: all of it unless one satisfiable range of this very version is named.
    None where the range lies outside."""
    size = version.size_bytes
    header = request.headers.get("Range", "")
    if_range = request.headers.get("If-Range")
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header.strip())
    if not match or match[1] == match[2] == "" or (if_range and if_range != etag(version)):
        return 0, size
    if match[1] == "":
        start, end = max(size - int(match[2]), 0), size - 1
    else:
        start, end = int(match[1]), min(int(match[2] or size), size - 1)
        if match[2] and int(match[2]) < start:
            return 0, size
    return (start, end - start + 1) if start <= end else None


def etag(version):
    return f'"{version.sha256}"'


def _headers(response, version, disposition, policy, **extra):
    response["Content-Disposition"] = disposition
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag(version)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = policy
    for name, value in extra.items():
        response[name] = value
    return response


def _record(request, version, by):
    """Every request is recorded, but the parts of what this session was given within the hour."""
    record_once(request, version, "download", by=by, is_part=bool(request.headers.get("Range")))


def record_once(request, version, way, *, by, is_part=True):
    """The log says that the bytes were given in this way (of WAYS), unless they were ``is_part`` of what this session was
    given within the hour: viewers and resumed downloads ask for one file many times."""
    key = f"{way}:{request.session.session_key}:{version.pk}"
    if is_part and cache.get(key):
        return
    Version.hand_out_all([version], by=by, signal=WAYS[way])
    cache.set(key, True, RECORDED_ONCE_SECONDS)
