"""Many at once: threads with connections of their own, on a real database."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, connections, transaction

from accounts.models import Client
from activity import recording
from activity.actions import Action
from activity.models import Event
from activity.recording import Entry, Subject, record, record_all, record_now
from activity.verification import verify

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, EACH = 8, 10


class Undone(Exception):
    pass


def together(act):
    """``act(number)`` in THREADS threads that begin at the same moment; their results."""
    start = threading.Barrier(THREADS)

    def run(number):
        start.wait(timeout=20)
        try:
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def numbers():
    return list(Event.objects.order_by("seq").values_list("seq", flat=True))


def test_what_many_record_at_once_is_one_whole_chain():
    def act(number):
        return [record_now(Action.LOG_VIEWED, subject=Subject("page", f"{number}.{turn}")).seq for turn in range(EACH)]

    given = together(act)

    assert numbers() == list(range(1, THREADS * EACH + 1))
    assert sorted(seq for own in given for seq in own) == numbers()
    assert all(own == sorted(own) for own in given)
    assert len(set(Event.objects.values_list("subject_id"))) == THREADS * EACH
    assert verify().is_whole


def test_acts_of_several_events_stay_together():
    def act(number):
        for _ in range(3):
            with transaction.atomic():
                record_all(Entry(Action.LOG_VIEWED, subject=Subject("page", str(number))) for _ in range(5))

    together(act)

    subjects = list(Event.objects.order_by("seq").values_list("subject_id", flat=True))
    assert len(subjects) == THREADS * 15
    assert all(len(set(subjects[first : first + 5])) == 1 for first in range(0, len(subjects), 5))
    assert verify().is_whole


def test_acts_that_are_undone_among_others_leave_no_event_and_no_gap():
    def act(number):
        for turn in range(EACH):
            try:
                with transaction.atomic():
                    record(Action.LOG_VIEWED, note="undone" if turn % 2 else "kept")
                    if turn % 2:
                        raise Undone
            except Undone:
                pass

    together(act)

    assert numbers() == list(range(1, THREADS * EACH // 2 + 1))
    assert not [event for event in Event.objects.all() if event.details != {"note": "kept"}]
    assert verify().is_whole


def test_whoever_comes_second_follows_whoever_came_first(cast):
    """Neither reads a head that the other has not committed yet."""
    first_recorded, second_began = threading.Event(), threading.Event()

    def second():
        try:
            assert first_recorded.wait(20)
            second_began.set()
            return record_now(Action.LOG_VIEWED).seq
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(second)
        with transaction.atomic():
            seq = record(Action.LOG_VIEWED).seq
            first_recorded.set()
            assert second_began.wait(20)
            assert not coming.done()
        assert coming.result(20) == seq + 1
    assert verify().is_whole


def test_an_act_that_cannot_have_the_log_in_time_fails_whole(cast, monkeypatch):
    monkeypatch.setattr(recording, "LOCK_TIMEOUT_SECONDS", 0.2)

    def act():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 200")
        try:
            Client.add("Lindqvist Trust", by=cast.administrator)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            record(Action.LOG_VIEWED)
            with pytest.raises(OperationalError):
                pool.submit(act).result(20)
        assert not Client.objects.filter(name="Lindqvist Trust").exists()
        assert not Event.objects.filter(client_name="Lindqvist Trust").exists()
        pool.submit(act).result(20)  # and works as soon as the log is free
    assert Event.objects.filter(client_name="Lindqvist Trust").count() == 1
    assert verify().is_whole
