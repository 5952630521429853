"""Lists of clients as somebody uploads them."""

import csv
import io

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.import_batches import ImportBatch

HEADINGS = ["Client", "E-mail address", "Name", "Looked after by"]
URL = "/accounts/import/"
DANA = "dana@firm.example.com"


def as_csv(rows, *, headings=HEADINGS, encoding="utf-8", **style):
    text = io.StringIO()
    csv.writer(text, **style).writerows([headings, *rows])
    return text.getvalue().encode(encoding)


def as_excel(rows, *, headings=HEADINGS):
    book = openpyxl.Workbook()
    for row, values in enumerate([headings, *rows], 1):
        for column, value in enumerate(values, 1):
            cell = book.active.cell(row, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # text that begins with "=" is text, as somebody typed it
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(browser, content, name="clients.csv"):
    return browser.post(URL, {"file": SimpleUploadedFile(name, content)})


def uploaded(browser, rows):
    """The address of the batch that these rows wait in."""
    answer = upload(browser, as_csv(rows))
    assert answer.status_code == 302, answer.context["problems"]
    return answer.url


def imported(browser, rows, invitations="hold"):
    """The batch, after all its rows are written."""
    url = uploaded(browser, rows)
    browser.post(url, {"invitations": invitations})
    batch = ImportBatch.objects.get()
    assert batch.is_done
    return batch


def problems(answer):
    return [(problem.number, problem.column, problem.sentence) for problem in answer.context["problems"]]


def many(count, people=1):
    return [
        [f"Client {number:05}", f"p{number}.{one}@many.example", f"Person {number}", DANA]
        for number in range(count)
        for one in range(people)
    ]
