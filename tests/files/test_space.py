"""How much may be stored: quotas, who sees what of them, and what does not fit."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from accounts.models import Firm
from activity.actions import Action
from files import space
from files.models import Arrived, Cabinet
from files.models.moves import copy
from files.storage import storage
from tests.conftest import begin_upload, put_file

GB = 10**9


def words(response):
    return " ".join(html.fromstring(response.content).xpath("string(//main)").split())


def set_firm(**fields):
    Firm.objects.filter(pk=1).update(**fields)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_cannot_reserve_the_same_room(cast):
    set_firm(quota_bytes=1_000)
    cabinets = [cast.acme.cabinet.pk, cast.other.cabinet.pk]
    start = threading.Barrier(8)

    def reserve(number):
        start.wait(timeout=20)
        try:
            with transaction.atomic():
                space.reserve(Cabinet.objects.get(pk=cabinets[number % 2]), 300)
            return True
        except space.QuotaExceeded:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(reserve, range(8)))

    assert sum(given) == 3
    assert space.used_bytes() == 900


def test_reserved_bytes_count_until_they_are_released_and_each_quota_holds(cast, w2):
    cabinet = cast.acme.cabinet
    cabinet.set_quota(100, by=cast.administrator)
    set_firm(quota_bytes=70)
    assert space.free_bytes(cabinet) == 70 - w2.current.size_bytes
    with transaction.atomic():
        space.reserve(cabinet, 56)
        with pytest.raises(space.QuotaExceeded) as refused:
            space.reserve(cabinet, 1)
    assert (refused.value.size_bytes, refused.value.free_bytes) == (1, 0)
    set_firm(quota_bytes=None)
    with transaction.atomic(), pytest.raises(space.QuotaExceeded):
        space.reserve(cabinet, 31)
    space.release(cabinet.pk, 56)
    with transaction.atomic():
        space.reserve(cabinet, 86)
    assert Cabinet.objects.get(pk=cabinet.pk).reserved_bytes == 86


@pytest.mark.parametrize("path", ["", "2025/Books"])
def test_what_arrives_or_is_copied_changes_the_counters_of_its_cabinet_once(path, cast, w2):
    cabinet, size = cast.acme.cabinet, w2.current.size_bytes
    upload = begin_upload(cabinet.top, path=path, by=cast.client, size_bytes=5)
    with CaptureQueriesContext(connection) as queries:
        upload.finish(Arrived(upload.name, upload.storage_key, 5, "0" * 64))
    assert counts(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        copy([w2], [], into=cabinet.top, by=cast.firm_user)
    assert counts(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        w2.make_current(w2.current, by=cast.firm_user)
    assert counts(queries) == 1
    cabinet.refresh_from_db()
    assert (cabinet.reserved_bytes, cabinet.current_bytes, cabinet.earlier_bytes) == (0, 2 * size + 5, size)


def counts(queries):
    return sum(query["sql"].startswith('UPDATE "files_cabinet"') for query in queries)


def test_administrators_set_the_firms_quota_and_a_clients_and_are_told_when_it_is_small(sign_in, cast, w2, events):
    browser, cabinet = sign_in(cast.administrator), cast.acme.cabinet
    address = reverse("exchange-settings")
    browser.post(address, {"quota_gb": "2.5", "bin_days": "90"})
    firm = Firm.objects.get(pk=1)
    assert (firm.quota_bytes, firm.bin_days) == (2_500_000_000, 90)
    (event,) = events(action=Action.SETTINGS_CHANGED)
    assert event.details["after"] == {"quota_bytes": "2500000000", "bin_days": "90"}
    page = browser.get(address)
    assert 'value="2.5"' in page.text and 'value="90"' in page.text
    assert "14 bytes of 2.5 GB used" in words(page)
    assert "Give 0.01 or more" in browser.post(address, {"quota_gb": "0", "bin_days": ""}).text

    own = reverse("cabinet-settings", args=[cabinet.pk])
    browser.post(own, {"quota_gb": "0.01"})
    browser.post(own, {"quota_gb": "0.01"})
    (event,) = events(action=Action.QUOTA_CHANGED)
    assert (event.client_name, event.details["after"]) == ("Acme Dental PC", {"quota in bytes": "10000000"})
    Cabinet.objects.filter(pk=cabinet.pk).update(current_bytes=12_000_000)
    assert "The quota is 2 MB below what is used. Nothing is lost" in words(browser.get(own))
    browser.post(address, {"quota_gb": "", "bin_days": ""})
    assert Firm.objects.get(pk=1).quota_bytes is None


def test_who_sees_how_much_is_left(sign_in, cast, w2):
    set_firm(quota_bytes=GB)
    Cabinet.objects.filter(pk=cast.other.cabinet.pk).update(binned_bytes=100_000_000)
    folder = cast.acme.cabinet.get_absolute_url()

    assert "900 MB left for the whole firm, of 1 GB." in words(sign_in(cast.firm_user).get(folder))
    assert "left" not in words(sign_in(cast.client).get(folder))
    cast.acme.cabinet.set_quota(GB // 2, by=cast.administrator)
    assert "500 MB left of 500 MB in this cabinet." in words(sign_in(cast.client).get(folder))
    assert "firm" not in html.fromstring(sign_in(cast.client).get(folder).content).xpath("string(//*[@class='room'])")
    home = words(sign_in(cast.administrator).get("/"))
    assert "100 MB of 1 GB used" in home and "in earlier versions" in home and "Make room" not in home
    assert "900 MB left of the firm's 1 GB." in words(sign_in(cast.auditor).get("/files/usage/"))

    Cabinet.objects.filter(pk=cast.other.cabinet.pk).update(binned_bytes=950_000_000)
    assert "Only 50.0 MB left for all files. Make room" in words(sign_in(cast.administrator).get("/"))
    assert "Make room" not in words(sign_in(cast.firm_user).get("/"))


def test_without_a_quota_the_disk_says_how_much_is_left(cast, w2, monkeypatch, settings):
    monkeypatch.setattr(type(storage()), "free_bytes", lambda self: settings.KEEP_FREE_BYTES + 1_000)
    found = space.space_of_firm()
    assert (found.limit_bytes, found.left_bytes, found.is_quota) == (1_014, 1_000, False)
    set_firm(quota_bytes=GB)
    assert space.space_of_firm().left_bytes == 1_000  # the disk ends sooner

    def away(self):
        raise OSError("away")

    monkeypatch.setattr(type(storage()), "free_bytes", away)
    assert space.space_of_firm().limit_bytes == GB


def test_what_does_not_fit_is_refused_before_it_is_read(sign_in, cast, events):
    set_firm(quota_bytes=10_000)
    folder = cast.acme.cabinet.top
    address = reverse("folder-files", args=[folder.pk])

    def send(person, size):
        return sign_in(person).post(address, {"files": SimpleUploadedFile("big.bin", b"x" * size)})

    refused = send(cast.client, 20_000)
    assert refused.status_code == 507
    assert "There is no room for these files" in refused.text and "10 KB" not in refused.text
    assert "than is left: 10 KB" in send(cast.firm_user, 20_000).text
    assert not folder.files.exists()
    assert [event.details for event in events(action=Action.UPLOAD_FAILED)] == [{"note": "QuotaExceeded"}] * 2
    assert send(cast.client, 9_000).status_code == 302


def test_usage_counts_what_is_stored_no_more(sign_in, cast, w2):
    put_file(cast.acme.cabinet.top, w2.name, b"second", by=cast.client)
    first = w2.versions.get(number=1)
    first.remove(by=cast.administrator)

    table = sign_in(cast.administrator).get("/files/usage/").context["table"]
    assert table.total_bytes == 6
    assert table.rows.get(pk=cast.client.pk).size_bytes == 6
