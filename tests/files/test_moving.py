"""Files and folders to another folder, of the same cabinet or another, and copies of them."""

import hashlib

import pytest
from django.urls import reverse

from accounts.models import Assignment, Firm
from activity.actions import Action
from files.models import Cabinet, File, Folder, IntoItself, Version, moves
from files.storage import storage
from tests.conftest import put_file


@pytest.fixture
def top(cast):
    return cast.acme.cabinet.top


@pytest.fixture
def others_top(cast):
    """The top of another client's cabinet, which the firm user looks after as well."""
    Assignment.objects.create(client=cast.other, user=cast.firm_user)
    return cast.other.cabinet.top


def take(browser, folder, act, into, *things, **fields):
    ticked = {kind: [one.pk for one in things if isinstance(one, model)] for kind, model in KINDS.items()}
    return browser.post(reverse("folder-move", args=[folder.pk]), {"act": act, "into": into.pk, **ticked, **fields})


KINDS = {"file": File, "folder": Folder}


def counted(cabinet):
    cabinet = Cabinet.objects.get(pk=cabinet.pk)
    return cabinet.current_bytes, cabinet.earlier_bytes, cabinet.binned_bytes, cabinet.reserved_bytes


def stored(cabinet):
    """What the counters must say, from the rows."""
    versions = Version.objects.filter(file__folder__cabinet=cabinet).select_related("file")
    sums = [0, 0, 0, 0]
    for version in versions:
        kind = 2 if version.file.binned_at else 0 if version.file.current_id == version.pk else 1
        sums[kind] += version.size_bytes
    return tuple(sums)


def test_one_goes_down_to_the_place_and_moves_what_is_ticked_there(sign_in, cast, top, w2, events):
    year = top.add_folder("2025", by=cast.client)
    inner = year.add_folder("Wages", by=cast.client)
    old = top.add_folder("Old", by=cast.client)
    put_file(inner, w2.name, b"in the way", by=cast.client)
    browser, address = sign_in(cast.client), reverse("folder-move", args=[top.pk])
    page = browser.post(address, {"file": [w2.pk], "folder": [old.pk]}).text
    assert "Move or copy 1 file and 1 folder" in page
    assert f'name="open" value="{year.pk}"' in page
    assert f'name="open" value="{old.pk}"' not in page  # not into itself
    assert 'name="act" value="move"' not in page  # it is here already
    page = browser.post(address, {"file": [w2.pk], "folder": [old.pk], "into": top.pk, "open": year.pk}).text
    assert f'name="open" value="{inner.pk}"' in page
    assert 'name="q"' not in page  # clients are not looked for by clients

    answer = take(browser, top, "move", inner, w2, old)
    assert answer.url == top.get_absolute_url()
    assert "Moved 1 file and 1 folder to" in browser.get(answer.url).text
    w2.refresh_from_db()
    old.refresh_from_db()
    assert (w2.folder, w2.name, w2.former_names, old.parent) == (inner, "W-2 2025 (2).pdf", "W-2 2025.pdf\n", inner)
    of_folder, of_file = events(action__in=[Action.FILE_MOVED, Action.FOLDER_MOVED])
    acme = "Acme Dental PC"
    assert of_folder.details == {"before": {"folder": acme}, "after": {"folder": f"{acme} / 2025 / Wages"}}
    assert of_file.details["before"] == {"folder": acme, "name": "W-2 2025.pdf"}
    assert of_file.details["after"] == {"folder": f"{acme} / 2025 / Wages", "name": "W-2 2025 (2).pdf"}
    assert counted(top.cabinet) == stored(top.cabinet)

    assert take(browser, top, "move", inner, w2).url == top.get_absolute_url()  # gone from here: nothing is ticked
    assert "Tick the files first." in browser.get(top.get_absolute_url()).text


def test_a_folder_does_not_go_into_itself_or_below(sign_in, cast, top):
    outer = top.add_folder("Outer", by=cast.client)
    inner = outer.add_folder("Inner", by=cast.client)
    for act in ("move", "copy"):
        page = take(sign_in(cast.firm_user), top, act, inner, outer).text
        assert "Outer cannot go into itself." in page
        with pytest.raises(IntoItself):
            getattr(moves, act)([], [outer], into=outer, by=cast.firm_user)
    outer.refresh_from_db()
    assert outer.parent == top
    assert Folder.objects.filter(cabinet=top.cabinet).count() == 3


def test_what_others_sent_stays_and_what_one_may_not_send_to_is_no_place(sign_in, cast, top, w2, others_top):
    year = top.add_folder("2025", by=cast.client)
    put_file(year, "Return.pdf", by=cast.firm_user)
    browser = sign_in(cast.second)
    assert take(browser, top, "move", year, w2).status_code == 403
    assert take(browser, top, "move", top.add_folder("Else", by=cast.client), year).status_code == 403
    assert take(browser, top, "copy", others_top, w2).status_code == 404
    year.refresh_from_db()
    assert (File.objects.get(pk=w2.pk).folder, year.parent) == (top, top)
    assert take(browser, top, "copy", year, w2).status_code == 302  # a copy takes nothing away
    cast.second.may_send_files = False
    cast.second.save()
    assert take(browser, top, "copy", year, w2).status_code == 403


def test_to_another_client_all_goes_but_the_bin_and_both_logs_say_so(sign_in, cast, top, w2, others_top, events):
    year = top.add_folder("2025", by=cast.client)
    inner = year.add_folder("Wages", by=cast.client)
    put_file(inner, "a.pdf", b"one", by=cast.client)
    put_file(inner, "a.pdf", b"second", by=cast.client)
    deleted = put_file(inner, "deleted.pdf", b"gone", by=cast.client)
    deleted.move_to_bin(by=cast.client)
    browser = sign_in(cast.firm_user)

    page = take(browser, top, "move", others_top, year, w2).text
    assert "takes it from Acme Dental PC to Other Roofing LLC, whose people will see it" in page
    assert "Tick the box first" in page
    assert take(browser, top, "move", others_top, year, w2, yes="on").status_code == 302

    inner.refresh_from_db()
    deleted.refresh_from_db()
    assert inner.cabinet == others_top.cabinet
    assert (deleted.folder, deleted.binned_with) == (top, None)
    for cabinet in (top.cabinet, others_top.cabinet):
        assert counted(cabinet) == stored(cabinet)
    assert counted(top.cabinet) == (0, 0, 4, 0)
    told = [(event.subject, event.client_name) for event in events(action=Action.FILE_MOVED)]
    assert sorted(told) == [
        (name, of) for name in ("W-2 2025.pdf", "a.pdf") for of in (str(cast.acme), str(cast.other))
    ]
    (of_old, of_new) = events(action=Action.FOLDER_MOVED)
    assert (of_old.client_id, of_new.client_id) == (cast.acme.pk, cast.other.pk)
    assert of_old.details["after"] == {"folder": "Other Roofing LLC"}
    assert sign_in(cast.client).get(inner.get_absolute_url()).status_code == 404
    assert sign_in(cast.stranger).get(inner.get_absolute_url()).status_code == 200


def test_a_folder_into_which_something_still_comes_stays_with_its_client(sign_in, cast, top, others_top):
    year = top.add_folder("2025", by=cast.client)
    year.uploads.create(name="half.pdf", size_bytes=10, by=cast.client, storage_key="half")
    page = take(sign_in(cast.firm_user), top, "move", others_top, year, yes="on").text
    assert "Something is on its way into it, so it stays in this cabinet." in page
    year.refresh_from_db()
    assert year.cabinet == top.cabinet


def test_a_copy_has_bytes_and_rows_of_its_own(sign_in, cast, top, w2, events):
    year = top.add_folder("2025", by=cast.client)
    put_file(year.add_folder("Wages", by=cast.client), "a.pdf", b"wages", by=cast.client)
    answer = take(sign_in(cast.firm_user), top, "copy", top, w2, year)

    assert answer.status_code == 302
    copied = File.objects.get(name="W-2 2025 (2).pdf")
    assert (copied.folder, copied.current.by, copied.current.number) == (top, cast.firm_user, 1)
    assert (copied.current.sha256, copied.current.state) == (w2.current.sha256, w2.current.state)
    inside = File.objects.get(name="a.pdf", folder__parent__name="2025 (2)")
    keys = {version.storage_key: version for version in Version.objects.all()}
    assert len(keys) == 4
    for version in keys.values():
        content = b"".join(storage().open(version.storage_key))
        assert hashlib.sha256(content).hexdigest() == version.sha256
    assert inside.folder.name == "Wages"
    assert counted(top.cabinet) == stored(top.cabinet)
    assert sorted(event.subject for event in events(action=Action.FILE_COPIED)) == ["W-2 2025 (2).pdf", "a.pdf"]
    assert [event.subject for event in events(action=Action.FOLDER_COPIED)] == ["2025 (2)"]


def test_a_copy_that_does_not_fit_or_is_not_handed_out_is_refused_whole(sign_in, cast, top, w2, events):
    year = top.add_folder("2025", by=cast.client)
    browser = sign_in(cast.firm_user)
    Firm.objects.update(quota_bytes=w2.current.size_bytes)
    page = take(browser, top, "copy", year, w2).text
    assert "There is no room for it. It takes 14 bytes, and 0 bytes are left." in page
    Firm.objects.update(quota_bytes=None)
    Version.objects.update(state=Version.State.INFECTED)
    assert "W-2 2025.pdf is not handed out yet" in take(browser, top, "copy", year, w2).text
    assert (File.objects.count(), events(action=Action.FILE_COPIED)) == (1, [])
    assert counted(top.cabinet) == stored(top.cabinet)


def test_staff_find_the_cabinet_by_its_client(sign_in, cast, top, w2, others_top):
    address = reverse("folder-move", args=[top.pk])
    page = sign_in(cast.firm_user).post(address, {"file": w2.pk, "into": top.pk, "q": "roof"}).text
    assert f'name="open" value="{others_top.pk}"' in page
    Assignment.objects.filter(client=cast.other).delete()
    page = sign_in(cast.firm_user).post(address, {"file": w2.pk, "into": top.pk, "q": "roof"}).text
    assert "No name contains that." in page
