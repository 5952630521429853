import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from files.names import MAX_NAME_BYTES, clean_name, download_name, numbered, unescape_form_name

TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
AWKWARD = '/\\.:"%=<>&; \r\n\x00\x1f\x7f\x85\u00a0\u200b\u200d\u2028\ufeffA\u0301\u0344e1é\u1100\u1161🧾' + TURNING
names = st.text() | st.text(st.sampled_from(AWKWARD), max_size=300) | st.text(min_size=200, max_size=300)
thorough = settings(max_examples=300, deadline=None)


@pytest.mark.parametrize(
    "name",
    [
        "W-2 2025.pdf",
        'say "hi".pdf',
        "a&amp;b.pdf",
        '=HYPERLINK("x","y").xlsx',
        "<img src=x onerror=alert(1)>.png",
        "100%22.pdf",
        ".htaccess",
        "חשבונית.pdf",
        "👩\u200d💻 notes.txt",
        "é" * 125 + "x.pdf",
        "🧾" * 62 + "abc.pdf",
    ],
)
def test_a_name_that_harms_nobody_stays_as_it_is(name):
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("taxes/2025/W-2.pdf", "W-2.pdf"),
        ("C:\\Users\\Ngozi\\W-2.pdf", "W-2.pdf"),
        ("a\\b.pdf", "a_b.pdf"),
        ('x\\",=1+1,y.txt', 'x_",=1+1,y.txt'),
        ("two\nlines.pdf", "two lines.pdf"),
        ("two\r\nlines.pdf", "two lines.pdf"),
        ("two\u2028lines.pdf", "twolines.pdf"),
        ("  wide \t\u00a0 space .pdf ", "wide space .pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("in\u2067vo\u2069ice\u200f\u200e\u061c.pdf", "invoice.pdf"),
        ("NUL\x00.pdf", "NUL .pdf"),
        ("cafe\u0301.pdf", "café.pdf"),
        ("cafe\u200b\u0301.pdf", "café.pdf"),
        ("half \ud83d.pdf", "half ?.pdf"),
    ],
)
def test_what_a_name_must_not_have_is_taken_out(raw, clean):
    assert clean_name(raw) == clean


@pytest.mark.parametrize(
    "raw", ["", ".", "..", " . . ", "   ", "/", "../", "\n", "\u202e", "\x00", "\u200d", "\u3164", "\u00ad"]
)
def test_where_nothing_is_left_there_is_a_name_all_the_same(raw):
    assert clean_name(raw) == "Untitled"
    assert clean_name(raw, fallback="") == ""


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a" * 296 + ".pdf", "a" * 251 + ".pdf"),
        ("é" * 296 + ".pdf", "é" * 125 + ".pdf"),
        ("🧾" * 295 + ".xlsx", "🧾" * 62 + ".xlsx"),
        ("a" * 250 + " cut after a space" + ".pdf", "a" * 250 + ".pdf"),
        ("a" * 300, "a" * 255),
        ("a." + "b" * 300, "a." + "b" * 253),
    ],
)
def test_a_long_name_is_cut_and_keeps_its_ending(raw, clean):
    assert clean_name(raw) == clean


@given(names)
@example("e\u200b\u0301")
@example("\u1100\u202e\u1161")
@thorough
def test_whatever_is_given_the_name_is_short_one_line_without_folders_and_cleaning_it_again_changes_nothing(raw):
    name = clean_name(raw)

    assert 1 <= len(name.encode()) <= MAX_NAME_BYTES
    assert name.splitlines() == [name]
    assert unicodedata.is_normalized("NFC", name)
    assert "/" not in name
    assert not [char for char in name if unicodedata.category(char) in ("Cc", "Cs") or char in TURNING]
    assert name.strip(". ")
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("report.pdf", 2, "report (2).pdf"),
        ("report (2).pdf", 2, "report (2) (2).pdf"),
        ("archive.tar.gz", 3, "archive.tar (3).gz"),
        ("README", 12, "README (12)"),
        ("draft .pdf", 2, "draft (2).pdf"),
        ("a" * 251 + ".pdf", 2, "a" * 247 + " (2).pdf"),
        ("é" * 125 + ".pdf", 2, "é" * 123 + " (2).pdf"),
    ],
)
def test_a_number_stands_before_the_ending(name, number, expected):
    assert numbered(name, number) == expected


@given(names)
@example("é" * 125 + ".pdf")
@thorough
def test_every_number_gives_another_name_however_long_the_name_is(raw):
    name = clean_name(raw)
    found = [numbered(name, number) for number in (2, 3, 10, 100)]

    assert len(set(found)) == len(found)
    assert [clean_name(one) for one in found] == found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("W-2 2025.pdf", "W-2 2025.pdf"),
        ('a<b>c:d"e|f?g*h.txt', "a_b_c_d_e_f_g_h.txt"),
        ("../up.pdf", "_up.pdf"),
        ("a\\b.pdf", "a_b.pdf"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ("חשבונית 🧾.pdf", "חשבונית 🧾.pdf"),
    ],
)
def test_a_readers_disk_is_given_a_name_that_it_takes(name, expected):
    assert download_name(name) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("x%22,=1+1.txt", 'x",=1+1.txt'),
        ("two%0D%0Alines", "two\r\nlines"),
        ("a&amp;b.pdf", "a&amp;b.pdf"),
        ("100%.pdf", "100%.pdf"),
        ("%41%2F%00", "%41%2F%00"),
        ("%2522", "%2522"),
    ],
)
def test_only_what_a_browser_escapes_in_a_form_is_unescaped(raw, expected):
    assert unescape_form_name(raw) == expected
