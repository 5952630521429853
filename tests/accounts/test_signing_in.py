import pytest
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.urls import reverse

from activity.actions import Action
from activity.models import Event
from tests.conftest import PASSWORD

LOGIN = "/account/login/"
WRONG = "incorrect horse battery"


def give(browser, email, password=PASSWORD, **request):
    return browser.post(LOGIN, {"login": email, "password": password, **request.pop("more", {})}, **request)


def is_in(browser):
    return browser.get(reverse("home")).status_code == 200


def without_csrf_token(page, email):
    """The page's text; the token differs each time, and the address is the one that was typed."""
    token = page.context["csrf_token"]
    return page.text.replace(str(token), "").replace(email, "")


def test_the_right_password_opens_the_portal_and_the_log_says_who_from_where(client, cast, events):
    answer = give(client, "Ngozi@Acme.example.com ", REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="Telescope 1.0")

    assert (answer.status_code, answer.url) == (302, reverse("home"))
    assert is_in(client)
    (event,) = events()
    assert (event.action, event.area) == (Action.SIGNED_IN, "sign-in")
    assert (event.actor_id, event.actor_email, event.actor_role) == (cast.client.pk, cast.client.email, "client_user")
    assert (event.client_id, event.client_name) == (cast.acme.pk, "Acme Dental PC")
    assert (event.ip, event.user_agent) == ("203.0.113.9", "Telescope 1.0")


def test_a_person_of_the_firm_signs_in_under_no_client(client, cast, events):
    give(client, cast.firm_user.email)

    (event,) = events()
    assert (event.actor_email, event.client_id, event.client_name) == (cast.firm_user.email, None, "")


def test_a_wrong_password_stays_with_the_account_that_was_tried(client, cast, events):
    answer = give(client, "NGOZI@acme.example.com", WRONG)

    assert answer.status_code == 200
    assert not is_in(client)
    (event,) = events()
    assert (event.action, event.actor_id, event.actor_email) == (
        Action.SIGN_IN_FAILED,
        cast.client.pk,
        cast.client.email,
    )
    assert event.client_id == cast.acme.pk
    assert WRONG not in str(event.details)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("somebody.else@elsewhere.example.com", "s…@elsewhere.example.com"), ("m@" + "x" * 40 + ".example", None)],
)
def test_an_address_without_account_is_kept_shortened(client, cast, events, typed, kept):
    """People type their password into the wrong field."""
    give(client, typed, WRONG)

    (event,) = events()
    assert (event.action, event.actor_id, event.actor_role) == (Action.SIGN_IN_FAILED, None, "")
    assert event.actor_email == (kept or "m…@" + typed.partition("@")[2])
    assert event.details == {"note": "no such account"}
    assert event.client_id is None


@pytest.mark.parametrize("who", ["ngozi@acme.example.com", "dana@firm.example.com"])
def test_known_and_unknown_address_get_the_same_answer(cast, who):
    known, unknown = give(Browser(), who, WRONG), give(Browser(), "nobody@acme.example.com", WRONG)

    assert known.status_code == unknown.status_code == 200
    assert without_csrf_token(known, who) == without_csrf_token(unknown, "nobody@acme.example.com")
    assert "do not belong together" in known.text


def test_too_many_tries_are_refused_in_words_and_in_the_log(client, cast, events):
    for _ in range(5):
        give(client, cast.client.email, WRONG)
    page = give(client, cast.client.email)  # even with the right one

    assert page.status_code == 200
    assert "Too many tries. Wait five minutes" in page.text
    assert not is_in(client)
    assert [event.action for event in events()] == [Action.SIGN_IN_FAILED] * 5 + [Action.SIGN_IN_LIMITED]
    assert events()[-1].actor_id == cast.client.pk


def test_too_many_tries_on_an_unknown_address_are_refused_alike(cast, events):
    pages = {}
    for number, email in enumerate((cast.client.email, "nobody@acme.example.com")):
        for _ in range(6):
            pages[email] = give(Browser(REMOTE_ADDR=f"203.0.113.{number}"), email, WRONG)

    known, unknown = pages.items()
    assert without_csrf_token(known[1], known[0]) == without_csrf_token(unknown[1], unknown[0])
    assert "Too many tries" in unknown[1].text
    last = events()[-1]
    assert (last.action, last.actor_email, last.details) == (
        Action.SIGN_IN_LIMITED,
        "n…@acme.example.com",
        {"note": "no such account"},
    )


def test_signing_out_ends_the_session_and_is_in_the_log(client, cast, events):
    give(client, cast.client.email)
    answer = client.post("/account/logout/")

    assert (answer.status_code, answer.url) == (302, LOGIN)
    assert not is_in(client)
    assert [event.action for event in events()] == [Action.SIGNED_IN, Action.SIGNED_OUT]
    assert events()[-1].actor_email == cast.client.email


def test_a_link_alone_signs_nobody_out(client, cast, events):
    give(client, cast.client.email)
    client.get("/account/logout/")

    assert is_in(client)
    assert [event.action for event in events()] == [Action.SIGNED_IN]


def test_nobody_is_in_whose_sign_in_the_log_could_not_take(client, cast, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("the log is full")

    monkeypatch.setattr("activity.recording.chain.event_mac", fail)
    client.raise_request_exception = False
    answer = give(client, cast.client.email)
    monkeypatch.undo()

    assert answer.status_code == 500
    assert not is_in(client)
    assert not any("_auth_user_id" in session.get_decoded() for session in Session.objects.all())


def test_an_inactive_person_does_not_get_in(client, cast, events):
    cast.client.is_active = False
    cast.client.save()
    answer = give(client, cast.client.email)

    assert (answer.status_code, answer.url) == (302, "/account/inactive/")
    assert not is_in(client)
    assert [event.action for event in events()] == [Action.SIGN_IN_FAILED]


def test_a_session_ends_when_its_person_is_deactivated(client, cast):
    give(client, cast.client.email)
    cast.client.is_active = False
    cast.client.save()

    assert not is_in(client)


@pytest.mark.parametrize("password", ["", "!", PASSWORD])
def test_an_invited_person_has_no_password_to_get_in_with(client, cast, password):
    user, _ = cast.acme.invite("new@acme.example.com", by=cast.administrator)
    answer = give(client, user.email, password)

    assert answer.status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "ip"),
    [
        (0, "198.51.100.66", "203.0.113.9"),
        (0, "", "203.0.113.9"),
        (1, "198.51.100.66, 203.0.113.40", "203.0.113.40"),
        (1, "203.0.113.40", "203.0.113.40"),
        (1, "", "203.0.113.9"),
        (1, "198.51.100.66, not-an-address", ""),
        (2, "198.51.100.66, 203.0.113.40, 10.0.0.2", "203.0.113.40"),
        (2, "203.0.113.40", "203.0.113.9"),
        (1, "2001:DB8::0:1", "2001:db8::1"),
    ],
)
def test_only_a_trusted_proxy_says_where_somebody_comes_from(client, cast, events, settings, proxies, forwarded, ip):
    settings.TRUSTED_PROXY_COUNT = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    give(client, cast.client.email, REMOTE_ADDR="203.0.113.9", **headers)

    assert [event.ip for event in events()] == [ip]


@pytest.mark.parametrize(
    "target", ["https://evil.example.com/", "//evil.example.com/", "/\\evil.example.com", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(client, cast, target):
    answer = give(client, cast.client.email, more={"next": target})

    assert (answer.status_code, answer.url) == (302, reverse("home"))


def test_one_is_sent_on_to_the_page_one_asked_for(client, cast):
    asked = client.get("/help/")
    answer = give(client, cast.client.email, more={"next": "/help/"})

    assert asked.url == f"{LOGIN}?next=/help/"
    assert answer.url == "/help/"


def test_there_is_no_way_to_sign_up(client, cast):
    assert client.get("/account/signup/").status_code == 404
    assert "signup" not in client.get(LOGIN).text


def test_a_form_from_another_site_signs_nobody_in(cast, events):
    browser = Browser(enforce_csrf_checks=True)
    answer = give(browser, cast.client.email)

    assert answer.status_code == 403
    assert not Event.objects.filter(action=Action.SIGNED_IN).exists()
