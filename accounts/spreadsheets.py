"""Clients in a spreadsheet: an Excel or CSV file becomes rows under the columns that an import knows, and back."""

import csv
import io
import unicodedata
import zipfile
from dataclasses import dataclass, field

import openpyxl
import tablib
from import_export.formats import base_formats

MOST_ROWS = 20_000
MOST_COLUMNS = 50
MOST_UNPACKED_BYTES = 100 * 1000**2  # a workbook is a ZIP archive: a small one can hold gigabytes
NUMBER = "Row"
COLUMNS = {"client": "Client", "email": "E-mail address", "name": "Name", "team": "Looked after by"}
HEADERS = [NUMBER, *COLUMNS.values()]
SPELLINGS = {  # a heading's letters → the column; capitals, blanks and hyphens do not count
    "client": "client",
    "clientname": "client",
    "email": "email",
    "emailaddress": "email",
    "name": "name",
    "fullname": "name",
    "lookedafterby": "team",
    "firmuser": "team",
    "firmusers": "team",
}
EXAMPLE = ["Larkspur Bakery LLC", "ana@larkspur.example", "Ana Reyes", "dana@yourfirm.example; theo@yourfirm.example"]
DELIMITERS = ",;\t"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Unreadable(ValueError):
    """The file holds no rows that could be imported; the text says why and what to do."""


@dataclass
class Spreadsheet:
    """The rows of a file, each with its number in it, under HEADERS; and what its reader should know."""

    dataset: tablib.Dataset
    notes: list = field(default_factory=list)


class Excel(base_formats.XLSX):
    """The sheet that was open when the workbook was saved; of formulas, what they showed."""

    def create_dataset(self, in_stream):
        try:
            return _spreadsheet(self._rows(in_stream))
        except Unreadable:
            raise
        except Exception as problem:  # whatever the library meets in a damaged file
            raise Unreadable(
                "This Excel file cannot be read. Open it, save it as .xlsx, and choose that one."
            ) from problem

    def _rows(self, content):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED_BYTES:
                raise Unreadable("This Excel file holds far more than a list of clients. Copy the list to a new one.")
        sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True).active
        sheet.reset_dimensions()  # what a file says of its size may be wrong, and rows would be missed
        return enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1)


class CommaSeparated(base_formats.CSV):
    """Commas, semicolons or tabs; UTF-8, or what Excel writes on Windows."""

    def create_dataset(self, in_stream):
        text, note = _decoded(in_stream)
        delimiter = max(DELIMITERS, key=lambda delimiter: _known_headings(text, delimiter))
        try:
            spreadsheet = _spreadsheet(enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1))
        except csv.Error as problem:
            raise Unreadable(
                f"This CSV file cannot be read: {problem}. Save it as .xlsx, and choose that one."
            ) from problem
        spreadsheet.notes += [note] if note else []
        return spreadsheet


FORMATS = {"xlsx": Excel, "csv": CommaSeparated}


def read(content):
    """The Spreadsheet in these bytes. What kind of file it is, they say, and not its name. Raises Unreadable."""
    if not content.strip():
        raise Unreadable("The file is empty. Take the template and fill it in.")
    if content.startswith(OLD_EXCEL):
        raise Unreadable("This is a file of an old Excel. Open it, save it as .xlsx, and choose that one.")
    return (Excel() if content.startswith(b"PK") else CommaSeparated()).create_dataset(content)


def template(extension):
    """The bytes of a file with the headings and an example row."""
    file_format = FORMATS[extension]()
    dataset = tablib.Dataset(EXAMPLE, headers=list(COLUMNS.values()), title="Clients")
    content = file_format.export_data(dataset)
    return content if file_format.is_binary() else content.encode("utf-8-sig")  # the mark tells Excel that it is UTF-8


def dataset_of(rows):
    """Rows as they are kept, under HEADERS."""
    return tablib.Dataset(*rows, headers=HEADERS)


def _spreadsheet(numbered):
    """The first row that is not blank names the columns; blank rows below it are passed over."""
    numbered = ((number, row) for number, row in numbered if any(value not in (None, "") for value in row))
    number, headings = next(numbered, (1, []))
    places, unused = _places(number, headings)
    spreadsheet = Spreadsheet(tablib.Dataset(headers=HEADERS))
    for number, row in numbered:
        values = [row[place] if place is not None and place < len(row) else None for place in places]
        if values == EXAMPLE:
            spreadsheet.notes.append(f"Row {number} is the template's example and is passed over.")
        elif any(value is not None and str(value).strip() for value in values):
            if len(spreadsheet.dataset) == MOST_ROWS:
                raise Unreadable(
                    f"The file has more than {MOST_ROWS:,} rows. Divide it, and import one part after another."
                )
            spreadsheet.dataset.append([number, *values])
    if not len(spreadsheet.dataset):
        raise Unreadable("The file has headings, and no row below them. Fill it in first.")
    if unused:
        spreadsheet.notes.append(f"Not used: the {'column' if len(unused) == 1 else 'columns'} {', '.join(unused)}.")
    return spreadsheet


def _places(number, headings):
    """Where each of COLUMNS stands in a row, None for nowhere; and the headings of the others."""
    found, unused = {}, []
    for place, heading in enumerate(headings):
        column = _column(heading)
        if column in found:
            raise Unreadable(f"Row {number} has two columns for “{COLUMNS[column]}”. Delete one of them.")
        if column:
            found[column] = place
        elif heading not in (None, ""):
            unused.append(f"“{str(heading).strip()[:40]}”")
    if "client" not in found:
        raise Unreadable(
            f"Row {number} has no heading “Client”. The headings are {', '.join(COLUMNS.values())}: take the template."
        )
    return [found.get(column) for column in COLUMNS], unused


def _column(heading):
    letters = unicodedata.normalize("NFKC", str(heading or "")).casefold()
    return SPELLINGS.get("".join(letter for letter in letters if letter.isalnum()))


def _known_headings(text, delimiter):
    """How many headings the first line has if this is what stands between them."""
    first = next((line for line in text.splitlines() if any(map(str.isalnum, line))), "")
    return sum(_column(heading) is not None for heading in next(csv.reader([first], delimiter=delimiter), []))


def _decoded(content):
    """The text, and what its reader should know of how it was understood."""
    try:
        if content.startswith(UTF_16):
            return content.decode("utf-16"), None
        text, note = content.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        note = "The file is not in UTF-8 and was read as Windows writes it. Look whether accents are right."
        text = content.decode("cp1252", "replace")
    if "\x00" in text or (note and "\ufffd" in text):
        raise Unreadable("This file is neither Excel nor CSV. Save your list as .xlsx or .csv, and choose that one.")
    return text, note
