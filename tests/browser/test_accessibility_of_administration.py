"""axe finds nothing on any page of administrators; nothing runs off the side."""

import pytest

from tests.browser.accessibility import inspect
from tests.browser.chromium import ADMINISTRATOR
from tests.browser.pages import PLACES


@pytest.mark.parametrize(
    "place", [place for place in PLACES if place.who == ADMINISTRATOR], ids=lambda place: place.name
)
def test_axe_finds_nothing_and_nothing_runs_off_the_side(place, page_of, portal):
    inspect(page_of(place.who), place, portal)
