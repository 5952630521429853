"""Deleting for good: what goes and what stays, who may, what a legal hold keeps, and faults on the way."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import Firm
from activity.actions import Action
from files import purging
from files.housekeeping import sweep
from files.inspection import wrong_counters
from files.models import Cabinet, CurrentVersion, File, OnHold
from files.storage import StorageUnavailable, storage
from tests.conftest import put_file

REASON = "Subpoena of March 3"


@pytest.fixture
def twice(cast, w2):
    """The file with a second version."""
    put_file(w2.folder, w2.name, b"second", by=cast.client)
    return File.objects.get(pk=w2.pk)


def keys():
    return {key for key, _ in storage().stored()}


def keys_of(file):
    return set(file.versions.values_list("storage_key", flat=True))


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_a_file_in_the_bin_is_deleted_for_good_by_the_firm(sign_in, cast, twice, events, committed, store):
    moved = put_file(twice.folder, twice.name, b"third", by=cast.client)
    address = reverse("file-deletion", args=[twice.pk])
    browser = sign_in(cast.firm_user)
    assert browser.post(address, {"yes": "YES"}).url == twice.get_absolute_url()  # not from its place
    moved.move_to_bin(by=cast.client)
    assert sign_in(cast.client).post(address, {"yes": "YES"}).status_code == 403
    browser = sign_in(cast.firm_user)
    assert "25 bytes in 3 versions are gone afterwards" in browser.get(address).text
    assert "Type YES in capital letters" in browser.post(address, {"yes": "yes"}).text
    with committed():
        answer = browser.post(address, {"yes": "YES"})

    assert answer.url == reverse("cabinet-bin", args=[twice.folder.cabinet_id])
    assert keys_of(twice) and not keys_of(twice) & keys()
    twice.refresh_from_db()
    assert twice.purged_at and not twice.versions.stored().exists()
    (event,) = events(action=Action.FILE_PURGED)
    assert (event.actor_email, event.subject, event.size_bytes) == (cast.firm_user.email, twice.name, 25)
    assert event.details == {"note": "3 versions"}
    cabinet = Cabinet.objects.get(pk=twice.folder.cabinet_id)
    assert (cabinet.current_bytes, cabinet.earlier_bytes, cabinet.binned_bytes) == (0, 0, 0)
    twice.restore(by=cast.firm_user)  # by somebody whose page is old
    assert File.objects.get(pk=twice.pk).binned_at
    assert {browser.get(twice.get_absolute_url()).status_code, browser.post(address).status_code} == {404}
    assert browser.get(answer.url).context["page"].rows == []


def test_an_earlier_version_is_deleted_for_good_and_the_current_one_never(sign_in, cast, twice, events, committed):
    browser = sign_in(cast.firm_user)
    address = reverse("version-deletion", args=[twice.pk, 1])
    assert "14 bytes of W-2 2025.pdf are gone afterwards" in browser.get(address).text
    with committed():
        browser.post(address, {"yes": "YES"})

    first, second = twice.versions.order_by("number")
    assert first.storage_key not in keys() and second.storage_key in keys()
    assert not first.is_served
    (event,) = events(action=Action.VERSION_REMOVED)
    assert (event.subject, event.size_bytes, event.details) == (twice.name, 14, {"note": "version 1"})
    assert Cabinet.objects.get(pk=twice.folder.cabinet_id).earlier_bytes == 0
    assert browser.get(reverse("file-download", args=[twice.pk]) + "?version=1").status_code == 404
    assert browser.post(address, {"yes": "YES"}).status_code == 404
    assert browser.get(reverse("version-deletion", args=[twice.pk, 2])).url == twice.get_absolute_url()
    with pytest.raises(CurrentVersion):
        second.remove(by=cast.firm_user)
    put_file(twice.folder, twice.name, b"third", by=cast.client)
    assert twice.versions.first().number == 3
    assert list(wrong_counters()) == []


def test_a_bin_is_emptied_and_what_is_in_place_stays(sign_in, cast, twice, events, committed, monkeypatch):
    monkeypatch.setattr(purging, "BATCH", 2)
    folder = twice.folder
    gone = [put_file(folder, f"{n}.pdf", b"x" * n, by=cast.client) for n in (1, 2, 3)]
    File.move_all_to_bin(gone, by=cast.client)
    others = put_file(cast.other.cabinet.top, by=cast.stranger)
    others.move_to_bin(by=cast.stranger)
    address = reverse("cabinet-bin-emptying", args=[folder.cabinet_id])
    assert "3 files, 6 bytes, are gone afterwards" in sign_in(cast.firm_user).get(address).text
    assert sign_in(cast.client).get(address).status_code == 403
    with committed():
        page = sign_in(cast.firm_user).post(address, {"yes": "YES"}, follow=True)

    assert "The bin is empty: 3 deleted for good." in page.text
    assert "The bin is empty" in page.text
    assert len(events(action=Action.FILE_PURGED)) == 3
    assert keys() >= keys_of(twice) | keys_of(others)
    assert not keys() & set().union(*map(keys_of, gone))
    assert list(wrong_counters()) == []


def test_a_legal_hold_keeps_every_byte_and_says_why(sign_in, cast, twice, events):
    cabinet = cast.acme.cabinet
    administrator = sign_in(cast.administrator)
    hold = reverse("cabinet-hold", args=[cabinet.pk])
    assert "Fill this in." in administrator.post(hold, {"reason": ""}).text
    administrator.post(hold, {"reason": REASON})
    administrator.post(hold, {"reason": "another"})
    (event,) = events(action=Action.HOLD_PLACED)
    assert (event.subject, event.client_name, event.details) == ("Acme Dental PC", "Acme Dental PC", {"note": REASON})
    other = put_file(twice.folder, "a.pdf", by=cast.client)
    other.move_to_bin(by=cast.client)
    Firm.objects.update(bin_days=1)
    File.objects.filter(pk=other.pk).update(binned_at=timezone.now() - timedelta(days=2))

    assert purging.empty_old_bins() == {"purged": 0}
    for act in (
        lambda: File.purge_all([other], by=cast.firm_user),
        lambda: purging.empty_bin(Cabinet.objects.get(pk=cabinet.pk), by=cast.firm_user),
        lambda: twice.versions.get(number=1).remove(by=cast.firm_user),
    ):
        with pytest.raises(OnHold, match=f"placed by Ruth Larkin: {REASON}"):
            act()
    browser = sign_in(cast.firm_user)
    for address in (
        reverse("file-deletion", args=[other.pk]),
        reverse("version-deletion", args=[twice.pk, 1]),
        reverse("cabinet-bin-emptying", args=[cabinet.pk]),
    ):
        page = browser.post(address, {"yes": "YES"}).text
        assert REASON in page and "placed by Ruth Larkin" in page
    assert not File.objects.exclude(purged_at=None).exists()

    sign_in(cast.administrator).post(reverse("cabinet-hold-end", args=[cabinet.pk]))
    (event,) = events(action=Action.HOLD_LIFTED)
    assert event.details == {"note": f"Was: {REASON}"}
    assert purging.empty_old_bins() == {"purged": 1}
    (event,) = events(action=Action.FILE_PURGED)
    assert (event.actor_email, event.details) == ("", {"note": "by the rule “bin after 1 day”"})


@pytest.mark.django_db(transaction=True)
def test_bytes_that_could_not_be_removed_are_removed_by_housekeeping(cast, twice, monkeypatch, lines, events):
    """The storage does not answer after the commit, and not at the first housekeeping either."""
    store = type(storage())
    twice.move_to_bin(by=cast.client)
    with monkeypatch.context() as patch:

        def away(self, keys):
            raise StorageUnavailable("away")

        patch.setattr(store, "remove_all", away)
        File.purge_all([twice], by=cast.firm_user)
        assert keys_of(twice) <= keys()
        assert any("housekeeping removes them" in line for line in lines())
        with pytest.raises(OSError):
            sweep()
    assert keys_of(twice) <= keys()
    assert sweep().removed == 2
    assert not keys_of(twice) & keys()
    assert sweep().removed == 0
    assert not list(storage().lost.glob("*"))


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_recorded_deletes_nothing(cast, twice, monkeypatch):
    twice.move_to_bin(by=cast.client)

    def full(entries):
        list(entries)
        raise RuntimeError("full")

    monkeypatch.setattr("activity.receivers.record_all", full)
    with pytest.raises(RuntimeError):
        File.purge_all([twice], by=cast.firm_user)
    assert keys_of(twice) <= keys()
    assert not File.objects.exclude(purged_at=None).exists()
    assert list(wrong_counters()) == []


def test_the_clock_empties_bins_after_the_days_that_the_firm_says(cast, twice, events):
    fresh = put_file(twice.folder, "fresh.pdf", by=cast.client)
    File.move_all_to_bin([twice, fresh], by=cast.client)
    File.objects.filter(pk=twice.pk).update(binned_at=timezone.now() - timedelta(days=91))
    call_command("housekeeping")
    assert not File.objects.exclude(purged_at=None).exists()
    Firm.objects.update(bin_days=90)
    call_command("housekeeping")

    assert list(File.objects.exclude(purged_at=None)) == [twice]
    (event,) = events(action=Action.FILE_PURGED)
    assert event.details == {"note": "by the rule “bin after 90 days”, 2 versions"}
