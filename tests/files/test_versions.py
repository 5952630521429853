"""Earlier versions: fetched, and made current again."""

import os
import time

import pytest
from django.urls import reverse

from accounts.models import Firm
from activity.actions import Action
from files.housekeeping import sweep
from files.models import Version
from files.storage import storage
from tests.conftest import put_file
from tests.files.test_moving import counted, stored


@pytest.fixture
def corrected(cast, w2):
    """The client's file, with a second version that the client sent."""
    return put_file(w2.folder, w2.name, b"corrected", by=cast.client)


def make_current(browser, file, number):
    return browser.post(reverse("file-current", args=[file.pk]), {"version": number}, follow=True)


def test_an_earlier_version_becomes_a_new_one_with_the_same_bytes(sign_in, cast, store, corrected, events):
    browser = sign_in(cast.firm_user)
    address = corrected.get_absolute_url()
    for content in (b"%PDF-1.4 wages", b"corrected"):
        staged = storage().stage()
        staged.write(content)
        staged.keep()
        Version.objects.filter(file=corrected, size_bytes=len(content)).update(storage_key=staged.key)
    assert browser.get(address).text.count('name="version"') == 1
    assert "Version 1 is current again, as version 3." in make_current(browser, corrected, 1).text

    corrected.refresh_from_db()
    latest, _, first = corrected.versions.all()
    assert (corrected.current, latest.number, latest.by) == (latest, 3, cast.firm_user)
    assert (latest.sha256, latest.size_bytes, latest.state) == (first.sha256, first.size_bytes, first.state)
    assert latest.storage_key != first.storage_key
    assert b"".join(storage().open(latest.storage_key)) == b"%PDF-1.4 wages"
    assert counted(corrected.folder.cabinet) == stored(corrected.folder.cabinet)
    (event,) = events(action=Action.VERSION_RESTORED)
    assert (event.subject, event.size_bytes) == (corrected.name, first.size_bytes)
    assert event.details == {"note": "version 1 again, as version 3"}


def test_what_is_refused_or_makes_no_sense_changes_nothing(sign_in, cast, corrected, events):
    browser = sign_in(cast.firm_user)
    for number in ("2", "7", "x", "", "9" * 20):
        assert make_current(browser, corrected, number).status_code == 200
    Firm.objects.update(quota_bytes=1)
    assert "There is no room" in make_current(browser, corrected, 1).text
    Firm.objects.update(quota_bytes=None)
    corrected.versions.filter(number=1).update(state=Version.State.INFECTED)
    assert "Version 1 is not handed out" in make_current(browser, corrected, 1).text
    assert browser.get(corrected.get_absolute_url()).text.count('name="version"') == 0
    assert sign_in(cast.second).post(reverse("file-current", args=[corrected.pk]), {"version": 1}).status_code == 403
    assert (corrected.versions.count(), events(action=Action.VERSION_RESTORED)) == (2, [])
    assert counted(corrected.folder.cabinet) == stored(corrected.folder.cabinet)


def test_a_copy_is_no_orphan_to_the_sweeper_however_old_its_bytes(w2):
    """Both names share the time of the last change: a copy whose rows are on their way must not look a week old."""
    path = storage().path(w2.current.storage_key)
    os.utime(path, (time.time() - 7 * 24 * 3600,) * 2)
    key = storage().copy(w2.current.storage_key)
    assert sweep().orphans == 0
    assert storage().path(key).exists()
