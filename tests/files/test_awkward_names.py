"""Names that could escape from where they are shown: through the form, on every page, on a reader's disk, in each export."""

from email.message import EmailMessage

import pytest
from django.urls import reverse
from lxml import html

from activity.actions import Action
from files.models import File
from tests.files.sending import sent
from tests.reports.exported import download
from tests.reports.written import read_csv, read_docx, read_xlsx, texts_of

# As it is sent, as it is kept, as a reader's disk gets it.
NAMES = [
    ("../../etc/passwd.pdf", "passwd.pdf", "passwd.pdf"),
    ('say "hi".pdf', 'say "hi".pdf', "say _hi_.pdf"),
    ("two\nlines.pdf", "two lines.pdf", "two lines.pdf"),
    ("two\r\nlines: yes.pdf", "two lines: yes.pdf", "two lines_ yes.pdf"),
    ("\u202efdp.exe", "fdp.exe", "fdp.exe"),
    ("é" * 125 + "x.pdf", "é" * 125 + "x.pdf", "é" * 125 + "x.pdf"),
    ("a&amp;b.pdf", "a&amp;b.pdf", "a&amp;b.pdf"),
    ('=HYPERLINK("x","y").xlsx', '=HYPERLINK("x","y").xlsx', "=HYPERLINK(_x_,_y_).xlsx"),
    ('=HYPERLINK("http://x","y").xlsx', 'x","y").xlsx', "x_,_y_).xlsx"),
    ('x\\",=1+1,y.txt', 'x_",=1+1,y.txt', "x__,=1+1,y.txt"),
    ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png", "_img src=x onerror=alert(1)_.png"),
]
every_name = pytest.mark.parametrize(("raw", "name", "saved"), NAMES, ids=[saved[:12] for _, _, saved in NAMES])
AS_BYTES = b"content of the file"


@pytest.fixture
def file(sign_in, cast, raw):
    return sent(sign_in(cast.client), cast.acme.cabinet.top, raw, AS_BYTES)


def column(heading, rows, label):
    """The cells of a column, where every row has as many as the heading."""
    assert {len(row) for row in rows} == {len(heading)}
    return [row[heading.index(label)] for row in rows]


@every_name
def test_every_page_shows_the_name_and_none_obeys_it(sign_in, cast, file, raw, name, saved):
    browser = sign_in(cast.administrator)

    def on(address, path):
        page = html.fromstring(browser.get(address).text)
        assert page.xpath("//img | //*[@onerror]") == []
        return [element if isinstance(element, str) else element.text_content().strip() for element in page.xpath(path)]

    links = "//a[contains(@class, 'name__text')]"
    in_log = "//td[contains(@class, 'log__what')]"
    assert on(file.folder.get_absolute_url(), links) == [name]
    assert on(file.folder.get_absolute_url(), "//input[@name='file']/@aria-label") == [f"Select {name}"]
    assert on(file.get_absolute_url(), "//h1") == [name]
    assert on(file.get_absolute_url(), "//section[@aria-labelledby='history']//td[last()]") == [name]
    assert on(reverse("file-name", args=[file.pk]), "//input[@name='name']/@value") == [name]
    assert on(reverse("activity") + "?action=files.uploaded", in_log) == [name]
    assert on(reverse("file-activity") + "?action=files.uploaded", in_log) == [name]

    file.move_to_bin(by=cast.administrator)
    assert on(reverse("cabinet-bin", args=[file.folder.cabinet_id]), links) == [name]
    assert on(file.get_absolute_url(), "//h1") == [name]


@every_name
def test_the_page_that_acknowledges_the_file_shows_its_name(sign_in, cast, file, raw, name, saved):
    page = html.fromstring(sign_in(cast.client).get(file.folder.get_absolute_url()).text)

    assert page.xpath("//img") == []
    assert f"Received {name}." in page.text_content()


@every_name
def test_it_is_saved_under_a_safe_name_as_an_attachment(sign_in, cast, file, raw, name, saved):
    answer = sign_in(cast.client).get(reverse("file-download", args=[file.pk]))
    header = answer["Content-Disposition"]
    message = EmailMessage()
    message["Content-Disposition"] = header

    assert answer.getvalue() == AS_BYTES
    assert header.isascii()
    assert header.isprintable()
    assert message.get_content_disposition() == "attachment"
    assert message.get_filename() == saved
    assert len(message["Content-Disposition"].params) == 1
    assert message["Content-Disposition"].defects == ()


@every_name
def test_it_is_one_text_cell_in_every_export(sign_in, cast, file, raw, name, saved):
    browser = sign_in(cast.auditor)
    data = {
        kind: download(browser, reverse("activity-file", args=[kind]) + "?action=files.uploaded")
        for kind in ("csv", "xlsx", "docx")
    }

    heading, *rows = read_csv(data["csv"])
    assert column(heading, rows, "What") == ["'" + name if name.startswith("=") else name]

    _, [sheet] = read_xlsx(data["xlsx"])
    heading, *rows = [list(row) for row in sheet.iter_rows()]
    (cell,) = column([one.value for one in heading], rows, "What")
    assert (cell.value, cell.data_type) in [(name, "s"), (name, "inlineStr")]
    assert not [one for row in rows for one in row if one.data_type == "f" or one.hyperlink]

    _, table = read_docx(data["docx"]).tables
    heading, *rows = texts_of(table)
    assert column(heading, rows, "What") == [name]


def test_all_of_them_lie_side_by_side_and_are_told_apart(sign_in, cast, events):
    folder, browser = cast.acme.cabinet.top, sign_in(cast.client)
    files = [sent(browser, folder, raw, AS_BYTES) for raw, _, _ in NAMES]

    names = [name for _, name, _ in NAMES]
    assert [File.objects.get(pk=file.pk).name for file in files] == names
    assert [event.subject for event in events(action=Action.FILE_UPLOADED)] == names
