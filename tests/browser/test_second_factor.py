"""A person with a real browser: sets up an app, signs in with a code, a passkey and a recovery code. The browser's
authenticator is virtual; everything else is as it is in use."""

import re
import time

import pytest
from allauth.mfa.totp.internal import auth

from tests import servers

PASSWORD = "demonstration"
STAFF, CLIENT, AUDITOR = "staff@example.com", "client@example.com", "auditor@example.com"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
COMPLAIN = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));"""


@pytest.fixture(scope="module")
def portal():
    with servers.portal() as portal:
        firm(portal, second_factor_firm="offered", second_factor_clients="offered")
        yield portal


@pytest.fixture
def visit(browser, portal):
    """Opens a page in a new context, by default with a device that can hold passkeys. Its console must stay silent."""
    contexts, complaints = [], []

    def visit(*, authenticator=AUTHENTICATOR, **options):
        context = browser.new_context(base_url=portal.url, **options)
        context.set_default_timeout(15_000)
        context.add_init_script(COMPLAIN)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if authenticator:
            devices = context.new_cdp_session(page)
            devices.send("WebAuthn.enable")
            page.device = devices.send("WebAuthn.addVirtualAuthenticator", {"options": authenticator})
            page.devices = devices
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


def firm(portal, **settings):
    portal.manage("shell", "-c", f"from accounts.models import Firm; Firm.objects.update(**{settings!r})")


def events(portal, email):
    """What the log says of the person's signing in with this browser: action and note."""
    script = (
        "from activity.models import Event\n"
        f"for e in Event.objects.filter(actor_email={email!r}, area='sign-in', user_agent__contains='Headless')"
        ".order_by('seq'): print(e.action, e.details.get('note', ''))"
    )
    lines = portal.manage("shell", "-v", "0", "-c", script).stdout.strip().splitlines()
    return [line.strip() for line in lines]


def give_password(page, email):
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page):
    page.goto("/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in to the Firm Portal").wait_for()


def is_home(page):
    page.get_by_role("heading", name="Hello").wait_for()
    return True


class App:
    """An authenticator app that scanned the page's key. It gives no code twice, as none lets one in twice."""

    def __init__(self, page):
        self._secret = page.locator(".qr__key code").inner_text().replace(" ", "")
        self._given = set()

    def shown(self):
        while time.time() % 30 > 27:
            time.sleep(0.3)
        (counter,) = auth.yield_hotp_counters_from_time()
        return auth.format_hotp_value(auth.hotp_value(self._secret, counter))

    def code(self):
        while (code := self.shown()) in self._given:
            time.sleep(0.3)
        self._given.add(code)
        return code


def set_up_app(page):
    """The app, and the recovery codes that the next page shows."""
    page.goto("/account/2fa/totp/activate/")
    app = App(page)
    page.get_by_label("6-digit code").fill(app.shown())
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_role("heading", name="Keep these recovery codes").wait_for()
    return app, page.locator(".codes code").all_inner_texts()


def add_passkey(page, name):
    page.goto("/account/2fa/webauthn/add/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_text("The passkey is added.").wait_for()


def test_an_app_a_passkey_and_a_recovery_code_each_let_one_in(visit, portal):
    page = visit()
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
    page.get_by_label("6-digit code").fill("12")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("That code does not fit.").wait_for()
    assert page.evaluate("document.activeElement.id") == "id_code"
    page.get_by_label("6-digit code").fill(app.code())
    page.get_by_role("button", name="Continue").click()
    assert is_home(page)

    add_passkey(page, "Laptop at work")
    assert page.get_by_text("Laptop at work").is_visible()
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
    page.get_by_label("Recovery code").fill(codes[6])
    page.get_by_role("button", name="Continue").click()
    assert is_home(page)
    page.goto("/account/2fa/")
    assert page.get_by_text("9 of 10 left").is_visible()

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


def test_a_passkey_alone_is_a_second_factor_and_can_go(visit, portal):
    page = visit(viewport={"width": 390, "height": 844})
    give_password(page, CLIENT)
    assert is_home(page)
    page.goto("/account/2fa/webauthn/add/")
    assert page.get_by_label("Name").input_value() == "HeadlessChrome on Linux"
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


def test_a_device_that_does_not_know_its_owner_is_told_in_words(visit):
    page = visit(authenticator={**AUTHENTICATOR, "isUserVerified": False})
    page.goto("/account/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("The passkey was not given, or too late. Try again.").wait_for()

    assert page.url.endswith("/account/login/")


def test_where_it_is_demanded_one_adds_it_and_goes_on(visit, portal):
    firm(portal, second_factor_firm="demanded")
    try:
        page = visit()
        give_password(page, AUDITOR)
        page.get_by_role("heading", name="One step more: a second factor").wait_for()
        page.goto("/activity/")
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_role("button", name="Add the passkey").click()
        page.get_by_role("link", name="I have kept them").click()
        page.get_by_text("demands a second factor, so your last one cannot be removed").wait_for()
        page.goto("/activity/")
        assert page.get_by_role("heading", name="Activity Log").is_visible()
    finally:
        firm(portal, second_factor_firm="offered")


def test_without_scripts_codes_work_and_passkeys_are_not_offered(visit, portal):
    page = visit(java_script_enabled=False, authenticator=None)
    give_password(page, "other.client@example.com")
    app, _ = set_up_app(page)
    sign_out(page)
    assert not page.get_by_text("Use a passkey").is_visible()
    give_password(page, "other.client@example.com")
    page.get_by_label("6-digit code").fill(app.code())
    page.get_by_role("button", name="Continue").click()

    assert is_home(page)
    page.goto("/account/2fa/webauthn/add/")
    # Playwright switches scripts off too late for <noscript> to be shown
    assert "Passkeys need JavaScript, which is off in this browser." in page.locator("noscript").inner_text()
    assert not page.get_by_role("button", name="Add the passkey").is_visible()
