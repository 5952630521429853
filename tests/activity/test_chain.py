"""The written form of an event is for ever: logs of years hence are checked by it. Here it is made without the portal's code."""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from activity import chain
from activity.actions import Action
from activity.keys import mac_key
from activity.models import Event
from activity.recording import Subject, record
from tests.servers import ROOT

KNOWN = {
    "seq": 258,
    "at": datetime(2026, 3, 12, 9, 57, 4, 120, tzinfo=timezone(timedelta(hours=-5))),
    "area": "files",
    "action": "files.uploaded",
    "actor_id": 7,
    "actor_email": "ngozi@acme.example.com",
    "actor_role": "client_user",
    "client_id": None,
    "client_name": "Acme & Söhne “GmbH”",
    "subject_type": "file",
    "subject_id": "0b7e",
    "subject": 'W-2 "2025" \\ 😀.pdf',
    "size_bytes": 6_000_000_000,
    "ip": "2001:db8::1",
    "user_agent": "",
    "request_id": "ab" * 16,
    "details": {"note": "SHA-256 00", "after": {"z": "1", "a": "2"}},
    "format": 1,
}
WRITTEN = (
    '{"action":"files.uploaded","actor_email":"ngozi@acme.example.com","actor_id":7,"actor_role":"client_user",'
    '"area":"files","at":"2026-03-12T14:57:04.000120Z","client_id":null,"client_name":"Acme & Söhne “GmbH”",'
    '"details":{"after":{"a":"2","z":"1"},"note":"SHA-256 00"},"format":1,"ip":"2001:db8::1",'
    '"request_id":"abababababababababababababababab","seq":258,"size_bytes":6000000000,'
    '"subject":"W-2 \\"2025\\" \\\\ 😀.pdf","subject_id":"0b7e","subject_type":"file","user_agent":""}'
).encode()


def test_an_event_is_written_down_byte_by_byte_like_this():
    assert chain.canonical(Event(**KNOWN)) == WRITTEN


def test_every_column_but_hash_and_mac_is_written_down():
    columns = {field.attname for field in Event._meta.fields}

    assert set(chain.COLUMNS) == set(KNOWN) == columns - {"hash", "mac"}
    assert set(json.loads(WRITTEN)) == set(chain.COLUMNS)


def test_the_hash_ties_the_event_to_its_number_and_to_the_one_before():
    previous = bytes(range(32))
    inner = hashlib.sha256(WRITTEN).digest()
    by_hand = hashlib.sha256(b"event-v1" + b"\x00\x00\x00\x00\x00\x00\x01\x02" + previous + inner)

    assert chain.event_hash(Event(**KNOWN), previous) == by_hand.digest()
    assert by_hand.hexdigest() == "03b3e96abffb0e7d7b87107d70d3ec1b3873178487a81581423b97b829f5fdc0"


def test_the_mac_is_of_the_hash_under_the_key():
    key, hash_ = bytes(range(100, 132)), bytes(range(32))

    assert chain.event_mac(hash_, key) == hmac.new(key, hash_, hashlib.sha256).digest()


@pytest.mark.parametrize("column", chain.COLUMNS)
def test_no_column_can_differ_unnoticed(column):
    value = KNOWN[column]
    if isinstance(value, datetime):
        other = value + timedelta(microseconds=1)
    elif isinstance(value, dict):
        other = {**value, "note": "SHA-256 01"}
    else:
        other = f"{value}x" if isinstance(value, str) else (value or 0) + 1
    changed = Event(**{**KNOWN, column: other})

    assert chain.event_hash(changed, chain.GENESIS) != chain.event_hash(Event(**KNOWN), chain.GENESIS)


def test_a_recorded_chain_can_be_followed_with_nothing_but_its_description(cast):
    """What an auditor's own program would do with the rows."""
    for number in range(3):
        record(
            Action.FILE_UPLOADED,
            by=cast.client,
            subject=Subject("file", str(number), f"Größe {number}.pdf", cast.acme, number),
            before={"name": "é"},
        )
    previous = bytes(32)
    for row in Event.objects.order_by("seq").values():
        found, mac = bytes(row.pop("hash")), bytes(row.pop("mac"))
        row["at"] = row["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        number = row["seq"].to_bytes(8, "big")
        previous = hashlib.sha256(b"event-v1" + number + previous + hashlib.sha256(text.encode()).digest()).digest()
        assert found == previous
        assert mac == hmac.new(mac_key(), found, hashlib.sha256).digest()
    assert row["seq"] == Event.objects.count() >= 4


def test_the_document_shows_an_event_as_it_is_written():
    """docs/activity-log.md is what others write a verifier from."""
    words = (ROOT / "docs" / "activity-log.md").read_text()
    text = re.search(r'^    (\{"action":"system.prepared".*\})$', words, re.M).group(1)
    columns = json.loads(text)
    event = SimpleNamespace(**{**columns, "at": datetime.fromisoformat(columns["at"])})

    assert chain.canonical(event).decode() == text
    hash_ = chain.event_hash(event, chain.GENESIS)
    mac = chain.event_mac(hash_, bytes(32))
    assert re.findall("`([0-9a-f]{64})`", words)[:3] == [
        hashlib.sha256(text.encode()).hexdigest(),
        hash_.hex(),
        mac.hex(),
    ]
