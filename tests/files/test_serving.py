"""Who sends the bytes: the portal (test_downloads.py), nginx in front of it, or the bucket."""

import os
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from activity.actions import Action
from files.models import Version
from files.storage import storage
from portal import environment
from portal.environment import StorageUrl
from tests.conftest import put_file

CONTENT = os.urandom(50_000)
NAME = "Return “2025” é.html"


@pytest.fixture
def file(cast):
    return put_file(cast.acme.cabinet.top, NAME, CONTENT, by=cast.firm_user)


@pytest.fixture
def bucket(settings, s3_url, monkeypatch):
    monkeypatch.setenv("TEST_STORAGE_URL", s3_url)
    settings.STORAGE = environment.storage_url("TEST_STORAGE_URL", "")
    storage.cache_clear()
    storage().prepare()


def address(file, query=""):
    return reverse("file-download", args=[file.pk]) + query


def downloads(events):
    return len(events(action=Action.FILE_DOWNLOADED))


def test_behind_nginx_the_answer_says_where_the_bytes_lie_and_is_recorded(sign_in, cast, file, settings, events):
    settings.SERVE_FILES = "nginx"
    browser, key = sign_in(cast.client), file.current.storage_key
    answer = browser.get(address(file))

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["X-Accel-Redirect"] == f"/protected/{key[:2]}/{key}"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Return%20")
    assert answer["Content-Type"] == "text/html"
    assert answer["ETag"] == f'"{file.current.sha256}"'
    assert answer["Cache-Control"] == "private, no-store"
    assert downloads(events) == 1
    for expected in (1, 1):
        browser.get(address(file), headers={"Range": "bytes=5-9"})
        assert downloads(events) == expected
    assert "X-Accel-Redirect" not in browser.head(address(file))
    assert browser.head(address(file))["Content-Length"] == "50000"
    browser.get(address(file))
    assert downloads(events) == 2
    storage().path(key).unlink()
    assert browser.get(address(file)).status_code == 503
    assert downloads(events) == 2


def test_a_bucket_hands_the_file_out_itself_for_a_minute(bucket, sign_in, cast, file, events):
    browser = sign_in(cast.client)
    answer = browser.get(address(file))
    assert (answer.status_code, answer["Cache-Control"], downloads(events)) == (302, "private, no-store", 1)
    assert "X-Amz-Expires=60" in answer["Location"]

    with urlopen(answer["Location"]) as got:
        assert got.read() == CONTENT
        assert got.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Return%20")
        assert got.headers["Content-Type"] == "application/octet-stream"
        assert got.headers["Cache-Control"] == "private, no-store"
        etag = got.headers["ETag"]
    part = browser.get(address(file), headers={"Range": "bytes=5-9", "If-Range": etag})
    with urlopen(Request(part["Location"], headers={"Range": "bytes=5-9"})) as got:
        assert (got.status, got.read()) == (206, CONTENT[5:10])
    assert downloads(events) == 1
    head = browser.head(address(file))
    assert (head.status_code, head["Content-Length"], downloads(events)) == (200, "50000", 1)
    with pytest.raises(HTTPError) as refused:
        urlopen(answer["Location"].replace(file.current.storage_key, "0" * 32))
    assert refused.value.code in (403, 404)


def test_what_resumes_another_file_begins_anew_through_the_portal(bucket, sign_in, cast, file, events):
    """A browser that is led to the bucket would ask it for the rest of what is no longer the same file."""
    headers = {"Range": "bytes=5-", "If-Range": '"of the version before"'}
    answer = sign_in(cast.client).get(address(file), headers=headers)

    assert (answer.status_code, answer.getvalue(), downloads(events)) == (200, CONTENT, 1)


@pytest.mark.parametrize("state", sorted(set(Version.State) - set(Version.SERVED)))
def test_what_is_not_served_is_given_to_nobody(sign_in, cast, file, events, state):
    Version.objects.filter(file=file).update(state=state)
    answer = sign_in(cast.administrator).get(address(file))

    assert (answer.status_code, state.label in answer.text) == (423, True)
    assert downloads(events) == 0


def test_the_setting_is_portal_or_nginx_and_nginx_reads_a_folder(monkeypatch):
    folder, bucket = StorageUrl("folder"), StorageUrl("s3", bucket="files")
    assert environment.serve_files("TEST_SERVE_FILES", bucket) == "portal"
    for value, where, words in (("nginx", bucket, "lie in a bucket"), ("apache", folder, "give portal, or nginx")):
        monkeypatch.setenv("TEST_SERVE_FILES", value)
        with pytest.raises(ImproperlyConfigured, match=words):
            environment.serve_files("TEST_SERVE_FILES", where)
    monkeypatch.setenv("TEST_SERVE_FILES", "nginx")
    assert environment.serve_files("TEST_SERVE_FILES", folder) == "nginx"
