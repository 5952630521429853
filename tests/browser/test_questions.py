"""An administrator's four questions, each answered from the first page in at most four clicks, with and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import ADMINISTRATOR, CLIENT, PHONE, STAFF
from tests.browser.pages import COUPLE

MOST_CLICKS = 4
OPENED = re.compile(r"Opened \d+ times? by \d+ (person|people), last \w")


class Clicks:
    """A page whose clicks are counted from the first page on."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def ask(self, words):
        self.page.goto("/")
        self.count = 0
        return self.on(self.page.get_by_role("link", name=words, exact=True))

    def on(self, found):
        found.click()
        self.count += 1
        assert self.count <= MOST_CLICKS
        return self.page


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "bare"])
def test_each_question_is_answered_in_at_most_four_clicks(has_scripts, visit):
    clicks = Clicks(visit(ADMINISTRATOR, java_script_enabled=has_scripts))
    who_opened_this_file_and_when(clicks)
    what_did_this_client_do_last_spring(clicks)
    who_used_a_tool(clicks)
    where_does_our_space_go(clicks)
    who_accessed_a_clients_files(clicks)


def who_opened_this_file_and_when(clicks):
    page = clicks.ask("Who opened this file, and when?")
    page.get_by_label("Name or note", exact=True).fill("Form 1098")
    clicks.on(page.get_by_role("button", name="Search"))
    clicks.on(page.locator(".found .name a").first)
    clicks.on(page.get_by_role("link", name="Who opened it"))
    expect(page.locator(".page-head__lead")).to_contain_text(OPENED)  # how often: other tests open files, too
    row = page.locator(".log tr", has_text="Downloaded a file").filter(has_text=STAFF).first
    assert row.locator("time").get_attribute("title").endswith("UTC")


def what_did_this_client_do_last_spring(clicks):
    page = clicks.ask("What did this client do last spring?")
    chosen = [page.get_by_label(label, exact=True).input_value() for label in ("From", "To")]
    assert [day[4:] for day in chosen] == ["-03-01", "-05-31"]
    page.get_by_label("From", exact=True).fill("2020-03-01")  # the firm of the demonstration is younger
    page.get_by_label("To", exact=True).fill("2040-05-31")
    page.get_by_label("Client", exact=True).select_option(label=COUPLE)
    clicks.on(page.get_by_role("button", name="Show"))
    expect(page.locator(".chip").first).to_contain_text(COUPLE)
    assert set(page.locator(".log td.log__client").all_text_contents()) == {COUPLE}


def who_used_a_tool(clicks):
    page = clicks.ask("Who used the Secure File Exchange?")
    expect(page.locator(".chip")).to_have_text("Secure File Exchange")
    users = page.locator(".log td.log__user").all_text_contents()
    assert CLIENT in users
    clicks.on(page.locator(".log td.log__user a", has_text=CLIENT).first)
    expect(page.locator(".chip")).to_have_count(2)
    assert set(page.locator(".log td.log__user").all_text_contents()) == {CLIENT}


def where_does_our_space_go(clicks):
    page = clicks.ask("Where does our space go?")
    page.get_by_role("heading", name="Usage").wait_for()
    assert page.locator(".table tbody tr").count() > 3


def who_accessed_a_clients_files(clicks):
    page = clicks.ask("Who accessed this client's files?")
    page.get_by_label("Client", exact=True).select_option(label=COUPLE)
    page.get_by_label("One line for each").select_option(label="Person")
    clicks.on(page.get_by_role("button", name="Show"))
    expect(page.locator(".access tbody")).to_contain_text(STAFF)
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()
    assert STAFF in started.value.path().read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "bare"])
def test_the_chart_comes_after_the_page_or_by_its_link_and_leads_to_a_day(has_scripts, visit):
    page = visit(ADMINISTRATOR, java_script_enabled=has_scripts)
    page.goto("/activity/")
    if not has_scripts:
        page.get_by_role("link", name="Chart of events per day").click()
    expect(page.locator("figure.histogram figcaption")).to_contain_text("Events per day.")
    page.locator(".histogram__figures summary").click()
    page.locator(".histogram__figures a").last.click()
    expect(page.locator(".chip")).to_contain_text("On ")
    expect(page.locator(".log .band")).to_have_count(1)


def test_new_events_are_told_of_where_one_moves_after_a_minute(visit):
    page = visit(ADMINISTRATOR)
    page.clock.install()
    page.goto("/activity/?action=sign-in.failed")
    link = page.locator("[data-behaviour=newer]")
    expect(link).to_have_text("Show the newest")
    knocking = visit()
    knocking.goto("/account/login/")
    knocking.get_by_label("E-mail address").fill("nobody@example.com")
    knocking.get_by_label("Password").fill("wrong")
    knocking.get_by_role("button", name="Sign in").click()
    knocking.get_by_role("alert").first.wait_for()

    page.mouse.move(300, 300)
    expect(link).to_have_text("Show the newest")  # not before the minute is over
    page.clock.fast_forward(61_000)
    page.mouse.move(310, 310)
    expect(link).to_have_text("1 new")
    link.click()
    expect(page.locator(".log td.log__user").first).to_have_text("n…@example.com")


def test_a_client_reads_what_happened_with_their_files(visit):
    page = visit(CLIENT, size=PHONE, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name="Menu", exact=True).click()
    page.get_by_role("link", name="What happened with your files").click()
    page.get_by_role("link", name="Filter").click()
    page.get_by_label("Action", exact=True).select_option(label="Downloaded a file")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".log td.log__user", has_text=STAFF).first).to_be_visible()
    expect(page.locator(".log td.log__ip")).to_have_count(0)
