"""What every page must be: free of anything axe finds, on a phone and on a wide screen, in light and in dark; in its place."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.chromium import NARROW, PHONE, WIDE

AXE, AXE_AGAIN = Axe(), Axe(axe_script="0")  # the second finds axe in the page already
EVERY_RULE = {"resultTypes": ["violations"], "reporter": "no-passes"}
OF_COLOUR = {**EVERY_RULE, "runOnly": ["color-contrast"]}  # all that another scheme can change
WIDER_THAN_SCREEN = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => one.outerHTML.slice(0, 120))"""
# Names give way at their end or in their middle, but never wholly; nothing else is cut, or runs into its neighbour
CRAMPED = """() => [...document.querySelectorAll("h1, td, dd, .state, .seal, .button, .nav__link")]
        .filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + 1 && !one.matches(".table__tick"))
        .filter((one) => getComputedStyle(one).display !== "inline")
    .concat([...document.querySelectorAll(".clip, .name__text > :first-child")]
        .filter((one) => one.offsetParent && one.textContent.trim() && one.clientWidth < 24))
    .map((one) => one.outerHTML.slice(0, 160))"""


def inspect(page, place, portal):
    """Goes to the place and fails where axe finds something, something runs off the side, or the console complains."""
    page.complaints.clear()
    place.reach(page, portal)
    expect(page.locator("h1")).to_have_count(1)

    misplaced, violations = {}, []
    show(page, NARROW, "light")
    misplaced[NARROW] = misplaced_in(page)
    show(page, PHONE, "light")
    misplaced[PHONE] = misplaced_in(page)
    violations += AXE.run(page, options=EVERY_RULE).response["violations"]
    show(page, PHONE, "dark")
    violations += AXE_AGAIN.run(page, options=OF_COLOUR).response["violations"]
    show(page, WIDE, "dark")
    violations += AXE_AGAIN.run(page, options=OF_COLOUR).response["violations"]
    show(page, WIDE, "light")
    misplaced[WIDE] = misplaced_in(page)
    violations += AXE_AGAIN.run(page, options=EVERY_RULE).response["violations"]

    found = [(one["help"], [node["html"] for node in one["nodes"]]) for one in violations]
    assert found == [], found
    assert misplaced == {NARROW: [], PHONE: [], WIDE: []}, misplaced
    assert page.complaints == []


def misplaced_in(page):
    """What makes the page wider than the screen, or does not fit its place."""
    return [*page.evaluate(WIDER_THAN_SCREEN), *page.evaluate(CRAMPED)]


def show(page, size, scheme):
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
