"""What the owner of a scheduled report is told of it by mail, and that mail does not wait for reports."""

import threading
from contextlib import contextmanager

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError, connection

from activity.actions import Action
from portal.management.commands.work import workers
from reports import running
from reports.models import Run, Schedule
from reports.running import run_now
from tests.reports.saving import run_of, scheduled, wait_until, waiting_tasks


def told_by_mail(subject):
    """The one mail with this subject, once the worker has done what waits."""
    mail.outbox.clear()
    call_command("work", batch=True)
    (told,) = [one for one in mail.outbox if subject in one.subject]
    return told


@pytest.mark.django_db(transaction=True)
def test_its_owner_is_told_by_mail_when_it_is_given_up_and_not_before(cast, events, monkeypatch):
    schedule = scheduled(cast.firm_user, cast.auditor, query=f"client={cast.other.pk}")
    run_of(schedule)
    told = told_by_mail("What was sent: a report failed")
    assert told.to == [cast.firm_user.email]
    assert "Client: That is not in the list." in told.body
    assert f"http://localhost:8000{schedule.get_absolute_url()}" in told.body
    (notice,) = events(action=Action.NOTICE_SENT, subject=str(cast.firm_user))
    assert notice.details["note"] == "Scheduled report failed: What was sent"

    monkeypatch.setattr("reports.running.begin_export", out_of_reach)
    assert run_of(scheduled(cast.firm_user, cast.auditor)).state == Run.State.WAITING
    assert not waiting_tasks().filter(task_path__endswith="mail_failure").exists()


def out_of_reach(*_):
    raise OperationalError("the database is away")


@pytest.mark.django_db(transaction=True)
def test_its_owner_is_told_by_mail_when_it_pauses_by_itself_or_by_another(sign_in, cast):
    schedule = scheduled(cast.firm_user, cast.auditor)
    for person in (cast.firm_user, cast.administrator):
        sign_in(person).post(f"{schedule.get_absolute_url()}pause/")
        assert waiting_tasks().count() == (person == cast.administrator)
        schedule.resume(by=cast.firm_user)
    schedule.pause(by=cast.administrator)
    told = told_by_mail("the schedule is paused")
    assert told.to == [cast.firm_user.email]
    assert "Ruth Larkin has paused" in told.body and schedule.get_absolute_url() in told.body
    schedule.resume(by=cast.firm_user)

    cast.firm_user.change(by=cast.administrator, may_read_reports=False)
    run_of(Schedule.objects.get())
    told = told_by_mail("the schedule is paused")
    assert "may no longer read this report" in told.body
    assert "http" not in told.body, "a link that would not open for the owner"


@pytest.mark.django_db(transaction=True)
def test_a_report_that_takes_long_holds_up_no_mail(cast, monkeypatch):
    begun, may_go_on, begin_export = threading.Event(), threading.Event(), running.begin_export

    def take_long(*arguments):
        begun.set()
        assert may_go_on.wait(20)
        return begin_export(*arguments)

    monkeypatch.setattr(running, "begin_export", take_long)
    schedule = scheduled(cast.firm_user, cast.auditor)
    run_now(schedule, by=cast.firm_user)
    with at_work():
        assert begun.wait(20)
        mail.outbox.clear()
        running.pause(schedule, by=cast.administrator)
        wait_until(lambda: mail.outbox)
        assert Run.objects.get().state == Run.State.WAITING
        may_go_on.set()
        wait_until(lambda: Run.objects.get().is_made)


@contextmanager
def at_work():
    """The worker's threads, until the end of the block."""
    both = workers()

    def run(worker):
        worker.run()
        connection.close()

    threads = [threading.Thread(target=run, args=(worker,)) for worker in both]
    for worker, thread in zip(both, threads, strict=True):
        worker.startup_delay, worker.interval = False, 0.05
        thread.start()
    try:
        yield
    finally:
        for worker, thread in zip(both, threads, strict=True):
            worker.running = False
            thread.join()
