"""A new portal, on a phone: from the link that is printed to a portal that is set up."""

import re
import shutil

import pytest
from playwright.sync_api import expect

from tests import servers
from tests.browser.accessibility import AXE, EVERY_RULE, misplaced_in
from tests.browser.chromium import PHONE
from tests.browser.factors import give_password
from tests.browser.ways import press

EMAIL, PASSWORD = "ruth@firm.example.com", "staple battery horse correct"


@pytest.fixture(scope="module")
def portal():
    """Prepared, without a demonstration; ``link`` is what was printed."""
    var = servers.new_folder("portal-var-", is_durable=False)
    portal = servers.Portal(var, demo=False)
    try:
        portal.link = re.search(r"http\S+/accounts/invitations/\S+", portal.prepare().stdout).group()
        portal.start()
        yield portal
    finally:
        if portal.process:
            portal.stop()
        shutil.rmtree(var, ignore_errors=True)


def is_in_order(page):
    """axe finds nothing, and nothing runs off the side."""
    assert AXE.run(page, options=EVERY_RULE).response["violations"] == []
    assert misplaced_in(page) == []


def shown(page, heading):
    page.get_by_role("heading", name=heading, exact=True).wait_for()


def test_from_the_printed_link_to_a_portal_that_is_set_up(visit_with_device, portal):
    page = visit_with_device(size=PHONE, reduced_motion="reduce")
    page.goto(portal.link)
    page.get_by_text("You become the first administrator.").wait_for()
    press("Set the password", email=EMAIL, name="Ruth Larkin", password=PASSWORD)(page, portal)
    give_password(page, EMAIL, PASSWORD)
    shown(page, "One step more: a second factor")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Add the passkey").click()
    shown(page, "Keep these recovery codes")

    page.goto("/")
    shown(page, "Set up the portal")
    assert page.url.endswith("/setup/")
    is_in_order(page)
    page.get_by_role("link", name="Start").click()
    shown(page, "Your firm")
    page.get_by_label("Time zone").select_option("America/Chicago")
    press("Save and go on", name="Larkin & Voss")(page, portal)

    shown(page, "Mail")
    press("Send a test mail")(page, portal)
    page.get_by_text("No mail server is set, and nobody gets a mail").wait_for()
    is_in_order(page)
    press("Leave it so")(page, portal)

    shown(page, "Storage")
    press("Test the storage")(page, portal)
    page.get_by_text("keeps, gives and removes a file").wait_for()
    page.get_by_role("link", name="Next: Virus scanner").click()
    press("Leave it so")(page, portal)

    shown(page, "Second factor")
    press("Save and go on")(page, portal)
    shown(page, "Colleagues")
    press("Skip")(page, portal)
    shown(page, "Backup")
    press("I have seen to it")(page, portal)

    shown(page, "Set up the portal")
    page.get_by_text("7 of 7 steps settled.").wait_for()
    is_in_order(page)
    page.goto("/")
    shown(page, "Hello, Ruth")
    expect(page.get_by_text("not set up yet")).to_have_count(0)
    page.get_by_text("Larkin & Voss").first.wait_for()
    mails = [mail.read_text() for mail in (portal.var / "mail").iterdir()]
    assert any("Subject: Test mail of the portal of Larkin & Voss" in mail and EMAIL in mail for mail in mails)
