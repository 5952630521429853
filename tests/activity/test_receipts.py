"""A receipt says what the log says, and anybody who holds one can have it checked."""

import hashlib
import re
import time
import uuid

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from activity import archives, triggers
from activity.actions import Action
from activity.checkpoints import make_checkpoint
from activity.models import Archive, Event
from activity.receipts import LINE, receipt_of
from activity.receipts_by_mail import mail_receipts
from activity.verification import check
from files.models import Arrived, RequestLink, Upload, Version
from files.storage import storage
from tests.activity import attack
from tests.conftest import put_file

VERIFY = "/activity/verify/"


def ask(text, browser=None, **fields):
    return (browser or Browser()).post(VERIFY, {"receipt": text, **fields}).text


def test_a_receipt_says_what_arrived_when_from_whom_and_how_to_find_it_in_the_log(sign_in, cast, w2):
    put_file(cast.acme.cabinet.top, content=b"%PDF-1.4 more", by=cast.second)
    page = sign_in(cast.client).get(f"{reverse('file-receipt', args=[w2.pk])}?version=1").text
    event = Event.objects.get(action=Action.FILE_UPLOADED)
    receipt = receipt_of(w2.versions.get(number=1))

    for words in ("W-2 2025.pdf", "14 bytes", cast.client.email, "Acme Dental PC", receipt.sha256, receipt.link):
        assert words in page, words
    assert receipt.sha256 == hashlib.sha256(b"%PDF-1.4 wages").hexdigest()
    assert receipt.hash == bytes(event.hash).hex()
    assert event.details == {"after": {"version": "1", "sha256": receipt.sha256}}
    assert cast.second.email in sign_in(cast.client).get(reverse("file-receipt", args=[w2.pk])).text
    assert sign_in(cast.client).get(f"{reverse('file-receipt', args=[w2.pk])}?version=9").status_code == 404


def test_the_same_bytes_sent_again_have_a_receipt_of_their_own(cast, w2):
    put_file(cast.acme.cabinet.top, content=b"%PDF-1.4 wages", by=cast.second)
    first, second = (receipt_of(version) for version in w2.versions.order_by("number"))

    assert (first.sender, second.sender) == (cast.client.email, cast.second.email)
    assert first.hash != second.hash
    assert "This receipt is genuine" in ask(second.text)


def test_after_an_upload_the_way_to_the_receipt_is_there(sign_in, cast):
    folder = cast.acme.cabinet.top
    sent = {"files": SimpleUploadedFile("Rent.pdf", b"%PDF-1.4 rent")}
    page = sign_in(cast.client).post(reverse("folder-files", args=[folder.pk]), sent, follow=True).text

    (link,) = re.findall(r'href="(/files/[^"]+/receipt/\?version=1)"', page)
    assert hashlib.sha256(b"%PDF-1.4 rent").hexdigest() in sign_in(cast.client).get(link).text


def test_what_nobody_has_read_has_no_receipt_yet(sign_in, cast):
    staged = storage().stage()
    staged.write(b"whole")
    staged.keep()
    arrived = Arrived("Big.zip", staged.key, 5, "", Version.State.CHECKING)
    (version,) = cast.acme.cabinet.top.receive([arrived], by=cast.client)
    address = reverse("file-receipt", args=[version.file_id])
    assert "Receipt follows when the file has been checked" in sign_in(cast.client).get(address).text
    version.settle(Version.State.CLEAN, sha256=hashlib.sha256(b"whole").hexdigest())

    version.refresh_from_db()
    receipt = receipt_of(version)
    assert (receipt.sender, receipt.hash) == (
        cast.client.email,
        bytes(Event.objects.get(action=Action.FILE_CHECKED).hash).hex(),
    )
    assert "This receipt is genuine" in ask(receipt.text)


def test_a_genuine_receipt_is_known_whole_by_its_link_or_its_reference(cast, w2):
    receipt = receipt_of(w2.current)
    check()
    for brought in (
        receipt.text,
        receipt.link,
        receipt.reference,
        "\n".join(f"> {line}" for line in receipt.text.split("\n")),
    ):
        answer = ask(brought)
        assert "This receipt is genuine" in answer
        assert receipt.sha256 in answer
        assert "was checked on" in answer and "is unbroken" in answer
    assert "Acme Dental PC" in ask(receipt.text)
    assert "Acme Dental PC" not in ask(receipt.reference), "who has no more than the reference learns no name"
    assert receipt.reference in Browser().get(f"{VERIFY}?receipt={receipt.reference}").text


def test_what_does_not_match_is_said_plainly(cast, w2):
    receipt = receipt_of(w2.current)
    for name, value in receipt.lines:
        text = receipt.text.replace(f"{name}: {value}", f"{name}: something else")
        assert f"{name}: the log does not say “something else”." in ask(text)
    assert "no event with this reference" in ask(
        receipt.reference[:-1] + ("0" if receipt.reference[-1] != "0" else "1")
    )
    assert "names version 2" in ask(f"{receipt.file_id}.2.{receipt.hash}")
    assert "There is no receipt in it" in ask("Thank you for your files!")


def test_a_file_is_compared_with_what_was_received(cast, w2):
    receipt = receipt_of(w2.current)
    same = SimpleUploadedFile("renamed.bin", b"%PDF-1.4 wages")
    other = SimpleUploadedFile("W-2 2025.pdf", b"%PDF-1.4 gages")

    assert "The same, byte for byte" in ask(receipt.reference, compared=same)
    assert "its SHA-256 differs" in ask(receipt.reference, compared=other)
    assert "The same, byte for byte" in ask(receipt.reference, sha256=receipt.sha256.upper())
    assert "64 letters and digits" in ask(receipt.reference, sha256="12")


def test_a_changed_event_is_found_even_before_the_next_check(cast, w2):
    receipt = receipt_of(w2.current)
    attack.drop_triggers()
    attack.change(Event.objects.get(action=Action.FILE_UPLOADED).seq, actor_email="somebody@else.example.com")

    assert "was changed after it was written" in ask(receipt.reference)
    check()
    assert "found broken" in ask(receipt.reference)


def test_what_went_into_an_archive_is_answered_as_what_never_was(cast, w2):
    receipt, made = receipt_of(w2.current), make_checkpoint()
    kept = Archive.objects.create(
        first_seq=1, last_seq=made.size, hash=bytes.fromhex(made.hash), file_name="activity-1.log.gz", is_pruned=True
    )
    w2.move_to_bin(by=cast.client)  # the log goes on
    with triggers.standing_aside():
        archives._take_out(kept, made.size)

    for reference in (receipt.reference, f"{uuid.uuid4()}.1.{receipt.hash}"):
        answer = ask(reference)
        assert "its event may lie in an archive of the log" in answer
        assert kept.file_name not in answer


def test_the_log_says_who_verified_one_and_strangers_cannot_flood_it(sign_in, cast, w2, events):
    receipt = receipt_of(w2.current)
    for _ in range(3):
        ask("nothing")
    assert not events(action=Action.RECEIPT_VERIFIED)
    ask(receipt.text)
    ask("nothing", sign_in(cast.auditor))
    anybody, auditor = events(action=Action.RECEIPT_VERIFIED)
    assert (anybody.actor_email, anybody.subject, anybody.details["note"]) == ("", "W-2 2025.pdf", "genuine")
    assert (auditor.actor_email, auditor.details["note"]) == (cast.auditor.email, "0 genuine of 0")

    statuses = [Browser().post(VERIFY, {"receipt": "nothing"}).status_code for _ in range(20)]
    assert statuses[-1] == 429
    assert len(events(action=Action.SIGN_IN_LIMITED)) == 1


@pytest.mark.django_db(transaction=True)
def test_the_sender_is_mailed_one_receipt_for_all_that_came_together(sign_in, cast):
    User.objects.exclude(pk=cast.client.pk).update(file_notices="never")
    folder = cast.acme.cabinet.top
    put_file(folder, "Rent.pdf", by=cast.client)
    files = [SimpleUploadedFile(name, name.encode()) for name in ("A.pdf", "B.pdf", "Rent.pdf")]
    sign_in(cast.client).post(reverse("folder-files", args=[folder.pk]), {"files": files})
    sending = Upload.objects.create(folder=folder, name="C.pdf", size_bytes=1, by=cast.client, storage_key="c")
    call_command("work", batch=True)
    assert not mail.outbox, "more is on its way"
    Upload.objects.filter(pk=sending.pk).update(closed_at=timezone.now())
    put_file(folder, "C.pdf", by=cast.client)
    call_command("work", batch=True)
    call_command("work", batch=True)

    (message,) = mail.outbox
    assert (message.to, "received 5 files" in message.subject) == ([cast.client.email], True)
    assert ask(message.body).count("This receipt is genuine") == 5
    cast.client.gets_receipts = False
    cast.client.save()
    put_file(folder, "D.pdf", by=cast.client)
    call_command("work", batch=True)
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_a_guest_is_mailed_one_too(cast):
    User.objects.update(file_notices="never", gets_receipts=False)
    folder = cast.acme.cabinet.top
    link = RequestLink.objects.create(
        folder=folder, email="mary@bank.example.com", title="Statements", expires_at=timezone.now(), by=cast.firm_user
    )
    file = put_file(folder, by=cast.firm_user)
    Version.objects.filter(file=file).update(link=link, receipted_at=None)
    mail_receipts.enqueue(by_id=cast.firm_user.pk, link_id=str(link.pk))
    call_command("work", batch=True)

    assert [message.to for message in mail.outbox] == [["mary@bank.example.com"]]
    (event,) = Event.objects.filter(action=Action.NOTICE_SENT)
    assert event.details["note"] == "Receipt for 1 file to mary@bank.example.com"


def test_many_empty_lines_are_read_at_once():
    """They cost no more than others: who sends them needs no account."""
    started = time.process_time()
    assert not LINE.findall("\n" * 19_000)
    assert time.process_time() - started < 1
