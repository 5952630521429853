"""What housekeeping did with files is kept, and shown to administrators."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from files import housekeeping
from files.inspection import repair_counters, wrong_counters
from files.models import Cabinet, HousekeepingRun, Version
from files.storage import StorageUnavailable, storage
from tests.files.test_space import words


def look(sign_in, cast):
    return words(sign_in(cast.administrator).get(reverse("housekeeping")))


def test_the_page_says_what_was_done_by_day_and_what_is_wrong(sign_in, cast, w2, monkeypatch, capsys):
    page = look(sign_in, cast)
    assert "Not done yet" in page
    storage().remove(w2.current.storage_key)
    Cabinet.objects.filter(pk=cast.other.cabinet.pk).update(binned_bytes=7)
    call_command("housekeeping")
    printed = capsys.readouterr().out
    assert "What uploads and deletions left behind: 0 unfinished uploads removed, 0 objects" in printed
    run = HousekeepingRun.objects.get()
    assert set(run.figures) == {"uploads", "sweep", "bins", "snapshots", "retention", "counters", "objects"}
    page = look(sign_in, cast)
    assert "Acme Dental PC, W-2 2025.pdf, version 1: its bytes are missing" in page
    assert "Other Roofing LLC: counted binned 7 instead of 0 bytes" in page
    assert "In 1 turn" in page

    call_command("housekeeping")  # within the day: neither nightly nor weekly works again
    assert set(HousekeepingRun.objects.first().figures) == {"uploads", "sweep", "bins", "snapshots"}
    assert "its bytes are missing" in look(sign_in, cast)  # and what was found still stands
    HousekeepingRun.objects.update(at=timezone.now() - timedelta(days=1))
    Cabinet.objects.filter(pk=cast.other.cabinet.pk).update(binned_bytes=0)
    Version.objects.filter(pk=w2.current_id).update(removed_at=timezone.now())
    for wrong in list(wrong_counters()):
        repair_counters(wrong.whose)
    call_command("housekeeping")
    assert set(HousekeepingRun.objects.first().figures) == {
        "uploads",
        "sweep",
        "bins",
        "snapshots",
        "retention",
        "counters",
    }
    assert "instead of" not in look(sign_in, cast)
    HousekeepingRun.objects.update(at=timezone.now() - timedelta(days=31))
    call_command("housekeeping")
    assert HousekeepingRun.objects.count() == 1


def test_a_work_that_fails_keeps_none_of_the_others_and_is_shown(sign_in, cast, monkeypatch, lines):
    def away(self, older_than, **kwargs):
        raise StorageUnavailable("the disk is away")

    monkeypatch.setattr(type(storage()), "sweep_staging", away)
    with pytest.raises(CommandError):
        call_command("housekeeping")

    run = HousekeepingRun.objects.get()
    assert set(run.figures) == {work.name for work in housekeeping.WORKS} - {"sweep"}
    page = look(sign_in, cast)
    assert "Could not be done: StorageUnavailable: the disk is away" in page
    assert any("Periodic work failed: sweep" in line for line in lines())
