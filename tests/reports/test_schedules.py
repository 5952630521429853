"""Scheduled reports: due once, made of what the owner may see, told of by a link, and failing in words."""

import csv
import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone
from lxml import html

from activity.actions import Action
from reports import running
from reports.models import Piece, Run, Schedule
from reports.running import make_report, remove_old_runs, run_due, run_if_due, run_now
from reports.slots import SLOTS, take_slot
from tests.conftest import put_file
from tests.reports.saving import made, run_of, saved, scheduled, waiting_tasks

FORM = {"name": "What was sent", "extension": "xlsx", "every": "week", "weekday": "4", "month_day": "1", "hour": "6"}
FIVE_PM = datetime(2026, 3, 12, 21, tzinfo=UTC)  # in New York


@pytest.fixture
def cast(cast):
    put_file(cast.acme.cabinet.top, "W-2 2025.pdf", by=cast.client)
    put_file(cast.other.cabinet.top, "Roof.png", by=cast.stranger)
    return cast


def due_since(schedule, moment):
    """The schedule, as if it had been made or done at this moment."""
    Schedule.objects.filter(pk=schedule.pk).update(done_until=moment)
    schedule.refresh_from_db()
    return schedule


def content_of(run):
    return b"".join(bytes(piece.content) for piece in run.pieces.order_by("number"))


def rows_in(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_view_is_scheduled_by_its_page_and_the_schedule_keeps_a_copy(sign_in, cast, events):
    view = saved(cast.administrator, "Sent", is_shared=True)
    browser, address = sign_in(cast.firm_user), f"/reports/views/{view.pk}/schedule/"
    offered = html.fromstring(browser.get(address).content)
    firm = {cast.administrator, cast.firm_user, cast.unassigned, cast.auditor}
    assert set(offered.xpath("//input[@name='recipients']/@value")) == {str(person.pk) for person in firm}
    assert offered.xpath("//input[@name='recipients'][@checked]/@value") == [str(cast.firm_user.pk)]

    response = browser.post(address, {**FORM, "recipients": [cast.auditor.pk, cast.firm_user.pk]})
    schedule = Schedule.objects.get()
    assert response.url == f"/reports/schedules/{schedule.pk}/"
    assert (schedule.owner, schedule.query, schedule.when_in_words) == (
        cast.firm_user,
        view.query,
        "Every Friday after 6 AM",
    )
    (event,) = events(action=Action.SCHEDULE_MADE)
    assert event.details["after"]["to"] == f"{cast.firm_user}, {cast.auditor}"
    view.delete_view(by=cast.administrator)
    assert "What was sent" in browser.get("/reports/schedules/").text
    assert browser.get(response.url).status_code == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"recipients": []}, "Choose at least one."),
        ({"recipients": ["client"]}, "is not in the list"),
        ({"every": "month", "month_day": "32"}, "Give 31 or less."),
        ({"extension": "exe"}, "is not in the list"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_in_words(fields, words, sign_in, cast):
    view = saved(cast.firm_user)
    data = {**FORM, "recipients": [cast.firm_user.pk], **fields}
    data["recipients"] = [getattr(cast, one).pk if isinstance(one, str) else one for one in data["recipients"]]
    assert words in sign_in(cast.firm_user).post(f"/reports/views/{view.pk}/schedule/", data).text
    assert not Schedule.objects.exists()


def test_only_who_may_open_the_report_itself_can_be_told(sign_in, cast):
    view = saved(cast.auditor, "Of the log", "activity-log", "")
    page = html.fromstring(sign_in(cast.auditor).get(f"/reports/views/{view.pk}/schedule/").content)
    values = set(page.xpath("//input[@name='recipients']/@value"))
    assert values == {str(cast.administrator.pk), str(cast.auditor.pk)}


def test_a_report_without_dates_offers_no_moving_ones(sign_in, cast):
    browser = sign_in(cast.firm_user)
    moving = []
    for report in ("file-activity", "usage"):
        view = saved(cast.firm_user, report, report, "")
        page = html.fromstring(browser.get(f"/reports/views/{view.pk}/schedule/").content)
        moving.append(len(page.xpath("//input[@name='is_moving']")))
    assert moving == [1, 0]


def test_each_moment_is_begun_once_and_what_was_missed_is_made_up_once(cast):
    schedule = due_since(scheduled(cast.firm_user, cast.auditor), FIVE_PM)
    stale = Schedule.objects.get()
    run_due(now=FIVE_PM + timedelta(hours=13))
    assert not Run.objects.exists()

    next_morning = FIVE_PM + timedelta(hours=14)
    run_due(now=next_morning)
    run_due(now=next_morning + timedelta(minutes=30))
    run_if_due(stale, next_morning)  # another clock that had read it before
    assert [run.due_at for run in Run.objects.all()] == [next_morning]
    run_due(now=next_morning + timedelta(days=5, hours=3))
    assert [run.due_at for run in Run.objects.all()] == [next_morning + timedelta(days=5), next_morning]
    schedule.pause(by=cast.firm_user)
    run_due(now=next_morning + timedelta(days=9))
    assert Run.objects.count() == waiting_tasks().count() == 2


def test_what_was_due_while_it_was_paused_or_before_it_was_changed_is_not_made_up(cast):
    schedule = due_since(scheduled(cast.firm_user, cast.auditor), FIVE_PM)
    schedule.pause(by=cast.firm_user)
    schedule.resume(by=cast.firm_user)
    run_due()
    due_since(schedule, FIVE_PM).change(name="Other", recipients=[cast.auditor], by=cast.firm_user)
    run_due()
    assert not Run.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_clock_begins_it_the_worker_makes_it_and_who_is_told_opens_exactly_that(sign_in, cast, events):
    schedule = scheduled(cast.firm_user, cast.auditor, cast.unassigned)
    due_since(schedule, timezone.now() - timedelta(days=3))
    mail.outbox.clear()
    run_due()
    call_command("work", batch=True)

    run = Run.objects.get()
    assert run.is_made and run.words == "Uploaded a file"
    started, finished = events(action__startswith="log.export")
    assert (started.actor_email, finished.actor_email, started.ip) == (cast.firm_user.email, cast.firm_user.email, "")
    assert started.request_id == finished.request_id
    mails = [one for one in mail.outbox if "a report is ready" in one.subject]
    assert {address for one in mails for address in one.to} == {cast.auditor.email, cast.unassigned.email}
    assert all(f"http://localhost:8000/reports/runs/{run.pk}/" in one.body for one in mails)
    assert not any(words in one.body for one in mails for words in ("W-2", "Acme", "Okafor", "Uploaded"))

    address = f"/reports/runs/{run.pk}/file/"
    for reader in (cast.firm_user, cast.auditor, cast.unassigned):  # the last sees no client of their own
        response = sign_in(reader).get(address)
        content = b"".join(response.streaming_content)
        assert [row["What"] for row in rows_in(content)] == ["W-2 2025.pdf"]
        assert response["Content-Length"] == str(len(content))
        assert f"SHA-256 {hashlib.sha256(content).hexdigest()}" in finished.details["note"]
    assert [event.actor_email for event in events(action=Action.REPORT_FETCHED)] == [
        cast.firm_user.email,
        cast.auditor.email,
        cast.unassigned.email,
    ]
    assert sign_in(cast.administrator).get(address).status_code == 404


def test_who_lost_the_right_is_not_told_and_opens_nothing_any_more(sign_in, cast):
    schedule = scheduled(cast.administrator, cast.firm_user, cast.unassigned, cast.auditor)
    cast.unassigned.change(by=cast.administrator, may_read_reports=False)
    cast.auditor.deactivate(by=cast.administrator)
    run = run_of(schedule)
    assert list(run.recipients.all()) == [cast.firm_user]

    assert sign_in(cast.firm_user).get(run.get_absolute_url()).status_code == 200
    cast.firm_user.change(by=cast.administrator, may_read_reports=False)
    assert sign_in(cast.firm_user).get(run.get_absolute_url()).status_code == 403


def test_moving_dates_take_the_place_of_the_views_by_the_firms_days(cast):
    schedule = scheduled(cast.firm_user, cast.auditor, query=f"from=2020-01-01&client={cast.acme.pk}", is_moving=True)
    due_since(schedule, FIVE_PM)
    run_due(now=FIVE_PM + timedelta(hours=14))
    run = Run.objects.get()
    make_report.call(run_id=run.pk)
    run.refresh_from_db()
    assert run.query == f"from=2026-03-12&client={cast.acme.pk}&to=2026-03-12"
    assert run.words == "Client Acme Dental PC; On Mar 12, 2026"
    assert rows_in(content_of(run)) == []


@pytest.mark.parametrize(("report", "extension"), [("usage", "xlsx"), ("roster", "docx"), ("activity-log", "xlsx")])
def test_every_report_is_made_in_every_format(report, extension, cast):
    run = run_of(scheduled(cast.administrator, report=report, query="", extension=extension))
    assert run.is_made, run.reason
    assert content_of(run)[:2] == b"PK"
    assert run.file_name.endswith(f".{extension}")


def test_a_long_file_lies_in_pieces_and_comes_out_whole(sign_in, cast, monkeypatch):
    monkeypatch.setattr(running, "PIECE_BYTES", 64)
    run = run_of(scheduled(cast.firm_user))
    assert run.pieces.count() > 2
    content = b"".join(sign_in(cast.firm_user).get(f"/reports/runs/{run.pk}/file/").streaming_content)
    assert hashlib.sha256(content).hexdigest() == run.sha256


@pytest.mark.django_db(transaction=True)
def test_what_may_pass_by_itself_is_tried_again_later_and_later_and_then_given_up(cast, events, monkeypatch):
    def fail():
        raise OperationalError("the database is away")

    schedule = scheduled(cast.firm_user, cast.auditor)
    with monkeypatch.context() as patch:
        patch.setattr("reports.tables.base.release_connection", fail)
        before = timezone.now()
        run = run_of(schedule)
        assert (run.state, run.reason) == (Run.State.WAITING, "It could not be made: OperationalError.")
        assert timedelta(0) <= run.again_at - before - timedelta(minutes=5) < timedelta(minutes=1)
        assert waiting_tasks().filter(run_after=run.again_at).count() == 1
    make_report.call(run_id=run.pk)
    run.refresh_from_db()
    assert run.is_made and run.reason == "" and run.again_at is None
    assert [event.action for event in events(action__startswith="log.")][-5:] == [
        Action.EXPORT_STARTED,
        Action.EXPORT_BROKEN_OFF,
        Action.REPORT_FAILED,
        Action.EXPORT_STARTED,
        Action.EXPORT_FINISHED,
    ]

    monkeypatch.setattr("reports.tables.base.release_connection", fail)
    run = run_of(schedule)
    for _ in range(3):
        assert run.state == Run.State.WAITING
        make_report.call(run_id=run.pk)
        run.refresh_from_db()
    assert (run.state, run.tries, run.again_at) == (Run.State.FAILED, 4, None)


@pytest.mark.django_db(transaction=True)
def test_it_waits_while_others_make_exports_and_that_is_no_failure(cast, events, own_slots):
    others = [take_slot() for _ in range(SLOTS)]
    run = run_of(scheduled(cast.firm_user))
    assert (run.state, run.tries, run.reason) == (Run.State.WAITING, 0, "")
    assert not events(action=Action.REPORT_FAILED)

    for slot in others:
        slot.release()
    make_report.call(run_id=run.pk)
    run.refresh_from_db()
    assert run.is_made


def test_a_file_that_is_too_large_to_keep_fails_at_once_and_leaves_nothing(cast, events, monkeypatch):
    monkeypatch.setattr(running, "PIECE_BYTES", 10)
    monkeypatch.setattr(running, "MOST_BYTES", 25)
    run = run_of(scheduled(cast.firm_user))
    assert run.state == Run.State.FAILED and run.reason.startswith("The file is larger than")
    assert not Piece.objects.exists()
    assert [event.action for event in events(area="log")][-2:] == [Action.EXPORT_BROKEN_OFF, Action.REPORT_FAILED]


def test_what_another_try_cannot_mend_fails_in_words_on_the_page(sign_in, cast, monkeypatch):
    gone = run_of(scheduled(cast.firm_user, query=f"client={cast.other.pk}"))
    assert (gone.state, gone.reason) == (Run.State.FAILED, "Client: That is not in the list. Choose from it.")
    assert gone.reason in sign_in(cast.firm_user).get(gone.schedule.get_absolute_url()).text
    assert sign_in(cast.firm_user).get(f"/reports/runs/{gone.pk}/file/").status_code == 404
    monkeypatch.setattr("reports.exports.MOST_ROWS", {"docx": 1})
    assert "Word holds at most 1 rows" in run_of(scheduled(cast.administrator, extension="docx")).reason


def test_it_pauses_when_its_owner_may_no_longer_read_and_says_so(sign_in, cast, events):
    schedule = scheduled(cast.firm_user, cast.auditor)
    cast.firm_user.change(by=cast.administrator, may_read_reports=False)
    run = run_of(Schedule.objects.get())
    reason = f"{cast.firm_user} may no longer read this report."
    assert (run.state, run.reason) == (Run.State.FAILED, reason)
    (paused,) = events(action=Action.SCHEDULE_PAUSED)
    assert (paused.actor_role, paused.details["note"]) == ("system", reason)

    browser = sign_in(cast.administrator)
    assert reason in browser.get(schedule.get_absolute_url()).text
    refused = browser.post(f"{schedule.get_absolute_url()}resumption/", follow=True)
    assert "It stays paused" in refused.text
    cast.firm_user.change(by=cast.administrator, may_read_reports=True)
    browser.post(f"{schedule.get_absolute_url()}resumption/")
    assert Schedule.objects.get().paused_at is None


def test_a_task_that_runs_twice_makes_one_file_and_mails_once(cast):
    run = run_of(scheduled(cast.firm_user, cast.auditor))
    tasks = waiting_tasks().count()
    make_report.call(run_id=run.pk)
    assert waiting_tasks().count() == tasks
    assert run.tries == Run.objects.get().tries == 1


def test_what_a_killed_worker_left_is_made_anew_and_whole(cast):
    run_now(scheduled(cast.firm_user, cast.auditor), by=cast.firm_user)
    killed = Run.take(Run.objects.get().pk)
    for number in range(3):
        killed.pieces.create(attempt=killed.tries, number=number, content=b"half of it")
    make_report.call(run_id=killed.pk)
    run = Run.objects.get()
    assert run.is_made and run.tries == 2
    assert hashlib.sha256(content_of(run)).hexdigest() == run.sha256


def test_what_kills_every_worker_is_given_up(cast):
    run_now(scheduled(cast.firm_user), by=cast.firm_user)
    Run.objects.update(tries=10)
    make_report.call(run_id=Run.objects.get().pk)
    assert Run.objects.get().reason == "It was stopped again and again before it was made."


def test_of_two_at_the_same_run_the_later_counts(cast):
    run_now(scheduled(cast.firm_user, cast.auditor), by=cast.firm_user)
    first, second = (Run.take(Run.objects.get().pk) for _ in range(2))
    assert not first.keep(recipients=[cast.auditor], size_bytes=1)
    assert not first.fail("late", may_try_again=True)
    assert second.keep(recipients=[cast.auditor], size_bytes=2)
    assert Run.objects.get().size_bytes == 2


def test_what_a_lost_task_left_behind_is_begun_again(cast):
    run_now(scheduled(cast.firm_user), by=cast.firm_user)
    waiting_tasks().delete()
    Schedule.objects.update(
        done_until=timezone.now() + timedelta(days=2)
    )  # nothing else comes due, whatever the hour is
    run_due(now=timezone.now() + timedelta(hours=5))
    assert not waiting_tasks().exists()
    Schedule.objects.get().pause(by=cast.firm_user)
    run_due(now=timezone.now() + timedelta(hours=7))
    assert waiting_tasks().count() == 1


def test_after_ninety_days_a_run_is_gone_with_its_file(cast):
    schedule = scheduled(cast.firm_user)
    made(schedule)
    remove_old_runs(now=timezone.now() + timedelta(days=89))
    assert Piece.objects.count() == 1
    remove_old_runs(now=timezone.now() + timedelta(days=91))
    assert not Run.objects.exists() and not Piece.objects.exists()
    assert Schedule.objects.exists()


def test_what_becomes_of_a_schedule_is_in_the_log(sign_in, cast, events):
    schedule = scheduled(cast.firm_user, cast.auditor)
    made(schedule, cast.auditor)
    address = schedule.get_absolute_url()
    browser = sign_in(cast.administrator)
    same = {**FORM, "extension": "csv", "every": "day", "weekday": "0", "hour": "7", "recipients": [cast.auditor.pk]}
    browser.post(f"{address}change/", same)
    browser.post(f"{address}change/", {**same, "hour": "8"})
    for page in ("pause/", "pause/", "resumption/", "resumption/", "runs/", "runs/"):
        browser.post(address + page)
    browser.post(f"{address}deletion/", {"yes": "YES"})
    found = events(action__contains="schedule", actor_id=cast.administrator.pk)
    assert [event.action for event in found] == [
        Action.SCHEDULE_CHANGED,
        Action.SCHEDULE_PAUSED,
        Action.SCHEDULE_RESUMED,
        Action.SCHEDULE_RUN,
        Action.SCHEDULE_DELETED,
    ]
    changed = found[0].details
    assert (changed["before"], changed["after"]) == ({"when": "Every day after 7 AM"}, {"when": "Every day after 8 AM"})
    assert not Run.objects.exists() and not Piece.objects.exists()
