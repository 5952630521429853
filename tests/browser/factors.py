"""What people do with their second factor, by hand; the app and the device that holds passkeys are virtual."""

import time

from allauth.mfa.totp.internal import auth

from tests.browser.chromium import PASSWORD

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def connect_device(page, authenticator=AUTHENTICATOR):
    """The page's context can hold passkeys, and gives them without asking."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": authenticator})


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


def give_password(page, email, password=PASSWORD):
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
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
    return turn_on_app(page)


def turn_on_app(page):
    """As ``set_up_app``, where the page with the key is open."""
    app = App(page)
    page.get_by_label("6-digit code").fill(app.shown())
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_role("heading", name="Keep these recovery codes").wait_for()
    return app, page.locator(".codes code").all_inner_texts()


def give_code(page, code, label="6-digit code"):
    page.get_by_label(label).fill(code)
    page.get_by_role("button", name="Continue").click()


def add_passkey(page, name):
    page.goto("/account/2fa/webauthn/add/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_text("The passkey is added.").wait_for()
