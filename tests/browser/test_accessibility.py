"""axe finds nothing on any page of clients, firm users, auditors and those who sign in; nothing runs off the side.

Administrators have half of all pages, and a module of their own: modules are what the suite's workers share out.
"""

import pytest

from tests.browser.accessibility import inspect
from tests.browser.chromium import ADMINISTRATOR
from tests.browser.pages import PLACES


@pytest.mark.parametrize(
    "place", [place for place in PLACES if place.who != ADMINISTRATOR], ids=lambda place: place.name
)
def test_axe_finds_nothing_and_nothing_runs_off_the_side(place, page_of, portal):
    inspect(page_of(place.who), place, portal)
