"""Strangers try again and again: the log says so, once at first and then with a number."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import User
from activity.actions import Action
from activity.flood import PERIOD
from activity.models import Refusal
from tests.conftest import PASSWORD

LOGIN, HELP = "/account/login/", "/help/"
TRIES = 40


def post_without_token(**headers):
    assert Browser(enforce_csrf_checks=True).post(LOGIN, {"login": "x", "password": "y"}, **headers).status_code == 403


def ask_wrong_host(**headers):
    assert Browser().get(HELP, HTTP_HOST="evil.example.com", **headers).status_code == 400


KINDS = {Action.FORM_REFUSED: post_without_token, Action.HOST_REFUSED: ask_wrong_host}


def ten_minutes_pass():
    Refusal.objects.update(since=timezone.now() - PERIOD)


@pytest.mark.parametrize(("action", "attempt"), KINDS.items())
def test_the_first_is_an_event_and_the_rest_a_number(db, events, action, attempt):
    for _ in range(TRIES):
        attempt(REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="Telescope 1.0")
    (first,) = events()
    assert (first.action, first.ip, first.user_agent) == (action, "203.0.113.9", "Telescope 1.0")

    ten_minutes_pass()
    since = Refusal.objects.get().since
    for _ in range(3):
        attempt(REMOTE_ADDR="203.0.113.9")
    _, second = events()
    assert second.action == action
    assert second.details["note"].endswith(f"{TRIES} times since {since:%Y-%m-%d %H:%M} UTC")
    assert Refusal.objects.get().count == 2


@pytest.mark.parametrize(("action", "attempt"), KINDS.items())
def test_what_nobody_follows_is_told_by_the_clock(db, events, action, attempt, capsys):
    for address in ("203.0.113.9", "203.0.113.9", "203.0.113.9", "203.0.113.10"):
        attempt(REMOTE_ADDR=address)
    call_command("housekeeping")
    assert len(events(action=action)) == 2, "ten minutes have not passed"
    ten_minutes_pass()
    call_command("housekeeping")

    last = events(action=action)[2:]
    assert [(event.ip, event.details["note"][:8]) for event in last] == [("203.0.113.9", "2 times ")]
    assert not Refusal.objects.exists()


def test_addresses_and_kinds_are_counted_apart(db, events):
    for address in ("203.0.113.9", "203.0.113.10", "203.0.113.9"):
        post_without_token(REMOTE_ADDR=address)
        ask_wrong_host(REMOTE_ADDR=address)

    assert [(event.action, event.ip) for event in events()] == [
        (action, address) for address in ("203.0.113.9", "203.0.113.10") for action in KINDS
    ]


def test_one_network_is_one_address(db, events):
    for number in range(5):
        ask_wrong_host(REMOTE_ADDR=f"2001:db8::{number}")
    ask_wrong_host(REMOTE_ADDR="2001:db8:0:1::1")

    assert [event.ip for event in events()] == ["2001:db8::", "2001:db8:0:1::1"]


def test_each_account_that_is_tried_is_named(cast, events):
    for user in (cast.client, cast.second):
        browser = Browser(REMOTE_ADDR=f"203.0.113.{user.pk}")
        for _ in range(8):
            browser.post(LOGIN, {"login": user.email, "password": "wrong"})

    limited = events(action=Action.SIGN_IN_LIMITED)
    assert [event.actor_email for event in limited] == [cast.client.email, cast.second.email]


def test_the_form_that_somebody_signed_in_sent_is_theirs(cast, events):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.client)
    browser.post("/account/", {"name": "Forged"})

    (event,) = events(area="access")
    assert (event.action, event.actor_email, event.details) == (
        Action.FORM_REFUSED,
        cast.client.email,
        {"note": "/account/"},
    )
    assert User.objects.get(pk=cast.client.pk).name == "Ngozi Okafor"


def test_a_stranger_who_asks_often_leaves_few_rows_and_stops_nobody(cast, events):
    stranger = Browser(REMOTE_ADDR="203.0.113.66")
    for number in range(300):
        stranger.post(LOGIN, {"login": f"guess{number}@example.com", "password": "wrong"})
        post_without_token(REMOTE_ADDR="203.0.113.66")
        ask_wrong_host(REMOTE_ADDR="203.0.113.66")

    assert len(events()) <= 10 + 3  # as many bad passwords as the limit lets an address try, then one of each kind
    assert Refusal.objects.count() == 3
    browser = Browser(REMOTE_ADDR="203.0.113.7")
    assert browser.post(LOGIN, {"login": cast.client.email, "password": PASSWORD}).status_code == 302
    assert [event.action for event in events()][-1] == Action.SIGNED_IN


def test_a_count_that_cannot_be_kept_refuses_all_the_same(db, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("the log is full")

    monkeypatch.setattr("activity.recording.chain.event_mac", fail)
    browser = Browser(enforce_csrf_checks=True, raise_request_exception=False)
    assert browser.post(LOGIN, {"login": "x", "password": "y"}).status_code == 500
    assert connection.connection is not None
