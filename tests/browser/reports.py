"""A report as it is read: row by row from its pages, and from the files that its Export menu gives."""

import csv
import io
from dataclasses import dataclass
from datetime import timedelta

import docx
import openpyxl

KINDS = {"Excel": "xlsx", "Word": "docx", "CSV": "csv"}
READ_LOG = """rows => rows.map(row => {
    const words = (name) => row.querySelector(`.log__${name}`).textContent.trim();
    const time = row.querySelector("time").dateTime.slice(0, 19).replace("T", " ");
    return [time, words("user"), words("action"), words("what"), words("client"), words("ip")];
})"""
READ_USAGE = """rows => rows.map(row => {
    const words = (name) => row.querySelector(name).textContent.trim();
    return [words(".table__lead"), words(".usage__client"), words(".usage__files").replace(/\\D/g, "")];
})"""


@dataclass
class Export:
    """What a file holds: its name, its facts by label, the heading, and the rows as texts."""

    name: str
    facts: dict
    heading: list
    rows: list

    @property
    def extension(self):
        return self.name.rpartition(".")[2]

    def columns(self, *labels):
        places = [self.heading.index(label) for label in labels]
        return [[row[place] for place in places] for row in self.rows]


def rows_of_log(page):
    """Time, user, action, what, client and address of every event in the view, through all its pages; the last stays open."""
    return _through_pages(page, ".log tr:has(td)", READ_LOG)


def rows_of_usage(page):
    """Person, client and number of files, through all pages."""
    return _through_pages(page, "tbody tr", READ_USAGE)


def _through_pages(page, selector, read):
    rows = []
    while True:
        rows += page.locator(selector).evaluate_all(read)
        older = page.locator("a[rel=next]")
        if older.count() == 0:
            return rows
        page.goto(older.evaluate("link => link.href"))


def export(page, kind):
    """What the Export menu gives for ``kind``: "Excel", "Word" or "CSV"."""
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as started:
        page.get_by_role("link", name=f"{kind} .{KINDS[kind]}").click()
    page.keyboard.press("Escape")
    download = started.value
    content = io.BytesIO(open(download.path(), "rb").read())
    facts, (heading, *rows) = {"Excel": _excel, "Word": _word, "CSV": _csv}[kind](content)
    return Export(download.suggested_filename, facts, heading, rows)


def _excel(content):
    about, *sheets = openpyxl.load_workbook(content)
    assert about.title == "About this export"
    facts = dict(about.iter_rows(min_row=3, max_col=2, values_only=True))
    return facts, [[_text(value) for value in row] for sheet in sheets for row in sheet.values]


def _text(value):
    if hasattr(value, "isoformat"):  # Excel counts in days: half a second rounds it to the second
        return (value + timedelta(milliseconds=500)).isoformat(" ", "seconds")[:19]
    return "" if value is None else str(value)


def _word(content):
    about, *tables = docx.Document(content).tables
    facts = {row.cells[0].text: row.cells[1].text for row in about.rows}
    # python-docx walks the whole table for each row.cells: its XML is read directly
    rows = [[_words(cell) for cell in row.tc_lst] for table in tables for row in table._tbl.tr_lst]
    heading = rows[0]
    return facts, [heading, *(row for row in rows if row != heading)]


def _words(cell):
    return "\n".join("".join(text.text or "" for text in p.iter(f"{{{p.nsmap['w']}}}t")) for p in cell.p_lst)


def _csv(content):
    text = content.read().decode("utf-8-sig")
    return {}, list(csv.reader(io.StringIO(text, newline="")))
