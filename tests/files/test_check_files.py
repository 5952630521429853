"""check_files: what differs between counters, rows and the storage is named, and nothing else."""

import dataclasses
import io
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from activity.actions import Action
from files.models import Cabinet, File, Upload, Version
from files.storage import storage
from tests.conftest import put_file


@pytest.fixture
def alone(settings, tmp_path):
    """A folder of the test's own: in that of the run, other tests have left what no version names."""
    settings.STORAGE = dataclasses.replace(settings.STORAGE, folder=tmp_path)
    storage.cache_clear()
    storage().prepare()


def check(**options):
    """What it prints, and whether all is well."""
    out = io.StringIO()
    try:
        call_command("check_files", stdout=out, **options)
    except CommandError as wrong:
        return f"{out.getvalue()}{wrong}"
    return out.getvalue()


def spoil(version, content):
    storage().path(version.storage_key).write_bytes(content)


def test_a_portal_in_order_passes(store, cast):
    w2 = put_file(cast.acme.cabinet.top, by=cast.client)
    put_file(w2.folder, w2.name, b"second", by=cast.client)
    put_file(w2.folder, "b.pdf", by=cast.client).move_to_bin(by=cast.client)
    gone = put_file(w2.folder, "c.pdf", by=cast.client)
    gone.move_to_bin(by=cast.client)
    kept = {key for key, _ in store.stored()} - set(Version.objects.values_list("storage_key", flat=True))
    store.remove_all(list(kept))  # of the tests before, in the bucket
    File.purge_all([gone], by=cast.firm_user)
    store.remove_all(list(gone.versions.values_list("storage_key", flat=True)))

    found = check(content=True)
    assert "3 versions compared with the storage." in found
    assert "All is as it should be." in found
    store.stage().write(b"on its way")
    assert "1 on their way in, the oldest since 0.0 hours." in check() or store.__class__.__name__ == "BucketStorage"


def test_wrong_counters_are_named_and_set_right(alone, cast, w2, events):
    cabinet = cast.acme.cabinet
    Upload.objects.create(
        folder=w2.folder, name="a", size_bytes=500, by=cast.client, storage_key=uuid.uuid4().hex, part_bytes=1
    )
    Cabinet.objects.filter(pk=cabinet.pk).update(current_bytes=F("current_bytes") + 5, binned_bytes=7)
    found = check()
    assert "Acme Dental PC: counted current 19 instead of 14, binned 7 instead of 0, reserved 0 instead of 500" in found
    assert "1 thing is not as it should be." in found
    assert "Repaired" in check(repair_counters=True)
    cabinet.refresh_from_db()
    assert (cabinet.current_bytes, cabinet.binned_bytes, cabinet.reserved_bytes) == (14, 0, 500)
    (event,) = events(action=Action.COUNTERS_REPAIRED)
    assert event.client_name == "Acme Dental PC"
    assert event.details["before"] == {"current": "19", "binned": "7", "reserved": "0"}
    assert "All is as it should be." in check(repair_counters=True)


def test_missing_changed_and_unknown_objects_are_named(alone, cast, w2):
    names = ("missing", "short", "other bytes", "damaged", "lingering")
    versions = [put_file(w2.folder, f"{name}.pdf", b"content", by=cast.client).current for name in names]
    missing, short, other, damaged, lingering = versions
    storage().remove(missing.storage_key)
    spoil(short, b"cont")
    spoil(other, b"CONTENT")
    Version.objects.filter(pk=damaged.pk).update(state=Version.State.DAMAGED, state_note="other bytes came")
    lingering.file.move_to_bin(by=cast.client)
    File.purge_all([lingering.file], by=cast.firm_user)
    staged = storage().stage()
    staged.write(b"nobody's")
    staged.keep()

    found = check()
    assert "Acme Dental PC, missing.pdf, version 1: its bytes are missing" in found
    assert "Acme Dental PC, short.pdf, version 1: 4 bytes are stored instead of 7" in found
    assert "Acme Dental PC, damaged.pdf, version 1: damaged, other bytes came" in found
    assert "lingering.pdf, version 1: was deleted for good, and its bytes are still stored" in found
    assert f"{staged.key}: 8 bytes that no version names, 0 hours old" in found
    assert "other bytes.pdf" not in found and w2.name not in found
    assert "3 things are not as they should be." in found
    assert "other bytes.pdf, version 1: other bytes are stored than were sent" in check(content=True)


def test_it_asks_the_database_as_often_for_many_versions(alone, cast, w2, django_assert_max_num_queries):
    Version.objects.bulk_create(
        Version(file=w2, number=n + 2, storage_key=uuid.uuid4().hex, size_bytes=0, media_type="", by=cast.client)
        for n in range(300)
    )
    with django_assert_max_num_queries(256 * 2 + 20):
        assert "300 things are not" in check()
