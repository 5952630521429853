"""No text that somebody may send keeps a pattern busy: a process answers nobody else meanwhile."""

import io
import time
import zipfile
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError

from activity.receipts import LINE, verify_receipts
from organizer import kinds
from organizer.definition import Question
from reports import verifying

SECONDS = 1.0  # some took from two seconds to hours; now none takes a tenth of this
TEXTS = {
    "blanks": "(" + " " * 200_000 + "x",
    "digits": "1" * 200_000,
    "signs": "-" * 200_000,
    "addresses": "a@" * 100_000,
    "brackets": "(" * 200_000,
}


def quickly(act):
    start = time.process_time()
    with suppress(ValidationError):
        act()
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("kind", list(kinds.READERS))
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_an_answer_of_any_length_is_read_or_refused_at_once(kind, text):
    question = Question(key="q", kind=kind, label="Q", choices=("Yes",))

    quickly(lambda: kinds.read(question, text))


def test_a_receipt_with_blanks_without_end_is_read_at_once(db):
    reference = f"01234567-0123-0123-0123-0123456789ab.1.{'0' * 64}"

    quickly(lambda: verify_receipts(f"File: a{' ' * 100_000}b\n{reference}"))
    assert LINE.findall("> File \t:  a b  \nSize: 3") == [("File", "  a b  "), ("Size", " 3")]


def test_an_export_of_brackets_alone_is_looked_through_at_once():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in verifying.PARTS_WITH_FACTS:
            archive.writestr(name, "<" * verifying.MOST_FACTS_BYTES)

    quickly(lambda: verifying._number_in_facts(file))
