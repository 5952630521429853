"""A report's export as another program reads it, and the rows of its page as they should read."""

from tests.reports.written import (
    in_csv,
    in_xlsx,
    on_the_clock,
    read_csv,
    read_docx,
    read_xlsx,
    texts_of,
    with_line_feeds,
)

KINDS = ["csv", "xlsx", "docx"]
REPORTS = {"activity-log": "/activity", "file-activity": "/files/activity", "usage": "/files/usage"}
REPORTS["usage-by-client"] = "/files/usage/clients"


def download(browser, url):
    """The bytes of an export, read to the end."""
    response = browser.get(url)
    assert response.status_code == 200, url
    return b"".join(response.streaming_content)


def leave(response):
    """The reader goes away: all that ``response.close()`` closes is closed. The signal that it sends after that, which
    would close the test's connection to the database, is not."""
    for close in response._resource_closers:
        close()


def table_in(kind, data):
    """(the heading, the rows) of the file's table, whatever it is spread over."""
    if kind == "csv":
        heading, *rows = read_csv(data)
    elif kind == "xlsx":
        _, [sheet] = read_xlsx(data)
        heading, *rows = [[_without_escapes(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    else:
        tables = [texts_of(table) for table in read_docx(data).tables[1:]]
        heading, rows = tables[0][0] if tables else None, [row for table in tables for row in table[1:]]
    return heading, rows


def _without_escapes(value):
    """openpyxl leaves Excel's escapes as they are; Excel does not."""
    if isinstance(value, str):
        return value.replace("_x005F_", "_")
    return "" if value is None else value


def facts_in(kind, data):
    """The labels and values with which the file tells of itself."""
    if kind == "xlsx":
        about, _ = read_xlsx(data)
        return {row[0]: row[1] for row in about.iter_rows(values_only=True) if row[1] is not None}
    return dict(texts_of(read_docx(data).tables[0]))


def as_read(kind, columns, row):
    """A row of the page as the file's cells should read."""
    values = [(column.kind, _value(column, row)) for column in columns]
    return [_cell(kind, *value) for value in values]


def _value(column, row):
    value = getattr(row, column.source)
    return column.native(value) if column.native else value


def _cell(file, kind, value):
    if value is None or value == "":
        return ""
    if kind == "text":
        return {"csv": in_csv, "xlsx": in_xlsx, "docx": with_line_feeds}[file](value)
    if kind == "time":
        return on_the_clock(value) if file == "xlsx" else str(on_the_clock(value))
    if file == "docx":
        return f"{value:.1%}" if kind == "share" else f"{value:,}"
    return str(value) if file == "csv" else value
