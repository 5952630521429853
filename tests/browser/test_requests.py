"""On a phone: a client sends what is asked for into its line; somebody without an account sends over a mailed link."""

from datetime import date, timedelta

from playwright.sync_api import expect

from tests.browser.chromium import CLIENT, PHONE, STAFF, WIDE
from tests.browser.pages import COUPLE
from tests.browser.ways import enter_the_code, mailed, press

GUEST = "appraiser@elm.example.com"


def test_a_client_sends_what_is_missing_and_its_line_is_ticked(visit, portal):
    page = visit(STAFF, size=WIDE)
    _to_requests(page)
    page.locator("main").get_by_role("link", name="New request").first.click()
    page.get_by_label("Title").fill("Mortgage papers")
    for _ in range(3):
        page.get_by_role("button", name="Add a line").click()
    lines = page.get_by_role("group", name="Line")
    expect(lines).to_have_count(6)
    lines.nth(0).get_by_label("Document").fill("Form 1098")
    lines.nth(0).get_by_label("Due").fill((date.today() + timedelta(days=2)).isoformat())
    lines.nth(5).get_by_label("Document").fill("Closing statement")
    page.get_by_role("button", name=f"Ask {COUPLE}").click()
    page.get_by_text("0 of 2 received").wait_for()

    phone = visit(CLIENT, size=PHONE)
    phone.goto("/")
    section = phone.locator("section", has=phone.get_by_text("Mortgage papers"))
    section.get_by_role("link", name="Form 1098").click()
    phone.get_by_label("Files to send").set_input_files(
        {"name": "1098.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
    )
    phone.locator("[data-done]", has_text="Received 1098.pdf.").wait_for()
    phone.locator(".page-head").get_by_text("Received", exact=False).wait_for()
    expect(phone.get_by_text("We do not have this")).to_have_count(0)
    phone.goto("/")
    section.get_by_text("1 of 2 received").wait_for()
    done = section.locator(".task--done")
    expect(done.get_by_role("link")).to_have_text(["Form 1098"])
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_a_guest_sends_over_a_mailed_link_with_a_mailed_code(visit, portal):
    page = visit(STAFF, size=WIDE)
    _to_requests(page)
    page.locator("main").get_by_role("link", name="Request links").click()
    page.locator("main").get_by_role("link", name="New link").first.click()
    press("Mail the link", email=GUEST, title="Appraisal of 12 Elm Street")(page, portal)

    phone = visit(size=PHONE)
    phone.goto(mailed(portal, rf"{portal.url}/files/links/\S+/"))
    phone.get_by_text("a…@elm.example.com").wait_for()
    press("Mail me the code")(phone, portal)
    enter_the_code(phone, portal)
    phone.get_by_label("Files to send").set_input_files(
        {"name": "Appraisal.pdf", "mimeType": "application/pdf", "buffer": b"%PDF elm"}
    )
    phone.get_by_role("heading", name="Sent from here").wait_for()
    expect(phone.get_by_role("listitem").filter(has_text="Appraisal.pdf")).to_have_count(1)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    page.reload()
    page.get_by_text("1 of 20 used").wait_for()


def _to_requests(page):
    page.goto("/files/")
    page.locator("main").get_by_role("link", name=COUPLE).click()
    page.locator("main").get_by_role("link", name="Ask for documents").click()
