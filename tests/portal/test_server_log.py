"""The lines that the server writes for whoever runs it."""

import logging
import re
import types

import pytest
from django.test import Client as Browser
from django.urls import path

from accounts.models import Invitation
from activity.origin import Origin, coming_from
from portal import gunicorn, urls
from portal.log_lines import page_of

TOKEN = "zQ4-vN0_thisIsNoWordOfThePortal_77secret"


@pytest.fixture
def browser(db):
    return Browser(raise_request_exception=False)


def fail(request, token=""):
    logging.getLogger("portal.test").warning("inside")
    raise RuntimeError("on purpose")


urlpatterns = [*urls.urlpatterns, path("fail/<str:token>/", fail)]
handler404, handler500 = urls.handler404, urls.handler500
fail.login_required = False


@pytest.mark.urls(__name__)
def test_each_line_of_a_request_has_its_number(browser, lines):
    numbers = [browser.get(address)["X-Request-ID"] for address in ("/fail/x/", "/nowhere/")]

    found = [re.match(r"\S+ \S+ (\w+) (\S+) (\S+) (.*)", line) for line in lines()]
    said = [match.group(1, 2, 3) for match in found if match]
    assert said == [
        ("WARNING", numbers[0], "portal.test"),
        ("ERROR", numbers[0], "django.request"),
        ("WARNING", numbers[1], "django.request"),
    ]
    assert lines()[0].endswith(" inside")
    assert lines()[1].endswith(" Internal Server Error: /fail/…/")


def test_outside_a_request_there_is_none(lines):
    logging.getLogger("portal.work").warning("The worker waits")
    with coming_from(Origin(request_id="ab" * 16)):
        logging.getLogger("portal.work").warning("Now it works")

    first, second = lines()
    assert first.endswith(" WARNING - portal.work The worker waits")
    assert second.endswith(f" WARNING {'ab' * 16} portal.work Now it works")


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"/accounts/invitations/{TOKEN}/", "/accounts/invitations/…/"),
        (f"/accounts/invitations/{TOKEN}/.", "/accounts/invitations/…/."),
        (f"/account/confirm-email/{TOKEN}/", "/account/confirm-email/…/"),
        (f"/account/password/reset/key/1-{TOKEN}/?next={TOKEN}", "/account/password/reset/key/…-…/"),
        (f"/fail/{TOKEN}/", "/fail/…/"),
        (f"/fail/{TOKEN}é/", "/fail/…/"),
        (f"/fail/{TOKEN}/?code={TOKEN}", "/fail/…/"),
    ],
)
def test_no_line_holds_a_token_that_stood_in_the_address(browser, lines, address, shown):
    answers = [browser.get(address), browser.put(address), browser.put(address, headers={"origin": TOKEN})]

    assert [answer.status_code for answer in answers][1:] in ([405, 405], [404, 404], [500, 500], [200, 200])
    text = "\n".join(lines())
    assert TOKEN not in text
    if any(answer.status_code >= 400 for answer in answers):
        assert f" {shown}" in text.replace("\\xe9", "")


def test_a_form_without_its_token_names_no_token_either(cast, lines):
    token = Invitation.issue(cast.client, by=cast.administrator)
    answer = Browser(enforce_csrf_checks=True).post(f"/accounts/invitations/{token}/")

    assert answer.status_code == 403
    (line,) = lines()
    assert line.endswith("Forbidden (CSRF cookie not set.): /accounts/invitations/…/")


def test_gunicorns_own_lines_name_no_token(lines):
    own = logging.getLogger("gunicorn.error.test")
    gunicorn.post_worker_init(types.SimpleNamespace(log=types.SimpleNamespace(error_log=own)))
    own.error("Error handling request %s %s", "GET", f"/accounts/invitations/{TOKEN}/?x={TOKEN}")

    (line,) = lines()
    assert line.endswith("Error handling request GET /accounts/invitations/…/")


def test_only_what_an_address_was_given_is_masked():
    assert page_of("/account/2fa/webauthn/keys/2/edit/") == "/account/2fa/webauthn/keys/…/edit/"
    assert page_of("/activity.csv") == "/activity.csv"
    assert page_of("/accounts/settings/") == "/accounts/settings/"
