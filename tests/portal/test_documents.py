"""What a document names is there, and the lists of requirements are whole."""

import re
from functools import cache

import pytest

from tests.servers import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")} - {"var"}
STATES = {"met", "partly", "no", "n/a"}
# The requirements of ASVS 5.0.0 at levels 1 and 2: section → the numbers in it
ASVS = re.findall(
    r"([\d.]+):([\d-]+)",
    """
    1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2
    2.1:1-3 2.2:1-3 2.3:1-4 2.4:1
    3.2:1-2 3.3:1-4 3.4:1-6 3.5:1-5 3.7:1-2
    4.1:1-3 4.2:1 4.3:1-2 4.4:1-4
    5.1:1 5.2:1-3 5.3:1-2 5.4:1-3
    6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3 6.8:1-4
    7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2
    8.1:1-2 8.2:1-3 8.3:1 8.4:1
    9.1:1-3 9.2:1-4
    10.1:1-2 10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3
    11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1
    12.1:1-3 12.2:1-2 12.3:1-4
    13.1:1 13.2:1-5 13.3:1-2 13.4:1-5
    14.1:1-2 14.2:1-4 14.3:1-3
    15.1:1-3 15.2:1-3 15.3:1-7
    16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3
    17.1:1 17.2:1-4 17.3:1-2
    """,
)
SAFEGUARDS = ["a", "b", *(f"c{number}" for number in range(1, 9)), *"defghij"]


@cache
def words_of(document):
    return document.read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(document):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", words_of(document))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]

    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_of_the_code_is_there(document):
    named = re.findall(r"`([\w.*-]+/[\w./*<>-]*)`", words_of(document))
    paths = {path for path in named if path.split("/")[0] in FOLDERS and "<" not in path}

    assert not [path for path in sorted(paths) if not list(ROOT.glob(path.rstrip("/")))]


def rows(title):
    """The cells of each row of the tables below a heading of the second degree."""
    text = words_of(ROOT / "docs" / "security-asvs.md").split(f"\n## {title}", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in text.split("\n### Of level 3")[0].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def numbers(section, span):
    first, _, last = span.partition("-")
    return [f"{section}.{number}" for number in range(int(first), int(last or first) + 1)]


def in_row(cell):
    first, _, last = cell.partition("–")
    section = first.rpartition(".")[0]
    assert not last or last.rpartition(".")[0] == section
    return numbers(section, f"{first.rpartition('.')[2]}-{(last or first).rpartition('.')[2]}")


def test_each_requirement_of_asvs_stands_once_with_a_state():
    listed = [row for row in rows("OWASP ASVS") if row[0][0].isdigit()]

    assert [number for row in listed for number in in_row(row[0])] == [
        number for section, span in ASVS for number in numbers(section, span)
    ]
    assert {len(row) for row in listed} == {5}
    assert {row[3] for row in listed} == STATES
    assert not [row for row in listed if row[3] in ("partly", "no") and not row[4].strip()]


def test_each_item_of_the_safeguards_rule_stands_once():
    listed = [row[0] for row in rows("FTC Safeguards Rule") if row[0].startswith("(")]

    assert [re.sub(r"[()]", "", item) for item in listed] == SAFEGUARDS
