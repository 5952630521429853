"""The trend of the storage: a figure a day, kept by housekeeping, drawn from the second day on."""

from datetime import date, timedelta

from django.utils import timezone
from lxml import html

from files.housekeeping import _take_snapshot
from files.models import Snapshot
from tests.conftest import put_file

TREND = "/files/usage/trend/"
MARCH = date(2025, 3, 9)


def test_housekeeping_writes_down_once_a_day_what_each_cabinet_holds(cast, w2):
    put_file(w2.folder, "b.pdf", b"binned", by=cast.client).move_to_bin(by=cast.client)
    assert _take_snapshot() == {"snapshots": 2}
    put_file(cast.other.cabinet.top, "c.pdf", b"later", by=cast.stranger)
    assert _take_snapshot() == {"snapshots": 0}
    whole, acme = sorted(Snapshot.objects.all(), key=lambda one: one.cabinet_id is not None)
    assert acme.cabinet == cast.acme.cabinet
    for one in (whole, acme):
        assert (one.file_count, one.current_bytes, one.earlier_bytes, one.binned_bytes) == (1, 14, 0, 6)

    assert Snapshot.take(MARCH) == 3
    assert Snapshot.objects.get(day=MARCH, cabinet=None).size_bytes == 25
    Snapshot.objects.filter(day=whole.day).delete()
    _take_snapshot()
    assert not Snapshot.objects.filter(day=MARCH).exists()  # lies far behind


def test_the_trend_is_drawn_and_said_in_figures_from_the_second_day_on(sign_in, cast, w2):
    today, browser = timezone.localdate(), sign_in(cast.auditor)
    Snapshot.take(today - timedelta(days=400))
    Snapshot.take(today - timedelta(days=40))
    assert "Not yet two days" in browser.get(TREND).text
    put_file(w2.folder, w2.name, b"2" * 86, by=cast.client)
    put_file(cast.other.cabinet.top, "c.pdf", b"c" * 100, by=cast.stranger)
    Snapshot.take(today)

    page = html.fromstring(browser.get(TREND).content)
    assert [polygon.get("points") for polygon in page.xpath("//*[name()='polygon']")] == [
        "0,200 0.0,186.0 1000.0,0.0 1000,200",
        "0,200 0.0,186.0 1000.0,0.0 1000,200",
        "0,200 0.0,186.0 1000.0,14.0 1000,200",
    ]
    assert "200 bytes on" in " ".join(page.xpath("string(//figcaption)").split())
    rows = [[cell.text_content() for cell in row.xpath("td")][1:] for row in page.xpath("//tbody/tr")]
    assert rows[0] == ["2", "186 bytes", "14 bytes", "0 bytes", "200 bytes"]
    assert rows[-1] == ["1", "14 bytes", "0 bytes", "0 bytes", "14 bytes"]
    of_acme = browser.get(f"{TREND}?client={cast.acme.pk}")
    assert [one.size_bytes for one in of_acme.context["trend"].days] == [14, 100]
    assert "Not yet two days" in browser.get(f"{TREND}?client={cast.other.pk}").text
    assert "Not yet two days" not in sign_in(cast.firm_user).get(f"{TREND}?client={cast.other.pk}").text
