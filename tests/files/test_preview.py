import io
import zipfile
from datetime import date

import pytest
from django.core.cache import cache
from django.urls import reverse
from openpyxl import Workbook

from activity.actions import Action
from files import previews
from files.models import Version
from files.storage import storage
from tests.conftest import put_file

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
OTHERWISE = "it is not what its name says"
NONE_OF_THIS = "There is no preview of this kind of file"


def page_of(file, query=""):
    return reverse("file-preview", args=[file.pk]) + query


def content_of(file, query=""):
    return reverse("file-preview-content", args=[file.pk]) + query


def looks(events):
    return events(action=Action.FILE_PREVIEWED)


@pytest.fixture
def look(sign_in, cast):
    """The page that shows a file of this name and content: ``look(name, content)``."""

    def look(name, content):
        file = put_file(cast.acme.cabinet.top, name, content, by=cast.client)
        page = sign_in(cast.client).get(page_of(file))
        assert page.status_code == 200
        return page.text

    return look


def workbook(rows, title="Trial balance"):
    book, data = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    book.create_sheet("Second").append(["of the second"])
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type", "policy"),
    [
        ("W-2.pdf", b"%PDF-1.7 wages", "application/pdf", "object-src 'self'"),
        ("Scan.PNG", PNG, "image/png", "sandbox"),
        ("Scan.jpg", b"\xff\xd8\xff\xe0" + bytes(50), "image/jpeg", "sandbox"),
        ("Photo.jpeg", PNG, "image/png", "sandbox"),  # the bytes decide
        ("a.gif", b"GIF89a" + bytes(50), "image/gif", "sandbox"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(50), "image/webp", "sandbox"),
    ],
)
def test_a_pdf_or_picture_is_framed_by_the_portal_alone(sign_in, cast, events, name, content, media_type, policy):
    file = put_file(cast.acme.cabinet.top, name, content, by=cast.client)
    browser = sign_in(cast.client)
    page = browser.get(page_of(file))
    assert f'src="{content_of(file)}' in page.text
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert (page["X-Frame-Options"], looks(events)) == ("DENY", [])

    answer = browser.get(content_of(file))
    assert (answer.getvalue(), answer["Content-Type"]) == (content, media_type)
    assert answer["Content-Disposition"] == f'inline; filename="{name}"'
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    found = {part.strip() for part in answer["Content-Security-Policy"].split(";")}
    assert found >= {"default-src 'none'", "frame-ancestors 'self'", policy}
    assert not found & {"script-src 'self'", "default-src 'self'"}
    (event,) = looks(events)
    assert (event.subject, event.size_bytes) == (name, len(content))


def test_a_look_is_recorded_once_in_an_hour_and_is_no_longer_new(sign_in, cast, store, events):
    file = put_file(cast.acme.cabinet.top, "W-2.pdf", b"%PDF-" + bytes(1000), by=cast.firm_user)
    text = put_file(cast.acme.cabinet.top, "notes.txt", b"Notes", by=cast.firm_user)
    browser = sign_in(cast.client)
    assert browser.head(content_of(file)).status_code == browser.head(page_of(text)).status_code == 200
    assert looks(events) == []
    for _ in range(3):
        part = browser.get(content_of(file), headers={"Range": "bytes=5-9"})
        assert (part.status_code, part.getvalue()) == (206, bytes(5))
        browser.get(page_of(file))
        browser.get(page_of(text))
    assert [event.subject for event in looks(events)] == [file.name, text.name]
    file.current.refresh_from_db()
    assert file.current.client_downloaded_at
    assert file.current.openings.get().user == cast.client
    cache.clear()  # as it is after the hour
    browser.get(content_of(file)).getvalue()
    assert len(looks(events)) == 3


def test_text_is_shown_as_text_whatever_it_says(look, events):
    page = look("notes.txt", "Größe <script>alert(1)</script>".encode())
    assert "Größe &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Caf\u00e9" in look("latin.txt", "Café".encode("latin-1"))
    assert "Café" in look("windows.txt", "Café".encode("utf-16"))
    assert "It is empty." in look("empty.txt", b"")
    assert len(looks(events)) == 4
    long = look("long.txt", b"x" * 199_999 + "é".encode() + b"end")
    assert "The first 200 KB" in long
    assert "end</pre>" not in long
    assert "\ufffd" not in long


def test_a_list_and_a_spreadsheet_are_shown_as_a_table(look):
    page = look("list.csv", b'Name;Amount\n"Okafor; Ngozi";"1,200.50"\n<b>x</b>;-3\n')
    assert "<td>Okafor; Ngozi</td>" in page
    assert '<td class="num">1,200.50</td>' in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    long = look("long.csv", b"a,b\n" * 1000)
    assert (long.count('<th scope="row">'), "The first 200 rows" in long) == (200, True)

    rows = [["Account", "Balance", None], ["Cash", 1234.5, date(2026, 3, 12)], ["=1+1", True, "<i>"], *[["x"]] * 500]
    page = look("Trial balance.xlsx", workbook(rows))
    for cell in ("<td>Cash</td>", '<td class="num">1234.5</td>', "<td>03/12/2026</td>", "<td>TRUE</td>", "&lt;i&gt;"):
        assert cell in page
    assert page.count('<th scope="row">') == 200
    assert "The sheet “Trial balance”" in page
    assert "of the second" not in page


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("W-2.pdf", b"<html><script>alert(1)</script>", OTHERWISE),
        ("W-2.pdf", b"\n%PDF-1.7", OTHERWISE),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", OTHERWISE),
        ("a.png", b"%PDF-1.7", OTHERWISE),
        ("a.txt", b"MZ\x90\x00\x03", OTHERWISE),
        ("a.csv", PNG, OTHERWISE),
        ("a.xlsx", b"<html>", OTHERWISE),
        ("a.xlsx", b"PK\x03\x04 and no more", "cannot be read here"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + bytes(600), "protected with a password"),
        ("a.svg", b"<svg/>", NONE_OF_THIS),
        ("a.html", b"<p>", NONE_OF_THIS),
        ("a.zip", b"PK\x03\x04", NONE_OF_THIS),
        ("none", b"%PDF-1.7", NONE_OF_THIS),
    ],
)
def test_what_it_is_not_it_is_not_shown_as(look, cast, client, events, name, content, words):
    page = look(name, content)
    file = cast.acme.cabinet.top.files.get(name=name)

    assert words in page
    assert "<iframe" not in page
    assert client.get(content_of(file)).status_code == 404
    assert looks(events) == []


def bomb(content, *, name="xl/worksheets/sheet1.xml"):
    """A workbook whose part of this name is another."""
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([["x"]]))) as source, zipfile.ZipFile(data, "w", 8) as target:
        for part in source.namelist():
            target.writestr(part, content if part == name else source.read(part))
    return data.getvalue()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def test_bombs_are_not_set_off(look, monkeypatch):
    flat = bomb(b"<worksheet>" + b" " * previews.MOST_UNPACKED_BYTES)
    assert len(flat) < 100_000
    assert "too large to be shown here" in look("flat.xlsx", flat)
    styles = bomb(b"<styleSheet><cellXfs>" + b"<xf/>" * (previews.MOST_WHOLE_BYTES // 5), name="xl/styles.xml")
    assert "too large to be shown here" in look("styles.xlsx", styles)
    laughs = f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><worksheet>&l9;</worksheet>'.encode()
    assert "cannot be read here" in look("laughs.xlsx", bomb(laughs))
    # one that says it is small gives no more than it says
    lying = flat.replace((previews.MOST_UNPACKED_BYTES + 11).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != flat
    assert "cannot be read here" in look("lying.xlsx", lying)
    monkeypatch.setattr(previews, "MOST_SHEET_BYTES", 10)
    assert "too large to be shown here" in look("large.xlsx", workbook([["x"]]))


def test_an_earlier_version_is_shown_and_neighbours_are_offered(sign_in, cast, w2, events):
    put_file(w2.folder, w2.name, b"%PDF-1.4 corrected", by=cast.second)
    before, after = (put_file(w2.folder, name, b"text", by=cast.client) for name in ("A first.txt", "Z last.txt"))
    put_file(w2.folder, "Y binned.txt", b"text", by=cast.client).move_to_bin(by=cast.client)
    browser = sign_in(cast.client)
    page = browser.get(page_of(w2, "?version=1"))

    assert "Version 1, 14 bytes" in page.text
    assert browser.get(content_of(w2, "?version=1")).getvalue() == b"%PDF-1.4 wages"
    assert looks(events)[0].details["note"] == "version 1"
    assert browser.get(page_of(w2, "?version=9")).status_code == 404
    assert (page.context["previous"], page.context["next"]) == (before, after)
    assert f'rel="prev" href="{page_of(before)}"' in page.text or f'href="{page_of(before)}" rel="prev"' in page.text
    part = browser.get(page_of(w2), headers={"X-Requested-With": "XMLHttpRequest"}).text
    assert ("<html" in part, "data-preview-close" in part) == (False, True)


def test_what_is_not_served_is_not_shown(sign_in, cast, w2, events):
    Version.objects.filter(file=w2).update(state="infected")
    browser = sign_in(cast.firm_user)

    assert "Quarantined: it is kept, and handed out to nobody." in browser.get(page_of(w2)).text
    assert browser.get(content_of(w2)).status_code == 404
    assert looks(events) == []


def test_what_cannot_be_read_is_said(sign_in, cast, w2, events):
    storage().path(w2.current.storage_key).unlink()
    browser = sign_in(cast.firm_user)

    assert "The storage does not answer." in browser.get(page_of(w2)).text
    assert browser.get(content_of(w2)).status_code == 503
    assert looks(events) == []
