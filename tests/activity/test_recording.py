import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from activity.actions import Action, Area
from activity.models import Event
from activity.origin import Origin, coming_from
from activity.recording import (
    Entry,
    RecordingOutsideTransaction,
    Subject,
    in_the_past,
    record,
    record_all,
    record_now,
)
from activity.verification import verify


@pytest.fixture
def log(db):
    """An empty log: ``log()`` gives its events."""
    assert not Event.objects.exists()
    return lambda: list(Event.objects.order_by("seq"))


@pytest.mark.django_db(transaction=True)
def test_an_event_is_only_recorded_inside_the_transaction_of_its_act():
    with pytest.raises(RecordingOutsideTransaction):
        record(Action.LOG_VIEWED)

    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_undone_leaves_no_event_and_no_gap(log):
    record_now(Action.LOG_VIEWED)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(Action.LOG_VIEWED)
        raise ZeroDivisionError
    record_now(Action.LOG_VIEWED)

    assert [event.seq for event in log()] == [1, 2]
    assert verify().is_whole


def test_events_are_numbered_from_one_without_gaps(log):
    for _ in range(3):
        record(Action.LOG_VIEWED)
    record_all(Entry(Action.LOG_VIEWED) for _ in range(4))

    assert [event.seq for event in log()] == [1, 2, 3, 4, 5, 6, 7]


def test_what_an_event_names_is_copied_and_outlives_it(cast, events):
    subject = Subject("file", "0b7e", "W-2 2025.pdf", cast.acme, 1234)
    origin = Origin(ip="203.0.113.9", user_agent="Telescope 1.0", request_id="ab" * 16)
    with coming_from(origin):
        record(Action.FILE_UPLOADED, by=cast.firm_user, subject=subject, note="by hand")
    User.objects.filter(pk=cast.firm_user.pk).update(email="dana@married.example.com", role=Role.AUDITOR)
    cast.acme.name = "Acme Dental Group"
    cast.acme.save()

    (event,) = events()
    assert (event.actor_id, event.actor_email, event.actor_role) == (
        cast.firm_user.pk,
        "dana@firm.example.com",
        "firm_user",
    )
    assert (event.client_id, event.client_name) == (cast.acme.pk, "Acme Dental PC")
    assert (event.subject_type, event.subject_id, event.subject) == ("file", "0b7e", "W-2 2025.pdf")
    assert (event.size_bytes, event.details, event.format) == (1234, {"note": "by hand"}, 1)
    assert (event.action, event.area) == ("files.uploaded", "files")
    assert (event.ip, event.user_agent, event.request_id) == ("203.0.113.9", "Telescope 1.0", "ab" * 16)
    assert abs(timezone.now() - event.at) < timedelta(minutes=1)


def test_an_event_outlives_the_person_it_names(log):
    person = User.objects.make("gone@firm.example.com", role=Role.AUDITOR)
    record(Action.LOG_VIEWED, by=person)
    person.delete()

    assert [event.actor_email for event in log()] == ["gone@firm.example.com"]
    assert verify().is_whole


def test_the_systems_own_acts_have_no_actor_and_no_address(log):
    record(Action.PORTAL_PREPARED)

    (event,) = log()
    assert (event.actor_id, event.actor_email, event.actor_role, event.client_id) == (None, "", "system", None)
    assert (event.ip, event.user_agent) == ("", "")
    assert len(event.request_id) == 32


def test_what_no_database_holds_is_replaced_and_the_chain_stays_whole(cast, events):
    bad = "a\x00b\ud800c"
    with coming_from(Origin(user_agent=bad)):
        record(Action.FILE_RENAMED, subject=Subject("file", "1", bad), actor_email=bad, note=bad, before={bad: bad})

    (event,) = events()
    good = "a\ufffdb\ufffdc"
    assert (event.subject, event.actor_email, event.user_agent) == (good, good, good)
    assert event.details == {"before": {good: good}, "note": good}
    assert verify().is_whole


def test_text_of_any_length_and_script_comes_back_as_it_was(events):
    label = "Überschuss ﷽ 👩‍👩‍👧 \u202e \t\n" * 500
    with coming_from(Origin(user_agent="x" * 5000)):
        record(Action.FILE_RENAMED, subject=Subject("file", "y" * 99, label))

    (event,) = events()
    assert event.subject == label
    assert (len(event.user_agent), len(event.subject_id)) == (400, 40)
    assert verify().is_whole


def test_details_hold_strings_and_only_what_is_known(events):
    record(
        Action.SETTINGS_CHANGED,
        before={"version": 1, "at": datetime(2026, 1, 2, tzinfo=UTC), "none": None},
        after={"nested": {"a": 1}},
        note=17,
        password="secret",
    )
    record(Action.SETTINGS_CHANGED, before={}, after=None, note="")

    first, second = events()
    assert first.details == {
        "before": {"version": "1", "at": "2026-01-02 00:00:00+00:00", "none": "None"},
        "after": {"nested": "{'a': 1}"},
        "note": "17",
    }
    assert second.details == {}


@pytest.mark.parametrize(("behind", "is_noted"), [(timedelta(hours=2), True), (timedelta(seconds=4), False)])
def test_time_never_runs_backwards_where_a_clock_is_set_back(log, behind, is_noted):
    """The event before is as far ahead of the clock as a clock set back by as much would have it."""
    ahead = timezone.now() + behind
    with in_the_past(lambda: ahead):
        record(Action.LOG_VIEWED)
    record(Action.LOG_VIEWED, note="as ever")

    first, second = log()
    assert first.at == second.at == ahead
    assert second.details.pop("note") == "as ever"
    assert bool(second.details) is is_noted
    assert not is_noted or re.fullmatch(r"7[12]\d\d s behind the event before", second.details["clock"])


def test_a_clock_that_jumps_to_and_fro_never_takes_time_back(log):
    start = datetime(2026, 3, 8, 7, tzinfo=UTC)
    clock = [start + timedelta(seconds=seconds) for seconds in (0, 60, 10, 55, 54, 61, 61)]
    with in_the_past(iter(clock).__next__):
        for _ in clock:
            record(Action.LOG_VIEWED)

    assert [(event.at - start).total_seconds() for event in log()] == [0, 60, 60, 60, 60, 61, 61]
    behind = "{} s behind the event before".format
    noted = [event.details.get("clock") for event in log()]
    assert noted == [None, None, behind(50), None, behind(6), None, None]
    assert verify().is_whole


def test_where_time_runs_on_it_is_the_clock_s(log):
    with in_the_past(lambda: timezone.now() - timedelta(minutes=1)):
        record(Action.LOG_VIEWED)
    before = timezone.now()
    record(Action.LOG_VIEWED)

    last = log()[-1]
    assert abs(last.at - before) < timedelta(seconds=30)
    assert last.details == {}


def test_past_times_are_for_an_empty_log_only(log):
    record(Action.LOG_VIEWED)

    with pytest.raises(RuntimeError, match="empty log"), in_the_past(timezone.now):
        record(Action.LOG_VIEWED)
    assert len(log()) == 1


def test_past_times_end_with_their_block(log):
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with in_the_past(lambda: long_ago):
        record(Action.LOG_VIEWED)
    record(Action.LOG_VIEWED)

    assert [event.at == long_ago for event in log()] == [True, False]


def test_many_events_in_one_go_are_chained_in_order_with_few_statements(log):
    with CaptureQueriesContext(connection) as queries:
        record_all(
            Entry(Action.FILE_BINNED, subject=Subject("file", str(number), str(number))) for number in range(1200)
        )

    assert [(event.seq, event.subject) for event in log()] == [(n + 1, str(n)) for n in range(1200)]
    assert len({event.at for event in log()}) == 1
    assert len(queries) < 60
    assert verify().checked == 1200


def test_every_action_fits_its_columns_and_has_an_area(log):
    record_all(Entry(action) for action in Action)

    assert [(event.action, event.area) for event in log()] == [(action.value, action.area.value) for action in Action]
    assert {action.area for action in Action} == set(Area)
    assert all(len(action.value) <= 40 and action.label for action in Action)
    assert Event.objects.last().label == list(Action)[-1].label


def test_an_action_of_a_later_release_is_shown_as_it_is(log):
    assert Event(action="files.teleported").label == "files.teleported"
