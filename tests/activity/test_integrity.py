"""The page about the log itself: checked on request, a break that is told, acknowledged and never repaired."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import Firm
from activity import standalone
from activity.actions import Action
from activity.checkpoints import make_checkpoint, public_key, read, written
from activity.models import Checkpoint, Event, Verification
from activity.recording import record, record_now
from activity.verification import acknowledge, check, open_break, verify
from tests.accounts.test_firm_settings import AS_IS
from tests.activity import attack

PAGE = "/activity/integrity/"
BAD = 3


@pytest.fixture(autouse=True)
def log(cast):
    """A few events more."""
    for _ in range(6):
        record_now(Action.LOG_VIEWED, by=cast.auditor)


def work():
    call_command("work", batch=True)


def break_it(seq=BAD):
    attack.drop_triggers()
    attack.change(seq, subject="something else")


def test_a_log_that_was_never_checked_says_so(sign_in, cast):
    page = sign_in(cast.auditor).get(PAGE).text

    assert "Not checked yet; the portal does so daily by itself." in page
    assert "No checkpoint yet" in page
    assert public_key() in page
    assert "Check the log now" not in page, "an auditor reads"


def test_an_administrator_has_the_log_checked(sign_in, cast, events, transactional_db):
    browser = sign_in(cast.administrator)
    page = browser.post(reverse("integrity-checks"), follow=True).text
    assert "The log is being checked." in page
    assert "Being checked now" in page
    assert "The log is being checked already." in browser.post(reverse("integrity-checks"), follow=True).text
    work()

    assert Verification.objects.count() == 1
    (event,) = events(action=Action.LOG_VERIFIED)
    assert (event.actor_email, event.ip) == (cast.administrator.email, "127.0.0.1")
    assert f"Unbroken up to event {event.seq - 1}" in browser.get(PAGE).text


def test_an_administrator_makes_a_checkpoint_and_takes_it_away(sign_in, cast):
    browser = sign_in(cast.administrator)
    page = browser.post(reverse("integrity-checkpoints"), follow=True).text
    made = Checkpoint.objects.get()
    answer = browser.get(reverse("integrity-checkpoint", args=[made.size]))

    assert f"The log is signed up to event {made.size}." in page
    assert made.hash in page
    assert answer["Content-Disposition"] == f'attachment; filename="checkpoint-{made.size}.txt"'
    assert read(answer.text)[:2] == (made.size, bytes.fromhex(made.hash))


def test_the_verifier_is_the_one_that_the_portal_uses(sign_in, cast):
    answer = sign_in(cast.auditor).get(reverse("integrity-verifier"))

    assert answer.text == open(standalone.__file__).read()
    assert "attachment" in answer["Content-Disposition"]


def test_many_checkpoints_are_paged(sign_in, cast):
    for _ in range(30):
        make_checkpoint()
    browser = sign_in(cast.auditor)
    first = browser.get(PAGE).text
    older = re.search(r'rel="next" href="([^"]+)"', first).group(1)

    assert first.count("Download the checkpoint") == 24
    assert browser.get(PAGE + older).text.count("Download the checkpoint") == 6


def test_a_break_is_on_every_page_of_an_administrator_and_in_their_mail(sign_in, cast, transactional_db):
    Firm.objects.update(checkpoint_emails="notary@elsewhere.example.com")
    browser = sign_in(cast.administrator)
    assert "is broken" not in browser.get("/").text
    break_it()
    with pytest.raises(CommandError):
        call_command("verify_activity")
    work()

    assert f"The Activity Log is broken at event {BAD}." in browser.get("/").text
    assert f"The Activity Log is broken at event {BAD}." in browser.get("/help/").text
    assert sorted(message.to[0] for message in mail.outbox) == [
        "notary@elsewhere.example.com",
        cast.administrator.email,
    ]
    assert f"Event {BAD} was changed, or one before it." in mail.outbox[0].body
    assert "is broken" not in sign_in(cast.client).get("/").text


def test_an_acknowledged_break_is_named_and_passed_and_never_repaired(sign_in, cast, events):
    break_it()
    check()
    browser = sign_in(cast.administrator)
    address = reverse("integrity-acknowledgement")
    assert "Acknowledge the break" in browser.get(PAGE).text
    answer = {"verification": open_break().pk, "why": "Restored by hand after the disk failed"}
    assert "Error:" in browser.post(address, {**answer, "why": ""}).text
    assert "Another check has ended meanwhile" in browser.post(address, {**answer, "verification": 0}, follow=True).text
    page = browser.post(address, answer, follow=True).text

    assert "The break is acknowledged." in page
    assert "is broken at event" not in page
    reason = f"event {BAD} was changed, or one before it"
    (event,) = events(action=Action.BREAK_ACKNOWLEDGED)
    assert (event.actor_email, event.subject) == (cast.administrator.email, f"Event {BAD}")
    assert event.details == {"before": reason, "note": "Restored by hand after the disk failed"}
    finding = verify()
    assert (finding.is_whole, finding.acknowledged) == (True, (reason,))
    assert finding.head_seq == Event.objects.latest("seq").seq
    assert Event.objects.get(seq=BAD).subject == "something else", "nothing is repaired"
    out = StringIO()
    call_command("verify_activity", stdout=out)
    assert f"but for what was acknowledged: {reason}" in out.getvalue()


def test_a_second_break_after_an_acknowledged_one_is_found(cast):
    break_it()
    check()
    acknowledge(open_break(), by=cast.administrator, why="known")
    attack.change(BAD + 1, subject="more")

    assert verify().first_bad_seq == BAD + 1
    attack.change(BAD, subject="changed once more")
    assert verify().first_bad_seq == BAD + 1, "what is known stays known"


def test_a_missing_event_can_be_acknowledged_too(cast):
    attack.drop_triggers()
    attack.execute(f"DELETE FROM activity_event WHERE seq = {BAD}")
    check()
    acknowledge(open_break(), by=cast.administrator, why="known")

    assert verify().is_whole
    attack.execute(f"DELETE FROM activity_event WHERE seq = {BAD + 1}")
    assert verify().first_bad_seq == BAD, "a wider gap is another one"


def test_a_cut_off_end_can_be_acknowledged_and_stays_so_as_the_log_grows(cast):
    made = make_checkpoint()
    attack.drop_triggers()
    attack.execute(f"DELETE FROM activity_event WHERE seq >= {made.size - 1}")
    check()
    assert open_break().first_bad_seq == made.size - 1
    acknowledge(open_break(), by=cast.administrator, why="a backup was put back")
    assert verify().is_whole
    for _ in range(10):
        record(Action.LOG_VIEWED)

    finding = verify()
    assert (finding.is_whole, finding.acknowledged) == (
        True,
        (f"event {made.size} is not there as a checkpoint saw it",),
    )


def test_an_event_cannot_acknowledge_itself(cast):
    attack.drop_triggers()
    reason = f"event {BAD} was changed, or one before it"
    attack.change(BAD, action=Action.BREAK_ACKNOWLEDGED, details={"before": reason})

    assert verify().first_bad_seq == BAD


def test_the_clock_mails_a_checkpoint_once_a_day(cast, transactional_db):
    Firm.objects.update(checkpoint_emails="notary@elsewhere.example.com\nruth@firm.example.com")
    call_command("housekeeping", stdout=StringIO())
    Checkpoint.objects.update(at=timezone.now() - timedelta(hours=1))
    call_command("housekeeping", stdout=StringIO())
    work()

    assert Checkpoint.objects.count() == 2
    assert [message.to for message in mail.outbox] == [["notary@elsewhere.example.com"], ["ruth@firm.example.com"]]
    first = Checkpoint.objects.last()
    assert written(first).strip() in mail.outbox[0].body
    assert mail.outbox[0].subject == f"Checkpoint of Your firm: event {first.size}"
    sent = Event.objects.filter(action=Action.NOTICE_SENT).first()
    assert (sent.subject_type, sent.details["note"]) == ("checkpoint", "to notary@elsewhere.example.com")


def test_where_nobody_keeps_checkpoints_none_is_mailed(cast, transactional_db):
    call_command("housekeeping", stdout=StringIO())
    work()

    assert Checkpoint.objects.count() == 1
    assert not mail.outbox


def test_addresses_that_are_none_are_refused(sign_in, cast):
    browser = sign_in(cast.administrator)
    address = reverse("firm-settings")
    answer = browser.post(address, {**AS_IS, "checkpoint_emails": "a@b.example.com nonsense"})
    assert "nonsense is no e-mail address." in answer.text
    browser.post(address, {**AS_IS, "checkpoint_emails": " a@b.example.com\r\n\r\nc@d.example.com "})

    assert Firm.objects.get().checkpoint_emails == "a@b.example.com\nc@d.example.com"
