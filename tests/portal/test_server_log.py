"""The lines that the server writes for whoever runs it."""

import json
import logging
import re
import types
from datetime import datetime
from unittest.mock import Mock

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client as Browser
from django.urls import path

from accounts.models import Invitation
from activity.origin import Origin, coming_from
from portal import environment, gunicorn, urls
from portal.log_lines import JsonLines, Written, page_of

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


def test_an_address_makes_no_line_of_its_own(db, lines):
    answer = Browser().get("/no%0D%0A2026 INFO me/")

    assert answer.status_code == 404
    (line,) = lines()
    assert "no\\r\\n2026 INFO me" in line


def test_gunicorns_own_lines_name_no_token(lines, monkeypatch):
    for name in ("gc", "sys"):  # which are those of all tests
        monkeypatch.setattr(gunicorn, name, Mock())
    own = logging.getLogger("gunicorn.error.test")
    gunicorn.post_worker_init(types.SimpleNamespace(log=types.SimpleNamespace(error_log=own)))
    own.error("Error handling request %s %s", "GET", f"/accounts/invitations/{TOKEN}/?x={TOKEN}")

    (line,) = lines()
    assert line.endswith("Error handling request GET /accounts/invitations/…/")


def test_only_what_an_address_was_given_is_masked():
    assert page_of("/account/2fa/webauthn/keys/2/edit/") == "/account/2fa/webauthn/keys/…/edit/"
    assert page_of("/activity.csv") == "/activity.csv"
    assert page_of("/accounts/settings/") == "/accounts/settings/"


@pytest.fixture
def json_lines(lines):
    """What the console shows with LOG_FORMAT=json: ``json_lines()``."""
    (console,) = [handler for handler in logging.getLogger().handlers if handler.get_name() == "console"]
    kept = console.formatter
    console.setFormatter(JsonLines())
    yield lambda: [json.loads(line) for line in lines()]
    console.setFormatter(kept)


@pytest.mark.urls(__name__)
def test_as_json_each_line_is_an_object_with_the_number_of_its_request(browser, json_lines):
    numbers = [browser.get(address)["X-Request-ID"] for address in ("/fail/x/", "/nowhere/")]
    logging.getLogger("portal.work").warning("%s waits\nlong", "The worker")

    inside, failed, nowhere, outside = json_lines()
    assert set(inside) == {"at", "level", "request_id", "logger", "message"}
    assert [one["request_id"] for one in (inside, failed, nowhere, outside)] == [numbers[0], *numbers, "-"]
    assert datetime.fromisoformat(inside["at"]).tzinfo is not None
    assert (failed["level"], failed["logger"]) == ("ERROR", "django.request")
    assert failed["message"] == "Internal Server Error: /fail/…/"
    assert failed["exc_info"].endswith("RuntimeError: on purpose")
    assert outside["message"] == "The worker waits\nlong"


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", [f"/accounts/invitations/{TOKEN}/", f"/fail/{TOKEN}/?code={TOKEN}", f"/{TOKEN}/"])
def test_as_json_no_line_holds_a_token_either(browser, json_lines, lines, settings, address):
    settings.LOG_REQUESTS = True
    headers = {"origin": TOKEN, "user-agent": TOKEN, "authorization": f"Bearer {TOKEN}", "cookie": f"x={TOKEN}"}
    for ask in (browser.get, browser.put, browser.post):
        ask(address, headers=headers)

    assert len(json_lines()) >= 3
    assert TOKEN not in "\n".join(lines())


def test_each_request_has_a_line_where_they_are_asked_for(browser, json_lines, settings, cast):
    settings.LOG_REQUESTS = True
    browser.force_login(cast.administrator)
    answer = browser.get(f"/accounts/clients/{cast.acme.pk}/?q=wages")

    (line,) = json_lines()
    assert line.pop("ms") > 0
    assert line.pop("at")
    assert line.pop("message").startswith("GET /accounts/clients/…/ 200 in ")
    assert line == {
        "level": "INFO",
        "logger": "portal.requests",
        "request_id": answer["X-Request-ID"],
        "method": "GET",
        "path": "/accounts/clients/…/",
        "view": "client",
        "status": 200,
    }


def test_a_request_writes_no_second_line_by_its_path(browser, lines, settings):
    settings.LOG_REQUESTS = True
    browser.get("/a%0aINFO%20forged")
    assert [line for line in lines() if line.startswith("INFO")] == []
    assert len(lines()) == 2  # Django's, and ours


def test_without_being_asked_for_there_is_none(browser, lines):
    browser.get("/account/login/")
    assert lines() == []


def test_what_the_clocks_commands_print_are_lines_too(json_lines):
    written = Written(logging.getLogger("portal.clock"))
    written.write("Bins: done.\n\nUnfinished uploads: 2 %s given up.\n")
    written.flush()

    assert [line["message"] for line in json_lines()] == ["Bins: done.", "Unfinished uploads: 2 %s given up."]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("LOG_FORMAT", "xml", "LOG_FORMAT is 'xml'; give text or json"),
        ("LOG_REQUESTS", "perhaps", "LOG_REQUESTS is 'perhaps'; give no or yes"),
        ("METRICS_ALLOWED", "10.0.0.0/8, prometheus", "METRICS_ALLOWED: 'prometheus' .* give addresses and networks"),
        ("METRICS_ALLOWED", "10.0.0.1/8", "METRICS_ALLOWED: 10.0.0.1/8 has host bits set; give addresses"),
    ],
)
def test_a_wrong_setting_says_what_to_set(name, value, words, monkeypatch):
    monkeypatch.setenv(name, value)
    read = {
        "LOG_FORMAT": lambda: environment.one_of("LOG_FORMAT", ("text", "json")),
        "LOG_REQUESTS": lambda: environment.yes_or_no("LOG_REQUESTS"),
        "METRICS_ALLOWED": lambda: environment.networks("METRICS_ALLOWED"),
    }
    with pytest.raises(ImproperlyConfigured, match=words):
        read[name]()
