"""Receipts: what the log says of bytes that arrived, for their sender to keep, and to have checked here later."""

import hmac
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from activity import chain
from activity.actions import Action
from activity.keys import mac_key
from activity.models import Archive, Event, Verification

ARRIVALS = (Action.FILE_UPLOADED, Action.VERSION_UPLOADED)
# Where the bytes were not read when they came, the check that read them is what a receipt stands on
ANCHORS = (*ARRIVALS, Action.FILE_CHECKED, Action.FILE_NOT_SCANNED, Action.FILE_QUARANTINED)
REFERENCE = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,9})\.([0-9a-f]{64})")
LINE = re.compile(r"^[> \t]*(File|Version|Size|SHA-256|Received|From|Client)[ \t]*:(.*)$", re.MULTILINE)
MOST_RECEIPTS = 20
READ_AT_ONCE = 500
# The same whether the file exists or not, and whether its event was taken out: anybody may ask
UNKNOWN = (
    "The log has no event with this reference. Look whether it was copied whole. If it is years old, its event may lie in "
    "an archive of the log: the firm can look there."
)


@dataclass(frozen=True)
class Receipt:
    """The name, size and SHA-256 of a version, who sent it when for whom, and the hash of the event that says so. Never the
    event's number, which would tell how much goes on at the firm."""

    file_id: str
    name: str
    version: str
    size_bytes: int
    sha256: str
    at: datetime
    sender: str
    client: str
    hash: str

    @property
    def reference(self):
        return f"{self.file_id}.{self.version}.{self.hash}"

    @property
    def link(self):
        return f"{settings.BASE_URL.origin}{reverse('receipt-verification')}?receipt={self.reference}"

    @property
    def lines(self):
        """(what, value) as it is written on a receipt, and compared when it comes back."""
        return [
            ("File", self.name),
            ("Version", self.version),
            ("Size", f"{self.size_bytes} bytes"),
            ("SHA-256", self.sha256),
            ("Received", chain.in_utc(self.at).replace("T", " ").replace("Z", " UTC")),
            ("From", self.sender),
            *([("Client", self.client)] if self.client else []),
        ]

    @property
    def text(self):
        return "\n".join(f"{name}: {value}" for name, value in (*self.lines, ("Reference", self.reference)))


def receipt_of(version):
    """The Receipt of a version, or None while its bytes were not read, and where the log no longer has its event."""
    return receipts_of([version])[0]


def receipts_of(versions):
    """For each version its Receipt, or None."""
    told = {}
    ids = sorted({str(version.file_id) for version in versions if version.sha256})
    for start in range(0, len(ids), READ_AT_ONCE):
        events = Event.objects.filter(
            subject_type="file", subject_id__in=ids[start : start + READ_AT_ONCE], action__in=ANCHORS
        )
        for event in events.order_by("seq"):
            told.setdefault(event.subject_id, []).append(event)
    return [_receipt(told.get(str(version.file_id), []), str(version.number), version.sha256) for version in versions]


def _receipt(events, number, sha256):
    """Of a file's events, oldest first: what the first says that tells of these bytes."""
    of_version = [event for event in events if _is_of(event, number, sha256)]
    anchor = next((event for event in of_version if sha256 and _sha256_in(event) == sha256), None)
    if anchor is None:
        return None
    arrival = next((event for event in of_version if event.action in ARRIVALS), anchor)
    return Receipt(
        anchor.subject_id, anchor.subject, number, anchor.size_bytes or 0, sha256, arrival.at,
        arrival.actor_email, anchor.client_name, bytes(anchor.hash).hex(),
    )  # fmt: skip


def _is_of(event, number, sha256):
    """Earlier releases did not say the number: by the bytes, which more versions than one may have."""
    said = _number_in(event)
    return said == number if said else bool(sha256) and _sha256_in(event) == sha256


def _after(event):
    after = event.details.get("after")
    return after if isinstance(after, dict) else {}


def _number_in(event):
    return _after(event).get("version", "")


def _sha256_in(event):
    """Earlier releases wrote it into the note."""
    note = event.details.get("note", "")
    return _after(event).get("sha256") or (note.removeprefix("SHA-256 ") if note.startswith("SHA-256 ") else "")


@dataclass
class Finding:
    """What became of a receipt that somebody brought: genuine, or what of it does not match."""

    receipt: Receipt | None = None
    problems: list = field(default_factory=list)
    matched: list = field(default_factory=list)  # (what, value) that the brought text says too
    file_matches: bool | None = None  # None: no file, or SHA-256, was given to compare
    log_words: str = ""

    @property
    def is_genuine(self):
        return self.receipt is not None and not self.problems


def verify_receipts(text, *, sha256=""):
    """The Findings on the receipts in a text: whole ones, links, or bare references. ``sha256`` is that of a file to compare."""
    found, start, text = {}, 0, text.replace("\r\n", "\n")
    matches = list(REFERENCE.finditer(text)) or list(REFERENCE.finditer(re.sub(r"\s", "", text)))
    for match in matches:
        lines = LINE.findall(text[start : match.start()]) if match[0] in text else []
        said = {name: value.strip(" \t") for name, value in lines}
        if match[0] not in found and len(found) < MOST_RECEIPTS:
            found[match[0]] = _finding(match[1], match[2], match[3], said, sha256)
        start = match.end()
    return list(found.values())


def _finding(file_id, number, hash_, said, sha256):
    events = Event.objects.filter(subject_type="file", subject_id=str(uuid.UUID(file_id)), action__in=ANCHORS)
    events = list(events.order_by("seq"))
    event = next((one for one in events if bytes(one.hash).hex() == hash_), None)
    if event is None:
        return Finding(problems=[UNKNOWN])
    receipt = _receipt(events, _number_in(event) or number, _sha256_in(event))
    finding = Finding(receipt, log_words=log_in_words(event))
    if receipt.version != number:
        finding.problems.append(
            f"The reference names version {number}; the log says this of version {receipt.version}."
        )
    if not is_whole(event):
        finding.problems.append("The event that it stands on was changed after it was written.")
    for name, value in receipt.lines:
        if name in said and said[name] == value:
            finding.matched.append((name, value))
        elif name in said:
            finding.problems.append(f"{name}: the log does not say “{said[name]}”.")
    if sha256:
        finding.file_matches = sha256 == receipt.sha256
        if not finding.file_matches:
            finding.problems.append(
                "The file that you compare it with is not the one that was received: its SHA-256 differs."
            )
    return finding


def is_whole(event):
    """Its hash and mac are those of what it says now."""
    before = Event.objects.filter(seq=event.seq - 1).values_list("hash", flat=True).first()
    if before is None:
        pruned = Archive.objects.filter(is_pruned=True, pruned_to=event.seq - 1).values_list("pruned_hash", flat=True)
        before = pruned.first() or chain.GENESIS
    made = chain.event_hash(event, bytes(before))
    return made == bytes(event.hash) and hmac.compare_digest(chain.event_mac(made, mac_key()), bytes(event.mac))


def log_in_words(event):
    latest = Verification.objects.order_by("-pk").first()
    if latest is None:
        return "The log around it has not been checked yet; the portal does so every day."
    day = timezone.localtime(latest.at).strftime("%B %-d, %Y")
    if not latest.is_whole and latest.first_bad_seq <= event.seq:
        return f"The log was found broken before it, or at it, on {day}. Ask the firm what happened."
    if latest.head_seq < event.seq and latest.is_whole:
        return f"The log up to shortly before it was checked on {day} and is unbroken; it is checked every day."
    return f"The log around it was checked on {day} and is unbroken."
