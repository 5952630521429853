"""Somebody with the database in hand, but without the key file, writes what verification itself looks at: acknowledgements,
checkpoints, earlier checks, archives; or values that cannot be read. None of it hides a change, and none stops the check."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Firm
from activity.actions import Action
from activity.checkpoints import Told, make_checkpoint, make_hourly_checkpoint
from activity.models import Archive, Checkpoint, Event, Refusal, Verification
from activity.recording import record, record_now
from activity.verification import acknowledge, check, open_break, verify
from tests.activity import attack

HUGE = 2**63 - 1
NAMES = attack.COLUMNS.split(", ")


@pytest.fixture
def log(cast):
    """A dozen events, without triggers; gives their number."""
    for _ in range(8):
        record_now(Action.LOG_VIEWED, by=cast.auditor)
    attack.drop_triggers()
    return Event.objects.count()


def insert_copy(of, **columns):
    """A forged row like another but for some columns."""
    values = ", ".join("%s" if name in columns else name for name in NAMES)
    given = [columns[name] for name in NAMES if name in columns]
    attack.execute(
        f"INSERT INTO activity_event ({attack.COLUMNS}) SELECT {values} FROM activity_event WHERE seq = {of}", given
    )


def acknowledge_all(by):
    while not check().is_whole:
        acknowledge(open_break(), by=by, why="known")


def forged_archive(last, **fields):
    return Archive.objects.create(
        **{"first_seq": 1, "last_seq": last, "hash": b"x" * 32, "file_name": "x", "is_pruned": True, "pruned_to": last,
           "pruned_hash": b"x" * 32, **fields}
    )  # fmt: skip


def test_a_forged_acknowledgement_excuses_no_forged_archive(log):
    """Else the whole log could be left unread."""
    far = 10**15
    for seq in range(1, log + 1):
        attack.change(seq, subject="all forged")
    reason = f"events 1 to {far} are missing, and no event says that they were archived"
    attack.change(3, action=Action.BREAK_ACKNOWLEDGED, details={"before": reason})
    forged_archive(far)

    assert not verify().is_whole


def test_a_row_whose_change_is_known_acknowledges_nothing_else(log, cast):
    attack.change(3, subject="x")
    acknowledge_all(cast.administrator)
    last, made = Event.objects.latest("seq").seq, make_checkpoint()
    attack.execute(f"DELETE FROM activity_event WHERE seq > {last}")
    reason = f"event {made.size} is not there as a checkpoint saw it"
    attack.change(3, action=Action.BREAK_ACKNOWLEDGED, details={"before": reason})

    assert verify().first_bad_seq == last + 1


def test_rows_before_the_first_acknowledge_nothing(log):
    insert_copy(1, seq=-5)
    reason = "event -5 was added before the first"
    insert_copy(1, seq=-4, action=Action.BREAK_ACKNOWLEDGED.value, details=json.dumps({"before": reason}))

    assert verify().first_bad_seq < 1


@pytest.mark.parametrize("which", [slice(None), slice(1, None), slice(0, 1)], ids=["all", "the last", "the first"])
def test_a_checkpoint_that_was_removed_is_missed_by_the_event_of_its_making(log, which):
    made = [make_checkpoint() for _ in range(2)][which]
    Checkpoint.objects.filter(pk__in=[one.pk for one in made]).delete()

    assert not verify().is_whole


def test_after_a_known_gap_the_next_event_still_needs_the_key(log, cast):
    attack.execute("DELETE FROM activity_event WHERE seq = 5")
    acknowledge_all(cast.administrator)
    assert verify().is_whole
    attack.change(6, mac=b"\x00" * 32)

    assert verify().first_bad_seq == 5


def test_no_walk_begins_behind_a_break_that_nobody_acknowledged(log):
    make_checkpoint()
    check()
    attack.change(3, subject="x")
    check()
    check(resume=True)

    assert open_break().first_bad_seq == 3


def test_a_checkpoint_kept_elsewhere_is_compared_also_where_the_walk_could_begin_behind_it(log):
    says_otherwise = Told(make_checkpoint().size, b"\x01" * 32, "2026-01-01T00:00:00.000000Z")
    make_checkpoint()
    check()

    assert verify(against=[says_otherwise], resume=True).first_bad_seq == says_otherwise[0]


@pytest.mark.django_db(transaction=True)
def test_an_earlier_finding_of_the_same_words_keeps_no_mail_from_going_out(log, cast):
    Verification.objects.create(
        head_seq=2, first_bad_seq=3, finding="event 3 was changed, or one before it", acknowledged_at=timezone.now()
    )
    attack.change(3, subject="x")
    check()
    call_command("work", batch=True)

    assert mail.outbox


@pytest.mark.django_db(transaction=True)
def test_a_checkpoint_made_by_hand_keeps_the_daily_mail_from_nobody(log, cast):
    Firm.objects.update(checkpoint_emails="notary@elsewhere.example.com")
    make_checkpoint(by=cast.administrator)
    call_command("housekeeping", stdout=StringIO())
    call_command("work", batch=True)

    assert [message.to for message in mail.outbox] == [["notary@elsewhere.example.com"]]


def test_times_from_the_future_stop_no_periodic_work(log):
    future = timezone.now() + timedelta(days=3_000)
    made = make_checkpoint()
    Checkpoint.objects.update(at=future)
    assert verify().first_bad_seq == made.size
    make_hourly_checkpoint()
    Verification.objects.create(head_seq=1, first_bad_seq=1, finding="x", at=future, acknowledged_at=future)
    call_command("housekeeping", stdout=StringIO(), stderr=StringIO())

    assert Checkpoint.objects.count() == 2
    assert Verification.objects.count() == 2


def test_one_work_that_fails_keeps_none_of_the_others_from_being_done(log, caplog):
    Refusal.objects.create(action="nonsense", network="x", since=timezone.now() - timedelta(hours=1), count=3)
    with pytest.raises(CommandError, match="1 of 13 works failed"):
        call_command("housekeeping", stdout=StringIO())

    assert "Periodic work failed: record_rest" in caplog.text
    assert Verification.objects.exists()
    assert Checkpoint.objects.exists()


def test_numbers_that_are_taken_are_passed_over(log):
    """Left by a log that was longer once, or put there to keep checkpoints from being made."""
    for ahead in range(1, 5):
        Checkpoint.objects.create(size=log + ahead, at=timezone.now(), text="x", signature="y")

    assert make_checkpoint().size == log + 5


def test_a_forged_checkpoint_far_ahead_needs_one_acknowledgement_only(log, cast):
    make_checkpoint()
    Checkpoint.objects.create(size=10**15, at=timezone.now(), text="x", signature="y")
    check()
    acknowledge(open_break(), by=cast.administrator, why="forged")
    make_checkpoint()

    assert verify().is_whole


def test_a_checkpoint_after_a_known_cut_names_the_one_that_survived_it_once(log, cast):
    made = make_checkpoint()
    attack.execute(f"DELETE FROM activity_event WHERE seq >= {made.size - 6}")
    acknowledge_all(cast.administrator)
    assert make_checkpoint().size < made.size
    check()
    acknowledge(open_break(), by=cast.administrator, why="known")
    make_checkpoint()

    assert verify().is_whole


def test_the_number_of_an_anchor_is_named_though_the_log_goes_on(log, cast):
    made = make_checkpoint()
    for _ in range(5):
        record(Action.SIGNED_OUT)
    attack.execute(f"DELETE FROM activity_event WHERE seq = {made.size}")
    check()
    acknowledge(open_break(), by=cast.administrator, why="known")

    assert verify().first_bad_seq == made.size


def test_the_break_that_one_saw_is_acknowledged_and_no_other(log, sign_in, cast):
    attack.change(7, subject="x")
    check()
    seen = open_break().pk
    attack.change(3, subject="x")
    check()
    sign_in(cast.administrator).post(reverse("integrity-acknowledgement"), {"why": "a disk", "verification": seen})

    assert not Event.objects.filter(action=Action.BREAK_ACKNOWLEDGED).exists()


# Values that cannot be read


def run(statement, *parameters):
    return lambda: attack.execute(statement, list(parameters) or None)


def event_with(value):
    return run(f"UPDATE activity_event SET {value} WHERE seq = 3")


def checkpoint_with(value):
    return run(f"UPDATE activity_checkpoint SET {value}")


def archive_with(**columns):
    values = {"first_seq": "1", "last_seq": "3", "hash": "x'00'", "file_name": "'x'", "sha256": "'x'",
              "made_at": "'2026-01-01 00:00:00'", "is_pruned": "1", "pruned_to": "2", "pruned_hash": "x'00'"} | columns  # fmt: skip
    return run(f"INSERT INTO activity_archive ({', '.join(values)}) VALUES ({', '.join(values.values())})")


def verification_with(**columns):
    values = {
        "at": "'2026-01-01 00:00:00'",
        "head_seq": "3",
        "head_hash": "x'00'",
        "finding": "''",
        "is_full": "1",
    } | columns
    return run(f"INSERT INTO activity_verification ({', '.join(values)}) VALUES ({', '.join(values.values())})")


ACKNOWLEDGES = Action.BREAK_ACKNOWLEDGED
ODD = {
    "an acknowledgement of a list": lambda: attack.change(3, action=ACKNOWLEDGES, details=[]),
    "an acknowledgement of an object": lambda: attack.change(3, action=ACKNOWLEDGES, details={"before": {"a": "b"}}),
    "details: deep": run("UPDATE activity_event SET details = %s WHERE seq = 3", "[" * 980 + "]" * 980),
    "checkpoint: deep": lambda: Checkpoint.objects.update(text="[" * 100_000),
    "checkpoint: a list": lambda: Checkpoint.objects.update(text="[]"),
    "checkpoint: far ahead": lambda: Checkpoint.objects.create(size=HUGE, at=timezone.now(), text="x", signature="y"),
    "checkpoint: negative": lambda: Checkpoint.objects.create(size=-3, at=timezone.now(), text="x", signature="y"),
    "archive: negative": lambda: forged_archive(-7),
    "archive: far ahead": lambda: forged_archive(HUGE),
    "check: far ahead": lambda: Verification.objects.create(head_seq=HUGE),
    "number: the greatest": lambda: insert_copy(1, seq=HUGE),
    "number: the least": lambda: insert_copy(1, seq=-(2**63)),
}
if connection.vendor == "sqlite":  # any type in any column, and any bytes in a text
    ODD |= {
        "text: no UTF-8": event_with("subject = CAST(x'ff41' AS TEXT)"),
        "time: a number": event_with("at = 5"),
        "time: bytes": event_with("at = x'00'"),
        "time: impossible": event_with("at = '2026-13-45 10:00:00'"),
        "time: before all": event_with("at = '0001-01-01 00:00:00+14:00'"),
        "hash: a number": event_with("hash = 1000000000000000"),
        "mac: a number": event_with("mac = 1000000000000000"),
        "details: a number": event_with("details = 5"),
        "number: a text": lambda: insert_copy(1, seq="abc"),
        "number: a fraction": lambda: insert_copy(1, seq=3.5),
        "number: bytes": lambda: insert_copy(1, seq=b"abc"),
        "number: infinite": lambda: insert_copy(1, seq=float("inf")),
        "number: before all": lambda: insert_copy(1, seq=float("-inf")),
        "checkpoint: a text for its number": checkpoint_with("size = 'abc'"),
        "checkpoint: bytes for its signature": checkpoint_with("signature = x'00'"),
        "checkpoint: bytes for its text": checkpoint_with("text = CAST(text AS BLOB)"),
        "checkpoint: an impossible time": checkpoint_with("at = '2026-13-45 10:00:00'"),
        "checkpoint: no UTF-8": checkpoint_with("text = CAST(x'ff41' AS TEXT)"),
        "check: a text for its number": verification_with(head_seq="'abc'"),
        "check: a text for its hash": verification_with(head_hash="'abc'"),
        "archive: a text for its hash": archive_with(hash="'abc'"),
        "archive: a text for the hash before": archive_with(pruned_hash="'abc'"),
        "archive: a text for its number": archive_with(pruned_to="'abc'"),
    }


@pytest.mark.parametrize("spoil", ODD.values(), ids=ODD)
def test_what_cannot_be_read_is_a_break_like_any_other(log, spoil):
    make_checkpoint()
    spoil()
    finding = check()

    assert not finding.is_whole
    assert open_break().first_bad_seq == finding.first_bad_seq


@pytest.mark.parametrize("text", ["{}", "x", "[]"])
def test_the_page_opens_though_a_checkpoint_cannot_be_read(log, sign_in, cast, text):
    make_checkpoint()
    Checkpoint.objects.update(text=text)
    check()

    assert "Acknowledge the break" in sign_in(cast.administrator).get("/activity/integrity/").text
