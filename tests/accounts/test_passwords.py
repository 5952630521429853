import re
import socket
import time

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse

from activity.actions import Action
from tests.conftest import PASSWORD
from tests.working import do_what_waits

RESET, CHANGE = "/account/password/reset/", "/account/password/change/"
NEW = "staple battery horse correct"
WEAK = {"too short": "short words", "common": "q1w2e3r4t5y6", "the address itself": "ngozi@acme.example.com"}


def ask(browser, email, **request):
    return browser.post(RESET, {"email": email}, follow=True, **request)


def mails():
    """All that were sent, once the worker has done what waits."""
    do_what_waits()
    return mail.outbox


def mailed_link():
    do_what_waits()
    return re.search(r"http\S+/password/reset/key/\S+", mail.outbox[-1].body).group()


def path_of(link):
    return link.removeprefix("http://localhost:8000")


def choose(browser, link, password):
    """Opens the mailed link and gives the new password, as a person does."""
    page = browser.get(path_of(link), follow=True)
    if page.context.get("token_fail"):
        return page
    return browser.post(page.request["PATH_INFO"], {"password1": password, "password2": password}, follow=True)


def signs_in(email, password):
    browser = Browser()
    browser.post("/account/login/", {"login": email, "password": password})
    return browser.get(reverse("home")).status_code == 200


def change(browser, old=PASSWORD, new=NEW, again=None):
    return browser.post(
        CHANGE, {"oldpassword": old, "password1": new, "password2": new if again is None else again}, follow=True
    )


def test_a_forgotten_password_is_set_anew_by_a_mailed_link(client, cast, events):
    page = ask(client, "Ngozi@acme.example.com", REMOTE_ADDR="203.0.113.9")
    assert "Look in your mail" in page.text
    (event,) = events()
    assert (event.action, event.actor_id, event.ip) == (Action.PASSWORD_RESET_ASKED, cast.client.pk, "203.0.113.9")
    (sent,) = mails()
    assert sent.to == [cast.client.email]
    assert sent.body.startswith(f"Somebody, probably you, asked for a new password for {cast.client.email}")

    done = choose(client, mailed_link(), NEW)

    assert "Your password is set" in done.text
    assert [event.action for event in events()][1:] == [Action.NOTICE_SENT, Action.PASSWORD_RESET]
    assert events()[-1].actor_email == cast.client.email
    assert client.get(reverse("home")).status_code == 302, "the link alone signs nobody in"
    assert signs_in(cast.client.email, NEW)
    assert not signs_in(cast.client.email, PASSWORD)


def test_who_is_unknown_sees_the_same_page_and_gets_no_mail(cast, events):
    unknown = ask(Browser(), "nobody@acme.example.com")
    assert not mails()
    assert not events()

    known = ask(Browser(), cast.client.email)
    assert len(mails()) == 1
    assert (known.status_code, known.redirect_chain) == (unknown.status_code, unknown.redirect_chain)
    assert known.text == unknown.text


def test_who_is_invited_or_deactivated_gets_no_link(client, cast):
    cast.acme.invite("new@acme.example.com", by=cast.administrator)
    cast.second.is_active = False
    cast.second.save()
    for email in ("new@acme.example.com", cast.second.email):
        ask(client, email)

    assert not mails()


def test_who_was_deactivated_meanwhile_gets_no_link(client, cast):
    ask(client, cast.client.email)
    cast.client.deactivate(by=cast.administrator)

    assert not mails()


def test_a_link_works_once(client, cast, events):
    ask(client, cast.client.email)
    link = mailed_link()
    choose(client, link, NEW)
    again = choose(Browser(), link, "another battery horse entirely")

    assert "This link has been used, or is too old" in again.text
    assert signs_in(cast.client.email, NEW)
    assert [event.action for event in events(action=Action.PASSWORD_RESET)] == [Action.PASSWORD_RESET]


def test_a_link_is_too_old_after_an_hour(client, cast, settings):
    ask(client, cast.client.email)
    link = mailed_link()
    assert "within an hour" in mail.outbox[-1].body
    assert settings.PASSWORD_RESET_TIMEOUT == 3600
    settings.PASSWORD_RESET_TIMEOUT = -1  # as if it had passed

    assert "This link has been used, or is too old" in choose(Browser(), link, NEW).text
    assert signs_in(cast.client.email, PASSWORD)


def test_a_link_expires_when_the_password_changes_otherwise(client, sign_in, cast):
    ask(client, cast.client.email)
    link = mailed_link()
    change(sign_in(cast.client))

    assert "This link has been used" in choose(Browser(), link, "another battery horse entirely").text


def test_opening_a_link_changes_nothing(client, cast, events):
    ask(client, cast.client.email)
    client.get(path_of(mailed_link()), follow=True)

    assert signs_in(cast.client.email, PASSWORD)
    assert not events(action=Action.PASSWORD_RESET)


@pytest.mark.parametrize("key", ["1-abc", "zzzzzzzz-abc-def", "0-c8x-0"])
def test_a_made_up_link_opens_nothing(client, cast, key):
    page = client.get(f"/account/password/reset/key/{key}/", follow=True)

    assert page.status_code == 200
    assert "This link has been used, or is too old" in page.text


def test_the_link_leads_to_the_portal_whatever_the_host_header_says(client, cast, settings):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "alias.example.com"]
    ask(client, cast.client.email, HTTP_HOST="alias.example.com", HTTP_X_FORWARDED_HOST="evil.example.com")

    assert mailed_link().startswith(settings.BASE_URL.origin + RESET)
    assert "example.com/" not in mail.outbox[-1].body


def test_a_foreign_host_header_is_refused_and_sends_nothing(client, cast, events):
    answer = client.post(RESET, {"email": cast.client.email}, HTTP_HOST="evil.example.com")

    assert answer.status_code == 400
    assert not mails()
    (event,) = events()
    assert (event.action, event.subject, event.ip) == (Action.HOST_REFUSED, "evil.example.com", "127.0.0.1")


@pytest.mark.parametrize("password", WEAK.values(), ids=WEAK.keys())
def test_a_weak_password_is_refused_by_the_link(client, cast, password):
    ask(client, cast.client.email)
    page = choose(client, mailed_link(), password)

    assert page.context["form"].errors.keys() & {"password1", "password2"}
    assert signs_in(cast.client.email, PASSWORD)
    assert not signs_in(cast.client.email, password)


def test_a_changed_password_is_in_the_log_and_keeps_one_signed_in(sign_in, cast, events):
    browser = sign_in(cast.client)
    page = change(browser)

    assert "Your password is changed." in page.text
    assert browser.get(reverse("home")).status_code == 200
    (event,) = events(action=Action.PASSWORD_CHANGED)
    assert (event.actor_id, event.client_id) == (cast.client.pk, cast.acme.pk)
    assert signs_in(cast.client.email, NEW)
    assert not signs_in(cast.client.email, PASSWORD)


def test_a_changed_password_ends_all_other_sessions(sign_in, cast):
    other = Browser()
    other.force_login(cast.client)
    change(sign_in(cast.client))

    assert other.get(reverse("home")).status_code == 302


REFUSED = {
    "wrong old password": {"old": "incorrect horse battery"},
    "not the same twice": {"again": "staple battery horse"},
    **{reason: {"new": password} for reason, password in WEAK.items()},
}


@pytest.mark.parametrize("given", REFUSED.values(), ids=REFUSED.keys())
def test_a_password_is_not_changed_for_a_bad_one_or_by_a_stranger_at_the_desk(sign_in, cast, events, given):
    page = change(sign_in(cast.client), **given)

    assert page.status_code == 200
    assert "Error: Change your password" in page.text
    assert signs_in(cast.client.email, PASSWORD)
    assert not events(action=Action.PASSWORD_CHANGED)


def test_one_is_told_by_mail_that_the_password_was_changed(sign_in, cast, settings):
    change(sign_in(cast.client), new=NEW)

    (sent,) = mail.outbox
    assert sent.to == [cast.client.email]
    assert "If it was not you, set a new password now" in sent.body
    assert f"{settings.BASE_URL.origin}{RESET}" in sent.body
    assert "127.0.0.1" in sent.body
    assert NEW not in sent.body


def test_one_is_told_by_mail_that_a_new_password_was_set_by_link(client, cast):
    ask(client, cast.client.email)
    choose(client, mailed_link(), NEW)

    assert [message.to for message in mail.outbox] == [[cast.client.email]] * 2
    assert "If it was not you" in mail.outbox[-1].body


def test_one_gives_the_password_again_to_show_that_it_is_oneself(client, cast, events):
    client.post("/account/login/", {"login": cast.client.email, "password": PASSWORD})
    wrong = client.post("/account/reauthenticate/", {"password": "incorrect horse battery"})
    right = client.post("/account/reauthenticate/", {"password": PASSWORD, "next": "/help/"})

    assert "Is it you?" in wrong.text
    assert (right.status_code, right.url) == (302, "/help/")
    (failed,) = events(action=Action.SIGN_IN_FAILED)
    assert failed.actor_id == cast.client.pk


def test_too_many_asked_links_are_refused(client, cast, events):
    answers = [ask(client, cast.client.email).status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]
    assert len(mails()) == 5
    (event,) = events(action=Action.SIGN_IN_LIMITED)
    assert (event.actor_email, event.ip, event.details) == ("", "127.0.0.1", {"note": RESET})


def test_too_many_tried_links_are_refused_and_the_log_holds_none(client, cast, events):
    answers = [client.post(f"/account/password/reset/key/1-guess{number}/").status_code for number in range(21)]

    assert answers == [200] * 20 + [429]
    (event,) = events(action=Action.SIGN_IN_LIMITED)
    assert event.details == {"note": "/account/password/reset/key/…-…/"}


@pytest.fixture
def broken_mail(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # where nothing listens


def test_where_mail_fails_known_and_unknown_address_still_get_the_same_page(cast, events, broken_mail):
    known, unknown = ask(Browser(), cast.client.email), ask(Browser(), "nobody@acme.example.com")

    assert (known.status_code, known.redirect_chain) == (unknown.status_code, unknown.redirect_chain)
    assert known.text == unknown.text
    assert [event.actor_email for event in events(action=Action.PASSWORD_RESET_ASKED)] == [cast.client.email]
    do_what_waits()
    (failed,) = events(action=Action.NOTICE_FAILED)
    assert failed.details["note"].startswith("Link to set a new password: ")


def test_how_long_the_mail_server_takes_tells_a_stranger_nothing(cast, settings):
    """The mail goes out later, whatever the server does. One that does not greet takes all the time there is."""
    settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = "django.core.mail.backends.smtp.EmailBackend", 2
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        start = time.monotonic()
        ask(Browser(), cast.client.email)

    assert time.monotonic() - start < settings.EMAIL_TIMEOUT


def test_where_mail_fails_a_changed_password_is_changed_and_in_the_log(sign_in, cast, events, broken_mail):
    page = change(sign_in(cast.client))

    assert "Your password is changed." in page.text
    assert len(events(action=Action.PASSWORD_CHANGED)) == 1
    assert signs_in(cast.client.email, NEW)


@pytest.mark.parametrize("way", ["changed", "by link"])
def test_a_password_that_the_log_cannot_tell_of_stays_as_it_was(client, sign_in, cast, monkeypatch, way):
    ask(client, cast.client.email)
    browser, link = (sign_in(cast.client), None) if way == "changed" else (client, mailed_link())
    browser.raise_request_exception = False

    def fail(*args, **kwargs):
        raise OSError("the log is full")

    monkeypatch.setattr("activity.recording.chain.event_mac", fail)
    answer = choose(browser, link, NEW) if link else change(browser)
    monkeypatch.undo()

    assert answer.status_code == 500
    assert signs_in(cast.client.email, PASSWORD)
    assert not signs_in(cast.client.email, NEW)
