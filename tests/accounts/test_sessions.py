import time
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import Firm
from accounts.sessions import record_expired, sessions_of
from activity.actions import Action
from tests.conftest import PASSWORD
from tests.working import do_what_waits

LOGIN, HOME, SESSIONS, CHANGE = "/account/login/", "/", "/account/sessions/", "/account/password/change/"
NEW = "staple battery horse correct"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1"
DESKTOP = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)


def enter(person, *, ip="203.0.113.9", agent=DESKTOP, password=PASSWORD):
    """A browser of its own, signed in through the form."""
    browser = Browser(REMOTE_ADDR=ip, HTTP_USER_AGENT=agent)
    browser.post(LOGIN, {"login": person.email, "password": password})
    return browser


def is_in(browser):
    return browser.get(HOME).status_code == 200


def set_back(browser, **seconds):
    """As if the session had begun, or was last used, that long ago."""
    session = browser.session
    listed = UserSession.objects.get(session_key=session.session_key)
    for name, ago in seconds.items():
        session[name] = int(time.time()) - ago
        field = {"began_at": "created_at", "seen_at": "last_seen_at"}[name]
        setattr(listed, field, timezone.now() - timedelta(seconds=ago))
    session.save()
    listed.save()


def ended(events):
    return [event.details["note"] for event in events(action=Action.SESSION_ENDED)]


# At sign-in


def test_a_planted_session_is_not_the_one_that_signs_in(client, cast):
    """Somebody leaves the cookie of a session that they know in another's browser, and waits."""
    client.post(LOGIN, {"login": cast.stranger.email, "password": "wrong wrong wrong"})
    session = client.session
    session["began_at"], session["planted"] = 4_102_444_800, True
    session.save()
    planted = session.session_key
    assert client.cookies["portal_session"].value == planted
    client.post(LOGIN, {"login": cast.client.email, "password": PASSWORD})

    assert client.session.session_key != planted
    assert not Session.objects.filter(pk=planted).exists()
    assert abs(client.session["began_at"] - time.time()) < 5, "the limit counts from the sign-in"
    eavesdropper = Browser()
    eavesdropper.cookies["portal_session"] = planted
    assert not is_in(eavesdropper)


def test_the_cookie_goes_with_the_browser_and_out_of_reach_of_scripts(client, cast):
    answer = client.post(LOGIN, {"login": cast.client.email, "password": PASSWORD})
    cookie = answer.cookies["portal_session"]

    assert (cookie["max-age"], cookie["expires"], cookie["httponly"], cookie["samesite"]) == ("", "", True, "Lax")


# Limits


def test_a_session_that_is_not_used_ends_in_words_and_in_the_log(cast, events):
    browser = enter(cast.client)
    set_back(browser, seen_at=59 * 60)
    assert is_in(browser)
    set_back(browser, seen_at=61 * 60)
    answer = browser.get("/files/?page=2")

    assert answer.url == f"{LOGIN}?next=/files/%3Fpage%3D2"
    assert "You were signed out, to keep your files safe: not used for 60 minutes." in browser.get(answer.url).text
    assert not is_in(browser)
    (event,) = events(action=Action.SESSION_ENDED)
    assert (event.actor_id, event.subject_id, event.ip) == (cast.client.pk, str(cast.client.pk), "203.0.113.9")
    assert event.details == {"note": "not used for 60 minutes"}
    assert not UserSession.objects.exists()


def test_a_session_ends_at_its_greatest_age_however_much_it_is_used(cast, events):
    browser = enter(cast.client)
    set_back(browser, began_at=12 * 3600 - 60, seen_at=0)
    assert is_in(browser)
    set_back(browser, began_at=12 * 3600 + 1, seen_at=0)
    answer = browser.post("/files/")

    assert answer.url == f"{LOGIN}?next=/", "what was sent is not sent again"
    assert ended(events) == ["open for 12 hours"]


def test_the_firm_sets_the_limits(cast, events):
    Firm.objects.update(idle_minutes=1, session_hours=1)
    first, second = enter(cast.client), enter(cast.firm_user)
    set_back(first, seen_at=62)
    set_back(second, began_at=3602, seen_at=1)

    assert not is_in(first)
    assert not is_in(second)
    assert ended(events) == ["not used for 1 minute", "open for 1 hour"]


def test_use_is_noted_once_a_minute(cast):
    browser = enter(cast.client)
    set_back(browser, seen_at=30)
    before = UserSession.objects.get().last_seen_at
    is_in(browser)
    assert UserSession.objects.get().last_seen_at == before
    set_back(browser, seen_at=61)
    is_in(browser)

    assert timezone.now() - UserSession.objects.get().last_seen_at < timedelta(seconds=5)
    assert time.time() - browser.session["seen_at"] < 5


# The list


def test_the_list_says_where_one_is_signed_in(cast):
    phone = enter(cast.client, ip="198.51.100.7", agent=PHONE)
    enter(cast.client)
    enter(cast.stranger, ip="192.0.2.1")
    page = phone.get(SESSIONS)

    assert "In 2 places." in page.text
    assert "Safari on iPhone" in page.text
    assert "Chrome on Windows" in page.text
    assert "198.51.100.7" in page.text
    assert "203.0.113.9" in page.text
    assert "192.0.2.1" not in page.text
    assert page.text.count("This one") == 1
    assert page.text.index("Safari on iPhone") < page.text.index("This one")


def test_one_other_session_can_be_ended(cast, events):
    here, there = enter(cast.client), enter(cast.client, ip="198.51.100.7", agent=PHONE)
    other = UserSession.objects.get(ip="198.51.100.7")
    page = here.post(reverse("session-end", args=[other.pk]), follow=True)

    assert "Safari on iPhone at 198.51.100.7 is signed out." in page.text
    assert "Here only." in page.text
    assert is_in(here)
    assert not is_in(there)
    assert ended(events) == ["Safari on iPhone at 198.51.100.7"]


def test_all_others_can_be_ended(cast, events):
    here, *others = [enter(cast.client, ip=f"198.51.100.{number}") for number in range(3)]
    stranger = enter(cast.stranger)
    page = here.post(SESSIONS, follow=True)

    assert "You are signed in here only." in page.text
    assert [is_in(browser) for browser in (here, *others, stranger)] == [True, False, False, True]
    assert ended(events) == ["Chrome on Windows at 198.51.100.1", "Chrome on Windows at 198.51.100.2"]


def test_ending_the_session_at_hand_is_signing_out(cast, events):
    here = enter(cast.client)
    answer = here.post(reverse("session-end", args=[UserSession.objects.get().pk]))

    assert answer.url == LOGIN
    assert not is_in(here)
    assert [event.action for event in events()] == [Action.SIGNED_IN, Action.SIGNED_OUT]


def test_anothers_session_and_a_missing_one_are_the_same_404(cast, events):
    theirs, mine = enter(cast.client), enter(cast.stranger)
    number = UserSession.objects.get(user=cast.client).pk
    answers = [mine.post(reverse("session-end", args=[pk])) for pk in (number, 987_654)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert is_in(theirs)
    assert [event.subject_type for event in events(action=Action.ACCESS_DENIED)] == ["session", "session"]


def test_a_link_alone_ends_no_session(cast):
    here, there = enter(cast.client), enter(cast.client)
    number = UserSession.objects.exclude(session_key=here.session.session_key).get().pk

    assert here.get(reverse("session-end", args=[number])).status_code == 405
    here.get(SESSIONS)
    assert is_in(there)


def test_the_list_takes_as_many_queries_for_many_as_for_one(cast, django_assert_max_num_queries):
    here = enter(cast.client)
    here.get(SESSIONS)
    for _ in range(5):
        enter(cast.client)
    with django_assert_max_num_queries(10):
        here.get(SESSIONS)


def test_a_session_whose_browser_is_long_gone_is_not_in_the_list(cast):
    here, there = enter(cast.client), enter(cast.client)
    set_back(there, seen_at=2 * 3600)

    assert [session.session_key for session in sessions_of(cast.client)] == [here.session.session_key]


# What ends the others


def test_a_changed_password_ends_all_other_sessions(cast, events):
    here, there = enter(cast.client), enter(cast.client, ip="198.51.100.7", agent=PHONE)
    old_cookie = here.cookies["portal_session"].value
    since = UserSession.objects.get(session_key=old_cookie).created_at
    here.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert is_in(here)
    assert not is_in(there)
    thief = Browser()
    thief.cookies["portal_session"] = old_cookie
    assert not is_in(thief)
    (listed,) = UserSession.objects.all()
    assert (listed.session_key, listed.created_at) == (here.session.session_key, since)
    assert [event.action for event in events()][2:] == [Action.PASSWORD_CHANGED, Action.SESSION_ENDED]
    assert ended(events) == ["Safari on iPhone at 198.51.100.7, the password was changed"]


def test_a_password_set_anew_ends_all_sessions(client, cast, events):
    there = enter(cast.client)
    client.post("/account/password/reset/", {"email": cast.client.email})
    do_what_waits()
    link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)
    page = client.get(link.removeprefix("http://localhost:8000"), follow=True)
    client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})

    assert not is_in(there)
    assert not UserSession.objects.exists()
    assert ended(events) == ["Chrome on Windows at 203.0.113.9, a new password was set"]


@pytest.mark.parametrize("close", ["deactivate", "delete_account"])
def test_a_closed_account_ends_its_sessions(cast, events, close):
    there = enter(cast.client)
    getattr(cast.client, close)(by=cast.administrator)

    assert not is_in(there)
    (event,) = events(action=Action.SESSION_ENDED)
    assert (event.actor_id, event.subject_id) == (cast.administrator.pk, str(cast.client.pk))
    assert event.details == {"note": "Chrome on Windows at 203.0.113.9, the account was closed"}


def test_an_old_cookie_does_not_come_back_with_the_account(cast):
    there = enter(cast.client)
    cast.client.deactivate(by=cast.administrator)
    cast.client.reactivate(by=cast.administrator)

    assert not is_in(there)
    assert is_in(enter(cast.client))


# What ran out by itself


def test_closed_browsers_are_in_the_log_once_they_ran_out(cast, events):
    kept, idle, gone = enter(cast.client), enter(cast.second), enter(cast.stranger)
    set_back(idle, seen_at=2 * 3600)
    Session.objects.filter(pk=gone.session.session_key).delete()

    assert (record_expired(), record_expired()) == (2, 0)
    assert {(event.actor_email, event.details["note"]) for event in events(action=Action.SESSION_ENDED)} == {
        (cast.second.email, "Chrome on Windows at 203.0.113.9, not used for 60 minutes"),
        (cast.stranger.email, "Chrome on Windows at 203.0.113.9, ran out"),
    }
    assert is_in(kept)
    assert not is_in(idle)


def test_housekeeping_records_them(cast, events):
    set_back(enter(cast.client), seen_at=2 * 3600)
    call_command("housekeeping", verbosity=0)

    assert ended(events) == ["Chrome on Windows at 203.0.113.9, not used for 60 minutes"]


def test_the_next_sign_in_records_what_ran_out_before(cast, events):
    set_back(enter(cast.client), seen_at=2 * 3600)
    enter(cast.client)

    assert [event.action for event in events()] == [Action.SIGNED_IN, Action.SIGNED_IN, Action.SESSION_ENDED]


def test_who_signed_out_did_not_run_out(cast, events):
    browser = enter(cast.client)
    browser.post("/account/logout/")
    enter(cast.client)

    assert record_expired() == 0
    assert not events(action=Action.SESSION_ENDED)


def test_who_signs_out_leaves_nothing_in_the_browsers_storage(client, cast):
    client.post("/account/login/", {"login": cast.client.email, "password": PASSWORD})
    assert "Clear-Site-Data" not in client.get("/account/logout/")

    assert client.post("/account/logout/")["Clear-Site-Data"] == '"storage"'
    assert "Clear-Site-Data" not in client.post("/account/logout/")


def test_who_ends_their_own_session_in_the_list_leaves_nothing_either(client, cast):
    client.post("/account/login/", {"login": cast.client.email, "password": PASSWORD})
    (session,) = UserSession.objects.filter(user=cast.client)

    assert client.post(f"/account/sessions/{session.pk}/end/")["Clear-Site-Data"] == '"storage"'
