"""As tests/reports/test_exports_agree.py, of many more texts and filters, and of others each time."""

import pytest
from hypothesis import settings

from tests.reports.agreeing import REPORTS, agree
from tests.reports.conftest import cast, clock, story  # noqa: F401 - the same log

MANY = settings(max_examples=40, deadline=None, database=None, print_blob=True)


@pytest.mark.parametrize("report", REPORTS)
def test_pages_and_files_give_the_same_rows(report, sign_in, cast, story, monkeypatch):  # noqa: F811
    agree(report, sign_in=sign_in, cast=cast, monkeypatch=monkeypatch, settings=MANY)
