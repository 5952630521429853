import io
import unicodedata
import zipfile
from datetime import datetime

import openpyxl
import pytest
from django.urls import reverse

from accounts.import_batches import ImportBatch
from accounts.models import Client, User
from tests.accounts.lists import DANA, HEADINGS, URL, as_csv, as_excel, problems, upload


@pytest.fixture
def administrator(sign_in, cast):
    return sign_in(cast.administrator)


AWKWARD = [
    ['=HYPERLINK("x")', "equals@awkward.example", "+1 Person", ""],
    ["-Minus; Semicolon, Comma LLC", "minus@awkward.example", "@At", f"{DANA};theo@firm.example.com"],
    ['Quoted "Quill" Inc', "quote@awkward.example", "O’Neil Ñandú 山田", ""],
    ["Café Ünal & Søn <b>", "CAFE@Awkward.Example ", "  Two   blanks ", f" {DANA} , theo@firm.example.com"],
    ["Two\nlines", "lines@awkward.example", "'quoted", ""],
    ["1040", "number@awkward.example", "007", ""],
]
AS_KEPT = [
    ('=HYPERLINK("x")', "equals@awkward.example", "+1 Person", 0),
    ("-Minus; Semicolon, Comma LLC", "minus@awkward.example", "@At", 2),
    ('Quoted "Quill" Inc', "quote@awkward.example", "O’Neil Ñandú 山田", 0),
    ("Café Ünal & Søn <b>", "cafe@awkward.example", "Two blanks", 2),
    ("Two lines", "lines@awkward.example", "'quoted", 0),
    ("1040", "number@awkward.example", "007", 0),
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", as_csv(AWKWARD)),
        ("mark.csv", as_csv(AWKWARD, encoding="utf-8-sig")),
        ("semicolons.csv", as_csv(AWKWARD, delimiter=";")),
        ("tabs.csv", as_csv(AWKWARD, delimiter="\t", encoding="utf-16")),
        ("excel.xlsx", as_excel(AWKWARD)),
        ("decomposed.csv", unicodedata.normalize("NFD", as_csv(AWKWARD).decode()).encode()),
        ("blank.csv", b"\r\n;;\r\n" + as_csv(AWKWARD, delimiter=";") + b"\r\n ;;\r\n"),
        ("named.xlsx.CSV", as_csv(AWKWARD, headings=["CLIENT NAME", "email", "full name", "Looked-after by"])),
    ],
)
def test_awkward_text_comes_through(administrator, name, content):
    answer = upload(administrator, content, name)
    assert answer.status_code == 302, problems(answer)
    administrator.post(answer.url, {"invitations": "hold"})
    people = (
        User.objects.filter(email__endswith="@awkward.example").prefetch_related("clients__firm_users").order_by("pk")
    )
    kept = [(user.clients.get().name, user.email, user.name, user.clients.get().firm_users.count()) for user in people]
    assert kept == AS_KEPT


def test_numbers_dates_and_formulas_in_excel(administrator):
    rows = [[1040, "a@x.example", 7.0, ""], [datetime(2026, 3, 12), "b@x.example", "B", ""]]
    (found,) = problems(upload(administrator, as_excel(rows), "clients.xlsx"))
    assert found[:2] == (3, "Client") and "a date or time" in found[2]
    administrator.post(upload(administrator, as_excel(rows[:1]), "clients.xlsx").url, {"invitations": "hold"})
    assert User.objects.get(email="a@x.example").name == "7"
    assert Client.objects.filter(name="1040").exists()


def test_what_windows_writes_is_read_and_said(administrator):
    page = administrator.get(upload(administrator, as_csv([["Café Ünal", "", "", ""]], encoding="cp1252")).url)
    assert "Café Ünal" in page.text and "Look whether accents are right" in page.text


def test_columns_may_stand_anywhere_and_others_are_named(administrator):
    content = as_csv([["x", "A", "New LLC"]], headings=["Phone", "Name", "Client"])
    (found,) = problems(upload(administrator, content))
    assert found[:2] == (2, "E-mail address")
    page = administrator.get(
        upload(administrator, as_csv([["x", "", "New LLC"]], headings=["Phone", "Name", "Client"])).url
    )
    assert "Not used: the column “Phone”" in page.text


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_a_template_is_understood_back(administrator, extension):
    answer = administrator.get(reverse("import-template", args=[extension]))
    assert f"clients.{extension}" in answer["Content-Disposition"]
    if extension == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        assert [cell.value for cell in book.active[1]] == HEADINGS
        book.active.append(["Template LLC", "t@template.example", "T", DANA])
        file = io.BytesIO()
        book.save(file)
        content = file.getvalue()
    else:
        assert answer.content.decode("utf-8-sig").splitlines()[0].split(",") == HEADINGS
        content = answer.content + b"Template LLC,t@template.example,T,dana@firm.example.com\r\n"
    url = upload(administrator, content, f"clients.{extension}").url
    page = administrator.get(url)
    assert "1 new client, 1 new person" in page.text and "Row 2 is the template’s example" in page.text.replace(
        "&#x27;", "’"
    )


def zipped(**parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("list.pdf", b"%PDF-1.4", "This is a .pdf file"),
        ("list.xls", b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "This is a .xls file"),
        ("list.xlsx", b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "an old Excel"),
        ("list.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\xff", "neither Excel nor CSV"),
        ("list.csv", b"", "The file is empty"),
        ("list.csv", b" \r\n ", "The file is empty"),
        ("list.csv", as_csv([]), "no row below them"),
        ("list.csv", b"Acme,a@x.example,A\r\n", "Row 1 has no heading “Client”"),
        ("list.csv", as_csv([["a", "b"]], headings=["Client", "Client name"]), "two columns for “Client”"),
        ("list.csv", b'Client,Name\r\nA,"' + b"x" * 200_000, "cannot be read"),
        ("list.xlsx", zipped(document="no workbook"), "cannot be read"),
        ("list.xlsx", as_excel([["A", "", "", ""]])[:-200], "cannot be read"),
        ("list.xlsx", zipped(bomb=b"0" * 101_000_000), "far more than a list"),
        ("list.csv", as_csv([["A"]] * 20_001), "more than 20,000 rows"),
        ("list.csv", b"Client\r\n" + b"A" * 5_000_001, "more than 5 MB"),
        ("list.csv", b"Client\r\n" + b"A" * 7_000_000, "more than 5 MB"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_what_to_do(administrator, name, content, words):
    page = upload(administrator, content, name)
    assert page.status_code == 200 and words in page.text
    assert "<title>Error: Import clients" in page.text
    assert not ImportBatch.objects.exists()


def test_no_file_at_all(administrator):
    assert "Choose a file first" in administrator.post(URL).text
