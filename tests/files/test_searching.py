"""Finding files, by what one knows of them."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from files.models import File, Note, Version
from tests.conftest import put_file

EVERYTHING = "q=."


@pytest.fixture
def files(cast, w2):
    """Files in several folders of two clients, one in the bin."""
    top = cast.acme.cabinet.top
    year = top.add_folder("2025 Tax Return", by=cast.firm_user)
    source = year.add_folder("Source documents", by=cast.client)
    put_file(source, "Bank March.XLSX", b"1" * 3000, by=cast.second)
    put_file(year, "Letter.docx", b"2" * 500, by=cast.firm_user)
    put_file(cast.other.cabinet.top, "Roof.heic", b"3" * 50, by=cast.stranger)
    put_file(top, "Old 2024.pdf", by=cast.client).move_to_bin(by=cast.client)
    Version.objects.filter(file__name="Letter.docx").update(at=datetime(2026, 3, 12, 3, 30, tzinfo=UTC))
    Note.objects.create(file=File.objects.get(name="Letter.docx"), text="Ask about the boat", by=cast.firm_user)
    w2.rename("Wages.pdf", by=cast.client)
    return {"year": year, "source": source, "top": top}


def found(page):
    return sorted(file.name for file in page.context["page"])


CASES = [
    ("q=bank", {"Bank March.XLSX"}),
    ("q=w-2", {"Wages.pdf"}),  # a former name
    ("q=boat", {"Letter.docx"}),  # a note
    ("q=%25", set()),
    ("client=roof", {"Roof.heic"}),
    ("client=acme&kind=pdf", {"Wages.pdf"}),
    ("sender=daniel", {"Bank March.XLSX"}),
    ("sender=other.example", {"Roof.heic"}),
    ("kind=sheet", {"Bank March.XLSX"}),
    ("kind=image", {"Roof.heic"}),
    ("kind=document", {"Letter.docx"}),
    ("kind=other", set()),
    ("larger=1+kb", {"Bank March.XLSX"}),
    ("larger=100+bytes&smaller=0.5+KB", {"Letter.docx"}),
    ("from=2026-03-11&to=2026-03-11", {"Letter.docx"}),  # in New York it is still the day before
    ("to=3/12/2026", {"Letter.docx"}),
    ("q=2024", set()),
    ("q=2024&bin=on", {"Old 2024.pdf"}),
    ("bin=on", set()),  # nothing is asked
    ("", set()),
]


def test_each_condition_finds_what_fits_and_is_said_in_words(sign_in, cast, files):
    cast.administrator.time_zone = "America/New_York"
    cast.administrator.save()
    browser = sign_in(cast.administrator)
    for query, expected in CASES:
        page = browser.get(f"{reverse('file-search')}?{query}")
        assert set(found(page)) == expected, query
        assert ("No file fits all of these" in page.text) == (not expected and query not in ("", "bin=on")), query
        assert ("What are you looking for?" in page.text) == (query in ("", "bin=on"))
    page = browser.get(f"{reverse('file-search')}?q=bank&larger=1+kb&from=2026-03-11&within={files['year'].pk}")
    assert [words for words, url in page.context["chips"]] == [
        "In 2025 Tax Return",
        "“bank”",
        "At least 1 KB",
        "Sent from Mar 11, 2026 on",
    ]
    assert dict(page.context["chips"])["“bank”"] == f"?larger=1+kb&from=2026-03-11&within={files['year'].pk}"


def test_one_finds_what_one_may_see_where_it_lies(sign_in, cast, files):
    def names(person, query):
        return found(sign_in(person).get(f"{reverse('file-search')}?{query}"))

    assert names(cast.stranger, EVERYTHING) == ["Roof.heic"]
    assert names(cast.firm_user, EVERYTHING) == ["Bank March.XLSX", "Letter.docx", "Wages.pdf"]
    assert names(cast.unassigned, EVERYTHING) == []
    assert names(cast.client, f"{EVERYTHING}&bin=on") == ["Bank March.XLSX", "Letter.docx", "Old 2024.pdf", "Wages.pdf"]
    assert names(cast.second, "q=old&bin=on") == []  # only who sent it, and the firm, see it in the bin
    assert names(cast.client, f"{EVERYTHING}&within={files['year'].pk}") == ["Bank March.XLSX", "Letter.docx"]
    assert names(cast.client, f"{EVERYTHING}&within={files['source'].pk}") == ["Bank March.XLSX"]
    page = sign_in(cast.client).get(f"{reverse('file-search')}?q=bank")
    assert "Your files / 2025 Tax Return / Source documents" in page.text
    assert files["source"].get_absolute_url() in page.text
    page = sign_in(cast.firm_user).get(f"{reverse('file-search')}?q=source")
    assert [folder.name for folder in page.context["folders"]] == ["Source documents"]
    assert "No file fits all of these" in page.text
    for within in (files["year"].pk, "x"):
        assert sign_in(cast.stranger).get(f"{reverse('file-search')}?q=a&within={within}").status_code == 404


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("from=yesterday", "from", "Give a day like 3/12/2026"),
        ("to=0001-01-01", "to", "Give a day like 3/12/2026"),
        ("from=2026-03-12&to=2026-03-11", "to", "Give a day after the first one, or the same"),
        ("larger=big", "larger", "Give a size like 500 KB or 20 MB"),
        ("smaller=1+parsec", "smaller", "Give a size like 500 KB or 20 MB"),
        ("larger=2+MB&smaller=1+MB", "smaller", "Give a size above the first one"),
    ],
)
def test_what_cannot_be_read_is_said_above_its_field(sign_in, cast, w2, query, field, words):
    page = sign_in(cast.client).get(f"{reverse('file-search')}?{query}")

    assert found(page) == []
    assert page.context["search"].form.errors[field] == [words]
    assert page.text.count(words) == 2  # in the summary, and above the field
    assert "Error: Search files" in page.text
