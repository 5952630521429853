"""An Excel workbook: a sheet about the export, then the rows on as many sheets as they need.

openpyxl makes a small workbook with every style, width and setting; the rows are streamed into its sheet as
text. It cannot write them itself: it makes formulas of text that begins with "=", and it keeps every row, in
memory or in a temporary file, until the last is there.
"""

import re
from datetime import date
from functools import partial
from itertools import chain, repeat

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from .rows import Feed, columns_of, shown_by
from .text import DAY_SECONDS, EPOCH, Clock, are_plain_in_xml, clean, clean_lines, cut, escape
from .zipping import unzipped, zipped

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXTENSION = "xlsx"

ROWS_PER_SHEET = 1_048_576  # Excel's limit, the heading included
BYTES_PER_SHEET = 7 << 28  # 1.75 GiB: a part of 2 GiB would need ZIP64
TEXT_UNITS = 32_767  # Excel's limit for a cell, in UTF-16 units
NAME_UNITS = 31  # and for the name of a sheet
ABOUT = "About this export"

FORMATS = {
    "text": "@",
    "time": "yyyy-mm-dd hh:mm:ss",
    "integer": "#,##0",
    "bytes": "#,##0",
    "share": "0.0%",
    "number": "General",
    "money": "#,##0.00",
    "day": "yyyy-mm-dd",
}

# These name the sheets, whose number is known only after the last row.
LATE_PARTS = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml")
SAMPLE_PART = "xl/worksheets/sheet2.xml"

_FONT = "Calibri"
_LINE = Side(style="thin", color="BFBFBF")
_HEADING_FILL = PatternFill("solid", fgColor="EEF1F4")
_DAYS_BEFORE = EPOCH - date(1899, 12, 30).toordinal()  # Excel's first day, before 1970
FIRST_DAY = date(1900, 3, 1)
_excel_escape = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def stream(columns, facts, batches, *, zone, rows_per_sheet=ROWS_PER_SHEET):
    """The workbook's bytes, with times as Excel's own dates, by the zone's clocks."""
    yield from zipped(_parts(columns, facts, Feed(batches), zone, rows_per_sheet))


def _parts(columns, facts, feed, zone, rows_per_sheet):
    book = _workbook(columns, facts, row_counts=[1])
    styles = [cell.style_id for cell in book.worksheets[1][2]]
    parts = unzipped(book.save)
    for name, content in parts.items():
        if name not in (SAMPLE_PART, *LATE_PARTS):
            yield name, [content]

    head, tail = _around_sample_row(parts[SAMPLE_PART])
    clock = Clock(zone)
    cells = [_cells(column.kind, style, clock) for column, style in zip(columns, styles, strict=True)]
    counts = []
    while not counts or feed.more():
        sheet = _sheet(head, tail, cells, feed, rows_per_sheet - 1, counts)
        yield f"xl/worksheets/sheet{len(counts) + 2}.xml", sheet

    parts = unzipped(_workbook(columns, facts, row_counts=counts).save)
    for name in LATE_PARTS:
        yield name, [parts[name]]


def _sheet(head, tail, cells, feed, limit, counts):
    """The chunks of one sheet's XML. When it ends, the number of its rows has been added to `counts`."""
    yield head
    count = size_bytes = 0
    for rows in feed.take(limit):
        chunk = _woven(columns_of(rows), cells).encode()
        count += len(rows)
        size_bytes += len(chunk)
        yield chunk
        if size_bytes >= BYTES_PER_SHEET:
            break
    counts.append(count)
    yield re.sub(rb'(<autoFilter ref="A1:[A-Z]+)\d+', rb"\g<1>%d" % (count + 1), tail)


def _woven(columns, cells):
    """The rows' XML. No row and no cell says where it stands, which the format allows: each follows the one before it. So all
    that stands between two columns' values is the same in every row."""
    pieces, between = [], "<row>"
    for values, (start, end, empty, show) in zip(columns, cells, strict=True):
        if None in values:
            whole = partial(_between, start, end, show)
            pieces += repeat(between), shown_by(whole, values, empty)
            between = ""
        else:
            pieces += repeat(between + start), show(values)
            between = end
    return "".join(chain.from_iterable(zip(*pieces, repeat(between + "</row>"), strict=False)))


def _between(start, end, show, values):
    return [f"{start}{shown}{end}" for shown in show(values)]


def _around_sample_row(sheet):
    """What stands before and after the rows in a sheet's XML. Its <dimension> goes: it would be a guess."""
    sheet = re.sub(rb"<dimension [^>]*>", b"", sheet)
    head, tail = re.split(rb'<row r="2".*</row>(?=</sheetData>)', sheet, flags=re.DOTALL)
    return head, tail


def _cells(kind, style, clock):
    """(what stands before a value, what behind it, what instead of none, a function of a column's values that shows them)."""
    match kind:
        case "text":
            start, end, show = ' t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>", _contents
        case "time":
            start, end, show = "><v>", "</v></c>", lambda times: _serials(clock.seconds(times))
        case "integer" | "bytes" | "share":
            start, end, show = "><v>", "</v></c>", partial(map, str)
        case "number" | "money" | "day":
            start, end, show = "", "</c>", partial(map, _value_or_text)
        case _:
            raise ValueError(f"no such kind of column: {kind}")
    cell = f'<c s="{style}"'
    return cell + start, end, f"{cell}/>", show


def _contents(texts):
    """Each text as the content of an XML element in a cell. Looked through all at once: hardly any needs care."""
    if are_plain_in_xml(texts) and max(map(len, texts), default=0) * 2 <= TEXT_UNITS:
        return texts
    return [escape(_cell_text(text)) for text in texts]


def _cell_text(text):
    """The text cut to a cell's limit. Excel would read _x0041_ as "A", so its underscore is escaped."""
    return _excel_escape.sub("_x005F_", cut(clean_lines(text), TEXT_UNITS))


def _serials(times):
    """Each time as Excel counts it: days since 1899-12-30 (true from March 1900 on), to less than a thousandth of a second."""
    return map("%.9f".__mod__, [time / DAY_SECONDS + _DAYS_BEFORE for time in times])


def _value_or_text(value):
    """The rest of a cell. A day from before March 1900, where Excel counts otherwise, is text."""
    if isinstance(value, date) and value >= FIRST_DAY:
        value = value.toordinal() - EPOCH + _DAYS_BEFORE
    elif isinstance(value, (date, str)):
        return f' t="inlineStr"><is><t xml:space="preserve">{escape(_cell_text(str(value)))}</t></is>'
    return f"><v>{value}</v>"


def _workbook(columns, facts, row_counts):
    """A workbook like the one that is written, but with one empty styled row in place of the rows."""
    book = Workbook()
    book.properties.creator = "Firm Portal"
    book.properties.title = clean(facts.title)
    _lay_out_about(book.active, facts)
    for name, count in zip(_sheet_names(facts.title, len(row_counts)), row_counts, strict=True):
        _lay_out_rows(book.create_sheet(name), columns, count)
    return book


def _lay_out_about(sheet, facts):
    sheet.title = ABOUT
    sheet.sheet_view.showGridLines = False
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 90
    _write_text(sheet["A1"], facts.title).font = Font(name=_FONT, size=14, bold=True)
    for number, (label, value) in enumerate(facts.rows, start=3):
        for cell, text, bold in ((sheet.cell(number, 1), label, True), (sheet.cell(number, 2), value, False)):
            _write_text(cell, text).font = Font(name=_FONT, size=11, bold=bold)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    _print_landscape(sheet)


def _lay_out_rows(sheet, columns, count):
    for number, column in enumerate(columns, start=1):
        heading = _write_text(sheet.cell(1, number), column.label)
        heading.font = Font(name=_FONT, size=11, bold=True)
        heading.fill = _HEADING_FILL
        heading.border = Border(bottom=_LINE)
        side = None if column.kind in ("text", "time") else "right"
        heading.alignment = Alignment(horizontal=side, vertical="center")
        _style_cell(sheet.cell(2, number), column.kind)
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.row_dimensions[1].height = 20
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count + 1}"
    sheet.print_title_rows = "1:1"
    _print_landscape(sheet)


def _print_landscape(sheet):
    """The sheet prints on Letter paper, as wide as the page, with its name and page numbers."""
    sheet.page_setup.paperSize = sheet.PAPERSIZE_LETTER
    sheet.page_setup.orientation = sheet.ORIENTATION_LANDSCAPE
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.left.text = "&A"
    sheet.oddFooter.right.text = "Page &P of &N"


def _write_text(cell, text):
    """The cell holds the text, never a formula, now or after someone edits it."""
    cell.value = _cell_text(text)
    cell.data_type = "s"
    _style_cell(cell, "text")
    return cell


def _style_cell(cell, kind):
    cell.number_format = FORMATS[kind]
    cell.quotePrefix = kind == "text"
    cell.alignment = Alignment(vertical="top")


def _sheet_names(title, count):
    """The title as the names of so many sheets: what Excel forbids is left out, and all are different."""
    name = " ".join(re.sub(r"[\[\]:*?/\\\s]", " ", clean(title)).split())
    name = cut(name, NAME_UNITS - len(f" {count}")).strip("' ")
    if name.casefold() in ("", "history", ABOUT.casefold()):
        name = "Rows"
    return [name, *(f"{name} {number}" for number in range(2, count + 1))]
