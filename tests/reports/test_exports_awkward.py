"""Names and details that somebody made up to do harm are in all three files, and on the page, as the texts that they are."""

import pytest
from lxml import html

from activity.actions import Action
from activity.models import Event
from activity.recording import Subject, record_now
from reports import tables
from tests.reports.exported import KINDS, as_read, download, table_in
from tests.reports.written import AWKWARD, cleaned

QUERY = "action=files.renamed"


@pytest.fixture
def awkward(cast, story):
    """An event for each awkward text: the name of a file, and in the details."""
    for text in AWKWARD:
        about = Subject("file", "0", text, cast.acme)
        record_now(Action.FILE_RENAMED, by=cast.firm_user, subject=about, before={"name": text})


def test_the_files_hold_them_in_the_order_of_the_page_and_the_page_shows_them(sign_in, cast, awkward, monkeypatch):
    monkeypatch.setattr(tables.Table, "rows_per_batch", 7)
    browser = sign_in(cast.administrator)
    response = browser.get(f"/activity/?{QUERY}")
    rows = list(response.context["page"])
    assert len(rows) > len(AWKWARD)
    for kind in KINDS:
        _, found = table_in(kind, download(browser, f"/activity.{kind}?{QUERY}"))
        for row, event in zip(found, rows, strict=True):
            expected = as_read(kind, tables.ActivityLog.columns, event)
            assert [str(cell).replace("_x005F_", "_") for cell in row] == [str(cell) for cell in expected], kind

    page = html.fromstring(response.content)
    assert page.xpath("//img[@onerror]") == []
    stored = [event.subject for event in Event.objects.filter(action=Action.FILE_RENAMED).newest_first()]
    shown = [cell.text_content() for cell in page.xpath("//td[contains(@class, 'log__what')]")]
    assert [_plain(text) for text in shown] == [_plain(text) for text in stored]


def _plain(text):
    return "".join(cleaned(text).split())
