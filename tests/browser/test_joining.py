"""Somebody joins, from the invitation on: a password, an app, a passkey; locked out, and let in again by the firm."""

import pytest

from tests import servers
from tests.browser.chromium import ADMINISTRATOR, Visits
from tests.browser.factors import (
    add_passkey,
    connect_device,
    events,
    firm,
    give_code,
    give_password,
    is_home,
    sign_out,
    turn_on_app,
)
from tests.browser.ways import open_latest_mail, press, unfold

PASSWORD, WRONG = "staple battery horse correct", "staple battery horse wrong"
TRIES = 5


@pytest.fixture(scope="module")
def portal(prepared):
    with servers.portal(like=prepared, is_durable=False) as portal:
        firm(portal, second_factor_firm="demanded", second_factor_clients="offered")
        yield portal


@pytest.fixture(scope="module")
def administrator(browser, portal):
    """A page of the administrator, who has added the passkey that the firm demands."""
    page = Visits(browser, portal.url).open()
    connect_device(page)
    give_password(page, ADMINISTRATOR)
    page.get_by_role("heading", name="One step more: a second factor").wait_for()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("heading", name="Keep these recovery codes").wait_for()
    yield page
    page.context.close()
    assert page.complaints == []


def go_to_the_firm(page):
    page.goto("/accounts/firm-users/")


def go_to_a_client(page):
    page.goto("/accounts/clients/")
    page.locator("main table a").first.click()


def must_add_a_factor(page):
    """The firm demands it: nothing else opens."""
    page.get_by_role("heading", name="One step more: a second factor").wait_for()
    page.goto("/files/")
    page.get_by_role("link", name="Set up an authenticator app").click()


def may_add_a_factor(page):
    assert is_home(page)
    page.goto("/account/2fa/")
    page.get_by_text("leaves it to you").wait_for()
    page.get_by_role("link", name="Set up the app").click()


@pytest.mark.parametrize(
    ("email", "go_to_people", "invite", "choose_app"),
    [
        ("ida@firm.example.com", go_to_the_firm, "Invite a firm user", must_add_a_factor),
        ("amara@acme.example.com", go_to_a_client, "Invite a person", may_add_a_factor),
    ],
    ids=["firm user", "client user"],
)
def test_from_the_invitation_to_the_lock_and_back(
    administrator, visit_with_device, portal, email, go_to_people, invite, choose_app
):
    go_to_people(administrator)
    administrator.get_by_role("link", name=invite).click()
    press("Send the invitation", name="Ida Amara", email=email)(administrator, portal)
    administrator.get_by_text(f"{email} is invited.").wait_for()

    page = visit_with_device()
    open_latest_mail(page, portal)
    press("Set the password", password=PASSWORD)(page, portal)
    page.get_by_text("Your password is set. Sign in with it.").wait_for()
    give_password(page, email, PASSWORD)
    choose_app(page)
    app, codes = turn_on_app(page)
    add_passkey(page, "Laptop at work")
    sign_out(page)

    give_password(page, email, PASSWORD)
    give_code(page, app.code())
    assert is_home(page)
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    assert is_home(page)
    sign_out(page)
    give_password(page, email, PASSWORD)
    page.get_by_role("link", name="Use a recovery code").click()
    give_code(page, codes[0], "Recovery code")
    assert is_home(page)
    sign_out(page)

    for _ in range(TRIES):
        give_password(page, email, WRONG)
        page.get_by_text("do not belong together").wait_for()
    give_password(page, email, PASSWORD)
    page.get_by_text("Too many tries. Wait five minutes").wait_for()

    go_to_people(administrator)
    administrator.get_by_role("link", name=email).click()
    administrator.locator(".page-head .state", has_text="Locked").wait_for()
    unfold("more…")(administrator, portal)
    press("Unlock")(administrator, portal)
    administrator.get_by_text(f"{email} may sign in at once.").wait_for()
    administrator.locator(".page-head .state", has_text="Active").wait_for()

    give_password(page, email, PASSWORD)
    page.get_by_role("heading", name="Enter your code").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    assert is_home(page)
    assert events(portal, email) == [
        "sign-in.signed-in",
        "sign-in.factor-added authenticator app",
        "sign-in.recovery-codes-made recovery code",
        "sign-in.factor-added passkey",
        "sign-in.signed-out",
        "sign-in.signed-in with authenticator app",
        "sign-in.signed-out",
        "sign-in.signed-in by passkey",
        "sign-in.signed-out",
        "sign-in.recovery-code-used",
        "sign-in.signed-in with recovery code",
        "sign-in.signed-out",
        *["sign-in.failed"] * TRIES,
        "sign-in.limited",
        "sign-in.signed-in with passkey",
    ]
