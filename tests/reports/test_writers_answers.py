"""Columns of numbers, amounts and days, where words may stand in place of a value."""

from datetime import date
from decimal import Decimal

import pytest

from reports.writers import Column
from tests.reports.written import FACTS, read_csv, read_docx, read_xlsx, texts_of, written

COLUMNS = (Column("n", "Number", "number", 9), Column("m", "Paid", "money", 9), Column("d", "Day", "day", 9))
ROWS = [
    (12345, Decimal("-1234.50"), date(2026, 4, 15)),
    (Decimal("12.5"), Decimal("999999999999.99"), date(1899, 12, 31)),
    (None, None, None),
    ("=1+1", "None: <lost>", "“none”, yet"),
]


def test_they_are_values_in_a_spreadsheet_and_words_are_text():
    _, [sheet] = read_xlsx(written("xlsx", ROWS, columns=COLUMNS, facts=FACTS))
    first, second, empty, words = sheet.iter_rows(min_row=2)

    assert [cell.value for cell in first[:2]] == [12345, -1234.5]
    assert first[2].value.date() == date(2026, 4, 15)
    assert [cell.number_format for cell in first] == ["General", "#,##0.00", "yyyy-mm-dd"]
    assert [cell.value for cell in second] == [12.5, 999999999999.99, "1899-12-31"]
    assert [cell.value for cell in empty] == [None] * 3
    assert [(cell.value, cell.data_type) for cell in words] == [(text, "s") for text in ROWS[-1]]


@pytest.mark.parametrize("kind", ["csv", "docx"])
def test_they_are_plain_in_text(kind):
    data = written(kind, ROWS, columns=COLUMNS, facts=FACTS)
    rows = read_csv(data)[1:] if kind == "csv" else texts_of(read_docx(data).tables[1])[1:]
    formula = "'=1+1" if kind == "csv" else "=1+1"
    assert rows == [
        ["12345", "-1234.50", "2026-04-15"],
        ["12.5", "999999999999.99", "1899-12-31"],
        ["", "", ""],
        [formula, *ROWS[-1][1:]],
    ]
