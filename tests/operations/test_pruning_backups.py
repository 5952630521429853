"""Which sets stay, and that an object goes with the last set that names it."""

import shutil
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from activity.models import Event
from operations.backup.folder import NAME, BackupFolder
from operations.backup.pruning import Rule, prune


def sets_at(*moments):
    return [SimpleNamespace(name=f"{moment:%Y-%m-%d %H}", made_at=moment) for moment in moments]


NOW = datetime(2026, 3, 31, 2, tzinfo=UTC)  # a Tuesday
DAILY = sets_at(*[NOW - timedelta(days=days) for days in range(99, -1, -1)])


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (Rule(), ["2026-03-31 02"]),
        (Rule(daily=3), ["2026-03-31 02", "2026-03-30 02", "2026-03-29 02"]),
        (Rule(weekly=3), ["2026-03-31 02", "2026-03-29 02", "2026-03-22 02"]),
        (Rule(monthly=3), ["2026-03-31 02", "2026-02-28 02", "2026-01-31 02"]),
        (Rule(daily=2, weekly=2, monthly=2), ["2026-03-31 02", "2026-03-30 02", "2026-03-29 02", "2026-02-28 02"]),
    ],
    ids=str,  # lists: the words of a set are in another order in each process
)
def test_the_newest_of_each_day_week_and_month_is_kept(rule, kept):
    assert rule.kept(DAILY) == set(kept)


def test_of_two_in_a_day_the_later_is_kept():
    assert Rule(daily=2).kept(sets_at(NOW - timedelta(days=1), NOW, NOW + timedelta(hours=3))) == {
        "2026-03-31 05",
        "2026-03-30 02",
    }
    assert Rule(daily=2).kept([]) == set()


@pytest.fixture
def old(w2, backups, transactional_db):
    """A set of two years ago that names an object which no version names any more."""
    made = backups.make()
    old = made.path.with_name(f"{datetime(2024, 1, 1, tzinfo=UTC):{NAME}}")
    made.path.rename(old)
    w2.move_to_bin(by=w2.current.by)
    w2.purge_all([w2], by=w2.current.by)
    return old


@pytest.mark.django_db(transaction=True)
def test_an_object_goes_with_the_last_set_that_names_it(old, backups):
    backups.make()
    assert len(list(backups.path.glob("objects/??/*"))) == 1, "without a rule nothing goes"
    sets = BackupFolder(backups.path).sets()
    assert prune(BackupFolder(backups.path), Rule(monthly=2)) == (0, 0)
    shutil.copytree(sets[-1].path, sets[-1].path.with_name("20250101T000000Z"))

    assert prune(BackupFolder(backups.path), Rule(monthly=1)) == (2, 1)
    assert [one.name for one in BackupFolder(backups.path).sets()] == [sets[-1].name]
    assert list(backups.path.glob("objects/??/*")) == []


@pytest.mark.django_db(transaction=True)
def test_the_backup_prunes_by_its_options_and_says_so_in_the_log(old, backups):
    backups.make("--keep-daily=1")

    assert not old.exists()
    assert Event.objects.latest("seq").details["after"]["removed"] == "1 old sets, 1 objects"


@pytest.mark.django_db(transaction=True)
def test_nothing_goes_while_a_set_that_stays_cannot_say_what_it_needs(old, backups):
    (old / "objects.sums").write_text("")

    with pytest.raises(
        CommandError, match="was made, but old sets were not removed: sets/20240101T000000Z/objects.sums"
    ):
        backups.make("--keep-monthly=2")
    assert old.exists()
    assert len(list(backups.path.glob("objects/??/*"))) == 1
    call_command("verify_backup", str(backups.path))
