import hashlib
import io
import os
import random
import time
import zipfile

import pytest
from django.db import connection
from django.urls import reverse

from activity.actions import Action
from files import zips
from files.models import Version
from files.storage import storage
from tests.conftest import put_file
from tests.reports.exported import leave


def address(folder):
    return reverse("folder-zip", args=[folder.pk])


def opened(answer):
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.testzip() is None
    return archive


def given(events):
    return events(action=Action.FILE_DOWNLOADED)


def test_two_hundred_files_come_in_their_folders_byte_for_byte(sign_in, cast, store, events):
    top = cast.acme.cabinet.top
    years = [top.add_folder(f"{year} Tax Return", by=cast.firm_user) for year in (2024, 2025)]
    within = years[1].add_folder("Belege für März 📎", by=cast.firm_user)
    years[1].add_folder("Empty", by=cast.firm_user)
    places = {years[0]: "2024 Tax Return/", years[1]: "2025 Tax Return/", within: f"2025 Tax Return/{within.name}/"}
    expected, random_bytes = {}, random.Random(5)
    for number in range(200):
        folder = random_bytes.choice(list(places))
        name = f"{number:03} wages é.{random_bytes.choice(['pdf', 'txt', 'xlsx'])}"
        content = random_bytes.randbytes(random_bytes.randrange(3000)) + b"wages " * 500
        put_file(folder, name, content, by=cast.client)
        expected[places[folder] + name] = hashlib.sha256(content).hexdigest()
    browser = sign_in(cast.firm_user)
    browser.get(top.get_absolute_url())
    start = time.perf_counter()
    answer = browser.get(reverse("cabinet-zip", args=[top.cabinet_id]))
    stream = answer.streaming_content
    first = next(stream)
    seconds = time.perf_counter() - start

    assert answer["Content-Disposition"] == 'attachment; filename="Acme Dental PC.zip"'
    assert len(given(events)) == 200  # before the rest is read
    archive = zipfile.ZipFile(io.BytesIO(first + b"".join(stream)))
    assert archive.testzip() is None
    names = [name for name in archive.namelist() if not name.endswith("/")]
    assert names == sorted(expected)
    assert {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names} == expected
    assert "2025 Tax Return/Empty/" in archive.namelist()
    kinds = {name[-3:]: archive.getinfo(name).compress_type for name in names}
    assert kinds == {"pdf": zipfile.ZIP_STORED, "lsx": zipfile.ZIP_STORED, "txt": zipfile.ZIP_DEFLATED}
    assert len({event.subject_id for event in given(events)}) == 200
    assert {(event.client_name, event.details["note"]) for event in given(events)} == {("Acme Dental PC", "in a ZIP")}
    assert seconds < 2  # 0.1 s on a quiet machine: `make bench` measures it
    assert Version.objects.filter(openings__user=cast.firm_user).count() == 200


def test_only_what_is_ticked_and_only_of_this_folder_and_of_its_folders(sign_in, cast, w2, events):
    top = w2.folder
    one, other = (top.add_folder(name, by=cast.client) for name in ("One", "Other"))
    inside, outside = put_file(one, by=cast.client), put_file(other, "not.txt", by=cast.client)
    binned = put_file(one, "binned.txt", by=cast.client)
    binned.move_to_bin(by=cast.client)
    foreign = put_file(cast.other.cabinet.top, "foreign.txt", by=cast.stranger)
    browser = sign_in(cast.client)
    chosen = {"file": [w2.pk, outside.pk, foreign.pk, "x"], "folder": [one.pk, foreign.folder_id]}
    archive = opened(browser.post(address(top), chosen))

    assert archive.namelist() == ["One/", f"One/{inside.name}", w2.name]
    assert {event.subject_id for event in given(events)} == {str(inside.pk), str(w2.pk)}
    assert opened(browser.get(address(other))).namelist() == ["not.txt"]
    for nothing in ({}, {"file": [foreign.pk]}):
        answer = browser.post(address(top), nothing, follow=True)
        assert "Tick the files first." in answer.text
    assert browser.head(address(top)).status_code == 200
    assert browser.get(address(one.add_folder("Empty", by=cast.client)), follow=True).redirect_chain
    assert len(given(events)) == 3


def test_what_is_not_served_stays_out_and_the_zip_says_so(sign_in, cast, w2, events):
    for state in ("infected", "checking", "clean"):
        file = put_file(w2.folder, f"{state}.txt", by=cast.client)
        Version.objects.filter(file=file).update(state=state)
    archive = opened(sign_in(cast.client).get(address(w2.folder)))

    assert archive.namelist() == ["Not included.txt", w2.name, "clean.txt"]
    text = archive.read("Not included.txt").decode()
    assert "infected.txt: Quarantined" in text
    assert "checking.txt: Being checked." in text
    assert {event.subject for event in given(events)} == {w2.name, "clean.txt"}


def test_awkward_names_become_paths_that_any_disk_takes(sign_in, cast, w2):
    folder = w2.folder.add_folder("A: year? ..", by=cast.client)
    for name in (
        "con.txt",
        "CON.TXT",
        "a<b.txt",
        "a>b.txt",
        "A_B.txt",
        "...x.txt",
        "end.",
        "Not included.txt",
        "é.txt",
    ):
        put_file(folder, name, by=cast.client)
    put_file(w2.folder, "Not included.txt", by=cast.client)
    names = opened(sign_in(cast.client).get(address(w2.folder))).namelist()

    within = {name.removeprefix("A_ year_/").casefold() for name in names if name.startswith("A_ year_/")}
    assert within == {
        *("", "_con.txt", "_con (2).txt", "a_b.txt", "a_b (2).txt", "a_b (3).txt"),
        *("x.txt", "end", "not included.txt", "é.txt"),
    }
    assert len(names) == len(within) + 2
    assert "Not included (2).txt" in names
    for name in names:
        assert ".." not in name
        assert not name.startswith("/")
        assert not set(name) & set('\\:*?"<>|')


def test_a_file_that_vanishes_breaks_the_zip_off_and_the_log_says_so(sign_in, cast, w2, events):
    last = put_file(w2.folder, "Z.pdf", os.urandom(600_000), by=cast.client)
    answer = sign_in(cast.client).get(address(w2.folder))
    storage().path(last.current.storage_key).unlink()
    received = b""
    with pytest.raises(FileNotFoundError):
        for piece in answer.streaming_content:
            received += piece

    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(received))
    (event,) = events(action=Action.ZIP_BROKEN_OFF)
    assert (event.actor_email, event.subject) == (cast.client.email, "Acme Dental PC")
    assert event.details["note"] == "after 1 of 2 files: FileNotFoundError"
    assert event.ip == given(events)[0].ip == "127.0.0.1"


def test_a_reader_who_leaves_is_in_the_log(sign_in, cast, w2, events):
    put_file(w2.folder, "Z.pdf", os.urandom(600_000), by=cast.client)
    answer = sign_in(cast.client).get(address(w2.folder))
    for _ in range(3):
        next(answer.streaming_content)
    leave(answer)

    (event,) = events(action=Action.ZIP_BROKEN_OFF)
    assert event.details["note"] == "after 1 of 2 files: the reader went away"


def test_a_file_that_is_shorter_than_it_was_breaks_the_zip_off(sign_in, cast, w2, events):
    os.truncate(storage().path(w2.current.storage_key), 3)
    with pytest.raises(OSError, match="bytes"):
        b"".join(sign_in(cast.client).get(address(w2.folder)).streaming_content)
    assert len(events(action=Action.ZIP_BROKEN_OFF)) == 1


def test_too_many_files_are_refused_on_a_page_and_nothing_is_recorded(sign_in, cast, w2, events, monkeypatch):
    monkeypatch.setattr(zips, "MOST_FILES", 1)
    put_file(w2.folder, "second.pdf", by=cast.client)
    answer = sign_in(cast.client).get(address(w2.folder))

    assert (answer.status_code, "Too many files for one ZIP" in answer.text) == (400, True)
    assert given(events) == []


def test_a_large_zip_is_handed_out_in_several_transactions_before_it_begins(sign_in, cast, w2, events, monkeypatch):
    monkeypatch.setattr(zips, "BATCH", 2)
    for number in range(4):
        put_file(w2.folder, f"{number}.pdf", by=cast.client)
    answer = sign_in(cast.client).get(address(w2.folder))

    assert len(given(events)) == 5
    assert connection.in_atomic_block  # the test's own
    assert len(opened(answer).namelist()) == 5
