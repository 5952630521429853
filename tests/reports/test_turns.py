"""An export gives way to the pages of its process, and to nothing else."""

import time
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from reports import turns
from reports.turns import TurnsMiddleware, give_way


@pytest.fixture
def seconds(monkeypatch):
    """How long an export waits for its turn, of at most 2 seconds: ``seconds()``."""
    monkeypatch.setattr(turns, "MOST_SECONDS", 2)

    def seconds():
        began = time.monotonic()
        give_way()
        return time.monotonic() - began

    return seconds


@contextmanager
def page(made):
    """A page is being made until the event."""
    begun = Event()

    def view(request):
        begun.set()
        made.wait(10)

    thread = Thread(target=TurnsMiddleware(view), args=[object()])
    thread.start()
    begun.wait(10)
    yield
    made.set()
    thread.join()


def test_without_a_page_there_is_no_pause(seconds):
    assert seconds() < 0.5


def test_an_export_waits_until_the_page_is_made(seconds):
    made = Event()
    with page(made):
        timer = Thread(target=lambda: (time.sleep(0.1), made.set()))
        timer.start()
        assert 0.05 < seconds() < 1.5
        timer.join()
    assert seconds() < 0.5


def test_an_export_goes_on_beside_a_page_that_takes_its_time(seconds, monkeypatch):
    monkeypatch.setattr(turns, "LONG_SECONDS", 0.3)
    with page(Event()):
        assert 0.1 < seconds() < 1.5


def test_a_page_that_fails_keeps_no_export(seconds):
    def view(request):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        TurnsMiddleware(view)(object())
    assert seconds() < 0.5
