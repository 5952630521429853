"""Whatever the filter: the pages walked forward and backward, CSV, Excel and Word give the same rows."""

from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import tables
from tests.reports.conftest import flat, walk
from tests.reports.exported import KINDS, REPORTS, as_read, download, table_in

TABLES = {table.slug: table for table in (tables.ActivityLog, tables.FileActivity, tables.Usage, tables.UsageByClient)}
READERS = ["administrator", "auditor", "firm_user"]
CONDITIONS = {
    "user": ["client", "second", "firm_user", "administrator"],
    "client": ["acme", "other"],
    "action": ["files.uploaded", "files.renamed"],
    "area": ["files", "sign-in", "accounts"],
    "ip": ["198.51.100.4", "203.0.113.7"],
    "from": ["2025-03-01", "2025-03-12"],
    "to": ["2025-03-11", "2025-03-13"],
    "q": ["okafor", "wages", "w-2", "acme", "pay", "198.51.100.4"],
    "sort": ["email", "-email", "file_count", "-size_bytes"],
}


@pytest.mark.parametrize("report", REPORTS)
def test_pages_and_files_give_the_same_rows(report, sign_in, cast, story, monkeypatch):
    monkeypatch.setattr(tables.Table, "rows_per_batch", 2)
    ids = {name: getattr(cast, name).pk for names in (CONDITIONS["user"], CONDITIONS["client"]) for name in names}
    conditions = {name: st.sampled_from([ids.get(one, one) for one in values]) for name, values in CONDITIONS.items()}
    readers = READERS[:2] if report == "activity-log" else READERS

    @settings(max_examples=8, deadline=None, database=None, derandomize=True)
    @given(st.sampled_from(readers), st.fixed_dictionaries({}, optional=conditions), st.integers(2, 5))
    def property_holds(reader, chosen, rows_per_page):
        monkeypatch.setattr(tables.Table, "rows_per_page", rows_per_page)
        browser, query = sign_in(getattr(cast, reader)), urlencode({**chosen, "upto": len(story)})
        if not browser.get(f"{REPORTS[report]}/?{query}").context["is_valid"]:
            assert [browser.get(f"{REPORTS[report]}.{kind}?{query}").status_code for kind in KINDS] == [400] * 3
            return

        forward, last_url = walk(browser, f"{REPORTS[report]}/?{query}")
        backward, _ = walk(browser, last_url, "previous_url")
        assert flat(backward[::-1]) == flat(forward)
        for kind in KINDS:
            _, rows = table_in(kind, download(browser, f"{REPORTS[report]}.{kind}?{query}"))
            assert rows == [as_read(kind, TABLES[report].columns, row) for row in flat(forward)], kind

    property_holds()
