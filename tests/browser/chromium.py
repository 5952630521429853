"""A real Chromium, and the people who use it: each signs in once and then opens pages in contexts of their own."""

import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

PASSWORD = "demonstration"
ADMINISTRATOR, STAFF, AUDITOR = "administrator@example.com", "staff@example.com", "auditor@example.com"
CLIENT, NOBODY = "client@example.com", ""

# The shell is the same engine without windows, bars and profiles: a third of the work
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDE, PHONE, NARROW = (1440, 900), (390, 844), (320, 640)
SCHEMES = ("light", "dark")
# Chromium says this of every page that answers 4xx or 5xx, which some pages do on purpose
STATUS_NOTE = "Failed to load resource: the server responded with a status of"
LISTEN_FOR_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));"""


@contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Visits:
    """Opens pages of the portal at ``url`` for people by their e-mail address; "" is nobody."""

    def __init__(self, browser, url):
        self._browser, self._url = browser, url
        self._states = {}

    def open(self, email="", *, size=WIDE, **options):
        """A page in a new context, at the portal's address, with ``email`` signed in."""
        state = self._state_of(email) if email else None
        width, height = size
        context = self._browser.new_context(
            base_url=self._url, storage_state=state, viewport={"width": width, "height": height}, **options
        )
        context.set_default_timeout(15_000)
        context.add_init_script(LISTEN_FOR_VIOLATIONS)
        page = context.new_page()
        page.complaints = listen(page)
        return page

    def _state_of(self, email):
        if email not in self._states:
            page = self.open()
            sign_in(page, email)
            self._states[email] = page.context.storage_state()
            page.context.close()
        return self._states[email]


def sign_in(page, email, password=PASSWORD):
    """Through the form, to the home page."""
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Hello").wait_for()


def listen(page):
    """The list that everything the page complains of in its console will be in."""
    complaints = []

    def note(message):
        if message.type == "error" and not message.text.startswith(STATUS_NOTE):
            complaints.append(f"{page.url}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    return complaints
