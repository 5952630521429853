"""Retention rules: made, announced, carried out, and what keeps a file from them. Time passes by moving the rows' times."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import Assignment
from activity.actions import Action
from files import retention
from files.models import File, HousekeepingRun, RetentionRule, Version
from files.models.retention import months_before
from tests.conftest import put_file

DAY = timedelta(days=1)


def sent_ago(file, days):
    Version.objects.filter(file=file).update(at=timezone.now() - days * DAY)
    return file


def pass_days(days):
    """What was sent and announced happened so much longer ago."""
    Version.objects.update(at=F("at") - days * DAY)
    File.objects.exclude(announced_at=None).update(announced_at=F("announced_at") - days * DAY)
    RetentionRule.objects.update(told_at=F("told_at") - days * DAY)


def rule_of(cast, *, folder=None, months=12, notice_days=30, name="One year"):
    rule = RetentionRule(name=name, folder=folder, months=months, notice_days=notice_days, by=cast.administrator)
    rule.make()
    return rule


@pytest.fixture
def old(cast):
    """A file that is two years old."""
    return sent_ago(put_file(cast.acme.cabinet.top, "old.pdf", b"old", by=cast.client), 730)


def night():
    figures = retention.keep_rules()
    return figures["announced"], figures["binned_by_rule"]


@pytest.mark.parametrize(
    ("moment", "months", "expected"),
    [((2026, 3, 31), 1, (2026, 2, 28)), ((2028, 2, 29), 48, (2024, 2, 29)), ((2026, 1, 5), 84, (2019, 1, 5))]
    + [((2026, 12, 31), -2, (2027, 2, 28)), ((2026, 5, 5), 99_999, (1, 5, 1))],
)
def test_months_are_those_of_the_calendar(moment, months, expected):
    assert months_before(datetime(*moment, tzinfo=UTC), months) == datetime(*expected, tzinfo=UTC)


def test_a_rule_is_made_after_its_effect_is_shown_and_ended(sign_in, cast, old, events):
    browser = sign_in(cast.administrator)
    page = browser.get(reverse("retention-new")).text
    assert 'value="84"' in page and "For files of all clients" in page
    fields = {"name": "One year", "months": "12", "notice_days": "30"}
    assert "1 file, 3 bytes" in browser.post(reverse("retention-new"), fields).text
    assert "Today it would take nothing" in browser.post(reverse("retention-new"), {**fields, "months": "84"}).text
    assert not RetentionRule.objects.exists()
    assert "Give 1 or more" in browser.post(reverse("retention-new"), {**fields, "months": "0", "sure": "1"}).text
    top = cast.acme.cabinet.top
    browser.post(reverse("retention-new") + f"?folder={top.pk}", {**fields, "sure": "1"})
    assert browser.get(reverse("retention-new") + "?folder=x").status_code == 404

    rule = RetentionRule.objects.get()
    (event,) = events(action=Action.RULE_MADE)
    assert (event.subject, event.client_name, event.actor_email) == (
        "One year",
        "Acme Dental PC",
        "ruth@firm.example.com",
    )
    assert event.details["after"]["files of"] == "Acme Dental PC, Acme Dental PC and below"
    retention.keep_rules()
    assert File.objects.get(pk=old.pk).announced_rule == rule
    page = browser.post(reverse("retention-end", args=[rule.pk]), follow=True).text
    assert "has ended" in page and "No rule yet" in page
    browser.post(reverse("retention-end", args=[rule.pk]))
    assert len(events(action=Action.RULE_ENDED)) == 1
    assert File.objects.get(pk=old.pk).announced_rule is None
    pass_days(31)
    assert night() == (0, 0)


def test_a_file_is_announced_then_binned_and_a_whole_notice_lies_between(sign_in, cast, old, events):
    soon = sent_ago(put_file(cast.acme.cabinet.top, "soon.pdf", by=cast.client), 350)
    put_file(cast.acme.cabinet.top, "fresh.pdf", by=cast.client)
    rule = rule_of(cast)
    assert night() == (2, 0)
    (event,) = events(action=Action.RETENTION_ANNOUNCED)
    assert (event.client_name, event.subject, event.size_bytes) == ("Acme Dental PC", "One year", 17)
    assert event.details == {"note": "2 files go to the bin"}
    page = sign_in(cast.firm_user).get(reverse("retention-due"))
    assert sorted(file.name for file in page.context["page"]) == ["old.pdf", "soon.pdf"]
    (first, second) = page.context["page"].rows
    assert first.goes_on == first.announced_at + 30 * DAY
    assert second.goes_on == second.announced_at + 30 * DAY
    assert sign_in(cast.unassigned).get(reverse("retention-due")).context["page"].rows == []

    pass_days(29)
    assert night() == (0, 0)
    pass_days(1)
    assert night() == (0, 2)
    old.refresh_from_db()
    assert (old.binned_by, old.announced_rule, old.announced_at) == (None, None, None)
    binned = events(action=Action.FILE_BINNED)
    assert {(event.actor_email, event.details["note"]) for event in binned} == {("", "by the rule “One year”")}
    assert "A retention rule" in sign_in(cast.firm_user).get(reverse("cabinet-bin", args=[old.folder.cabinet_id])).text
    assert "a retention rule" in sign_in(cast.firm_user).get(old.get_absolute_url()).text

    old.restore(by=cast.firm_user)  # and gets a whole notice again
    assert night() == (1, 0)
    assert night() == (0, 0)
    assert soon.folder_id and rule.ready().count() == 0


def test_what_changes_in_time_is_kept(cast, old, monkeypatch):
    folder = cast.acme.cabinet.top.add_folder("2018", by=cast.firm_user)
    below = folder.add_folder("Bank", by=cast.firm_user)
    moved, renewed, stays = (
        sent_ago(put_file(below, f"{name}.pdf", by=cast.client), 730) for name in ("moved", "renewed", "stays")
    )
    theirs = sent_ago(put_file(cast.other.cabinet.top, by=cast.stranger), 730)
    rule = rule_of(cast, folder=folder)
    assert night() == (3, 0)

    put_file(below, "renewed.pdf", b"new", by=cast.client)
    File.objects.filter(pk=moved.pk).update(folder=cast.acme.cabinet.top)
    pass_days(30)
    assert night() == (0, 1)
    assert list(File.objects.in_bin()) == [stays]
    assert not File.objects.exclude(announced_rule=None).exists()
    # a new version comes between the rule's look and its hand
    rule_of(cast)
    night()
    pass_days(30)
    ready = list(RetentionRule.objects.get(name="One year", folder=None).ready())
    assert set(ready) == {old, moved, theirs}
    put_file(old.folder, "old.pdf", b"new", by=cast.client)
    binned = File.move_all_to_bin(ready, by=None, rule=RetentionRule.objects.get(folder=None))
    assert set(binned) == {moved, theirs}
    assert File.objects.get(pk=renewed.pk).binned_at is None and rule.ended_at is None


def test_a_legal_hold_keeps_and_is_shown_and_afterwards_all_is_announced_anew(sign_in, cast, old):
    rule_of(cast)
    night()
    cabinet = cast.acme.cabinet
    cabinet.hold("Subpoena", by=cast.administrator)
    pass_days(31)
    assert night() == (0, 0)
    page = sign_in(cast.administrator).get(reverse("retention-due")).text
    assert "1 file would be due" in page and "Subpoena" in page
    assert "Subpoena" not in sign_in(cast.unassigned).get(reverse("retention-due")).text
    cabinet.lift_hold(by=cast.administrator)
    assert night() == (1, 0)
    assert night() == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_each_who_has_to_know_gets_one_mail_with_counts_per_client(cast, old):
    sent_ago(put_file(cast.other.cabinet.top, by=cast.stranger), 730)
    Assignment.objects.create(client=cast.other, user=cast.unassigned, is_notified=False)
    call_command("work", batch=True)
    mail.outbox.clear()
    rule_of(cast)
    rule_of(cast, name="Also", months=6)
    call_command("housekeeping")
    call_command("work", batch=True)

    bodies = {message.to[0]: (message.subject, message.body) for message in mail.outbox}
    assert len(mail.outbox) == len(bodies)
    assert set(bodies) == {cast.administrator.email, cast.firm_user.email}
    subject, body = bodies[cast.administrator.email]
    assert "2 files will go to the bin by retention rules" in subject
    assert "Acme Dental PC: 1 file\nOther Roofing LLC: 1 file\n" in body
    assert body.count("http://localhost:8000/files/retention/due/") == 1
    assert "Acme Dental PC: 1 file\n" in bodies[cast.firm_user.email][1]
    assert "Other" not in bodies[cast.firm_user.email][1]
    mail.outbox.clear()
    HousekeepingRun.objects.all().delete()
    call_command("housekeeping")
    call_command("work", batch=True)
    assert mail.outbox == []
