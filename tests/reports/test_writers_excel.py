"""What an Excel workbook has beyond its rows: types, sheets, filters and names."""

import re
from datetime import datetime

import pytest

from reports.writers import Facts, excel
from tests.reports.written import (
    FACTS,
    LABELS,
    NOON,
    expected_xlsx,
    parts_of,
    read_xlsx,
    rows_of,
    values_of,
    written,
)


def test_cells_in_xlsx_have_types_and_formats():
    _, [sheet] = read_xlsx(written("xlsx", [(48_211, NOON, "=1+1", 2048, 1.0), *rows_of("a")]))
    number, time, text, size, share = sheet[2]
    assert [type(cell.value) for cell in sheet[2]] == [int, datetime, str, int, float]
    assert [cell.number_format for cell in (number, time, size, share)] == [
        "#,##0",
        "yyyy-mm-dd hh:mm:ss",
        "#,##0",
        "0.0%",
    ]
    assert text.data_type == "s"
    assert text.quotePrefix


def test_the_first_sheet_of_xlsx_says_what_the_export_is():
    about, _ = read_xlsx(written("xlsx", rows_of("a")))
    assert about.title == "About this export"
    assert about["A1"].value == FACTS.title
    shown = [(label.value, value.value) for label, value in about.iter_rows(min_row=3)]
    assert shown == list(FACTS.rows)
    assert about["A4"].font.bold
    assert not about["B4"].font.bold
    assert {cell.data_type for row in about.iter_rows(min_row=3) for cell in row} == {"s"}


def test_a_sheet_of_xlsx_is_ready_to_read_and_print():
    _, [sheet] = read_xlsx(written("xlsx", rows_of("abcd")))
    assert sheet.title == "Activity log"
    assert sheet.freeze_panes == "A2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet["A1"].font.bold
    assert [sheet.column_dimensions[letter].width for letter in "ABCDE"] == [10, 20, 40, 12, 8]


def filter_names(data):
    pattern = rb'<definedName [^>]*_xlnm\._FilterDatabase[^>]*localSheetId="(\d)"[^>]*>([^<]*)<'
    return re.findall(pattern, parts_of(data)["xl/workbook.xml"])


def test_rows_past_the_limit_of_a_sheet_go_on_to_further_sheets():
    rows = rows_of("abcdefghij")
    data = written("xlsx", rows, rows_per_sheet=5)
    _, sheets = read_xlsx(data)
    assert [sheet.title for sheet in sheets] == ["Activity log", "Activity log 2", "Activity log 3"]
    assert [sheet.max_row for sheet in sheets] == [5, 5, 3]
    assert [sheet.auto_filter.ref for sheet in sheets] == ["A1:E5", "A1:E5", "A1:E3"]
    assert filter_names(data) == [
        (b"1", b"'Activity log'!$A$1:$E$5"),
        (b"2", b"'Activity log 2'!$A$1:$E$5"),
        (b"3", b"'Activity log 3'!$A$1:$E$3"),
    ]
    for sheet in sheets:
        assert [cell.value for cell in sheet[1]] == LABELS
        assert sheet.freeze_panes == "A2"
        assert sheet["B2"].number_format == "yyyy-mm-dd hh:mm:ss"
    assert [row for sheet in sheets for row in values_of(sheet)] == [expected_xlsx(row) for row in rows]


def test_a_full_last_sheet_is_followed_by_no_empty_one():
    _, sheets = read_xlsx(written("xlsx", rows_of("abcdefgh"), rows_per_sheet=5))
    assert [sheet.max_row for sheet in sheets] == [5, 5]


def test_a_sheet_ends_before_it_would_need_zip64(monkeypatch):
    monkeypatch.setattr(excel, "BYTES_PER_SHEET", 1_000)
    rows = rows_of("abcdefghijkl")
    _, sheets = read_xlsx(written("xlsx", rows))
    assert len(sheets) > 1
    assert [row for sheet in sheets for row in values_of(sheet)] == [expected_xlsx(row) for row in rows]


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Logs [2026]: in/out?", ["Logs 2026 in out", "Logs 2026 in out 2"]),
        ("Who's '26'", ["Who's '26", "Who's '26 2"]),
        ("", ["Rows", "Rows 2"]),
        ("\x00'", ["Rows", "Rows 2"]),
        ("history", ["Rows", "Rows 2"]),
        ("about this EXPORT", ["Rows", "Rows 2"]),
        ("a" * 28 + " 2", ["a" * 28, "a" * 28 + " 2"]),
        ("🧾" * 20, ["🧾" * 14, "🧾" * 14 + " 2"]),
    ],
)
def test_any_title_makes_names_for_sheets(title, names):
    data = written("xlsx", rows_of("ab"), facts=Facts(title, ()), rows_per_sheet=2)
    _, sheets = read_xlsx(data)
    assert [sheet.title for sheet in sheets] == names
    assert len(filter_names(data)) == 2


def test_the_parts_that_name_the_sheets_come_after_them_and_no_dimension_is_guessed():
    parts = parts_of(written("xlsx", rows_of("abc"), rows_per_sheet=2))
    assert list(parts)[-3:] == ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"]
    for number in (2, 3, 4):
        assert b"<dimension" not in parts[f"xl/worksheets/sheet{number}.xml"]
