"""Signed checkpoints: made hourly and on demand, chained to each other, and anchors for whoever keeps them."""

import hashlib
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.core.management import CommandError, call_command

from accounts import keyfile
from activity import checkpoints
from activity.actions import Action
from activity.checkpoints import NoCheckpoint, make_checkpoint, make_hourly_checkpoint, public_key, read, written
from activity.models import Checkpoint, Event
from activity.recording import record
from activity.verification import verify
from tests.activity import attack


@pytest.fixture
def three(cast):
    """Three checkpoints, with other events between them."""
    made = []
    for _ in range(3):
        record(Action.LOG_VIEWED, by=cast.auditor)
        made.append(make_checkpoint(by=cast.administrator))
    return made


def test_a_checkpoint_tells_of_the_log_as_it_is_and_is_the_last_thing_in_it(cast, settings):
    made = make_checkpoint(by=cast.administrator)
    event = Event.objects.latest("seq")

    assert (event.action, event.actor_email) == (Action.CHECKPOINT_MADE, cast.administrator.email)
    assert json.loads(made.text) == {
        "format": "firm-portal-checkpoint-v1",
        "origin": settings.BASE_URL.origin,
        "size": event.seq,
        "hash": bytes(event.hash).hex(),
        "at": event.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "previous": "00" * 32,
    }
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key()))
    key.verify(bytes.fromhex(made.signature), made.text.encode())


def test_each_checkpoint_names_the_one_before(three):
    names = [json.loads(one.text)["previous"] for one in three]

    assert names == ["00" * 32, *(hashlib.sha256(one.text.encode()).hexdigest() for one in three[:2])]


def test_the_clock_makes_one_an_hour_also_when_nothing_happens(cast):
    for _ in range(3):
        make_hourly_checkpoint()
    assert Checkpoint.objects.count() == 1
    Checkpoint.objects.update(at=Checkpoint.objects.get().at - timedelta(hours=1))
    make_hourly_checkpoint()

    assert Checkpoint.objects.count() == 2
    assert [event.actor_id for event in Event.objects.filter(action=Action.CHECKPOINT_MADE)] == [None, None]


def test_what_is_written_down_is_read_back(three):
    words = written(three[1])

    assert words.count("\n") == 3
    assert read(words)[:2] == (three[1].size, bytes.fromhex(three[1].hash))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda words: words.replace('"size":', '"size":1'),
        lambda words: words.replace("signature ", "signature 00"),
        lambda words: words.splitlines()[0],
        lambda words: "",
        lambda words: "firm-portal-checkpoint-v1\nsignature 00\n",
    ],
    ids=["another size", "another signature", "no signature", "nothing", "no text"],
)
def test_what_was_not_signed_here_is_no_checkpoint(three, spoil):
    with pytest.raises(NoCheckpoint):
        read(spoil(written(three[1])))


def test_another_portals_checkpoint_is_none_here(three, monkeypatch):
    foreign = Ed25519PrivateKey.generate().sign(three[0].text.encode()).hex()

    with pytest.raises(NoCheckpoint):
        read(f"{three[0].text}\nsignature {foreign}\n")
    assert public_key() != keyfile.key("mac").hex()


# Attacks that leave rows and hashes in order


def test_a_whole_log_agrees_with_its_checkpoints(three):
    assert verify().is_whole
    assert [(size, fault) for size, _, fault in checkpoints.survey()] == [(one.size, None) for one in three]


@pytest.mark.parametrize(
    ("column", "value"),
    [("text", "{}"), ("text", "x"), ("signature", "00" * 64), ("signature", "x")],
)
def test_a_changed_checkpoint_is_found(three, column, value):
    Checkpoint.objects.filter(pk=three[1].pk).update(**{column: value})

    assert verify().first_bad_seq == three[1].size


def test_a_replaced_checkpoint_is_found(three):
    """Signed by somebody who does not hold the key."""
    text = three[1].text.replace(three[1].hash, "ab" * 32)
    forged = Ed25519PrivateKey.generate().sign(text.encode()).hex()
    Checkpoint.objects.filter(pk=three[1].pk).update(text=text, signature=forged)

    finding = verify()
    assert (finding.first_bad_seq, finding.reason) == (
        three[1].size,
        f"the checkpoint of event {three[1].size} is not as it was signed",
    )


def test_a_checkpoint_moved_to_another_event_is_found(three):
    Checkpoint.objects.filter(pk=three[1].pk).delete()
    Checkpoint.objects.create(size=three[0].size + 1, at=three[1].at, text=three[1].text, signature=three[1].signature)

    assert verify().first_bad_seq == three[0].size + 1


def test_a_deleted_checkpoint_is_missed_by_the_one_after_it(three):
    three[1].delete()

    finding = verify()
    assert finding.first_bad_seq == three[2].size
    assert "a checkpoint before that of event" in finding.reason


def test_a_cut_off_end_is_missed_by_the_checkpoints_that_were_left(three):
    attack.drop_triggers()
    attack.execute(f"DELETE FROM activity_event WHERE seq >= {three[1].size}")

    assert verify().first_bad_seq == three[1].size


def test_a_cut_off_end_is_missed_by_a_checkpoint_kept_elsewhere_alone(three, tmp_path):
    """Checkpoints cut off with it, as an old copy of the database put in this one's place would have it."""
    kept = tmp_path / "checkpoint.txt"
    kept.write_text(written(three[2]))
    attack.drop_triggers()
    attack.execute(f"DELETE FROM activity_event WHERE seq > {three[0].size}")
    Checkpoint.objects.filter(size__gt=three[0].size).delete()
    assert verify().is_whole, "nothing inside shows it"

    with pytest.raises(CommandError, match=f"event {three[2].size} is not there as the checkpoint kept elsewhere saw"):
        call_command("verify_activity", against=[kept])
    for _ in range(10):
        record(Action.LOG_VIEWED)
    finding = verify(against=[read(kept.read_text())])
    assert finding.first_bad_seq == three[2].size, "also once the log has grown past it"


def test_a_past_rewritten_with_the_key_is_found_by_a_checkpoint_kept_elsewhere_alone(three):
    kept = read(written(three[2]))
    attack.drop_triggers()
    for one in three:
        attack.rewrite(one.size, action=Action.LOG_VIEWED)
    Checkpoint.objects.all().delete()
    make_checkpoint()
    assert verify().is_whole, "whoever holds the key can make all of it again"

    assert verify(against=[kept]).first_bad_seq == three[2].size


def test_a_file_that_is_no_checkpoint_is_refused(three, tmp_path):
    (tmp_path / "x").write_text("hello")

    with pytest.raises(CommandError, match="x is no checkpoint of this portal: it is not signed"):
        call_command("verify_activity", against=[tmp_path / "x"])
    with pytest.raises(CommandError, match="No such file"):
        call_command("verify_activity", against=[tmp_path / "y"])


def test_a_walk_goes_on_from_the_last_checkpoint_that_was_verified(three, capsys):
    call_command("verify_activity")
    record(Action.LOG_VIEWED)
    finding = verify(resume=True)

    assert finding.is_whole
    assert finding.head_seq - finding.checked == three[2].size
    attack.drop_triggers()
    Event._base_manager.filter(seq=finding.head_seq).update(subject="x")
    assert verify(resume=True).first_bad_seq == finding.head_seq
