"""A log whose times the test sets, and in it a story that every report tells of."""

from datetime import UTC, datetime

import pytest

from accounts.models import Firm
from activity.actions import Action
from activity.models import Event
from activity.origin import Origin, coming_from
from activity.recording import Subject, in_the_past, record_now
from tests.conftest import put_file


class Clock:
    """What the log takes for the time."""

    def __init__(self):
        self.now = datetime(2025, 3, 1, 15, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock(db):
    """The log's clock for the whole test: ``clock.now``."""
    clock = Clock()
    with in_the_past(clock):
        yield clock


@pytest.fixture
def cast(clock, cast):
    """The same cast, added when the test's log begins."""
    return cast


@pytest.fixture
def story(clock, cast):
    """Twelve events, the whole log: of five people, from five addresses, on three days of New York after the first two.
    ``story["sent"]`` is an Event."""
    story = dict(zip(("acme", "other"), Event.objects.order_by("seq"), strict=True))

    def tell(name, day, hour, ip, act):
        clock.now = datetime(2025, 3, day, hour, 30, tzinfo=UTC)
        with coming_from(Origin(ip=ip, user_agent="Firefox")):
            act()
        story[name] = Event.objects.newest_first().first()

    def send():
        story_file.append(put_file(cast.acme.cabinet.top, "W-2 2025.pdf", b"wages" * 20, by=cast.client))

    def rename():
        story_file[0].rename("Wages.pdf", by=cast.firm_user)

    story_file, theirs = [], cast.other.cabinet.top
    refused = {"actor_email": "x…@nowhere.example", "note": "no such account"}
    tell("entered", 11, 14, "203.0.113.7", lambda: record_now(Action.SIGNED_IN, by=cast.client))
    tell("sent", 11, 15, "203.0.113.7", send)
    tell("fetched", 11, 16, "198.51.100.4", lambda: story_file[0].current.hand_out(by=cast.firm_user))
    tell("renamed", 12, 3, "198.51.100.4", rename)  # 23:30 of the 11th in New York
    tell("roofed", 12, 5, "2001:db8::1", lambda: put_file(theirs, "Roof.png", b"tiles", by=cast.stranger))
    tell("foldered", 12, 18, "198.51.100.4", lambda: cast.acme.cabinet.top.add_folder("Payroll", by=cast.firm_user))
    tell("refused", 12, 19, "192.0.2.66", lambda: record_now(Action.SIGN_IN_FAILED, **refused))
    tell("renaming", 13, 9, "10.0.0.1", lambda: Firm.current().change(by=cast.administrator, name="Larkin & Voss"))
    tell("binned", 13, 10, "203.0.113.7", lambda: story_file[0].move_to_bin(by=cast.client))
    about = Subject("user", str(cast.second.pk), cast.second.email, cast.acme)
    tell("invited", 13, 11, "10.0.0.1", lambda: record_now(Action.USER_INVITED, by=cast.administrator, subject=about))
    clock.now = datetime(2025, 3, 20, 12, tzinfo=UTC)
    return story


@pytest.fixture
def told(story):
    """The names of these rows in the story, in their order: ``told(rows)``."""
    names = {event.seq: name for name, event in story.items()}
    return lambda rows: " ".join(names[event.seq] for event in rows)


def walk(browser, url, link="next_url"):
    """The rows of each page, following the next (or previous) link to the end; and the last page's address."""
    path, pages = url.partition("?")[0], []
    while True:
        page = browser.get(url).context["page"]
        pages.append(list(page.rows))
        if getattr(page, link) is None:
            return pages, url
        url = path + getattr(page, link)


def flat(pages):
    return [row for page in pages for row in page]


@pytest.fixture
def own_slots(settings, tmp_path):
    """No export that another test began, and nobody reads, holds a place."""
    settings.VAR_DIR = tmp_path
