"""Whatever is asked and whatever stands in it, a report's pages, CSV, Excel and Word give the same rows."""

import pytest
from hypothesis import settings

from tests.reports.agreeing import REPORTS, agree

FEW = settings(max_examples=4, deadline=None, database=None, derandomize=True)


@pytest.mark.parametrize("report", REPORTS)
def test_pages_and_files_give_the_same_rows(report, sign_in, cast, story, monkeypatch):
    agree(report, sign_in=sign_in, cast=cast, monkeypatch=monkeypatch, settings=FEW)
