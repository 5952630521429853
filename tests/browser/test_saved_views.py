"""A filter is saved, shared and scheduled from the report's own page, with JavaScript off."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.chromium import ADMINISTRATOR, AUDITOR, PHONE, STAFF
from tests.browser.ways import unfold
from tests.reports.written import read_csv

RENAMED = "Renamed in the exchange"


def test_a_view_is_shared_and_a_colleague_fetches_what_is_made_of_it(visit, portal):
    page = visit(ADMINISTRATOR, java_script_enabled=False)
    page.goto("/files/activity/?action=files.renamed")
    unfold("Views")(page, portal)
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name").fill(RENAMED)
    page.get_by_label("Share it with colleagues").check()
    page.get_by_role("button", name="Save the view").click()
    page.get_by_text(f"The view “{RENAMED}” is saved.").wait_for()
    expect(page.locator(".chip", has_text="Renamed a file")).to_have_count(1)

    shown = visit(AUDITOR, java_script_enabled=False)
    shown.goto("/reports/")
    shown.get_by_role("link", name=RENAMED, exact=True).wait_for()
    shown.get_by_role("link", name="Sign-ins of this tax season", exact=True).click()
    shown.get_by_role("heading", name="Activity Log").wait_for()

    theirs = visit(STAFF, java_script_enabled=False, size=PHONE)
    theirs.goto("/reports/")
    theirs.get_by_role("link", name=f"Schedule {RENAMED}").click()
    theirs.get_by_label("CSV").check()
    theirs.get_by_label("Every month").check()
    theirs.get_by_label("Day of the month").fill("31")
    theirs.get_by_label("auditor@example.com").check()
    theirs.get_by_role("button", name="Schedule it").click()
    theirs.get_by_text("On day 31 of every month after 7 AM").wait_for()
    theirs.get_by_role("button", name="Make it now").click()
    theirs.get_by_text("Being made", exact=True).wait_for()
    portal.manage("work", "--batch")

    theirs.goto("/reports/schedules/")
    theirs.locator("[aria-labelledby=sent]").get_by_role("link", name=RENAMED).click()
    with theirs.expect_download() as started:
        theirs.get_by_role("link", name="Download").click()
    heading, *rows = read_csv(Path(started.value.path()).read_bytes())
    assert rows and {row[heading.index("Action")] for row in rows} == {"Renamed a file"}
