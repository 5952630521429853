import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client as Browser

from activity.actions import Action
from tests.conftest import PASSWORD
from tests.working import do_what_waits

LOGIN, HOME, EMAIL = "/account/login/", "/", "/account/email/"
NEW = "ngozi.new@acme.example.com"
OTHER = "staple battery horse correct"


@pytest.fixture
def browser(client, cast):
    """The client's browser, signed in a moment ago."""
    client.post(LOGIN, {"login": cast.client.email, "password": PASSWORD})
    return client


def ask(browser, email=NEW, **request):
    return browser.post(EMAIL, {"email": email}, follow=True, **request)


def mailed_link():
    return re.search(r"http\S+/confirm-email/\S+", mail.outbox[-1].body).group()


def path_of(link):
    return link.removeprefix("http://localhost:8000")


def addresses_of(user):
    return list(user.emailaddress_set.values_list("email", "verified", "primary"))


def signs_in(email):
    browser = Browser()
    browser.post(LOGIN, {"login": email, "password": PASSWORD})
    return browser.get(HOME).status_code == 200


def test_the_new_address_holds_once_its_link_is_followed(browser, cast, events):
    old = cast.client.email
    page = ask(browser, "Ngozi.New@Acme.example.com")
    assert f"A link is on its way to {NEW}" in page.text
    (sent,) = mail.outbox
    assert sent.to == [NEW]
    (asked,) = events(action=Action.EMAIL_CHANGE_ASKED)
    assert (asked.actor_email, asked.details) == (old, {"after": {"email": NEW}})
    assert f"Ngozi Okafor wants to sign in at the portal of Your firm with this address, {NEW}" in sent.body
    path = path_of(mailed_link())

    shown = browser.get(path)
    cast.client.refresh_from_db()
    assert f"From now on you sign in as <strong>{NEW}</strong>, no longer as {old}." in shown.text
    assert cast.client.email == old, "opening the link changes nothing"
    done = browser.post(path, follow=True)
    cast.client.refresh_from_db()

    assert f"Sign in with {NEW} from now on." in done.text
    assert (cast.client.email, addresses_of(cast.client)) == (NEW, [(NEW, True, True)])
    assert signs_in(NEW)
    assert not signs_in(old)
    (event,) = events(action=Action.EMAIL_CHANGED)
    assert (event.actor_id, event.subject_id, event.client_id) == (
        cast.client.pk,
        str(cast.client.pk),
        cast.acme.pk,
    )
    assert event.details == {"before": {"email": old}, "after": {"email": NEW}}
    notice = mail.outbox[-1]
    assert (notice.to, notice.subject) == ([old], "Your e-mail address was changed")
    assert f"now has the address {NEW} instead of {old}" in notice.body
    assert "/password/reset/" not in notice.body, "the old address can set no password any more"


def test_the_link_works_without_signing_in_and_signs_nobody_in(browser, cast):
    ask(browser)
    elsewhere = Browser()
    answer = elsewhere.post(path_of(mailed_link()))

    assert answer.url == LOGIN
    assert elsewhere.get(HOME).status_code == 302
    assert signs_in(NEW)


def test_a_link_works_once(browser, cast):
    ask(browser)
    path = path_of(mailed_link())
    browser.post(path)
    again = browser.get(path)

    assert again.status_code == browser.post(path).status_code == 410
    assert "This link no longer works" in again.text


@pytest.mark.parametrize("key", ["MTM", "MTM:1xVrac:CdhQT_KCQxzKXWiHSXoLpkKmA5RA", "-"])
def test_a_made_up_link_changes_nothing(client, cast, key):
    path = f"/account/confirm-email/{key}/"

    assert client.get(path).status_code == client.post(path).status_code == 410


def test_an_old_sign_in_is_asked_again(browser, cast):
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 600
    session.save()
    answers = browser.get(EMAIL), browser.post(EMAIL, {"email": NEW})

    assert [answer.url for answer in answers] == [f"/account/reauthenticate/?next={EMAIL.replace('/', '%2F')}"] * 2
    assert not mail.outbox
    assert not EmailAddress.objects.filter(email=NEW).exists()
    browser.post("/account/reauthenticate/", {"password": PASSWORD, "next": EMAIL})
    assert browser.get(EMAIL).status_code == 200


def test_only_the_newest_link_works(browser, cast):
    ask(browser, "first@acme.example.com")
    first = path_of(mailed_link())
    ask(browser, "second@acme.example.com")

    assert browser.post(first).status_code == 410
    assert browser.post(path_of(mailed_link())).status_code == 302
    assert signs_in("second@acme.example.com")


def test_one_may_keep_the_address_after_all(browser, cast):
    ask(browser)
    path = path_of(mailed_link())
    page = browser.post(EMAIL, {"keep": "1"}, follow=True)

    assert "You keep ngozi@acme.example.com. The link that was mailed no longer works." in page.text
    assert browser.post(path).status_code == 410
    assert addresses_of(cast.client) == [("ngozi@acme.example.com", True, True)]


def test_anothers_address_is_refused_to_whoever_reads_its_mail_and_to_nobody_else(browser, cast, events):
    """The page says the same whether or not the address has an account."""
    page = ask(browser, cast.stranger.email)
    assert f"A link is on its way to {cast.stranger.email}" in page.text
    done = browser.post(path_of(mailed_link()))
    cast.client.refresh_from_db()

    assert done.status_code == 409
    assert "already belongs to an account here. Nothing is changed." in done.text
    assert cast.client.email == "ngozi@acme.example.com"
    assert not events(action=Action.EMAIL_CHANGED)
    assert len(mail.outbox) == 1


def test_the_address_of_somebody_invited_is_refused_too(browser, cast):
    invited, _ = cast.acme.invite("invited@acme.example.com", by=cast.administrator)
    ask(browser, invited.email)

    assert browser.post(path_of(mailed_link())).status_code == 409


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "Fill this in."), ("no address", "no e-mail address"), (" NGOZI@acme.example.com", "already")],
)
def test_what_is_no_new_address_is_refused(browser, cast, typed, words):
    page = ask(browser, typed)

    assert words in page.text
    assert "<title>Error: " in page.text
    assert not mail.outbox


def test_a_second_factor_stands_in_no_way_nor_the_other_way_round(browser, cast):
    """allauth refuses both, for portals where anybody signs up."""
    TOTP.activate(cast.client, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert "A link is on its way" in ask(browser).text
    cast.client.authenticator_set.all().delete()

    assert browser.get("/account/2fa/totp/activate/").status_code == 200


def test_the_link_leads_to_the_portal_whatever_the_host_header_says(browser, cast, settings):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "alias.example.com"]
    browser.post(EMAIL, {"email": NEW}, HTTP_HOST="alias.example.com")

    assert mailed_link().startswith(settings.BASE_URL.origin + "/account/confirm-email/")


def test_the_link_signs_out_nobody_who_is_somebody_else(browser, cast):
    ask(browser)
    other = Browser()
    other.force_login(cast.stranger)
    other.get(path_of(mailed_link()))
    other.post(path_of(mailed_link()))

    assert other.get(HOME).status_code == 200


def test_the_link_of_a_closed_account_is_dead(browser, cast):
    ask(browser)
    cast.client.deactivate(by=cast.administrator)

    assert Browser().post(path_of(mailed_link())).status_code == 410


def test_one_address_gets_one_mail_in_three_minutes(browser, cast):
    ask(browser)
    page = ask(browser)

    assert len(mail.outbox) == 1
    assert "One address gets one link in three minutes." in page.text
    assert browser.post(path_of(mailed_link())).status_code == 302, "the first link still works"


def test_after_keeping_the_address_no_link_is_promised_that_is_not_sent(browser, cast):
    ask(browser)
    browser.post(EMAIL, {"keep": "1"})
    page = ask(browser)

    assert "One address gets one link in three minutes." in page.text
    assert "A link is on its way" not in page.text


def test_a_mail_that_cannot_be_sent_is_said(browser, cast, monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    page = ask(browser)

    assert page.status_code == 200
    assert "The mail could not be sent, so nothing changes." in page.text
    assert "A link is on its way" not in page.text


def test_a_notice_that_cannot_be_sent_undoes_nothing(browser, cast, monkeypatch):
    ask(browser)
    path = path_of(mailed_link())

    def fail(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    assert browser.post(path).status_code == 302
    assert signs_in(NEW)


@pytest.mark.parametrize("way", ["changed", "set by a link"])
def test_a_new_password_calls_off_a_change_of_address_that_waits(browser, cast, way):
    """Whoever had the password until now may have asked for it, and has the link."""
    ask(browser, "thief@elsewhere.example.com")
    path = path_of(mailed_link())
    if way == "changed":
        old_and_new = {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER}
        browser.post("/account/password/change/", old_and_new)
    else:
        owner = Browser()
        owner.post("/account/password/reset/", {"email": cast.client.email})
        do_what_waits()
        link = re.search(r"http\S+/password/reset/key/\S+", mail.outbox[-1].body).group()
        page = owner.get(path_of(link), follow=True)
        owner.post(page.request["PATH_INFO"], {"password1": OTHER, "password2": OTHER})

    answer = Browser().post(path)

    assert answer.status_code == 410
    cast.client.refresh_from_db()
    assert cast.client.check_password(OTHER)
    assert addresses_of(cast.client) == [(cast.client.email, True, True)]
    assert cast.client.email == "ngozi@acme.example.com"
