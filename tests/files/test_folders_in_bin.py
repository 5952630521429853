"""Folders in the bin: what goes there with them, who still sees it, and how it comes back."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activity.actions import Action
from files.models import File, Folder, NotInPlace, Version, bins, moves
from files.space import count as count_current
from tests.conftest import put_file
from tests.files.test_moving import counted, stored


@pytest.fixture
def top(cast):
    return cast.acme.cabinet.top


@pytest.fixture
def payroll(cast, top):
    """A folder with a file and a folder with another, all the client's."""
    folder = top.add_folder("Payroll", by=cast.client)
    put_file(folder, "a.pdf", b"a", by=cast.client)
    put_file(folder.add_folder("Inner", by=cast.client), "b.pdf", b"bb", by=cast.client)
    return folder


def bin_(browser, within, **ticked):
    return browser.post(reverse("folder-bin", args=[within.pk]), ticked)


def restore(browser, cabinet, **ticked):
    return browser.post(reverse("cabinet-restore", args=[cabinet.pk]), ticked)


def test_a_folder_goes_there_with_its_content_and_comes_back_by_one_button(sign_in, cast, top, payroll, w2, events):
    browser = sign_in(cast.client)
    lone = File.objects.get(name="a.pdf")
    lone.move_to_bin(by=cast.client)  # it was there before: it does not come back with the folder
    page = browser.get(bin_(browser, top, folder=payroll.pk, file=w2.pk).url)
    assert "1 file and 1 folder are in the bin." in page.text
    assert payroll.name not in [folder.name for folder in page.context["folders"]]
    payroll.refresh_from_db()
    inner, b = Folder.objects.get(name="Inner"), File.objects.get(name="b.pdf")
    assert (inner.binned_with, b.binned_with, payroll.binned_with) == (payroll, payroll, None)
    assert b.binned_at == inner.binned_at == payroll.binned_at == File.objects.get(pk=w2.pk).binned_at
    assert counted(top.cabinet) == stored(top.cabinet)
    assert [(event.subject, event.details) for event in events(action=Action.FOLDER_BINNED)] == [
        ("Payroll", {"note": "with 1 file"})
    ]
    assert {event.subject: event.details.get("note") for event in events(action=Action.FILE_BINNED)} == {
        "a.pdf": None,
        "W-2 2025.pdf": None,
        "b.pdf": "with the folder Payroll",
    }
    assert {event.actor_email for event in events(action=Action.FILE_BINNED)} == {cast.client.email}

    answer = restore(browser, top.cabinet, at=payroll.binned_at.isoformat())
    assert answer.url == top.get_absolute_url()
    assert set(File.objects.in_bin()) == {lone}
    assert not Folder.objects.exclude(binned_at=None).exists()
    assert counted(top.cabinet) == stored(top.cabinet)
    assert len(events(action=Action.FILE_RESTORED)) == 2
    (event,) = events(action=Action.FOLDER_RESTORED)
    assert (event.subject, event.details) == ("Payroll", {"note": "with 1 file"})


def test_a_folder_in_the_bin_is_nowhere_for_clients_and_marked_for_the_firm(sign_in, cast, top, payroll):
    inner = Folder.objects.get(name="Inner")
    bins.move_to_bin([], [payroll], by=cast.firm_user)
    browser = sign_in(cast.client)
    assert {browser.get(folder.get_absolute_url()).status_code for folder in (payroll, inner)} == {404}
    assert (
        restore(browser, top.cabinet, folder=payroll.pk).status_code == 302
    )  # not theirs to put back: nothing happens
    page = sign_in(cast.firm_user).get(payroll.get_absolute_url()).text
    assert "In the bin since" in page
    assert "2 files went there with it." in page
    assert "It went there with the folder" in browser.get(inner.get_absolute_url()).text
    assert "Payroll" not in browser.get(top.get_absolute_url()).text
    bin_page = browser.get(reverse("cabinet-bin", args=[top.cabinet_id]))
    assert [folder.name for folder in bin_page.context["folders"]] == ["Payroll"]
    assert list(bin_page.context["page"]) == []

    for name, fields in (("folder-folders", {"name": "New"}), ("folder-files", {}), ("folder-name", {"name": "New"})):
        answer = browser.post(reverse(name, args=[payroll.pk]), fields)
        assert answer.status_code == (302 if name == "folder-name" else 403)
    with pytest.raises(NotInPlace):
        moves.move([put_file(top, "c.pdf", by=cast.client)], [], into=payroll, by=cast.firm_user)
    assert Folder.objects.filter(name="New").count() == 0
    late = put_file(inner, "late.pdf", by=cast.client)  # an upload that was on its way when the folder went
    assert (late.folder, late.binned_at) == (top, None)


def test_it_comes_back_where_there_is_a_place_under_a_free_name(sign_in, cast, top, payroll, events):
    inner, b = Folder.objects.get(name="Inner"), File.objects.get(name="b.pdf")
    bins.move_to_bin([], [inner], by=cast.client)
    bins.move_to_bin([], [payroll], by=cast.client)
    top.add_folder("Inner", by=cast.client)
    restore(sign_in(cast.firm_user), top.cabinet, folder=inner.pk)
    inner.refresh_from_db()
    assert (inner.parent, inner.name, inner.binned_at) == (top, "Inner (2)", None)
    (event,) = events(action=Action.FOLDER_RESTORED)
    assert event.details["after"] == {"name": "Inner (2)", "folder": "Acme Dental PC"}
    assert event.details["before"] == {"name": "Inner", "folder": "Acme Dental PC / Payroll"}

    a = File.objects.get(name="a.pdf")
    a.restore(by=cast.firm_user)  # of a folder that stays in the bin
    assert (a.folder, a.binned_with) == (top, None)
    assert set(File.objects.in_place()) == {a, b}
    assert counted(top.cabinet) == stored(top.cabinet)


def test_both_a_folder_and_the_one_it_lay_in_come_back_as_they_lay(cast, top, payroll):
    inner = Folder.objects.get(name="Inner")
    bins.move_to_bin([], [inner], by=cast.client)
    bins.move_to_bin([], [payroll], by=cast.client)
    bins.restore([], Folder.objects.filter(pk__in=[inner.pk, payroll.pk]).select_related("cabinet"), by=cast.client)
    inner.refresh_from_db()
    assert (inner.parent, inner.name) == (payroll, "Inner")


def test_who_may_rename_move_and_delete_a_folder(sign_in, cast, top, payroll, events):
    put_file(payroll.folders.get(), "from the firm.pdf", by=cast.firm_user)
    empty = top.add_folder("Empty", by=cast.firm_user)
    browser = sign_in(cast.client)
    assert bin_(browser, top, folder=payroll.pk).status_code == 403
    assert browser.post(reverse("folder-name", args=[payroll.pk]), {"name": "Mine"}).status_code == 403
    assert browser.post(reverse("folder-name", args=[empty.pk]), {"name": "Mine"}).status_code == 302
    assert "There is already" in browser.post(reverse("folder-name", args=[empty.pk]), {"name": "Payroll"}).text
    assert sign_in(cast.firm_user).post(reverse("folder-name", args=[top.pk]), {"name": "x"}).status_code == 403
    assert bin_(browser, top, folder=payroll.pk).status_code == 302
    (event,) = events(action=Action.FOLDER_RENAMED)
    assert (event.subject, event.details) == ("Mine", {"before": {"name": "Empty"}, "after": {"name": "Mine"}})
    top.refresh_from_db()
    assert top.binned_at is None


def fill(folder, count, *, by):
    files = [File(folder=folder, name=f"{number}.pdf") for number in range(count)]
    for file in files:
        file.current = Version(file=file, number=1, storage_key=uuid.uuid4().hex, size_bytes=1, sha256="0" * 64, by=by)
    File.objects.bulk_create(files, batch_size=100)
    Version.objects.bulk_create([file.current for file in files], batch_size=100)
    count_current(folder.cabinet_id, current=count)


def test_two_thousand_files_ask_the_database_as_little_as_two(cast, top):
    """Into the bin and out of it, and to another client and back: by rows, not one by one. The log has a row for each."""
    counts = []
    for number, count in enumerate((2, 2, 2000)):  # the first of all makes rows that are counted in
        folder = top.add_folder(f"{number} with {count}", by=cast.client)
        fill(folder, count, by=cast.client)
        asked = []
        for act in (
            lambda folder: bins.move_to_bin([], [folder], by=cast.firm_user),
            lambda folder: bins.restore([], [folder], by=cast.firm_user),
            lambda folder: moves.move([], [folder], into=cast.other.cabinet.top, by=cast.administrator),
        ):
            folder = Folder.objects.select_related("cabinet").get(pk=folder.pk)
            with CaptureQueriesContext(connection) as queries:
                act(folder)
            asked.append(sum("activity_event" not in query["sql"] for query in queries))
        counts.append(asked)
    assert counts[1] == counts[2]
    assert (counted(top.cabinet), counted(cast.other.cabinet)) == ((0, 0, 0, 0), (2004, 0, 0, 0))
