"""Where does our space go? From Home to the bin and back, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import ADMINISTRATOR


@pytest.mark.parametrize("has_scripts", [True, False])
def test_an_administrator_trims_and_puts_back(has_scripts, visit):
    page = visit(ADMINISTRATOR, java_script_enabled=has_scripts)
    page.goto("/")
    page.get_by_role("link", name="Who stores what").click()
    page.get_by_role("link", name="Make room").click()
    page.get_by_role("link", name="Oldest").click()
    expect(page).to_have_url(re.compile("oldest"))
    for number in range(2):
        page.locator("tbody .tick").nth(number).check()
    if has_scripts:
        page.locator("[data-selection-words]").get_by_text("2 files, ").wait_for()
    page.get_by_role("button", name="See what they free").click()
    page.get_by_text("free only when the bins are emptied").wait_for()
    page.get_by_role("button", name="Move 2 files to the bin").click()
    page.get_by_text("2 files are in the bin.").wait_for()
    page.get_by_role("button", name="Put them back").click()
    page.get_by_text("2 files are back.").wait_for()
