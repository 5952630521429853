"""The demonstration firm's files: each opens in its own program, and the figures in them agree."""

import csv
import io
import re
import time
from collections import Counter
from datetime import date
from itertools import pairwise

import docx
import openpyxl
import pytest
from PIL import Image
from pypdf import PdfReader

from portal.demonstration import pdf
from portal.demonstration.documents import CLIENTS, documents

FULL_NUMBER = re.compile(r"\b(\d{3}-\d{2}-\d{4}|\d{2}-\d{7})\b")


@pytest.fixture(scope="module")
def made():
    return list(documents())


def ending(made, suffix):
    chosen = [document for document in made if document.name.endswith(suffix)]
    assert chosen, f"no document ends with {suffix}"
    return chosen


def one(made, client, words):
    (chosen,) = [document for document in made if document.client == client and words in document.name]
    return chosen


def pdf_text(document):
    reader = PdfReader(io.BytesIO(document.content), strict=True)
    return "\n".join(page.extract_text() for page in reader.pages)


def sheet_of(document):
    return openpyxl.load_workbook(io.BytesIO(document.content)).active


def csv_rows(document):
    return list(csv.DictReader(io.StringIO(document.content.decode(), newline="")))


def whole_text(document):
    """The words a reader sees, whatever the type. A picture has none."""
    if document.name.endswith(".pdf"):
        return pdf_text(document)
    if document.name.endswith(".docx"):
        return "\n".join(p.text for p in docx.Document(io.BytesIO(document.content)).paragraphs)
    if document.name.endswith(".xlsx"):
        return "\n".join(str(row) for row in sheet_of(document).iter_rows(values_only=True))
    return document.content.decode() if document.name.endswith(".csv") else ""


def test_there_are_about_sixty_from_both_sides_and_for_every_client(made):
    senders = Counter(document.sent_by for document in made)
    assert 55 <= len(made) <= 65
    assert set(senders) == {"client", "firm"}
    assert min(senders.values()) >= 25
    assert {document.client for document in made} == set(CLIENTS)
    assert len(CLIENTS) == 8
    assert all(0 <= document.days_ago <= 90 for document in made)


def test_every_type_of_file_is_there(made):
    types = Counter(document.name.rsplit(".", 1)[1] for document in made)
    assert set(types) == {"pdf", "xlsx", "docx", "csv", "png"}
    assert min(types.values()) >= 3


def test_names_are_unique_in_a_folder_and_some_are_difficult(made):
    places = [(document.client, document.folder, document.name) for document in made]
    assert len(set(places)) == len(places)
    names = {document.name for document in made}
    assert sum(len(name) > 60 for name in names) >= 4
    assert all(any(mark in name for name in names) for mark in ("&", "'", ",", "José"))
    assert not any(set(name) & set('/\\:*?"<>|') for name in names)


def test_folders_are_nested(made):
    folders = {document.folder for document in made}
    assert {("Engagement",), ("Payroll",), ("2024 Tax Return",), ("2025 Tax Return",)} <= folders
    assert ("2025 Tax Return", "Bank statements") in folders
    assert sum(any(len(d.folder) == 2 for d in made if d.client == client) for client in CLIENTS) >= 4


def test_each_run_gives_the_same_bytes_whenever_it_is(made):
    time.sleep(1.1)  # Office files keep their time in whole seconds
    assert list(documents()) == made


def test_the_whole_is_small(made):
    assert sum(len(document.content) for document in made) < 3_000_000


def test_every_pdf_opens_strictly_with_its_text_and_its_footer(made):
    for document in ending(made, ".pdf"):
        reader = PdfReader(io.BytesIO(document.content), strict=True)
        assert reader.metadata.title
        for number, page in enumerate(reader.pages, start=1):
            text = page.extract_text()
            assert pdf.FOOTER in text, document.name
            assert f"Page {number} of {len(reader.pages)}" in text
            assert len(text) > 150, document.name


def test_a_pdf_says_whose_it_is(made):
    for document in ending(made, ".pdf"):
        if "receipt" not in document.name and "W-2" not in document.name:
            assert CLIENTS[document.client] in pdf_text(document), document.name
    assert "José Sandoval" in pdf_text(one(made, "sandoval", "K-1"))


def test_a_pdf_escapes_what_its_strings_reserve():
    paper = pdf.Paper("Reserved")
    words = r"A (nested (pair)), a lone ) and a back\slash, José — 5%"
    paper.text(72, 700, words)
    assert words in PdfReader(io.BytesIO(paper.render()), strict=True).pages[0].extract_text()


def test_a_statement_runs_to_more_pages_and_ends_where_the_next_begins(made):
    november, december = (one(made, "brightwater", f"statement 2025-{month}") for month in (11, 12))
    assert len(PdfReader(io.BytesIO(november.content)).pages) > 1
    ends = re.search(r"Ending balance\s+([\d,.]+)", pdf_text(november))[1]
    assert re.search(r"Beginning balance\s+([\d,.]+)", pdf_text(december))[1] == ends


def test_every_workbook_has_figures_a_heading_and_sums_of_its_columns(made):
    for document in ending(made, ".xlsx"):
        sheet = sheet_of(document)
        assert CLIENTS[document.client] in sheet["A2"].value
        assert sheet["A4"].font.bold and sheet["A4"].fill.fill_type == "solid"
        assert sheet.column_dimensions["A"].width >= 10
        last = sheet.max_row
        sums = [cell for cell in sheet[last] if str(cell.value).startswith("=SUM(")]
        assert sheet.cell(last, 1).value == "Total" and len(sums) >= 2
        for cell in sums:
            assert cell.value == f"=SUM({cell.column_letter}5:{cell.column_letter}{last - 1})"
        assert any(isinstance(cell.value, int | float) for cell in sheet[5]), document.name


@pytest.mark.parametrize("client", ["brightwater", "sandoval", "kestrel", "prairie"])
def test_a_trial_balance_balances_with_no_negative(made, client):
    rows = list(sheet_of(one(made, client, "Trial balance")).iter_rows(min_row=5, values_only=True))[:-1]
    debits, credits = ([row[n] for row in rows if row[n] is not None] for n in (2, 3))
    assert sum(debits) == pytest.approx(sum(credits), abs=0.005)
    assert min(debits + credits) >= 0


def test_cash_in_the_trial_balance_is_on_the_last_statement(made):
    rows = sheet_of(one(made, "brightwater", "Trial balance")).iter_rows(min_row=5, values_only=True)
    cash = next(row[2] for row in rows if row[1] == "Cash in bank")
    assert f"Ending balance {cash:,.2f}" in pdf_text(one(made, "brightwater", "statement 2025-12"))


def test_the_draft_return_agrees_with_the_schedule_k1_and_the_w2s(made):
    net = re.search(r"Ordinary business income\s+([\d,]+)", pdf_text(one(made, "sandoval", "draft")))[1]
    share = round(int(net.replace(",", "")) * 0.55)
    assert f"{share:,}.00" in pdf_text(one(made, "sandoval", "K-1"))
    wages = [re.search(r"1 +Wages.*\n([\d,]+)", pdf_text(w2)) for w2 in made if w2.name.startswith("W-2")]
    total = sum(int(found[1].replace(",", "")) for found in wages)
    assert f"{total:,}" in pdf_text(one(made, "okafor", "1040"))


def test_every_word_document_opens_with_its_headings(made):
    for document in ending(made, ".docx"):
        paper = docx.Document(io.BytesIO(document.content))
        styles = [paragraph.style.name for paragraph in paper.paragraphs]
        assert "Heading 1" in styles and "Heading 2" in styles
        assert CLIENTS[document.client] in whole_text(document), document.name
        assert "Larkin & Voss, CPAs" in whole_text(document)


def test_every_csv_opens_with_dates_and_figures(made):
    for document in ending(made, ".csv"):
        rows = csv_rows(document)
        assert len(rows) >= 40
        days = [date.fromisoformat(row["Date"]) for row in rows]
        assert days == sorted(days) and {day.year for day in days} == {2025}


def test_a_banks_balance_follows_its_amounts(made):
    for document in (document for document in ending(made, ".csv") if "transactions" in document.name):
        rows = [(float(row["Amount"]), float(row["Balance"])) for row in csv_rows(document)]
        for (_, before), (amount, after) in pairwise(rows):
            assert after == pytest.approx(before + amount, abs=0.005)
        assert min(after for _, after in rows) > 0


def test_a_mileage_log_never_runs_backwards(made):
    (document,) = ending(made, "Mileage log 2025.csv")
    columns = ("Odometer start", "Odometer end")
    readings = [int(row[column]) for row in csv_rows(document) for column in columns]
    assert readings == sorted(readings)


def test_every_picture_is_a_valid_small_png(made):
    for document in ending(made, ".png"):
        Image.open(io.BytesIO(document.content)).verify()
        picture = Image.open(io.BytesIO(document.content))
        assert picture.size == (480, 720)
        assert len(picture.convert("RGB").getcolors()) > 5
        assert len(document.content) < 100_000


def test_no_full_taxpayer_number_is_shown(made):
    for document in made:
        assert not FULL_NUMBER.search(whole_text(document)), document.name
        assert not FULL_NUMBER.search(document.name)
