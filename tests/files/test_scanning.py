"""What the scanner says of a file decides whether anybody is given it; whatever else it does, the file waits."""

from io import BytesIO

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from activity.actions import Action
from activity.models import Event
from files import checking
from files.models import Arrived, Version
from files.scanner import ScannerUnavailable, verdict_in
from files.storage import storage
from files.tasks import check_waiting, look_again
from portal import environment
from tests.files.clamd import MARK, SEALED

State = Version.State


def work():
    call_command("work", batch=True)


def send(browser, folder, content, name="W-2 2025.pdf"):
    sent = browser.post(reverse("folder-files", args=[folder.pk]), {"files": SimpleUploadedFile(name, content)})
    assert sent.status_code == 302
    return Version.objects.latest("at")


def fetch(browser, version):
    answer = browser.get(reverse("file-download", args=[version.file_id]))
    return answer.status_code, b"".join(answer)


def arrive(cast, content, *, sha256="", state=State.CHECKING):
    """A file lies in the storage that nobody has read, as one that came straight into a bucket."""
    staged = storage().stage()
    staged.write(content)
    staged.keep()
    arrived = Arrived("Big.zip", staged.key, staged.size_bytes, sha256, state)
    (version,) = cast.acme.cabinet.top.receive([arrived], by=cast.client)
    return version


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (b"stream: OK\0", State.CLEAN),
        (b"stream: Eicar-Test FOUND\0", State.INFECTED),
        (b"stream: OK FOUND\0", State.INFECTED),
        (b"stream: Heuristics.Encrypted.Zip FOUND\0", State.NOT_SCANNED),
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", State.NOT_SCANNED),
        (b"stream: Heuristics.Phishing.Email FOUND\0", State.INFECTED),
        *(
            (odd, None)
            for odd in (
                *(b"", b"\0", b"stream: OK", b"stream: OK\0\0", b"stream: OK\0stream: OK\0", b" stream: OK\0"),
                *(
                    b"OK\0",
                    b"stream: ok\0",
                    b"stream: OK\n",
                    b"stream: a\0b FOUND\0",
                    b"stream:  FOUND\0",
                    b"1: stream: OK\0",
                ),
                *(b"INSTREAM size limit exceeded. ERROR\0", b"stream: Can't allocate memory ERROR\0", b"\xff\xfe\0"),
            )
        ),
    ],
)
def test_only_the_scanners_exact_words_count(reply, state):
    if state:
        assert verdict_in(reply).state == state
    else:
        with pytest.raises(ScannerUnavailable):
            verdict_in(reply)


def test_what_is_clean_is_handed_out_and_everything_else_to_nobody(sign_in, cast, clamd):
    browser, folder = sign_in(cast.client), cast.acme.cabinet.top
    clean = send(browser, folder, b"%PDF-1.4 wages")
    infected = send(browser, folder, b"..." + MARK, "Bad.pdf")
    sealed = send(browser, folder, SEALED, "Sealed.zip")

    assert [version.state for version in (clean, infected, sealed)] == [State.CLEAN, State.INFECTED, State.NOT_SCANNED]
    assert clamd.seen == [b"%PDF-1.4 wages", b"..." + MARK, SEALED], "all of it, and before it was kept"
    for person in (cast.client, cast.firm_user, cast.administrator):
        browser = sign_in(person)
        assert fetch(browser, clean) == (200, b"%PDF-1.4 wages")
        for version, words in ((infected, "Quarantined"), (sealed, "Not scanned")):
            status, page = fetch(browser, version)
            assert (status, MARK in page, SEALED in page) == (423, False, False)
            assert words in page.decode()
            assert words in browser.get(version.file.get_absolute_url()).text
        assert "Quarantined" in browser.get(folder.get_absolute_url()).text
    checks = sign_in(cast.administrator).get(reverse("checks")).text
    assert all(words in checks for words in ("Test.Mark", "Heuristics.Encrypted.Zip", "ClamAV 1.4.3", "signatures are"))
    assert Event.objects.filter(action=Action.FILE_DOWNLOADED).count() == 3


@pytest.mark.django_db(transaction=True)
def test_what_the_scanner_misses_waits_and_is_checked_when_it_is_back(sign_in, cast, clamd):
    clamd.stop()
    browser, folder = sign_in(cast.client), cast.acme.cabinet.top
    first = send(browser, folder, b"%PDF-1.4 wages")
    second = send(browser, folder, MARK, "Bad.pdf")
    work()

    assert fetch(browser, first)[0] == 423
    assert "Being checked" in browser.get(first.file.get_absolute_url()).text
    assert "does not answer" in sign_in(cast.administrator).get(reverse("checks")).text
    assert [message.to for message in mail.outbox] == [[cast.client.email]], (
        "a receipt, and nobody is invited to fetch it"
    )
    (again,) = DBTaskResult.objects.filter(task_path=check_waiting.module_path, status="READY")
    assert again.run_after > timezone.now(), "once, in a minute"

    clamd.start()
    look_again()
    mail.outbox.clear()
    work()
    for version in (first, second):
        version.refresh_from_db()
    assert (first.state, second.state) == (State.CLEAN, State.INFECTED)
    assert fetch(sign_in(cast.firm_user), first)[0] == 200
    told = {(message.to[0], message.subject.split(":")[0]) for message in mail.outbox}
    assert told == {
        (cast.firm_user.email, "Ngozi Okafor sent a file"),
        (cast.firm_user.email, "Quarantined"),
        (cast.administrator.email, "Quarantined"),
    }
    found = Event.objects.filter(action__in=[Action.FILE_CHECKED, Action.FILE_QUARANTINED])
    assert [(event.actor_role, event.details["after"]["sha256"]) for event in found.order_by("subject")] == [
        ("system", second.sha256),
        ("system", first.sha256),
    ]
    count = Event.objects.count()
    assert not checking.check(first.pk)
    assert Event.objects.count() == count, "a second check changes nothing"


@pytest.mark.parametrize("fault", ["hangs up", "says half", "lies beyond"])
def test_a_scanner_that_misbehaves_makes_nothing_clean(fault, sign_in, cast, clamd):
    reply = {"hangs up": None, "says half": b"stream: O", "lies beyond": b"stream: OK\0stream: OK\0"}[fault]
    clamd.reply = lambda content: reply
    version = send(sign_in(cast.client), cast.acme.cabinet.top, b"%PDF-1.4 wages")

    assert version.state == State.CHECKING
    assert fetch(sign_in(cast.firm_user), version)[0] == 423


def test_what_lies_in_the_store_is_read_once_for_fingerprint_and_scan(cast, clamd):
    version = arrive(cast, b"PK\3\4 whole")
    checking.check(version.pk)
    version.refresh_from_db()

    assert (version.state, clamd.seen) == (State.CLEAN, [b"PK\3\4 whole"])
    assert len(version.sha256) == 64


def test_in_a_folder_and_in_a_bucket_alike_nothing_is_handed_out_before_it_was_looked_at(store, sign_in, cast, clamd):
    fine = send(sign_in(cast.client), cast.acme.cabinet.top, b"%PDF-1.4 wages")
    bad = send(sign_in(cast.client), cast.acme.cabinet.top, MARK, "Bad.pdf")
    for version in (fine, bad):
        assert version.is_served is (version.state == State.CLEAN)
        checking.check(version.pk)
        version.refresh_from_db()

    assert (fine.state, bad.state) == (State.CLEAN, State.INFECTED)
    assert clamd.seen == [b"%PDF-1.4 wages", MARK]


def test_what_is_stored_but_was_not_sent_is_damaged(cast, clamd):
    shorter, other = arrive(cast, b"PK\3\4 whole"), arrive(cast, b"PK\3\4 other", sha256="0" * 64)
    storage().path(shorter.storage_key).write_bytes(b"PK\3\4")
    for version in (shorter, other):
        checking.check(version.pk)
        version.refresh_from_db()
        assert version.state == State.DAMAGED
        assert "Damaged" in checking.refusal(version)


def test_nothing_larger_than_the_scanner_takes_is_called_clean(cast, clamd, settings):
    settings.CLAMAV_MAX_BYTES = 4
    assert checking.look_at(BytesIO(b"12345")).state == State.NOT_SCANNED
    version = arrive(cast, b"12345")
    checking.check(version.pk)
    version.refresh_from_db()

    assert (version.state, version.state_note) == (State.NOT_SCANNED, "Too large for the scanner")
    assert not clamd.seen
    assert checking.look_at(BytesIO(b"1234")).state == State.CLEAN


def test_the_sender_does_not_wait_for_what_is_large(clamd, monkeypatch):
    monkeypatch.setattr(checking, "AT_ONCE_BYTES", 4)
    assert checking.look_at(BytesIO(b"12345")).state == State.CHECKING
    assert not clamd.seen


def test_without_a_scanner_what_was_read_is_handed_out(cast):
    version = arrive(cast, b"12345")
    assert not version.is_served
    checking.check(version.pk)
    version.refresh_from_db()

    assert (version.state, version.is_served, len(version.sha256)) == (State.RECEIVED, True, 64)
    assert checking.look_at(BytesIO(MARK)).state == State.RECEIVED


def test_the_firm_releases_what_could_not_be_scanned_and_says_why(sign_in, cast, clamd, events):
    version = send(sign_in(cast.client), cast.acme.cabinet.top, SEALED)
    address = reverse("file-release", args=[version.file_id])
    assert sign_in(cast.client).post(address, {"why": "It is mine"}).status_code == 403
    cast.firm_user.may_delete_files = False
    cast.firm_user.save()
    assert sign_in(cast.firm_user).post(address, {"why": "x"}).status_code == 403
    browser = sign_in(cast.administrator)
    assert "Error: " in browser.post(address, {"why": ""}).text
    assert browser.post(address, {"why": "Opened with the password they told me"}).status_code == 302

    (event,) = events(action=Action.FILE_RELEASED)
    assert (event.actor_email, event.details["note"]) == (
        cast.administrator.email,
        "Opened with the password they told me",
    )
    assert fetch(sign_in(cast.firm_user), version) == (200, SEALED)
    page = sign_in(cast.client).get(version.file.get_absolute_url()).text
    assert "Released by Ruth Larkin" in page and "Opened with the password they told me" in page
    assert sign_in(cast.administrator).post(address, {"why": "Again"}).status_code == 302
    assert len(events(action=Action.FILE_RELEASED)) == 1


def test_what_is_infected_nobody_releases(sign_in, cast, clamd):
    version = send(sign_in(cast.client), cast.acme.cabinet.top, MARK)
    sign_in(cast.administrator).post(reverse("file-release", args=[version.file_id]), {"why": "I need it"})

    assert not version.release(why="I need it", by=cast.administrator)
    version.refresh_from_db()
    assert version.state == State.INFECTED


def test_who_sees_the_list_sees_the_files_of_their_clients_only(sign_in, cast, clamd):
    send(sign_in(cast.client), cast.acme.cabinet.top, MARK, "Acme.pdf")
    send(sign_in(cast.stranger), cast.other.cabinet.top, MARK, "Other.pdf")
    page = sign_in(cast.firm_user).get(reverse("checks")).context["page"]

    assert [version.file.name for version in page] == ["Acme.pdf"]


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ("tcp://clamd:3310", ("clamd", 3310, "")),
        ("unix:///run/clamav/clamd.ctl", ("", 0, "/run/clamav/clamd.ctl")),
        *(
            (wrong, None)
            for wrong in ("clamd:3310", "tcp://clamd", "tcp://clamd:x", "http://clamd:3310", "unix://", "unix:x")
        ),
    ],
)
def test_where_the_scanner_is_comes_from_the_environment(value, where, monkeypatch):
    monkeypatch.setenv("CLAMAV_URL", value)
    if where:
        found = environment.scanner_url("CLAMAV_URL")
        assert (found.host, found.port, found.path) == where
    else:
        with pytest.raises(ImproperlyConfigured, match="CLAMAV_URL is .*; give tcp://host:port, or unix:///"):
            environment.scanner_url("CLAMAV_URL")
