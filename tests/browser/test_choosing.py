"""A client chosen among many: typed with the keys, with the pointer, and without a script; and axe on the open list."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import inspect
from tests.browser.chromium import ADMINISTRATOR, STAFF, WIDE, Visits
from tests.browser.conftest import same_engine
from tests.browser.pages import Place
from tests.servers import portal

MANY = """
from accounts.models import Client
Client.objects.bulk_create(Client(name=f"Further Kestrel {number:03}") for number in range(101))
"""


@pytest.fixture(scope="module")
def crowded(request, browser):
    """Visits to a portal of its own, with more clients than a drop-down holds."""
    with same_engine(request) as options, portal(**options) as served:
        served.manage("shell", "-c", MANY)
        yield Visits(browser, served.url)


def field_of(page):
    return page.get_by_label("Client", exact=True)


def options_of(page):
    return page.get_by_role("listbox", name="Names that fit").get_by_role("option")


def test_a_name_is_typed_pointed_at_and_taken_with_the_keys(crowded):
    page = crowded.open(ADMINISTRATOR, size=WIDE)
    page.goto("/activity/")
    field, options = field_of(page), options_of(page)
    field.press_sequentially("kestrel")
    expect(options.first).to_have_text("Kestrel Coffee Roasters, Inc.")  # before those that only contain it
    expect(page.get_by_text("There are more: type on")).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(options.first).to_be_hidden()
    field.press("ArrowDown")
    expect(options.first).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("Kestrel Coffee Roasters, Inc.")
    field.press("Enter")
    page.wait_for_url(lambda url: "client=" in url and "Kestrel" not in url)
    expect(page.locator(".chip")).to_have_text("Client Kestrel Coffee Roasters, Inc.")
    expect(field).to_have_value("Kestrel Coffee Roasters, Inc.")
    assert page.complaints == []
    page.context.close()


def test_axe_finds_nothing_in_the_list_while_it_is_open(crowded):
    def reach(page, portal):
        page.goto("/activity/#filters")  # so that the filter is unfolded on a phone, too
        field_of(page).press_sequentially("kestrel")
        expect(page.get_by_text("There are more: type on")).to_be_visible()
        field_of(page).press("ArrowDown")

    page = crowded.open(ADMINISTRATOR, reduced_motion="reduce")
    inspect(page, Place("activity log, a client being chosen", ADMINISTRATOR, reach), portal=None)
    expect(options_of(page).first).to_have_attribute("aria-selected", "true")  # it is open still
    page.context.close()


def test_a_name_is_taken_with_the_pointer_and_only_the_readers_own_are_offered(crowded):
    page = crowded.open(STAFF)
    page.goto("/files/activity/")  # a firm user's clients are few: a drop-down
    expect(page.locator("select[name=client]")).to_be_visible()
    page.context.close()

    page = crowded.open(ADMINISTRATOR)
    page.goto("/files/usage/")
    field_of(page).press_sequentially("further kestrel 09")
    page.get_by_role("option", name="Further Kestrel 093").click()
    expect(field_of(page)).to_have_value("Further Kestrel 093")
    expect(field_of(page)).to_be_focused()
    assert page.complaints == []
    page.context.close()


def test_without_a_script_a_name_that_fits_several_asks_which_one(crowded):
    page = crowded.open(ADMINISTRATOR, java_script_enabled=False)
    page.goto("/activity/")
    field_of(page).fill("further kestrel 09")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("navigation", name="Which one?").get_by_role("link", name="Further Kestrel 093").click()
    expect(page.locator(".chip")).to_have_text("Client Further Kestrel 093")
    page.get_by_role("link", name="Remove: Client Further Kestrel 093").click()
    page.get_by_role("link", name="Last 7 days").click()
    expect(page.locator(".chip")).to_have_count(1)
    page.get_by_label("Go to").fill("2026-01-02")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page).to_have_url(re.compile("day=2026-01-02"))
    page.context.close()
