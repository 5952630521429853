"""Somebody with the database in hand, triggers dropped, changes the past; the walk names the first event that is not as it was."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from activity import chain, verification
from activity.actions import Action
from activity.models import Event, Verification
from activity.origin import Origin, coming_from
from activity.recording import Entry, Subject, record, record_all
from activity.verification import verify
from tests.activity import attack
from tests.activity.attack import change, rewrite

COUNT, BAD = 12, 7
COLUMNS = ", ".join(field.column for field in Event._meta.fields)


@pytest.fixture
def log(cast):
    """A log of COUNT events and more, without its triggers; gives its length."""
    subject = Subject("file", "0b7e", "W-2 2025.pdf", cast.acme, 1234)
    with coming_from(Origin(ip="203.0.113.9", user_agent="Telescope 1.0")):
        record_all([Entry(Action.FILE_DOWNLOADED, cast.client, subject, details={"note": "n"})] * COUNT)
    attack.drop_triggers()
    return Event.objects.count()


def insert_copy(of, **columns):
    """A forged row like another but for some columns."""
    names = COLUMNS.split(", ")
    values = ", ".join("%s" if name in columns else name for name in names)
    given = [columns[name] for name in names if name in columns]
    attack.execute(
        f"INSERT INTO activity_event ({COLUMNS}) SELECT {values} FROM activity_event WHERE seq = {of}", given
    )


def test_an_untouched_log_is_whole(log):
    finding = verify()

    assert finding.is_whole
    assert finding.checked == finding.head_seq == log
    assert finding.head_hash == bytes(Event.objects.get(seq=log).hash)


def test_an_empty_log_is_whole(db):
    assert verify() == verification.Finding(0, 0, chain.GENESIS)


def test_a_log_of_several_batches_is_walked_to_its_end(log, monkeypatch):
    monkeypatch.setattr(verification, "BATCH", 5)
    ends = []

    assert verify(progress=ends.append).checked == log
    assert ends == [*range(5, log, 5), log]


OTHER = {int: lambda value: value + 100, str: lambda value: f"x{value[1:]}", dict: lambda value: {**value, "note": "m"}}


@pytest.mark.parametrize("column", chain.COLUMNS[1:])
def test_an_edit_of_any_column_is_found(log, column):
    value = getattr(Event.objects.get(seq=BAD), column)
    other = value + timedelta(microseconds=1) if column == "at" else OTHER[type(value)](value)
    change(BAD, **{column: other})

    assert verify().first_bad_seq == BAD
    change(BAD, **{column: value})
    assert verify().is_whole, "only the edit was wrong"


@pytest.mark.parametrize("column", ["actor_id", "client_id", "size_bytes"])
def test_an_emptied_column_is_found(log, column):
    change(BAD, **{column: None})

    assert verify().first_bad_seq == BAD


@pytest.mark.parametrize("column", ["hash", "mac"])
@pytest.mark.parametrize("value", [bytes(32), b"", b"\xff" * 32])
def test_an_edited_hash_or_mac_is_found(log, column, value):
    change(BAD, **{column: value})

    assert verify().first_bad_seq == BAD


def test_a_deleted_event_is_missed(log):
    attack.execute(f"DELETE FROM activity_event WHERE seq = {BAD}")

    finding = verify()
    assert (finding.first_bad_seq, finding.checked, finding.head_seq) == (BAD, BAD - 1, BAD - 1)
    assert finding.reason.startswith(f"event {BAD} is missing; the next is {BAD + 1}, and nothing can show")


@pytest.mark.parametrize("first", [1, 2, BAD])
def test_a_gap_that_was_closed_by_numbering_anew_is_found(log, first):
    attack.execute(f"DELETE FROM activity_event WHERE seq = {first}")
    for seq in range(first + 1, log + 1):
        change(seq, seq=seq - 1)

    assert verify().first_bad_seq == first


def test_two_events_that_changed_places_are_found(log):
    for old, new in ((BAD, 0), (BAD + 1, BAD), (0, BAD + 1)):
        change(old, seq=new)

    assert verify().first_bad_seq == BAD


@pytest.mark.parametrize("seq", [-5, 0])
def test_an_event_put_before_the_first_is_found(log, seq):
    insert_copy(1, seq=seq)

    assert verify().first_bad_seq == seq


def test_an_event_added_at_the_end_is_found(log):
    insert_copy(log, seq=log + 1)

    assert verify().first_bad_seq == log + 1


def test_a_cut_off_end_is_missed_where_it_was_seen_before(log):
    call_command("verify_activity", stdout=StringIO())
    attack.execute(f"DELETE FROM activity_event WHERE seq >= {BAD}")

    assert verify().first_bad_seq == BAD
    with pytest.raises(CommandError):
        call_command("verify_activity", stdout=StringIO())


def test_a_cut_off_end_is_missed_even_after_the_log_has_grown_past_it(log):
    call_command("verify_activity", stdout=StringIO())
    seen = Verification.objects.get().head_seq
    attack.execute(f"DELETE FROM activity_event WHERE seq >= {BAD}")
    for _ in range(seen):
        record(Action.SIGNED_OUT)

    finding = verify()
    assert (finding.first_bad_seq, finding.reason) == (seen, f"event {seen} is not there as an earlier check saw it")


def test_a_forger_without_the_key_is_found_even_where_all_hashes_fit(log):
    rewrite(BAD, key=b"k" * 32, actor_email="somebody@else.example.com")

    finding = verify()
    assert finding.first_bad_seq == BAD
    assert finding.reason == f"event {BAD} was not written with this portal's key"


def test_time_that_runs_backwards_is_found_even_under_the_right_key(log):
    rewrite(BAD, at=Event.objects.get(seq=BAD).at - timedelta(days=1))

    finding = verify()
    assert (finding.first_bad_seq, finding.reason) == (BAD, f"event {BAD} is earlier than the one before")


if connection.vendor == "sqlite":  # it keeps any type in any column

    @pytest.mark.parametrize(
        "value", ["at = 'garbage'", "hash = 'text'", "mac = 'text'", "size_bytes = 'many'", "format = 'x'"]
    )
    def test_a_row_that_cannot_be_read_is_named_like_any_other(log, value):
        attack.execute(f"UPDATE activity_event SET {value} WHERE seq = {BAD}")

        assert verify().first_bad_seq == BAD


def test_the_command_says_that_the_log_is_whole_and_keeps_what_it_found(log, events):
    out = StringIO()
    call_command("verify_activity", stdout=out)

    head = bytes(Event.objects.get(seq=log).hash).hex()
    assert out.getvalue() == f"The log is unbroken up to event {log}, hash {head}.\n"
    row = Verification.objects.latest()
    assert (row.head_seq, row.first_bad_seq, row.finding, row.is_whole) == (log, None, "", True)
    (event,) = events(action=Action.LOG_VERIFIED)
    assert event.details == {"note": f"unbroken up to event {log}"}
    assert (event.actor_id, event.subject) == (None, "manage.py verify_activity")


def test_the_command_names_the_first_bad_event_and_fails(log, events):
    for bad in (BAD + 2, BAD):
        change(bad, ip="198.51.100.1")

    with pytest.raises(
        CommandError, match=f"broken: event {BAD} was changed.* Nothing was changed or repaired"
    ) as failed:
        call_command("verify_activity", stdout=StringIO())
    assert failed.value.returncode == 1
    row = Verification.objects.latest()
    assert (row.head_seq, row.first_bad_seq, row.is_whole) == (BAD - 1, BAD, False)
    assert events(action=Action.LOG_VERIFIED)[-1].details == {"note": f"broken: {row.finding}"}
    assert verify().first_bad_seq == BAD, "it is still broken"


def test_work_goes_on_after_a_break(log, cast):
    change(BAD, ip="198.51.100.1")
    record(Action.LOG_VIEWED, by=cast.auditor)

    assert Event.objects.count() == log + 1
    assert verify().first_bad_seq == BAD
