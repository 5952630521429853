"""Each kind of question: what is taken, what is refused, and how it is shown."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from organizer import kinds
from organizer.definition import Question
from organizer.kinds import Kind

CHOICES = ("Wages", "Interest, tax free", "=None")
AS_TYPED = {  # (typed, saved, shown)
    "text": [
        ("  Ngozi  ", "Ngozi", "Ngozi"),
        ("two\r\nlines", "two lines", "two lines"),
        ("=1+1", "=1+1", "=1+1"),
        ("אבג 🧾", "אבג 🧾", "אבג 🧾"),
        ("x" * 300, "x" * 300, "x" * 300),
        ("   ", "", ""),
    ],
    "long_text": [("one\r\n\r\ntwo\n", "one\n\ntwo", "one\n\ntwo"), ("x" * 10_000, "x" * 10_000, "x" * 10_000)],
    "yes_no": [("yes", "yes", "Yes"), ("No", "no", "No"), ("", "", "")],
    "choice": [("Wages", "Wages", "Wages"), ("=None", "=None", "=None")],
    "choices": [
        (["Interest, tax free", "Wages", "Wages"], '["Wages", "Interest, tax free"]', "Wages, Interest, tax free"),
        (["", " Wages "], '["Wages"]', "Wages"),
        ("=None", '["=None"]', "=None"),
        ([], "", ""),
        ([""], "", ""),
    ],
    "date": [
        ("2026-04-15", "2026-04-15", "April 15, 2026"),
        ("4/15/2026", "2026-04-15", "April 15, 2026"),
        ("04-05-2026", "2026-04-05", "April 5, 2026"),
        ("2/29/2024", "2024-02-29", "February 29, 2024"),
        ("4/15/80", "1980-04-15", "April 15, 1980"),
        ("April 15, 2026", "2026-04-15", "April 15, 2026"),
        ("1/1/1900", "1900-01-01", "January 1, 1900"),
    ],
    "year": [("1999", "1999", "1999"), ("2100", "2100", "2100")],
    "number": [
        ("12,345", "12345", "12,345"),
        ("007", "7", "7"),
        ("-3", "-3", "-3"),
        ("-0", "0", "0"),
        ("0", "0", "0"),
        ("999 999 999 999", "999999999999", "999,999,999,999"),
    ],
    "money": [
        ("1234.5", "1234.50", "$1,234.50"),
        ("$1,234.50", "1234.50", "$1,234.50"),
        ("$ 12", "12.00", "$12.00"),
        (".5", "0.50", "$0.50"),
        ("12.", "12.00", "$12.00"),
        ("-5", "-5.00", "−$5.00"),
        ("−$5.00", "-5.00", "−$5.00"),
        ("$-5", "-5.00", "−$5.00"),
        ("(5)", "-5.00", "−$5.00"),
        ("-0", "0.00", "$0.00"),
        ("999999999999.99", "999999999999.99", "$999,999,999,999.99"),
    ],
    "percent": [
        ("12.5%", "12.5", "12.5%"),
        ("12.5 %", "12.5", "12.5%"),
        ("100", "100", "100%"),
        ("0", "0", "0%"),
        ("0.3333", "0.3333", "0.3333%"),
        ("-7", "-7", "-7%"),
    ],
    "email": [("Ngozi@Acme.example.com", "ngozi@acme.example.com", "ngozi@acme.example.com")],
    "phone": [
        ("515 555 0142", "(515) 555-0142", "(515) 555-0142"),
        ("+1 (515) 555-0142", "(515) 555-0142", "(515) 555-0142"),
        ("515.555.0142 x12", "(515) 555-0142 ext. 12", "(515) 555-0142 ext. 12"),
        ("(515) 555-0142 ext. 12", "(515) 555-0142 ext. 12", "(515) 555-0142 ext. 12"),
        ("+44 20 7946 0018", "+442079460018", "+442079460018"),
    ],
    "address": [
        (
            ["12 Elm St", "", "Des Moines", "ia", "50309"],
            '["12 Elm St", "", "Des Moines", "IA", "50309"]',
            "12 Elm St, Des Moines, IA 50309",
        ),
        (["12  Elm St", "4b", "Ames", "IA", "50010-1234"], '["12 Elm St", "4b", "Ames", "IA", "50010-1234"]', None),
        (["Rua 1", "", "Lisboa", "Portugal", "1100-001"], '["Rua 1", "", "Lisboa", "Portugal", "1100-001"]', None),
        (["", " ", "", "", ""], "", ""),
        ([], "", ""),
    ],
    "ssn": [
        ("123456789", "123-45-6789", None),
        ("123 45 6789", "123-45-6789", None),
        ("912-70-1234", "912-70-1234", None),
    ],
    "ein": [("123456789", "12-3456789", None), ("12–3456789", "12-3456789", None)],
    "ssn_or_ein": [
        ("12-3456789", "12-3456789", None),
        ("123-45-6789", "123-45-6789", None),
        ("123456789", "123-45-6789", None),
    ],
    "bank_account": [("0012 3456 78", "0012345678", None), ("AB-1234", "AB1234", None)],
    "routing_number": [("021000021", "021000021", "021000021"), ("0210-0002-1", "021000021", "021000021")],
}
REFUSED = {
    "text": ["x" * 301, "a\0b"],
    "long_text": ["x" * 10_001, "\0"],
    "yes_no": ["maybe", "1"],
    "choice": ["wages", "Other"],
    "choices": [["Wages", "Other"], "Other"],
    "date": ["2/30/2026", "15.4.2026", "2026", "1/1/1899", "1/1/2101", "yesterday", "13/13/2026"],
    "year": ["26", "1899", "2101", "2026.0", "٢٠٢٦"],
    "number": ["1.5", "ten", "1e3", "1" * 13, "--1", "²"],
    "money": ["1.234", "12 dollars", "(5", "5)", "1e3", "1" * 13, "1.2.3", "NaN", "-"],
    "percent": ["1001", "12.34567", "half", "%"],
    "email": ["ngozi", "ngozi@", "@acme.example.com", "a b@acme.example.com"],
    "phone": ["5550142", "115 555 0142", "+12", "515 555 0142 x", "515 555 0142 x1234567", "phone"],
    "address": [
        ["12 Elm St", "", "Des Moines", "IA", "503"],
        ["12 Elm St", "", "Des Moines", "IA", ""],
        ["", "", "Des Moines", "IA", "50309"],
        ["12 Elm St", "", "", "IA", "50309"],
        ["x" * 301, "", "Ames", "IA", "50010"],
        ["a\0b", "", "Ames", "IA", "50010"],
    ],
    "ssn": ["12345678", "1234567890", "000-12-3456", "666-12-3456", "123-00-4567", "123-45-0000", "900-12-3456", "abc"],
    "ein": ["12345678", "00-1234567", "07-1234567", "89-1234567", "ab-cdefghi"],
    "ssn_or_ein": ["000-12-3456", "00-1234567", "12345"],
    "bank_account": ["123", "1" * 18, "12$4"],
    "routing_number": ["021000022", "000000000", "12345678", "02100002a"],
}


def question(kind):
    return Question("key", kind, "Label", choices=CHOICES if kind in kinds.CHOSEN else ())


def rows(table):
    return [pytest.param(kind, one, id=f"{kind}-{n}") for kind, ones in table.items() for n, one in enumerate(ones)]


@pytest.mark.parametrize(("kind", "row"), rows(AS_TYPED))
def test_what_is_typed_is_saved_in_one_form_and_shown_in_words(kind, row):
    typed, saved, shown = row
    assert kinds.read(question(kind), typed) == saved
    if shown is not None:
        assert kinds.in_words(kind, saved) == shown


@pytest.mark.parametrize(("kind", "typed"), rows(REFUSED))
def test_what_cannot_be_is_refused_in_words(kind, typed):
    with pytest.raises(ValidationError) as refused:
        kinds.read(question(kind), typed)
    (words,) = refused.value.messages
    assert words[0].isupper() and words.endswith("."), words


def test_every_kind_has_its_rows():
    asked = set(Kind) - {Kind.GROUP, Kind.NOTE, Kind.FILE}
    assert set(AS_TYPED) == set(REFUSED) == asked


@pytest.mark.parametrize("kind", sorted(set(AS_TYPED)))
def test_nothing_is_no_answer(kind):
    assert kinds.read(question(kind), "") == ""
    assert kinds.in_words(kind, "") == ""
    assert kinds.native(kind, "") is None
    assert kinds.masked("") == ""


@pytest.mark.parametrize(
    ("kind", "saved", "cell"),
    [
        ("date", "2026-04-15", date(2026, 4, 15)),
        ("number", "12345", 12345),
        ("year", "2024", 2024),
        ("money", "-5.00", Decimal("-5.00")),
        ("percent", "12.5", Decimal("12.5")),
        ("yes_no", "no", "No"),
        ("routing_number", "021000021", "021000021"),
    ],
)
def test_a_spreadsheet_gets_what_it_can_count_with(kind, saved, cell):
    assert kinds.native(kind, saved) == cell


def test_a_secret_shows_its_last_four():
    assert kinds.masked("123-45-6789") == "•••••6789"
