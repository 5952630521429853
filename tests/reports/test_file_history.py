"""What happened to one file: for whoever sees the file, and of it what they may see."""

import pytest

from tests.conftest import put_file
from tests.reports.exported import KINDS, as_read, download, table_in


@pytest.fixture
def wages(clock, cast, story):
    """The story's file, put back from the bin."""
    file = cast.acme.cabinet.top.files.get(name="Wages.pdf")
    file.restore(by=cast.client)
    return file


def shown(response):
    return [event.action.partition(".")[2] for event in response.context["page"]]


def test_the_firm_reads_all_of_it_and_a_client_what_is_theirs(sign_in, cast, wages):
    address = f"/files/{wages.pk}/history/"
    assert shown(sign_in(cast.firm_user).get(address)) == ["restored", "binned", "renamed", "downloaded", "uploaded"]
    response = sign_in(cast.client).get(address)
    assert shown(response) == ["restored", "binned", "downloaded", "uploaded"]
    assert "198.51.100.4" not in response.text  # the firm's


def test_it_says_first_who_opened_it_how_often_and_when_last(sign_in, cast, wages):
    wages.current.hand_out(by=cast.administrator)
    wages.current.hand_out(by=cast.firm_user)
    text = sign_in(cast.firm_user).get(f"/files/{wages.pk}/history/").text
    assert "Opened 3 times by 2 people, last" in text
    roof = cast.other.cabinet.top.files.get(name="Roof.png")
    assert "Not opened yet." in sign_in(cast.stranger).get(f"/files/{roof.pk}/history/").text


def test_the_files_page_leads_to_it(sign_in, cast, wages):
    for reader in (cast.client, cast.firm_user):
        assert f'href="/files/{wages.pk}/history/"' in sign_in(reader).get(f"/files/{wages.pk}/").text


@pytest.mark.parametrize("reader", ["client", "firm_user"])
@pytest.mark.parametrize("kind", KINDS)
def test_files_hold_what_the_page_shows(kind, reader, sign_in, cast, wages):
    browser, address = sign_in(getattr(cast, reader)), f"/files/{wages.pk}/history"
    table = browser.get(f"{address}/?from=2025-03-11").context["table"]
    heading, rows = table_in(kind, download(browser, f"{address}.{kind}?from=2025-03-11"))
    assert heading == [column.label for column in table.columns]
    assert rows == [as_read(kind, table.columns, row) for row in table.page] != []


def test_who_does_not_see_the_file_finds_nothing(sign_in, cast, wages):
    own = put_file(cast.other.cabinet.top, by=cast.stranger)
    for reader in (cast.stranger, cast.unassigned, cast.auditor):
        browser = sign_in(reader)
        for address in (f"/files/{wages.pk}/history/", f"/files/{wages.pk}/history.csv"):
            assert browser.get(address).status_code == 404
    assert sign_in(cast.stranger).get(f"/files/{own.pk}/history/").status_code == 200
