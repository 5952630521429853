"""The clock does its works again and again, whatever becomes of one of them, and a second clock idles."""

from threading import Event, Timer

from django.db import OperationalError

from portal.management.commands.clock import keep_doing


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
