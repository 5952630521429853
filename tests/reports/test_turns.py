"""An export gives way to the pages of its process, and to nothing else."""

from contextlib import contextmanager
from threading import Event, Thread

import pytest

from reports import turns
from reports.turns import LONG_SECONDS, MOST_SECONDS, TurnsMiddleware, give_way


class Clock:
    """Time goes by only while somebody sleeps. ``at``: what happens at a moment of it."""

    def __init__(self):
        self.now, self.at = 1_000.0, {}

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        for moment in [moment for moment in self.at if moment <= self.now]:
            self.at.pop(moment)()


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(turns, "time", clock)
    return clock


@pytest.fixture
def seconds(clock):
    """How long an export waits for its turn: ``seconds()``."""

    def seconds():
        began = clock.now
        give_way()
        return round(clock.now - began, 3)

    return seconds


@contextmanager
def page():
    """A page is being made until the end, or until it is called: ``finish()``."""
    begun, made = Event(), Event()

    def view(request):
        begun.set()
        made.wait(10)

    def finish():
        made.set()
        thread.join()

    thread = Thread(target=TurnsMiddleware(view), args=[object()])
    thread.start()
    begun.wait(10)
    yield finish
    finish()


def test_without_a_page_there_is_no_pause(seconds):
    assert seconds() == 0


def test_an_export_waits_until_the_page_is_made(clock, seconds):
    with page() as finish:
        clock.at[clock.now + 0.01] = finish
        assert seconds() == pytest.approx(0.01, abs=turns.STEP_SECONDS)
    assert seconds() == 0


def test_an_export_waits_only_so_long_for_each_of_its_pieces(seconds):
    with page():
        assert seconds() == pytest.approx(MOST_SECONDS, abs=turns.STEP_SECONDS)


def test_an_export_goes_on_beside_a_page_that_takes_its_time(clock, seconds):
    with page():
        clock.now += LONG_SECONDS
        assert seconds() == 0


def test_a_page_that_fails_keeps_no_export(seconds):
    def view(request):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        TurnsMiddleware(view)(object())
    assert seconds() == 0
