"""Sending the bytes of a version: whole, or the one range that was asked for."""

import re

from django.core.cache import cache
from django.http import FileResponse, HttpResponse
from django.utils.http import content_disposition_header

from files.media import OCTETS
from files.names import download_name
from files.storage import storage

RECORDED_ONCE_SECONDS = 3600


def send(request, version, *, by):
    """The response with the version's bytes. It is in the log, committed, before the first byte leaves."""
    byte_range = requested_range(request, version)
    if byte_range is None:
        return _headers(HttpResponse(status=416), version, {"Content-Range": f"bytes */{version.size_bytes}"})
    start, length = byte_range
    is_part = length != version.size_bytes
    content = storage().open(version.storage_key, start, length)
    try:
        _record_once(request, version, by)
    except BaseException:
        content.close()
        raise
    response = FileResponse(content, status=206 if is_part else 200, content_type=version.media_type or OCTETS)
    extra = {"Content-Range": f"bytes {start}-{start + length - 1}/{version.size_bytes}"} if is_part else {}
    return _headers(response, version, {"Content-Length": str(length), **extra})


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


def _headers(response, version, extra):
    response["Content-Disposition"] = content_disposition_header(True, download_name(version.file.name))
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag(version)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    for name, value in extra.items():
        response[name] = value
    return response


def _record_once(request, version, by):
    """Every request is recorded, unless this session was recorded with this version within the hour: viewers and
    resumed downloads ask for one file many times."""
    key = f"download:{request.session.session_key}:{version.pk}"
    if request.method == "HEAD" or (request.headers.get("Range") and cache.get(key)):
        return
    version.hand_out(by=by)
    cache.set(key, True, RECORDED_ONCE_SECONDS)
