"""move_storage: every stored file is in the other storage with its own bytes, however often it was broken off."""

import dataclasses
import errno
import hashlib
import io
import uuid

import pytest
from django.core.management import CommandError, call_command

from activity.actions import Action
from files.models import Cabinet, File, Upload, Version
from files.storage import FolderStorage, StagedInFolder, storage, storage_at
from operations import moving_storage
from portal.environment import as_storage_url
from tests.conftest import begin_upload, put_file


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.STORAGE = dataclasses.replace(settings.STORAGE, folder=tmp_path / "old")
    storage.cache_clear()
    storage().prepare()


@pytest.fixture
def new(tmp_path):
    """The folder that the files move to, as a storage."""
    return FolderStorage(tmp_path / "new")


def move(to, *options):
    out = io.StringIO()
    call_command("move_storage", str(to), *options, stdout=out)
    return out.getvalue()


def put(cast, count=3):
    return [
        put_file(cast.acme.cabinet.top, f"{number}.pdf", b"%d" % number * 9, by=cast.client) for number in range(count)
    ]


def is_whole(store):
    """Whether the storage has every stored version with its own bytes."""
    versions = Version.objects.stored()
    return all(hashlib.sha256(b"".join(store.open(one.storage_key))).hexdigest() == one.sha256 for one in versions)


def test_from_a_folder_to_a_bucket_and_back(cast, s3_url, settings, tmp_path, events):
    put(cast, 20)
    put_file(cast.acme.cabinet.top, "empty.txt", b"", by=cast.client)
    put_file(cast.acme.cabinet.top, "large.bin", b"0123456789" * 2_000_000, by=cast.client)
    folder, bucket = settings.STORAGE, as_storage_url("", s3_url)

    said = move(s3_url, "--last")
    assert "Objects copied and compared by SHA-256: 22 (19.1\xa0MB), there before: 0." in said
    assert f"set STORAGE_URL={s3_url}, " in said
    assert is_whole(storage_at(bucket))
    assert is_whole(storage_at(folder))

    settings.STORAGE = bucket
    storage.cache_clear()
    put_file(cast.acme.cabinet.top, "later.pdf", b"later", by=cast.client)
    assert "SHA-256: 1 (5\xa0bytes), there before: 22." in move(folder.folder, "--last")
    assert is_whole(storage_at(folder))

    there, back = events(action=Action.STORAGE_MOVED)
    assert there.details["before"] == back.details["after"] == {"storage": str(tmp_path / "old")}
    assert (
        there.details["after"] == back.details["before"] == {"storage": f"bucket {bucket.bucket} at {bucket.endpoint}"}
    )
    assert back.details["note"] == "objects copied and compared by SHA-256: 1 (5\xa0bytes), there before: 22"


def test_the_next_run_brings_only_what_came_since(cast, new, tmp_path, monkeypatch):
    put(cast)
    assert "SHA-256: 3 (27\xa0bytes), there before: 0." in move(tmp_path / "new")
    put_file(cast.acme.cabinet.top, "later.pdf", b"later", by=cast.client)

    read = []
    monkeypatch.setattr(
        moving_storage, "digest", lambda store, key: read.append(key) or hashlib.sha256(b"later").hexdigest()
    )
    assert "SHA-256: 1 (5\xa0bytes), there before: 3." in move(tmp_path / "new")
    assert len(read) == 1
    assert is_whole(new)


def test_what_an_earlier_run_did_not_compare_any_more_is_compared_before_it_counts(cast, new, tmp_path):
    """A run may be killed between writing an object and reading it."""
    files = put(cast)
    move(tmp_path / "new")
    for lists in (tmp_path / "moving-storage").glob("*/??"):
        lists.unlink()
    new.path(files[1].current.storage_key).write_bytes(b"x" * 9)

    assert "SHA-256: 1 (9\xa0bytes), there before: 2." in move(tmp_path / "new")
    assert is_whole(new)


def test_a_run_that_was_broken_off_goes_on(cast, new, tmp_path, monkeypatch):
    put(cast, 12)
    write, count = StagedInFolder._write, []

    def fill_up(self, chunk):
        count.append(1)
        if len(count) > 5:
            write(self, chunk[:2])
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(StagedInFolder, "_write", fill_up)
        with pytest.raises(CommandError, match=r"No space left on device. What is copied stays; run it again"):
            move(tmp_path / "new", "--last")
    assert 5 <= len(list(new.stored())) < 12
    assert not list(new.staged())
    left = Version.objects.exclude(storage_key__in=[key for key, _ in new.stored()]).first()
    new.staging.joinpath(left.storage_key).write_bytes(b"left by one that was killed")

    move(tmp_path / "new", "--last")
    assert is_whole(new)
    assert not list(new.staged())


def test_bytes_that_change_on_their_way_are_no_copy(cast, new, tmp_path, monkeypatch, events):
    put(cast, 1)
    keep = StagedInFolder.keep

    def spoil(self):
        keep(self)
        self._store.path(self.key).write_bytes(b"999999998")

    with monkeypatch.context() as patch:
        patch.setattr(StagedInFolder, "keep", spoil)
        with pytest.raises(CommandError, match="does not come back from the new storage as it was written"):
            move(tmp_path / "new", "--last")
    assert not list(new.stored())
    assert not events(action=Action.STORAGE_MOVED)

    move(tmp_path / "new", "--last")
    assert is_whole(new)


def test_what_the_old_storage_lacks_is_named_and_what_was_deleted_is_not(cast, new, tmp_path, events):
    missing, changed, deleted, kept = put(cast, 4)
    storage().remove(missing.current.storage_key)
    storage().path(changed.current.storage_key).write_bytes(b"other")
    deleted.move_to_bin(by=cast.client)
    File.purge_all([deleted], by=cast.firm_user)

    said = move(tmp_path / "new", "--last")

    assert "SHA-256: 2 (14\xa0bytes), there before: 0, not whole in the old storage: 2." in said
    assert "Acme Dental PC, 0.pdf, version 1: its bytes are missing\n" in said
    assert "Acme Dental PC, 1.pdf, version 1: other bytes are stored than were sent\n" in said
    assert "2.pdf" not in said
    assert {key for key, _ in new.stored()} == {changed.current.storage_key, kept.current.storage_key}
    (event,) = events(action=Action.STORAGE_MOVED)
    assert event.details["note"].endswith("not whole in the old storage: 2")


def test_what_came_after_the_last_run_is_brought_once_the_portal_serves_from_the_new_storage(
    cast, new, settings, tmp_path
):
    put(cast, 2)
    move(tmp_path / "new", "--last")
    put_file(cast.acme.cabinet.top, "too late.pdf", b"too late", by=cast.client)
    old = settings.STORAGE
    settings.STORAGE = as_storage_url("", str(tmp_path / "new"))
    storage.cache_clear()
    for name in ("in the new one.pdf", "not read yet.pdf"):
        put_file(cast.acme.cabinet.top, name, b"new", by=cast.client)
    Version.objects.filter(file__name="not read yet.pdf").update(sha256="")
    settings.STORAGE = old
    storage.cache_clear()

    said = move(tmp_path / "new")

    assert said.startswith("Objects copied and compared by SHA-256: 1 (8\xa0bytes), there before: 4.\n")
    assert {key for key, _ in new.stored()} == set(Version.objects.values_list("storage_key", flat=True))


def test_only_the_last_run_gives_up_what_is_unfinished(cast, tmp_path, events):
    """Its parts would be missing in the new storage, and a bucket's own name for it is of that bucket."""
    begin_upload(cast.acme.cabinet.top, size_bytes=500, by=cast.client)
    Upload.reserve_form(folder=cast.acme.cabinet.top, by=cast.client, size_bytes=70)

    assert "run this again with --last" in move(tmp_path / "new")
    assert Upload.objects.open().count() == 2
    assert not events(action=Action.STORAGE_MOVED)

    assert "Unfinished uploads given up: 1." in move(tmp_path / "new", "--last")
    assert not Upload.objects.open().exists()
    assert not list(storage().staged())
    assert Cabinet.objects.get(client=cast.acme).reserved_bytes == 0
    (event,) = events(action=Action.UPLOAD_GIVEN_UP)
    assert event.details["note"] == "the files move to another storage"


def test_what_no_version_names_stays_behind(cast, new, tmp_path):
    put(cast, 1)
    orphan = storage().stage()
    orphan.keep()
    (storage().lost / uuid.uuid4().hex).write_bytes(b"set aside")

    move(tmp_path / "new")

    assert [key for key, _ in new.stored()] == [Version.objects.get().storage_key]
    assert not list(new.lost.iterdir())


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("old", "The files lie there already"),
        ("s3://b?nonsense=1", "give a folder, or s3://bucket"),
        ("a-file", "Not moved"),
    ],
)
def test_where_it_cannot_move_to(cast, to, reason, tmp_path):
    (tmp_path / "a-file").touch()
    with pytest.raises(Exception, match=reason):
        move(to if "://" in to else tmp_path / to)


def test_two_do_not_move_to_the_same_place_at_once(cast, tmp_path):
    where = as_storage_url("", str(tmp_path / "new"))
    with (
        moving_storage.alone(moving_storage.lists_of(tmp_path / "moving-storage", where)),
        pytest.raises(CommandError, match="another run is moving to this storage"),
    ):
        move(tmp_path / "new")
