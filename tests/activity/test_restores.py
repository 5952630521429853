"""A log that was put back from a backup: what it lost is known by the event that says so, and nothing else is excused."""

from datetime import UTC, datetime, timedelta

import pytest

from activity import archives, standalone
from activity.actions import Action
from activity.checkpoints import Told, make_checkpoint, public_key, read, written
from activity.models import Checkpoint, Event
from activity.recording import record
from activity.restores import ClockBehind, tell_of_restore
from activity.verification import verify
from tests.activity import attack

pytestmark = pytest.mark.django_db


@pytest.fixture
def restored(portal_with_a_key):
    """A log that ended with a third checkpoint, and is again as it was at the first: what each of the three has Told."""
    return [read(words) for words in lost()]


def lost():
    """The three checkpoints as they are kept elsewhere."""
    three, kept = [], []
    for _ in range(3):
        record(Action.LOG_VIEWED)
        kept.append(written(make_checkpoint()))
        three.append(read(kept[-1]))
    attack.drop_triggers()
    attack.execute(f"DELETE FROM activity_event WHERE seq > {three[0].size}")
    Checkpoint.objects.filter(size__gt=three[0].size).delete()
    return kept


def test_what_was_lost_is_a_gap_that_the_event_of_the_restore_names(restored):
    first, second, third = restored
    event = tell_of_restore("20260101T000000Z", made="2026-01-01", held=third)

    gap = f"events {first.size + 1} to {third.size} are a known gap, by restore, event {event.seq}"
    for held in (second, third):
        finding = verify(against=[held])
        assert finding.is_whole
        assert finding.acknowledged == (gap,)
    assert verify(against=[second, third]).acknowledged == (gap,), "named once"
    assert verify(against=[first]).acknowledged == (), "what it holds is compared as ever"


def test_it_is_still_known_when_the_log_has_grown_past_it(restored):
    tell_of_restore("20260101T000000Z", made="2026-01-01", held=restored[2])
    for _ in range(10):
        record(Action.LOG_VIEWED)

    assert "known gap, by restore" in verify(against=restored).in_words


def test_a_break_beside_it_stays_one(restored):
    tell_of_restore("20260101T000000Z", made="2026-01-01", held=restored[2])
    attack.execute("UPDATE activity_event SET subject = 'x' WHERE seq = 1")

    assert verify(against=[restored[2]]).first_bad_seq == 1


def test_a_checkpoint_of_the_same_event_with_another_hash_is_a_break(restored):
    third = restored[2]
    tell_of_restore("20260101T000000Z", made="2026-01-01", held=third)

    finding = verify(against=[Told(third.size, b"\x01" * 32, third.at)])
    assert "is not there as the checkpoint kept elsewhere saw it" in finding.reason


def test_one_that_was_made_after_the_one_that_was_held_is_a_break(restored):
    tell_of_restore("20260101T000000Z", made="2026-01-01", held=restored[1])

    assert verify(against=[restored[1]]).is_whole
    assert verify(against=[restored[2]]).reason.startswith(f"event {restored[2].size} is not there")


def test_where_none_was_held_nothing_is_excused(restored):
    event = tell_of_restore("20260101T000000Z", made="2026-01-01")

    assert "nobody holds a checkpoint" in event.details["note"]
    assert not verify(against=[restored[2]]).is_whole


def test_what_was_recorded_since_is_no_part_of_the_gap(restored):
    """Else a restore would be leave to rewrite the numbers that were lost."""
    tell_of_restore("20260101T000000Z", made="2026-01-01", held=restored[2])
    since = read(written(make_checkpoint()))
    assert restored[0].size < since.size < restored[2].size
    Checkpoint.objects.filter(size=since.size).delete()
    attack.rewrite(since.size, action=Action.LOG_VIEWED)

    assert verify().is_whole, "nothing inside shows it"
    assert verify(against=[since]).first_bad_seq == since.size


def test_a_restore_that_was_written_without_the_key_excuses_nothing(restored):
    event = tell_of_restore("20260101T000000Z", made="2026-01-01", held=restored[2])
    attack.execute(f"UPDATE activity_event SET mac = hash WHERE seq = {event.seq}")

    assert not verify(against=[restored[2]]).is_whole


def test_no_restore_is_told_of_by_a_clock_that_is_behind_the_checkpoint(restored):
    later = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    before = Event.objects.count()

    with pytest.raises(ClockBehind):
        tell_of_restore("20260101T000000Z", made="2026-01-01", held=restored[2]._replace(at=later))
    assert Event.objects.count() == before


def test_the_verifier_that_needs_no_portal_knows_it_too(portal_with_a_key, tmp_path):
    kept = lost()
    first, second, third = [read(words) for words in kept]
    event = tell_of_restore("20260101T000000Z", made="2026-01-01", held=second)
    path = tmp_path / archives.archive(None, folder=tmp_path, prune=False).file_name

    chain = standalone.check([path], public_key(), kept[:2])
    assert [str(gap) for gap in chain.gaps] == [
        f"events {first.size + 1} to {second.size} are a known gap, by restore, event {event.seq}"
    ]
    with pytest.raises(standalone.Broken, match=f"a checkpoint kept elsewhere saw {third.size}"):
        standalone.check([path], public_key(), kept)


def test_a_restore_that_says_nonsense_excuses_nothing_and_stops_nothing(restored):
    record(Action.RESTORED, after={"restored head": "x", "checkpoint": "y"})
    record(Action.RESTORED, note="none")

    assert verify().is_whole
    assert not verify(against=[restored[2]]).is_whole
