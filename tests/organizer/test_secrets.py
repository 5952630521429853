"""SSN, EIN and account numbers are in plain text nowhere: not in the database, a backup of it, the log, mails, the server's
output, or what is taken away without them."""

import io
import json
import re

import pytest
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from accounts import keyfile
from organizer import secrets
from organizer.models import Answer
from tests.organizer.asking import ANSWERS, add_child, answer, sent
from tests.reports.exported import KINDS

MARKED = {"ssn": "219-09-9348", "ein": "45-6193827", "payer": "46-7281935", "account": "770192837465"}
BEFORE, OF_CHILD, WRONG = "536-22-8817", "401-55-7093", "900-41-7734"
ALL = [*MARKED.values(), BEFORE, OF_CHILD, WRONG]


def found(text):
    """Those that stand in it, with or without their dashes."""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return [one for one in ALL if one in text or re.search(rf"(?<!\d){one.replace('-', '')}(?!\d)", text)]


def in_files():
    """All that lies in the portal's folder: with SQLite the database too, and what its log of pages held."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return b"\n".join(path.read_bytes() for path in settings.VAR_DIR.rglob("*") if path.is_file())


def in_tables():
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        for name in names:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            for row in cursor.fetchall():
                yield "\n".join(
                    bytes(value).decode("latin-1") if isinstance(value, (bytes, memoryview)) else str(value)
                    for value in row
                )


def backup():
    written = io.StringIO()
    call_command("dumpdata", stdout=written, verbosity=0)
    return json.dumps(json.loads(written.getvalue()), ensure_ascii=False)


def taken_away(browser, organizer):
    """Everything that shows answers without the numbers in full."""
    pages = [reverse("organizer-export", args=[organizer.pk, kind]) for kind in KINDS]
    pages += [reverse(name, args=[organizer.pk]) for name in ("organizer-print", "organizer-zip")]
    for page in [*pages, reverse("organizer-year", args=[organizer.tax_year])]:
        yield b"".join(browser.get(page))


@pytest.mark.django_db(transaction=True)
def test_a_marked_number_is_nowhere_in_plain_text(cast, sign_in, lines):
    organizer = sent(cast)
    answer(organizer, cast.client, **{**ANSWERS, **MARKED, "ssn": BEFORE})
    answer(organizer, cast.second, ssn=MARKED["ssn"])
    child = add_child(organizer, cast.client, child_name="Emma", child_ssn=OF_CHILD)
    organizer.remove_entry(child, by=cast.client)
    organizer.submit(signature="Ngozi Okafor", consent="All is true.", by=cast.client)
    browser = sign_in(cast.firm_user)
    without = list(taken_away(browser, organizer))
    in_full = reverse("organizer-export", args=[organizer.pk, "csv"])
    full = b"".join(browser.post(in_full, {"in_full": "1"}))
    shown = browser.post(reverse("organizer-reveal", args=[organizer.pk]), {"answer": "ssn"})
    call_command("work", batch=True)

    assert found(shown.text) == [MARKED["ssn"]]
    assert found(full) == [*MARKED.values()]  # or the search would show nothing
    assert not found(b"\n".join(without))
    nowhere_kept(lines)
    assert {one.plain() for one in Answer.objects.exclude(secret="")} == {*MARKED.values(), OF_CHILD}


def nowhere_kept(lines):
    """Each place is looked into, and holds what else was answered."""
    tables = "\n".join(in_tables())
    assert "Ngozi Okafor" in tables and "•••••9348" in tables
    assert not found(tables)
    files = in_files()
    assert connection.vendor != "sqlite" or b"Ngozi Okafor" in files
    assert not found(files)
    saved = backup()
    assert "Ngozi Okafor" in saved
    assert not found(saved)
    assert not found("\n".join(lines()))
    assert mail.outbox
    assert not found("\n".join(f"{one.subject}\n{one.body}" for one in mail.outbox))


@pytest.mark.django_db(transaction=True)
def test_nor_is_what_a_client_types_right_or_wrong_alone_or_beside_another(cast, sign_in, lines):
    organizer = sent(cast)
    about, money = (reverse("organizer-section", args=[organizer.pk, key]) for key in ("about", "money"))
    left = reverse("organizer-answers", args=[organizer.pk])
    pages = []
    for person, ssn in ((cast.client, MARKED["ssn"]), (cast.second, BEFORE), (cast.second, WRONG)):
        browser, fields = sign_in(person), typed(name="Ngozi Okafor", ssn=ssn)
        pages += [browser.post(left, fields), browser.post(about, {**fields, "save": "1"}, follow=True)]
    browser = sign_in(cast.client)
    pages.append(browser.post(money, {**typed(**MARKED), "save": "1"}, follow=True))
    pages += [browser.get(page) for page in (about, money, reverse("organizer-check", args=[organizer.pk]))]
    call_command("work", batch=True)

    assert {one.plain() for one in Answer.objects.exclude(secret="")} == {*MARKED.values()}
    shown = found("\n".join(page.text for page in pages))
    assert set(shown) <= {BEFORE, WRONG}  # to who typed them, as what was not saved
    nowhere_kept(lines)


def typed(**fields):
    """As a page sends it that showed no answer."""
    return fields | {f"{name}.seen": "0-" for name in fields}


@pytest.fixture
def another_key_file(settings, tmp_path):
    """Makes it the portal's: ``another_key_file()``."""

    def take():
        settings.PORTAL_KEYS = tmp_path / "keys.json"
        settings.PORTAL_KEYS.write_text(json.dumps({"mac": "0f" * 32, "factors": "a5" * 32}))
        keyfile.key.cache_clear()

    yield take
    keyfile.key.cache_clear()


def test_an_encrypted_answer_is_another_each_time_and_opens_with_its_key_only(another_key_file):
    first, second = secrets.encrypt("219-09-9348"), secrets.encrypt("219-09-9348")
    assert first != second
    assert secrets.decrypt(first) == secrets.decrypt(second) == "219-09-9348"

    another_key_file()
    with pytest.raises(InvalidToken):
        secrets.decrypt(first)


def test_an_answer_that_is_taken_back_leaves_no_secret(cast, organizer):
    answer(organizer, cast.client, ssn="219-09-9348")
    answer(organizer, cast.client, ssn="")
    (kept,) = Answer.objects.filter(question="ssn")
    assert (kept.value, kept.secret) == ("", "")
    assert [(one.before, one.after) for one in organizer.changes.order_by("pk")] == [
        ("", "•••••9348"),
        ("•••••9348", ""),
    ]
