"""Who is told by mail of what: the client's people of what waits for them, the firm of what they did."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import Firm
from activity.actions import Action
from notices import organizers
from notices.organizers import reminder_day
from organizer.models import Organizer
from tests.organizer.asking import SSN, answer, sent

pytestmark = pytest.mark.django_db(transaction=True)
DUE = date(2031, 4, 1)


def mails():
    """(to, subject) of each since the last look; the worker has worked."""
    call_command("work", batch=True)
    found = sorted((message.to[0], message.subject) for message in mail.outbox)
    bodies = [message.body for message in mail.outbox]
    mail.outbox.clear()
    return found, bodies


def test_each_turn_is_told_to_the_other_side_with_a_link_and_no_answer(cast, events):
    organizer = sent(cast, message="Take your time.", due_on=DUE)
    found, bodies = mails()
    subject = "Your firm sends you a Tax Organizer: Individual 2026"
    assert found == [(cast.second.email, subject), (cast.client.email, subject)]
    assert "Take your time." in bodies[0]
    assert "due April 1, 2031" in bodies[0]
    assert reverse("organizer", args=[organizer.pk]) in bodies[0]

    answer(organizer, cast.client, name="Ngozi Okafor", is_married="no", ssn=SSN)
    answer(organizer, cast.second, notes="None")
    assert mails()[0] == [(cast.firm_user.email, "Started: Acme Dental PC, Individual 2026")], "once"
    organizer.submit(signature="Ngozi Okafor", consent="True", by=cast.client)
    found, bodies = mails()
    assert found == [(cast.firm_user.email, "Submitted: Acme Dental PC, Individual 2026")]
    assert "6789" not in bodies[0]
    organizer.reopen("A page is missing", by=cast.firm_user)
    found, bodies = mails()
    assert [to for to, _ in found] == [cast.second.email, cast.client.email]
    assert "A page is missing" in bodies[0]
    notes = [event.details["note"] for event in events(action=Action.NOTICE_SENT)]
    assert notes[-1] == "Opened again: Individual 2026, Acme Dental PC"


def test_nobody_is_told_who_could_not_open_it(cast):
    cast.second.may_use_organizer = False
    cast.second.save()
    cast.firm_user.may_use_organizer = False
    cast.firm_user.save()
    organizer = sent(cast)
    organizer.remind(by=cast.administrator)
    assert {to for to, _ in mails()[0]} == {cast.client.email}
    answer(organizer, cast.client, name="Ngozi Okafor")
    organizer.withdraw(by=cast.administrator)
    organizer.send_again(by=cast.administrator)
    organizer.withdraw(by=cast.administrator)
    assert mails()[0] == [], "what was withdrawn before the worker came to it"


def test_what_cannot_be_mailed_is_in_the_log(cast, events, settings):
    sent(cast)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    call_command("work", batch=True)
    assert len(events(action=Action.NOTICE_FAILED)) == 2


def at(moment, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def test_the_clock_reminds_on_the_chosen_days_from_seven_until_it_is_submitted(cast, monkeypatch):
    Firm.objects.update(time_zone="America/Chicago")
    organizer = sent(cast, due_on=DUE, reminder_days=[7, 0, -7])
    idle = sent(cast, client=cast.other, version=organizer.version, reminder_days=[7])
    start = datetime(2031, 1, 1, 12, tzinfo=UTC)
    Organizer.objects.update(at=start)
    mails()
    told = []
    for number in range(80, 130):
        for hour in (5, 8, 8):  # an hour more in summer
            moment = datetime(2031, 1, 1, hour + 6, tzinfo=UTC) + timedelta(days=number)
            with monkeypatch.context() as patch:
                at(moment, patch)
                organizers.remind_of_organizers_in_the_morning()
            if Organizer.objects.filter(reminded_on=moment.date()).exists() and moment.date() not in told:
                assert hour == 8, "not before seven"
                told.append(moment.date())
        if number == 112:
            Organizer.objects.filter(pk=organizer.pk).update(status=Organizer.Status.SUBMITTED)

    assert told == [
        DUE - timedelta(days=7),
        DUE,
        DUE + timedelta(days=7),
        DUE + timedelta(days=14),
        DUE + timedelta(days=21),
    ]
    idle.refresh_from_db()
    assert idle.reminded_on is None, "it is due on no day"
    assert timezone.now().year < 2031


def test_a_reminder_is_mailed_once_and_not_on_the_day_it_was_sent(cast):
    organizer = sent(cast, due_on=timezone.localdate() + timedelta(days=3), reminder_days=[3])
    mails()
    Firm.objects.update(time_zone=_zone_in_the_morning())
    organizers.remind_of_organizers_in_the_morning()
    assert mails()[0] == []
    Organizer.objects.update(at=timezone.now() - timedelta(days=3))
    organizers.remind_of_organizers_in_the_morning()
    organizers.remind_of_organizers_in_the_morning()
    found, bodies = mails()
    assert [to for to, _ in found] == [cast.second.email, cast.client.email]
    assert "still waits for your Tax Organizer" in bodies[0]
    assert organizer.get_absolute_url() in bodies[0]


def _zone_in_the_morning():
    """One where it is past seven, and today is the day it is in UTC."""
    hour = datetime.now(tz=UTC).hour
    return "UTC" if hour >= 7 else f"Etc/GMT-{8 - hour}"


@pytest.mark.parametrize(
    ("days", "today", "expected"),
    [
        ([14, 3], DUE - timedelta(days=15), None),
        ([14, 3], DUE - timedelta(days=14), DUE - timedelta(days=14)),
        ([14, 3], DUE - timedelta(days=4), DUE - timedelta(days=14)),
        ([14, 3], DUE + timedelta(days=90), DUE - timedelta(days=3)),
        ([0, -7], DUE + timedelta(days=6), DUE),
        ([-7], DUE, None),
        ([-7], DUE + timedelta(days=20), DUE + timedelta(days=14)),
        ([], DUE, None),
    ],
)
def test_the_day_a_reminder_belongs_to(days, today, expected):
    assert reminder_day(DUE, days, today) == expected
