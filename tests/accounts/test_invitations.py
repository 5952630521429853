import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation, InvitationSpent, Role, User, invite_firm_person
from activity.actions import Action
from tests.conftest import PASSWORD

CHOICE = {"name": "Amara Okafor", "password": "staple battery horse correct"}


@pytest.fixture
def invited(cast):
    """Somebody invited to Acme, with the address of the link they were mailed."""
    user, token = cast.acme.invite("amara@acme.example.com", name="Amara", by=cast.administrator)
    return user, reverse("invitation", args=[token])


def signs_in(email, password=CHOICE["password"]):
    browser = Browser()
    browser.post("/account/login/", {"login": email, "password": password})
    return browser.session.get("_auth_user_id") is not None


def test_an_administrator_invites_somebody_of_a_client(sign_in, cast, events, settings):
    address = reverse("client-people", args=[cast.acme.pk])
    page = sign_in(cast.administrator).post(address, {"name": "Amara", "email": "Amara@Acme.example.com"}, follow=True)

    assert "amara@acme.example.com is invited. The link in the mail works for 14 days." in page.text
    user = User.objects.get(email="amara@acme.example.com")
    assert (user.role, user.is_active, user.has_usable_password()) == (Role.CLIENT_USER, False, False)
    assert list(user.visible_clients()) == [cast.acme]
    (sent,) = mail.outbox
    assert sent.to == [user.email]
    assert "Ruth Larkin of Your firm invites you" in sent.body
    link = re.search(r"\S+/accounts/invitations/\S+", sent.body).group()
    assert link.startswith(settings.BASE_URL.origin)
    assert Browser().get(link.removeprefix(settings.BASE_URL.origin)).status_code == 200
    (event,) = events(action=Action.USER_INVITED)
    assert (event.actor_email, event.subject, event.client_id) == (cast.administrator.email, user.email, cast.acme.pk)
    assert event.details == {"after": {"role": "Client user"}}


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.FIRM_USER, Role.AUDITOR])
def test_an_administrator_invites_somebody_of_the_firm(sign_in, cast, events, role):
    person = {"name": "Ida", "email": "ida@firm.example.com", "role": role}
    page = sign_in(cast.administrator).post(reverse("firm-user-new"), person, follow=True)

    assert "ida@firm.example.com is invited" in page.text
    assert User.objects.get(email="ida@firm.example.com").role == role
    assert [message.to for message in mail.outbox] == [["ida@firm.example.com"]]
    assert events(action=Action.USER_INVITED)[0].details == {"after": {"role": role.label}}


def test_nobody_is_made_a_client_user_without_a_client(sign_in, cast):
    person = {"name": "Ida", "email": "ida@firm.example.com", "role": Role.CLIENT_USER}
    page = sign_in(cast.administrator).post(reverse("firm-user-new"), person)

    assert "role" in page.context["form"].errors
    assert not User.objects.filter(email="ida@firm.example.com").exists()


def test_a_firm_user_invites_only_to_their_own_clients(sign_in, cast):
    browser, person = sign_in(cast.firm_user), {"name": "Amara", "email": "amara@acme.example.com"}

    assert browser.post(reverse("client-people", args=[cast.other.pk]), person).status_code == 404
    assert not mail.outbox
    assert browser.post(reverse("client-people", args=[cast.acme.pk]), person).status_code == 302
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("look", ["get", "head"])
def test_opening_the_link_changes_nothing(cast, invited, events, look):
    """Mail servers' scanners open every link."""
    user, address = invited
    for _ in range(2):
        getattr(Browser(), look)(address)
    user.refresh_from_db()

    assert not user.is_active
    assert not events(action=Action.USER_JOINED)
    assert Browser().post(address, CHOICE).status_code == 302, "it still works"


def test_the_invited_person_chooses_a_password_and_signs_in(client, invited, events):
    user, address = invited
    assert "You will sign in as amara@acme.example.com." in client.get(address).text
    page = client.post(address, CHOICE, follow=True)
    user.refresh_from_db()

    assert "Your password is set. Sign in with it." in page.text
    assert (user.is_active, user.name) == (True, "Amara Okafor")
    assert timezone.now() - user.joined_at < timedelta(minutes=1)
    assert client.get(reverse("home")).status_code == 302, "the link alone signs nobody in"
    (event,) = events(action=Action.USER_JOINED)
    assert (event.actor_email, event.subject, event.client_name) == (user.email, user.email, "Acme Dental PC")
    assert signs_in(user.email)


def test_a_link_works_once(client, invited, events):
    user, address = invited
    client.post(address, CHOICE)
    answers = [client.get(address), client.post(address, {**CHOICE, "password": PASSWORD})]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert "This link no longer works" in answers[0].text
    assert signs_in(user.email)
    assert not signs_in(user.email, PASSWORD)
    assert len(events(action=Action.USER_JOINED)) == 1


def test_of_two_who_hold_the_link_one_joins(invited, events):
    _, address = invited
    token = address.split("/")[-2]
    first, second = Invitation.find(token), Invitation.find(token)
    first.accept(**CHOICE)

    with pytest.raises(InvitationSpent):
        second.accept(**{**CHOICE, "password": PASSWORD})
    assert len(events(action=Action.USER_JOINED)) == 1


def test_a_link_expires_after_fourteen_days(client, invited):
    user, address = invited
    invitation = user.invitations.get()
    assert timedelta(days=13, hours=23) < invitation.expires_at - timezone.now() < timedelta(days=14, hours=1)
    user.invitations.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert client.get(address).status_code == 410
    assert client.post(address, CHOICE).status_code == 410
    assert not signs_in(user.email)


def test_a_revoked_link_no_longer_works(sign_in, cast, invited, events):
    user, address = invited
    sign_in(cast.administrator).post(reverse("person-revocation", args=[user.pk]))
    answers = [Browser().get(address), Browser().post(address, CHOICE)]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert not signs_in(user.email)
    (event,) = events(action=Action.INVITATION_REVOKED)
    assert (event.actor_email, event.subject) == (cast.administrator.email, user.email)


def test_the_link_of_another_joins_nobody_else(invited, cast):
    """The token alone says who joins: not who is signed in, and nothing that is posted."""
    user, address = invited
    browser = Browser()
    browser.force_login(cast.stranger)
    browser.post(address, {**CHOICE, "user": cast.stranger.pk, "email": cast.stranger.email})

    assert signs_in(user.email)
    assert signs_in(cast.stranger.email, PASSWORD)
    assert list(user.visible_clients()) == [cast.acme]


def test_whoever_tries_links_is_stopped_and_the_log_says_so_once(client, cast, events):
    answers = [client.get(f"/accounts/invitations/guess{number}/").status_code for number in range(33)]

    assert answers == [410] * 30 + [429] * 3
    (event,) = events()
    assert (event.action, event.ip) == (Action.SIGN_IN_LIMITED, "127.0.0.1")
    assert event.details == {"note": "/accounts/invitations/…/"}


def test_nobody_is_sent_more_than_five_links_within_the_hour(sign_in, cast, invited, events):
    user, _ = invited
    browser, address = sign_in(cast.administrator), reverse("person-invitations", args=[user.pk])
    pages = [browser.post(address, follow=True).text for _ in range(6)]

    assert "was sent five links within the hour" in pages[-1]
    assert len(mail.outbox) == 5
    (event,) = events(action=Action.SIGN_IN_LIMITED)
    assert (event.actor_email, event.details) == (cast.administrator.email, {"note": f"invitation of {user.email}"})


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "é", "0" * 64])
def test_an_unknown_link_answers_as_a_spent_one(client, invited, token):
    _, address = invited
    Browser().post(address, CHOICE)
    spent, unknown = client.get(address), client.get(f"/accounts/invitations/{token}/")

    assert unknown.status_code == 410
    assert unknown.text == spent.text


def test_the_database_holds_no_token(cast):
    _, token = invite_firm_person("ida@firm.example.com", role=Role.FIRM_USER, by=cast.administrator)
    (row,) = Invitation.objects.filter(user__email="ida@firm.example.com").values()

    assert len(token) >= 43
    assert token not in str(row)
    assert Invitation.find(row["token_hash"]) is None


WEAK = {"too short": "short words", "common": "q1w2e3r4t5y6", "their own address": "amara@acme.example.com"}


@pytest.mark.parametrize("password", [*WEAK.values(), ""], ids=[*WEAK, "none"])
def test_a_weak_password_is_an_error_and_the_link_still_works(client, invited, password):
    user, address = invited
    page = client.post(address, {**CHOICE, "password": password})

    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["password"]
    assert "One thing to put right" in page.text
    user.refresh_from_db()
    assert not user.is_active
    assert client.post(address, CHOICE).status_code == 302


def test_somebody_of_another_client_is_added_without_an_invitation(sign_in, cast, events):
    address = reverse("client-people", args=[cast.acme.pk])
    sign_in(cast.administrator).post(address, {"name": "Marcus", "email": "Marcus@other.example.com"})

    assert set(cast.stranger.clients.all()) == {cast.acme, cast.other}
    (event,) = events(action=Action.MEMBER_ADDED)
    assert (event.subject, event.client_name) == (cast.stranger.email, "Acme Dental PC")
    assert not mail.outbox


@pytest.mark.parametrize("email", ["ngozi@acme.example.com", " Ngozi@ACME.example.com", "dana@firm.example.com"])
def test_an_address_has_one_account(sign_in, cast, events, email):
    address = reverse("client-people", args=[cast.acme.pk])
    page = sign_in(cast.administrator).post(address, {"name": "Again", "email": email})

    assert f"{email.strip().lower()} already has an account here." in page.text
    assert not mail.outbox
    assert not events(action=Action.USER_INVITED)


def test_where_mail_fails_the_account_stands_and_the_page_says_so(sign_in, cast, events, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # where nothing listens
    address = reverse("client-people", args=[cast.acme.pk])
    page = sign_in(cast.administrator).post(address, {"name": "A", "email": "a@acme.example.com"}, follow=True)

    assert "a@acme.example.com has an account, but the mail could not be sent." in page.text
    assert User.objects.filter(email="a@acme.example.com").exists()
    assert len(events(action=Action.USER_INVITED)) == 1


def test_the_first_administrator_gives_an_address_too(client, db, events):
    address = reverse("invitation", args=[Invitation.issue(None, by=None)])
    assert "You become the first administrator." in client.get(address).text
    assert list(client.post(address, CHOICE).context["form"].errors) == ["email"]
    client.post(address, {**CHOICE, "email": "Ruth@Firm.example.com"})

    user = User.objects.get()
    assert (user.email, user.role, user.is_active) == ("ruth@firm.example.com", Role.ADMINISTRATOR, True)
    assert [event.action for event in events()] == [Action.USER_JOINED]
    assert signs_in("ruth@firm.example.com")
    assert client.get(address).status_code == 410


def test_the_first_administrator_cannot_take_over_an_account(client, cast):
    address = reverse("invitation", args=[Invitation.issue(None, by=None)])
    page = client.post(address, {**CHOICE, "email": cast.client.email})

    assert list(page.context["form"].errors) == ["email"]
    assert signs_in(cast.client.email, PASSWORD)


def test_whom_an_invitation_is_for_cannot_be_changed_by_the_form(client, invited):
    user, address = invited
    client.post(address, {**CHOICE, "email": "somebody@else.example.com", "role": Role.ADMINISTRATOR})
    user.refresh_from_db()

    assert (user.email, user.role, user.is_active) == ("amara@acme.example.com", Role.CLIENT_USER, True)
