"""A person with a real browser: sets up an app, signs in with a code, a passkey and a recovery code. The browser's
authenticator is virtual; everything else is as it is in use."""

import re

import pytest
from playwright.sync_api import expect

from tests import servers
from tests.browser.chromium import AUDITOR, CLIENT, PHONE, STAFF
from tests.browser.factors import (
    AUTHENTICATOR,
    add_passkey,
    events,
    firm,
    give_code,
    give_password,
    is_home,
    set_up_app,
    sign_out,
)


@pytest.fixture(scope="module")
def portal(prepared):
    with servers.portal(like=prepared, is_durable=False) as portal:
        firm(portal, second_factor_firm="offered", second_factor_clients="offered")
        yield portal


def test_an_app_a_passkey_and_a_recovery_code_each_let_one_in(visit_with_device, portal):
    page = visit_with_device()
    give_password(page, STAFF)
    assert is_home(page)
    app, codes = set_up_app(page)
    with page.expect_download() as file:
        page.get_by_role("link", name="Save as a file").click()
    assert re.findall(r"^\d{4} \d{4}$", file.value.path().read_text(), re.M) == codes
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_text("10 of 10 left").wait_for()
    sign_out(page)

    give_password(page, STAFF)
    give_code(page, "12")
    page.get_by_text("That code does not fit.").wait_for()
    expect(page.locator("#id_code")).to_be_focused()
    give_code(page, app.code())
    assert is_home(page)

    add_passkey(page, "Laptop at work")
    expect(page.get_by_text("Laptop at work")).to_be_visible()
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    assert is_home(page)
    sign_out(page)

    give_password(page, STAFF)
    page.get_by_role("button", name="Use a passkey").click()
    assert is_home(page)
    sign_out(page)

    give_password(page, STAFF)
    page.get_by_role("link", name="Use a recovery code").click()
    give_code(page, codes[6], "Recovery code")
    assert is_home(page)
    page.goto("/account/2fa/")
    expect(page.get_by_text("9 of 10 left")).to_be_visible()

    assert events(portal, STAFF) == [
        "sign-in.signed-in",
        "sign-in.factor-added authenticator app",
        "sign-in.recovery-codes-made recovery code",
        "sign-in.signed-out",
        "sign-in.factor-failed authenticator app",
        "sign-in.signed-in with authenticator app",
        "sign-in.factor-added passkey",
        "sign-in.signed-out",
        "sign-in.signed-in by passkey",
        "sign-in.signed-out",
        "sign-in.signed-in with passkey",
        "sign-in.signed-out",
        "sign-in.recovery-code-used",
        "sign-in.signed-in with recovery code",
    ]


def test_a_passkey_alone_is_a_second_factor_and_can_go(visit_with_device, portal):
    page = visit_with_device(size=PHONE)
    give_password(page, CLIENT)
    assert is_home(page)
    page.goto("/account/2fa/webauthn/add/")
    expect(page.get_by_label("Name")).to_have_value("HeadlessChrome on Linux")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("heading", name="Keep these recovery codes").wait_for()
    page.get_by_role("link", name="I have kept them").click()
    page.goto("/account/2fa/webauthn/add/")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_text("This device has a passkey for you already.").wait_for()
    sign_out(page)

    give_password(page, CLIENT)
    page.get_by_role("heading", name="Use your passkey").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    assert is_home(page)
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Remove the passkey").click()
    page.get_by_role("button", name="Remove it").click()
    page.get_by_text("The passkey HeadlessChrome on Linux is removed.").wait_for()
    sign_out(page)

    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("That passkey does not fit. Try again, or use another way.").wait_for()
    assert events(portal, CLIENT)[-1] == "sign-in.factor-failed passkey"


def test_a_device_that_does_not_know_its_owner_is_told_in_words(visit_with_device):
    page = visit_with_device(authenticator={**AUTHENTICATOR, "isUserVerified": False})
    page.goto("/account/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("The passkey was not given, or too late. Try again.").wait_for()

    assert page.url.endswith("/account/login/")


def test_where_it_is_demanded_one_adds_it_and_goes_on(visit_with_device, portal):
    firm(portal, second_factor_firm="demanded")
    try:
        page = visit_with_device()
        give_password(page, AUDITOR)
        page.get_by_role("heading", name="One step more: a second factor").wait_for()
        page.goto("/activity/")
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_role("button", name="Add the passkey").click()
        page.get_by_role("link", name="I have kept them").click()
        page.get_by_text("demands a second factor, so your last one cannot be removed").wait_for()
        page.goto("/activity/")
        expect(page.get_by_role("heading", name="Activity Log")).to_be_visible()
    finally:
        firm(portal, second_factor_firm="offered")


def test_without_scripts_codes_work_and_passkeys_are_not_offered(visit_with_device, portal):
    page = visit_with_device(java_script_enabled=False, authenticator=None)
    give_password(page, "other.client@example.com")
    app, _ = set_up_app(page)
    sign_out(page)
    expect(page.get_by_text("Use a passkey")).to_be_hidden()
    give_password(page, "other.client@example.com")
    give_code(page, app.code())

    assert is_home(page)
    page.goto("/account/2fa/webauthn/add/")
    # Playwright switches scripts off too late for <noscript> to be shown
    assert "Passkeys need JavaScript, which is off in this browser." in page.locator("noscript").inner_text()
    expect(page.get_by_role("button", name="Add the passkey")).to_be_hidden()
