import hashlib
import os
import stat

import pytest

from files.housekeeping import DAY_SECONDS, sweep
from files.storage import FolderStorage
from operations.umask import umask
from tests.conftest import put_file


def keep(store, *chunks):
    staged = store.stage()
    for chunk in chunks:
        staged.write(chunk)
    staged.keep()
    return staged


def test_what_is_kept_comes_back_whole(store):
    chunks = [os.urandom(3_000_000) for _ in range(7)]
    staged = keep(store, *chunks)
    content = b"".join(chunks)

    assert (staged.size_bytes, staged.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert store.size(staged.key) == len(content)
    assert b"".join(store.open(staged.key)) == content


@pytest.mark.parametrize(("start", "length"), [(0, 1), (5, 10), (999_990, 10), (0, 1_000_000), (17, 0)])
def test_a_range_is_exactly_what_was_asked_for(store, start, length):
    content = os.urandom(1_000_000)
    staged = keep(store, content)

    assert b"".join(store.open(staged.key, start, length)) == content[start : start + length]


def test_an_empty_file_is_a_file(store):
    staged = keep(store)

    assert store.size(staged.key) == 0
    assert b"".join(store.open(staged.key)) == b""


def test_what_is_dropped_leaves_nothing(store):
    before = {key for key, _ in store.stored()}
    staged = store.stage()
    staged.write(b"x" * 10_000_000)
    staged.drop()

    assert {key for key, _ in store.stored()} == before
    assert store.sweep_staging(float("inf")) == 0


def test_dropping_what_was_kept_changes_nothing(store):
    staged = keep(store, b"kept")
    staged.drop()

    assert b"".join(store.open(staged.key)) == b"kept"


def test_a_sweep_sets_orphans_aside_after_a_day_and_never_a_known_object(store, cast):
    sweep(now=float("inf"))  # what the tests before left in the bucket
    known = put_file(cast.acme.cabinet.top, by=cast.client).current
    orphan = keep(store, b"nobody's")
    store.stage().write(b"unfinished")
    now = max(changed_at for _, changed_at in store.stored())

    assert sweep(now=now) == type(sweep(now=now))(0, 0)
    swept = sweep(now=now + 2 * DAY_SECONDS)

    assert (swept.unfinished, swept.orphans) == (1, 1)
    keys = {key for key, _ in store.stored()}
    assert known.storage_key in keys
    assert orphan.key not in keys


def test_a_short_write_is_finished(tmp_path, monkeypatch):
    """A disk that is filling up may take fewer bytes than it was given."""
    store = FolderStorage(tmp_path)
    store.prepare()
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, view: write(descriptor, view[:1000]))
    staged = keep(store, b"a" * 10_500)

    assert b"".join(store.open(staged.key)) == b"a" * 10_500


def test_the_folder_is_synced_after_the_rename(tmp_path, monkeypatch):
    """The rename itself must survive a loss of power. (The order of system calls is shown with strace in tests/prove.)"""
    store = FolderStorage(tmp_path)
    store.prepare()
    calls = []
    rename, fsync = os.rename, os.fsync
    monkeypatch.setattr(os, "rename", lambda *paths: (calls.append("rename"), rename(*paths)))
    monkeypatch.setattr(os, "fsync", lambda descriptor: (calls.append("fsync"), fsync(descriptor)))
    keep(store, b"content")

    assert calls[0] == "fsync"
    assert calls[-3:] == ["rename", "fsync", "fsync"]


def test_the_group_comes_to_the_objects_and_to_nothing_else(tmp_path):
    with umask(0o077):
        FolderStorage(tmp_path / "var" / "files").prepare()

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "var").rglob("*")}
    assert modes == {"files": 0o750, "objects": 0o750, "staging": 0o700, "lost+found": 0o700}
