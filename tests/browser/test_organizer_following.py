"""The firm sends an organizer and reviews one in a browser, with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import PHONE, STAFF, WIDE

DUE = "2031-04-01"


@pytest.mark.parametrize(("has_script", "size"), [(True, WIDE), (False, PHONE)], ids=["script", "no script, phone"])
def test_one_is_sent_reminded_of_and_taken_back(visit, has_script, size):
    page = visit(STAFF, java_script_enabled=has_script, size=size)
    page.goto("/organizer/send/")
    page.get_by_label("Brightwater Dental PC").check()
    page.get_by_label("Client’s name").fill("Prairie")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_label("Castellano, June")).to_have_count(0)
    expect(page.get_by_label("Brightwater Dental PC")).to_be_checked()
    page.get_by_role("button", name="Go on with the ticked clients").click()
    page.get_by_label("Due").fill(DUE)
    page.get_by_label("Each week after").check()
    page.get_by_role("button", name="Send to 1 client").click()
    page.get_by_role("heading", name="Sent to 1 client").wait_for()

    page.goto("/organizer/?q=Brightwater&status=sent")
    page.get_by_role("link", name="Brightwater Dental PC").click()
    page.get_by_role("button", name="Remind now").click()
    page.get_by_text("A reminder to Brightwater Dental PC is on its way.").wait_for()
    page.locator("summary", has_text="more…").click()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_text("Brightwater Dental PC no longer sees it.").wait_for()
    page.get_by_role("button", name="Send it again").wait_for()


@pytest.mark.parametrize(("has_script", "size"), [(True, WIDE), (False, PHONE)], ids=["script", "no script, phone"])
def test_answers_are_marked_asked_about_and_a_number_is_shown_once(visit, has_script, size):
    page = visit(STAFF, java_script_enabled=has_script, size=size)
    page.goto("/organizer/?q=Castellano&status=submitted")
    page.get_by_role("link", name="Castellano, June").click()
    occupation = page.locator("#look-occupation")
    occupation.get_by_text("Ask the client").click()
    occupation.get_by_role("textbox").fill("Since when?")
    page.locator("#section-you").get_by_role("button", name="Save the marks").click()
    page.get_by_text("The marks of About you are saved.").wait_for()
    expect(occupation.get_by_role("textbox")).to_have_value("Since when?")
    occupation.get_by_role("textbox").fill("")
    page.locator("#section-you").get_by_role("button", name="Save the marks").click()
    expect(occupation.get_by_role("textbox")).to_be_hidden()

    page.get_by_role("button", name="Show Social Security number or ITIN").click()
    page.get_by_text("987-65-4327").wait_for()
    page.get_by_role("link", name="Hide it").click()
    page.locator("#look-ssn").get_by_text("•••••4327").wait_for()
