"""What every answer tells the browser, whoever asks and whatever part of the portal answers."""

import pytest
from django.conf import settings
from django.test import Client as Browser

from portal.messages import MOST_WAITING
from tests.conftest import PASSWORD

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
    "script-src 'self'",
}
NOBODY = {
    "a page": ("/account/login/", 200),
    "a page behind sign-in": ("/", 302),
    "a page that is not there": ("/nothing/", 404),
    "an address without its slash": ("/help", 301),
    "a static file": ("/static/css/base.css", 200),
    "the firm's colour": ("/firm.css", 200),
    "a spent link": ("/accounts/invitations/nothing/", 410),
    "a made-up reset link": ("/account/password/reset/key/1-abc-def/", 200),
}


def assert_guarded(answer):
    assert {name: answer.get(name) for name in ALWAYS} == ALWAYS
    assert {part.strip() for part in answer["Content-Security-Policy"].split(";")} >= POLICY
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.fixture
def styles(tmp_path, settings):
    """A static file that the portal serves itself, as after ``prepare``."""
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "base.css").write_text("body { margin: 0 }")
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = False


@pytest.mark.parametrize(("address", "status"), NOBODY.values(), ids=NOBODY)
def test_every_answer_to_a_stranger_is_guarded(cast, styles, address, status):
    answer = Browser().get(address)

    assert answer.status_code == status
    assert_guarded(answer)


def test_refusals_are_guarded_too(cast, sign_in):
    assert_guarded(Browser().get("/account/login/", HTTP_HOST="evil.example.com"))
    assert_guarded(Browser(enforce_csrf_checks=True).post("/account/login/"))
    assert_guarded(sign_in(cast.client).get("/accounts/settings/"))


def test_nothing_is_cached_but_what_says_so(cast, styles, sign_in):
    for address in ("/account/login/", "/account/password/reset/", "/nothing/", "/"):
        assert "no-store" in Browser().get(address)["Cache-Control"], address
    assert "no-store" in sign_in(cast.client).get("/")["Cache-Control"]
    assert "public" in Browser().get("/firm.css")["Cache-Control"]
    assert "public" in Browser().get("/static/css/base.css")["Cache-Control"]


@pytest.mark.parametrize("address", ["/", "/account/login/", "/files/", "/accounts/settings/", "/admin/"])
def test_trace_echoes_nothing(cast, sign_in, address):
    for browser in (Browser(), sign_in(cast.administrator)):
        assert b"marked" not in browser.trace(address, HTTP_X_MARK="marked").content


def test_cookies_are_for_the_server_alone_and_hold_nothing_to_read(client, cast):
    client.post("/account/login/", {"login": cast.client.email, "password": PASSWORD})
    client.post("/account/", {"name": "Ngozi", "time_zone": "", "file_notices": "at-once"})

    assert set(client.cookies) == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert "Your account is changed." in client.get("/account/").text


def test_what_no_page_comes_to_say_does_not_pile_up(client, cast):
    client.force_login(cast.client)
    for _ in range(MOST_WAITING + 5):
        client.post("/account/", {"name": "Ngozi", "time_zone": "", "file_notices": "at-once"})

    assert client.get("/account/").text.count("Your account is changed.") == MOST_WAITING
    assert "Your account is changed." not in client.get("/account/").text
