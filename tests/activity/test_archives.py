"""Old events go into a file that verifies without the portal, and then out of the database; nothing else leaves it."""

import gzip
import json
import re
import subprocess
import sys
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Firm
from activity import archives, chain, standalone, triggers, verification
from activity.actions import Action
from activity.checkpoints import make_checkpoint, public_key, written
from activity.models import Archive, Event, Verification
from activity.recording import Subject, in_the_past, record
from activity.verification import acknowledge, check, open_break, verify
from tests.activity import attack

TODAY = timezone.localdate
OLD = timedelta(days=8 * 365)


@pytest.fixture
def old(cast):
    """Eight years ago an event a day and three checkpoints among them; then nothing, until today."""
    days = (timezone.now() - OLD + timedelta(days=number) for number in range(100))
    attack.drop_triggers()
    attack.execute("DELETE FROM activity_event")
    triggers.install()
    made = []
    with in_the_past(lambda: next(days)):
        for _ in range(3):
            for number in range(5):
                subject = Subject("page", "", f"ß€😀 \u2028 {number}", cast.acme)
                record(Action.LOG_VIEWED, by=cast.auditor, subject=subject)
            made.append(make_checkpoint())
    record(Action.SIGNED_IN, by=cast.client)
    return made


def archive(folder, *, before=None, keep=False):
    which = {"keep": True} if keep else {"before": str(before or TODAY() - timedelta(days=7 * 365 + 3))}
    out = StringIO()
    call_command("archive_activity", into=folder, stdout=out, **which)
    return out.getvalue()


def only_file(folder):
    (path,) = folder.iterdir()
    return path


def standalone_says(*arguments):
    """Without Django, as somebody elsewhere runs it."""
    run = subprocess.run(
        [sys.executable, "-I", standalone.__file__, *map(str, arguments)], capture_output=True, text=True, timeout=60
    )
    return run.returncode, (run.stdout + run.stderr).strip()


def rewritten(path, change):
    """The archive with another content."""
    with gzip.open(path) as file:
        lines = file.read().split(b"\n")
    with gzip.open(path, "wb") as file:
        file.write(b"\n".join(change(lines)))
    return path


def test_old_events_leave_the_database_for_a_file_and_the_log_still_verifies(old, tmp_path, events):
    total = Event.objects.count()
    words = archive(tmp_path)

    path, last = only_file(tmp_path), old[-1]
    assert path.name == f"activity-1-{last.size}.log.gz"
    assert path.stat().st_mode & 0o777 == 0o600
    assert re.search(rf"Events 1 to {last.size} are in .*SHA-256 [0-9a-f]{{64}}\.", words)
    assert Event.objects.order_by("seq").first().seq == last.size + 1
    assert Event.objects.count() == total - last.size + 1, "and the event that says so"
    (event,) = Event.objects.filter(action=Action.LOG_ARCHIVED)
    assert event.details["after"] == Archive.objects.get().in_words
    assert event.details["after"]["hash"] == last.hash
    assert not triggers.missing()
    finding = verify()
    assert (finding.is_whole, finding.checked) == (True, total - last.size + 1)
    assert standalone_says("--key", public_key(), path) == (
        0,
        f"Unbroken: events 1 to {last.size}, 3 checkpoints, hash {last.hash}",
    )


def test_the_file_holds_every_column_as_it_was(old, tmp_path):
    before = {event.seq: event for event in Event.objects.all()}
    archive(tmp_path)

    with gzip.open(only_file(tmp_path)) as file:
        lines = [line for line in file.read().split(b"\n") if line[:1] not in (b"{", b"=", b"")]
    assert len(lines) == old[-1].size
    for line in lines:
        hash_, mac, text = line.split(b" ", 2)
        columns = json.loads(text)
        event = before[columns["seq"]]
        assert (hash_.decode(), mac.decode()) == (bytes(event.hash).hex(), bytes(event.mac).hex())
        assert {name: columns[name] for name in columns if name != "at"} == {
            name: getattr(event, name) for name in columns if name != "at"
        }


def test_one_archive_follows_another(old, tmp_path):
    for last in (old[0], old[-1]):
        archive(tmp_path, before=timezone.localdate(last.at) + timedelta(days=1))
    first, second = sorted(tmp_path.iterdir(), key=lambda path: int(path.name.split("-")[1]))

    assert second.name == f"activity-{old[0].size + 1}-{old[-1].size}.log.gz"
    assert verify().is_whole
    code, said = standalone_says("--key", public_key(), first, second)
    assert (code, said.split(",")[0]) == (0, f"Unbroken: events 1 to {old[-1].size}")
    code, said = standalone_says("--key", public_key(), second, first)
    assert (code, said) == (1, f"BROKEN: event {old[-1].size + 1} should follow; this archive begins with 1")


def test_keeping_takes_nothing_out_and_goes_up_to_now(old, tmp_path, events):
    Firm.objects.update(has_legal_hold=True)
    total = Event.objects.count()
    archive(tmp_path, keep=True)

    assert Event.objects.count() == total + 2, "a checkpoint, and the event that says so"
    assert standalone_says("--key", public_key(), only_file(tmp_path))[1].startswith(
        f"Unbroken: events 1 to {total + 1}, 4 checkpoints"
    )
    assert verify().is_whole


REFUSED = {
    "too young": (lambda: None, lambda: TODAY() - timedelta(days=365), "keeps its log for 7 years"),
    "a legal hold": (lambda: Firm.objects.update(has_legal_hold=True), None, "There is a legal hold"),
    "a broken log": (
        lambda: attack.drop_triggers() and attack.change(3, subject="x"),
        None,
        "The log is broken: event 3",
    ),
    "nothing so old": (
        lambda: None,
        lambda: TODAY() - timedelta(days=20 * 365),
        "There is no checkpoint before that day",
    ),
}


@pytest.mark.parametrize(("prepare", "before", "words"), REFUSED.values(), ids=REFUSED)
def test_what_must_stay_stays(old, tmp_path, prepare, before, words):
    prepare()
    total = Event.objects.count()

    with pytest.raises(CommandError, match=words):
        archive(tmp_path, before=before() if before else None)
    assert Event.objects.count() == total
    assert not list(tmp_path.iterdir())
    assert not Archive.objects.exists()


def test_what_is_no_date_is_said(old, tmp_path):
    with pytest.raises(CommandError, match="yesterday is no date; write it as 2019-01-01"):
        archive(tmp_path, before="yesterday")


def test_an_older_file_is_not_overwritten(old, tmp_path):
    path = tmp_path / f"activity-1-{old[-1].size}.log.gz"
    path.write_text("precious")

    with pytest.raises(CommandError, match="is there already"):
        archive(tmp_path)
    assert path.read_text() == "precious"


def test_a_file_that_does_not_read_back_takes_nothing_out(old, tmp_path, monkeypatch):
    monkeypatch.setattr(archives.chain, "canonical_row", lambda row: b"{}")
    total = Event.objects.count()

    with pytest.raises(CommandError):
        archive(tmp_path)
    assert Event.objects.count() == total


def test_pruning_that_was_stopped_goes_on(old, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "PRUNED_AT_ONCE", 4)

    def stop(seq):
        if seq == 8:
            raise KeyboardInterrupt

    kept = archives.archive(TODAY() - timedelta(days=7 * 365 + 3), folder=tmp_path, prune=True)
    with pytest.raises(KeyboardInterrupt):
        archives.prune(kept, folder=tmp_path, progress=stop)
    assert Event.objects.order_by("seq").first().seq == 9
    assert verify().is_whole
    assert not triggers.missing()
    with pytest.raises(CommandError, match="no checkpoint before that day"):
        archive(tmp_path)
    assert Event.objects.order_by("seq").first().seq == old[-1].size + 1
    assert verify().is_whole


def test_a_prefix_that_was_deleted_and_not_archived_is_missed(old, tmp_path):
    attack.drop_triggers()
    attack.execute(f"DELETE FROM activity_event WHERE seq <= {old[0].size}")
    assert verify().first_bad_seq == 1

    Archive.objects.create(
        first_seq=1, last_seq=old[0].size, hash=bytes.fromhex(old[0].hash), file_name="x", sha256="", is_pruned=True,
        pruned_to=old[0].size, pruned_hash=bytes.fromhex(old[0].hash),
    )  # fmt: skip
    finding = verify()
    assert (finding.first_bad_seq, finding.reason) == (
        1,
        f"events 1 to {old[0].size} are missing, and no event says that they were archived",
    )


def test_an_archive_that_was_only_kept_excuses_no_pruning(old, tmp_path):
    archive(tmp_path, keep=True)
    kept = Archive.objects.get()
    end = old[0].size
    hash_ = bytes(Event.objects.get(seq=end).hash)
    attack.drop_triggers()
    attack.execute(f"DELETE FROM activity_event WHERE seq <= {end}")
    Archive.objects.filter(pk=kept.pk).update(is_pruned=True, pruned_to=end, pruned_hash=hash_)

    assert verify().first_bad_seq == 1


def test_more_deleted_than_was_archived_is_missed(old, tmp_path):
    archive(tmp_path)
    attack.drop_triggers()
    attack.execute(f"DELETE FROM activity_event WHERE seq <= {old[-1].size + 1}")

    assert verify().first_bad_seq == old[-1].size + 1


def test_a_pruning_says_no_more_than_its_archive_holds(old, tmp_path, cast):
    record(Action.SIGNED_IN, by=cast.client)
    archive(tmp_path)
    last = Event.objects.get(action=Action.LOG_ARCHIVED).seq - 1
    hash_ = bytes(Event.objects.get(seq=last).hash)
    attack.drop_triggers()
    attack.execute(f"DELETE FROM activity_event WHERE seq <= {last}")
    Archive.objects.update(pruned_to=last, pruned_hash=hash_)

    assert verify().first_bad_seq == 1


def test_nothing_comes_back_where_events_were_taken_out(old, tmp_path):
    archive(tmp_path)
    attack.drop_triggers()
    names = attack.COLUMNS.replace("seq", "5", 1)
    attack.execute(f"INSERT INTO activity_event ({attack.COLUMNS}) SELECT {names} FROM activity_event LIMIT 1")

    assert verify().first_bad_seq == 5


def test_a_pruning_during_a_check_is_no_break(old, tmp_path, monkeypatch):
    kept = archives.archive(TODAY() - timedelta(days=7 * 365 + 3), folder=tmp_path, prune=True)
    monkeypatch.setattr(verification, "BATCH", 5)
    finding = verify(progress=lambda seq: archives.prune(kept, folder=tmp_path))

    assert finding.is_whole


def test_a_check_goes_on_from_no_checkpoint_that_is_archived(old, tmp_path):
    Verification.objects.create(head_seq=old[0].size, head_hash=bytes.fromhex(old[0].hash))
    archive(tmp_path)

    assert verify(resume=True).is_whole


def test_a_checkpoint_that_is_in_an_archive_only_is_not_compared_in_silence(old, tmp_path):
    archive(tmp_path)
    kept = tmp_path / "kept.txt"
    kept.write_text(written(old[0]))

    with pytest.raises(
        CommandError, match=f"it is of event {old[0].size}, and those up to {old[-1].size} are in an archive"
    ):
        call_command("verify_activity", against=[kept])
    kept.write_text(written(old[-1]))
    call_command("verify_activity", against=[kept], stdout=StringIO())


def test_a_log_with_a_known_break_is_kept_where_it_is(old, tmp_path, cast):
    attack.drop_triggers()
    attack.change(3, subject="x")
    triggers.install()
    check()
    acknowledge(open_break(), by=cast.administrator, why="known")

    with pytest.raises(CommandError, match="but for what was acknowledged: event 3 was changed"):
        archive(tmp_path)
    assert not list(tmp_path.iterdir())


def test_no_event_is_taken_out_whose_file_is_gone(old, tmp_path):
    archives.archive(TODAY() - timedelta(days=7 * 365 + 3), folder=tmp_path, prune=True)
    only_file(tmp_path).rename(tmp_path / "elsewhere")
    total = Event.objects.count()

    with pytest.raises(CommandError, match="is not there as it was written; put it back first"):
        archive(tmp_path)
    assert Event.objects.count() == total


def test_a_stopped_pruning_keeps_nobody_from_keeping_under_a_legal_hold(old, tmp_path):
    archives.archive(TODAY() - timedelta(days=7 * 365 + 3), folder=tmp_path / "a", prune=True)
    Firm.objects.update(has_legal_hold=True)
    archive(tmp_path / "b", keep=True)

    assert Event.objects.order_by("seq").first().seq == 1


@pytest.mark.parametrize(
    ("today", "youngest"),
    [
        ("2026-11-24", "2024-11-24"),
        ("2028-02-29", "2026-02-28"),
        ("2026-03-01", "2024-03-01"),
        ("2025-01-01", "2023-01-01"),
    ],
)
def test_years_are_those_of_the_calendar(cast, monkeypatch, today, youngest):
    Firm.objects.update(log_years=2)
    monkeypatch.setattr(archives.timezone, "localdate", lambda **zone: date.fromisoformat(today))
    archives._must_be_allowed(date.fromisoformat(youngest))

    with pytest.raises(archives.NotArchived, match=f"{youngest} would be the last day"):
        archives._must_be_allowed(date.fromisoformat(youngest) + timedelta(days=1))


# What somebody with the file in hand can do


def swapped(old, new):
    return lambda lines: [line.replace(old, new, 1) if number in (0, 3) else line for number, line in enumerate(lines)]


SPOILED = {
    "an event changed": (swapped(b"log.viewed", b"log.seen"), "event 3 was changed"),
    "an event gone": (lambda lines: lines[:3] + lines[4:], "event 3 is missing; the next is 4"),
    "two changed places": (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], "event 3 is missing; the next"),
    "an event twice": (lambda lines: [*lines[:4], *lines[3:]], "event 4 is missing; the next is 3"),
    "the end cut": (lambda lines: lines[:-3], "is missing: the archive was cut off"),
    "the end cut, not its last line": (lambda lines: [*lines[:-4], *lines[-2:]], "is missing: the archive ends with"),
    "no json": (lambda lines: [*lines[:3], b"x y z", *lines[4:]], "event 3 cannot be read"),
    "another first line": (lambda lines: [b'{"format":"zip"}', *lines[1:]], "this is no archive"),
    "something after the end": (lambda lines: [*lines[:-1], b"more", b""], "something was added after the last line"),
    "no first number": (lambda lines: [b'{"format":"firm-portal-archive-v1"}', *lines[1:]], "this is no archive"),
    "another beginning": (swapped(b'"previous":"00', b'"previous":"01'), "event 1 does not begin a log"),
}


@pytest.mark.parametrize(("change", "words"), SPOILED.values(), ids=SPOILED)
def test_a_spoiled_archive_names_the_first_bad_event(old, tmp_path, change, words):
    archive(tmp_path)
    code, said = standalone_says("--key", public_key(), rewritten(only_file(tmp_path), change))

    assert code == 1
    assert said.startswith("BROKEN: ")
    assert words in said


@pytest.mark.parametrize("keeps_checkpoints", [True, False])
def test_an_archive_written_anew_without_the_signing_key_is_found(old, tmp_path, keeps_checkpoints):
    """Hashes can be made by anybody; checkpoints cannot."""
    archive(tmp_path)

    def forge(lines):
        previous, seq, forged = bytes(32), 0, []
        for line in lines:
            if line.startswith(b'{"hash"'):
                line = b'{"hash":"%s","last":%d}' % (previous.hex().encode(), seq)
            elif line[:1] not in (b"{", b"=", b""):
                _, mac, text = line.split(b" ", 2)
                text = text.replace(b"log.viewed", b"log.seen")
                seq = json.loads(text)["seq"]
                previous = chain.link(seq, text, previous)
                line = b" ".join((previous.hex().encode(), mac, text))
            forged += [line] if keeps_checkpoints or line[:1] != b"=" else []
        return forged

    code, said = standalone_says("--key", public_key(), rewritten(only_file(tmp_path), forge))
    assert code == 1
    assert said.startswith("BROKEN: event")


def test_another_key_is_found(old, tmp_path):
    archive(tmp_path)

    code, said = standalone_says("--key", "ab" * 32, only_file(tmp_path))
    assert code == 1
    assert "is not signed with this key" in said or "BROKEN" in said


def test_a_damaged_file_is_said(old, tmp_path):
    archive(tmp_path)
    path = only_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-40])

    code, said = standalone_says("--key", public_key(), path)
    assert code == 1
    assert "the file is damaged or cut off" in said


def test_a_checkpoint_kept_elsewhere_is_asked_too(old, tmp_path):
    archive(tmp_path / "archives")
    path = only_file(tmp_path / "archives")
    kept = tmp_path / "kept.txt"
    kept.write_text(written(old[1]))
    later = tmp_path / "later.txt"
    later.write_text(written(make_checkpoint()))

    assert standalone_says("--key", public_key(), "--checkpoint", kept, path)[0] == 0
    (tmp_path / "empty.txt").write_text("")
    assert "cannot be read" in standalone_says("--key", public_key(), "--checkpoint", tmp_path / "empty.txt", path)[1]
    code, said = standalone_says("--key", public_key(), "--checkpoint", later, path)
    assert (code, said.split(":")[1].strip()) == (1, f"event {old[-1].size + 1} is missing")
