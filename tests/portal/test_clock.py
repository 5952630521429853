"""The clock does its works again and again, whatever becomes of one of them, and a second clock idles."""

import os
import signal
from datetime import timedelta
from threading import Event, Thread, Timer

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from portal.management.commands.clock import keep_doing
from reports.models import Run, Schedule
from tests.reports.saving import scheduled, wait_until


def test_the_clock_goes_on_after_a_work_that_failed(db, lines):
    done, stop = [], Event()

    def work():
        done.append(True)
        if len(done) == 3:
            stop.set()
        raise OperationalError("the database is away")

    keep_doing(work, 0.01, stop)
    assert len(done) == 3
    assert any("The clock skips a turn: the database is away" in line for line in lines())


def test_a_second_clock_idles_while_the_first_works(db):
    done = []
    for name in ("first", "second"):
        stop = Event()

        def work(name=name, stop=stop):
            done.append(name)
            stop.set()

        Timer(0.2, stop.set).start()
        keep_doing(work, 3600, stop)
    assert done == ["first"]


@pytest.fixture
def end_by_signal():
    """The process's own ways with signals come back after the test."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield lambda: os.kill(os.getpid(), signal.SIGTERM)
    for number, way in kept.items():
        signal.signal(number, way)


@pytest.mark.django_db(transaction=True)
def test_the_clock_begins_what_is_due_and_ends_when_it_is_told_to(cast, end_by_signal):
    scheduled(cast.firm_user)
    Schedule.objects.update(done_until=timezone.now() - timedelta(days=2))

    def end():
        try:
            wait_until(Run.objects.exists)
        finally:
            connection.close()
            end_by_signal()

    Thread(target=end).start()
    call_command("clock")
    assert Run.objects.get().state == Run.State.WAITING
