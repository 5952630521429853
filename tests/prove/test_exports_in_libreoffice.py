"""LibreOffice opens all three formats and reads the same cells; and a workbook with more rows than a sheet holds."""

import csv
import subprocess
from datetime import datetime

import docx
import openpyxl
import pytest
from pypdf import PdfReader

from reports.writers import excel
from tests.prove.machine import need
from tests.reports.written import (
    AWKWARD,
    COLUMNS,
    FACTS,
    LABELS,
    NOON,
    ZONE,
    expected_csv,
    expected_xlsx,
    read_docx,
    rows_of,
    texts_of,
    written,
)

TEXTS = [*AWKWARD[:-2], "last"]
COMMAND = ["soffice", "--headless", "--norestore", "--nolockcheck"]
AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


@pytest.fixture(scope="module", autouse=True)
def libreoffice():
    need("soffice", package="libreoffice-calc-nogui libreoffice-writer-nogui")


@pytest.fixture
def convert(tmp_path):
    """What LibreOffice makes of a file, in the folder that is returned: ``convert("xlsx", data, to=…)``."""

    def convert(kind, data, *, to):
        source, folder = tmp_path / f"export.{kind}", tmp_path / "converted"
        source.write_bytes(data)
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        filters = (
            ["--infilter=CSV:44,34,76"] if kind == "csv" else []
        )  # with its window it asks, and finds UTF-8 itself
        command = [*COMMAND, profile, *filters, "--convert-to", to, "--outdir", str(folder), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=170)
        assert done.returncode == 0, done.stderr
        return folder

    return convert


def rows_in(path):
    return list(csv.reader(path.open(encoding="utf-8", newline="")))


def test_a_workbook_has_the_same_cells_again(convert):
    rows = rows_of(TEXTS)
    folder = convert("xlsx", written("xlsx", rows), to="xlsx")
    about, sheet = openpyxl.load_workbook(folder / "export.xlsx").worksheets
    assert (about.title, sheet.title) == ("About this export", "Activity log")
    assert [cell.value for cell in sheet[1]] == LABELS

    found = list(sheet.iter_rows(min_row=2, max_row=len(rows) + 1, values_only=True))
    for row, (number, time, text, size, share) in zip(rows, found, strict=True):
        expected = expected_xlsx(row)
        assert (number, size, share) == (expected[0], expected[3], pytest.approx(expected[4]))
        assert isinstance(time, datetime) and time == expected[1]
        assert (text or "").replace("_x005F_", "_") == expected[2]
    assert {type(value) for row in found for value in (row[0], row[3])} == {int}
    assert sheet.auto_filter.ref == f"A1:E{len(rows) + 1}"


def test_a_document_has_the_same_cells_again_and_its_pages_repeat_the_heading(convert):
    rows = rows_of(["Statement.pdf"] * 260 + TEXTS)
    data = written("docx", rows)
    folder = convert("docx", data, to="docx")
    expected = [texts_of(table) for table in read_docx(data).tables]
    found = [texts_of(table) for table in docx.Document(folder / "export.docx").tables]
    assert len(found) == len(expected)
    for table, same in zip(found, expected, strict=True):
        for row, as_written in zip(table, same, strict=True):
            assert [_saved(text) for text in row] == [text.rstrip(" ") for text in as_written]

    pages = PdfReader(convert("docx", data, to="pdf") / "export.pdf").pages
    assert "Activity: log · Page 2 of" in pages[1].extract_text()
    assert all(label in pages[1].extract_text() for label in LABELS)  # the heading is repeated


def _saved(text):
    """As LibreOffice saves it again: it escapes what looks like an escape, and spaces at the end go."""
    return text.replace("_x005F_", "_").rstrip(" ")


def test_csv_has_the_same_cells_again_and_runs_no_formula(convert):
    texts = [text for text in TEXTS if "\r" not in text]
    rows = rows_of(texts)
    folder = convert("csv", written("csv", rows), to=AS_CSV)
    (made,) = folder.glob("*.csv")
    found = rows_in(made)
    assert found[0] == LABELS
    assert [row[2] for row in found[1:]] == [expected_csv(row)[2] for row in rows]


def test_more_rows_than_a_sheet_holds_go_on_to_a_second(convert, tmp_path, say):
    rows = [(1, NOON, "a", 1, 0.5)]
    count = excel.ROWS_PER_SHEET + 10
    thousand = rows * 1_000
    batches = (thousand[: min(1_000, count - start)] for start in range(0, count, 1_000))
    data = b"".join(excel.stream(COLUMNS, FACTS, batches, zone=ZONE))
    book = tmp_path / "many.xlsx"
    book.write_bytes(data)
    sheets = openpyxl.load_workbook(book, read_only=True).worksheets
    counts = [sum(1 for _ in sheet.iter_rows(values_only=True)) for sheet in sheets[1:]]
    say(f"{count:,} rows on sheets of {counts}")
    assert counts == [excel.ROWS_PER_SHEET, count - (excel.ROWS_PER_SHEET - 1) + 1]
