"""The status page says how everything stands, also where something does not answer, and what to do."""

import socket
from contextlib import closing
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max
from lxml import html

from accounts.models import Firm
from activity.actions import Action
from activity.checkpoints import make_checkpoint
from activity.models import Checkpoint, Verification
from activity.recording import Subject, record_now
from files.models import HousekeepingRun
from files.storage import storage
from notices.tasks import tell_of_files
from operations import status
from operations.backup.history import record_failure
from operations.heartbeat import beat, beating, last_beats
from operations.models import Heartbeat
from portal import environment
from tests.conftest import put_file
from tests.servers import free_port

LONG_AGO = timedelta(days=4)


@pytest.fixture
def in_order(cast, portal_with_a_key):
    """Everything that the page looks at is as it should be."""
    for process in Heartbeat.Process:
        beat(process)
    put_file(cast.acme.cabinet.top, by=cast.client)
    HousekeepingRun.keep({}, {})
    make_checkpoint()
    Verification.objects.create(head_seq=1)


@pytest.fixture
def look(sign_in, cast):
    """What the page shows: ``look(as)`` gives {title: (words, level)} and the warnings."""

    def look(reader="administrator"):
        page = html.fromstring(sign_in(getattr(cast, reader)).get("/status/").content)
        parts = {}
        for row in page.xpath("//main//li[@class='task']"):
            (name,) = row.xpath(".//p[@class='task__name']")
            hint = name.xpath("string(./span)").strip()
            title = name.xpath("string(.)").strip().removesuffix(hint).strip()
            parts[title] = hint, row.xpath("string(./span[1]/@class)").removeprefix("state state--")
        return parts, [
            notice.text_content().strip() for notice in page.xpath("//main//p[contains(@class, 'notice')][.//strong]")
        ]

    return look


def test_where_everything_works_nothing_warns(in_order, look, lines, settings):
    parts, warnings = look()

    assert warnings == []
    assert {title for title, (_, level) in parts.items() if level not in ("ok", "none")} == set()
    assert list(parts) == [
        *("Storage", "Database", "Scanner", "Release"),
        *("Worker", "Clock", "Mail", "Other tasks", "Housekeeping"),
        *("Log", "Verification", "Backup"),
    ]
    assert parts["Storage"][0].startswith("Folder, 14 bytes used of ")
    assert parts["Worker"] == ("Runs", "ok")
    assert parts["Mail"] == ("2 waiting", "ok")  # of the file that was put there: a notice and a receipt
    assert parts["Backup"] == ("None recorded", "none")
    assert parts["Release"] == (f"Firm Portal {settings.VERSION}", "none")
    assert lines() == []  # nothing failed on the way


def lose_the_storage(settings):
    settings.STORAGE = environment.StorageUrl("folder", folder=settings.VAR_DIR / "not-there")
    storage.cache_clear()


def lose_the_bucket(settings):
    settings.STORAGE = environment.StorageUrl("s3", bucket="portal", endpoint=f"http://127.0.0.1:{free_port()}")
    storage.cache_clear()


def fill_the_quota(settings):
    Firm.objects.update(quota_bytes=14)
    cache.clear()


def nearly_fill_the_quota(settings):
    Firm.objects.update(quota_bytes=15)
    cache.clear()


def lose_the_scanner(settings):
    settings.CLAMAV = environment.ScannerUrl("127.0.0.1", free_port())


def stop_the_worker(settings):
    Heartbeat.objects.filter(process="worker").update(at=timezone.now() - timedelta(minutes=4))


def never_start_the_clock(settings):
    Heartbeat.objects.filter(process="clock").delete()


def leave_mails(settings):
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(minutes=16))


def fail_a_mail(settings):
    add_task("FAILED", finished_at=timezone.now())


def fail_a_check(settings):
    add_task("FAILED", finished_at=timezone.now(), task_path="files.tasks.check_version")


def leave_a_check(settings):
    add_task("READY", task_path="files.tasks.check_version")
    DBTaskResult.objects.filter(task_path="files.tasks.check_version").update(enqueued_at=timezone.now() - LONG_AGO)


def add_task(state, *, run_after=None, **fields):
    return DBTaskResult.objects.create(
        status=state,
        backend_name="default",
        run_after=run_after or get_date_max(),
        args_kwargs={"args": [], "kwargs": {}},
        **{"task_path": tell_of_files.module_path, **fields},
    )


def stop_housekeeping(settings):
    HousekeepingRun.objects.update(at=timezone.now() - LONG_AGO)


def have_housekeeping_fail(settings):
    HousekeepingRun.keep({}, {"bins": "Could not be done"})


def sign_no_more(settings):
    Checkpoint.objects.update(at=timezone.now() - LONG_AGO)


def break_the_log(settings):
    Verification.objects.create(head_seq=9, first_bad_seq=7, finding="event 7 is not as it was written")


def verify_no_more(settings):
    Verification.objects.update(at=timezone.now() - LONG_AGO)


def fail_a_backup(settings):
    record_failure("the disk of the backup is full")


def go_public(settings):
    settings.BASE_URL = environment.BaseUrl("https", "testserver", "https://testserver")


FAULTS = [
    (lose_the_storage, "Storage", "bad", "Folder, does not answer", "Files can be neither sent nor fetched."),
    (lose_the_bucket, "Storage", "bad", "Bucket, does not answer", "Files can be neither sent nor fetched."),
    (fill_the_quota, "Storage", "bad", "Folder, 14 bytes used of 14 bytes (quota)", "No room is left"),
    (nearly_fill_the_quota, "Storage", "warn", "Folder, 14 bytes used of 15 bytes (quota)", "Only 1 byte left."),
    (lose_the_scanner, "Scanner", "bad", "Does not answer", "Start clamd"),
    (stop_the_worker, "Worker", "bad", "Not heard of for 4\xa0minutes", "Start manage.py work"),
    (never_start_the_clock, "Clock", "bad", "Was never heard of", "Start manage.py clock"),
    (leave_mails, "Mail", "bad", "2 waiting", "Mails do not leave."),
    (fail_a_mail, "Mail", "warn", "2 waiting, 1 failed", "These mails did not leave"),
    (
        fail_a_check,
        "Other tasks",
        "warn",
        "0 checks and the like, 0 reports waiting, 1 failed",
        "Failed",
    ),
    (leave_a_check, "Other tasks", "warn", "1 checks and the like, 0 reports waiting", "The worker"),
    (stop_housekeeping, "Housekeeping", "warn", "Late", "It is done every hour"),
    (have_housekeeping_fail, "Housekeeping", "warn", "Done, with problems", "The page Housekeeping names them."),
    (sign_no_more, "Log", "warn", None, "The clock signs one every hour."),
    (break_the_log, "Verification", "bad", "Broken: event 7 is not as it was written", "Change nothing"),
    (verify_no_more, "Verification", "warn", "Unbroken", "The clock verifies the log daily."),
    (fail_a_backup, "Backup", "bad", "Failed", "the disk of the backup is full."),
    (go_public, "Backup", "warn", "None recorded", "Back the portal up daily."),
]


@pytest.mark.parametrize(("cause", "title", "level", "words", "mend"), FAULTS)
def test_each_fault_is_named_with_what_to_do_and_nothing_else_is(
    cause, title, level, words, mend, in_order, look, settings
):
    cause(settings)
    parts, warnings = look()

    assert {name: found[1] for name, found in parts.items() if found[1] not in ("ok", "none")} == {title: level}
    assert words in (None, parts[title][0])
    assert len(warnings) == 1
    assert warnings[0].startswith(f"{title}: {parts[title][0]}")
    assert mend in warnings[0]


def test_the_last_backup_is_shown_and_told_when_it_is_old(in_order, look, monkeypatch):
    fail_a_backup(None)
    after = {"verified": "every byte"}
    record_now(Action.BACKUP_MADE, subject=Subject("backup", "monday", "monday", size_bytes=5_000_000), after=after)
    parts, warnings = look()
    assert (parts["Backup"], warnings) == (("5 MB, verified: every byte", "ok"), [])

    monkeypatch.setattr(status, "BACKUP_IS_OLD", timedelta())
    parts, (warning,) = look()
    assert parts["Backup"] == ("Old: 5 MB, verified: every byte", "warn")
    assert "once a day" in warning


def test_the_worst_stands_first(in_order, look, settings):
    stop_housekeeping(settings)
    break_the_log(settings)
    assert [warning.partition(":")[0] for warning in look()[1]] == ["Verification", "Housekeeping"]


def test_a_part_that_fails_keeps_none_of_the_others_from_being_shown(in_order, look, monkeypatch, lines):
    def fail():
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(status, "database_bytes", fail)
    parts, warnings = look()
    assert parts["Database"] == ("Could not be looked at", "bad")
    assert warnings == ["Database: Could not be looked at. The server's own log says why."]
    assert len(parts) == 12
    assert any("Database could not be looked at" in line for line in lines())


def test_a_scanner_and_a_bucket_that_never_answer_are_not_waited_for(in_order, look, settings):
    """They take the connection, and say nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        settings.CLAMAV = environment.ScannerUrl("127.0.0.1", port)
        settings.STORAGE = environment.StorageUrl("s3", bucket="portal", endpoint=f"http://127.0.0.1:{port}")
        storage.cache_clear()
        began_at = timezone.now()
        parts, _ = look()
    assert parts["Scanner"][0] == "Does not answer"
    assert parts["Storage"][0] == "Bucket, does not answer"
    assert timezone.now() - began_at < timedelta(seconds=10)


def test_a_scanner_that_answers_is_named_with_its_signatures(in_order, look, clamd):
    parts, warnings = look()
    assert parts["Scanner"][0].startswith("ClamAV ")
    assert [parts["Scanner"][1], len(warnings)] in (["ok", 0], ["warn", 1])


def test_a_task_that_is_put_off_does_not_wait(in_order, look):
    DBTaskResult.objects.all().delete()
    add_task("READY", run_after=timezone.now() + timedelta(hours=1))
    assert look()[0]["Mail"] == ("0 waiting", "ok")


def test_an_auditor_reads_the_same_without_ways_to_what_is_not_theirs(in_order, look, sign_in, cast):
    seen, of_others = look("administrator")[0], look("auditor")[0]
    assert seen.pop("Log") != of_others.pop("Log")  # somebody has signed in in between
    assert seen == of_others
    page = html.fromstring(sign_in(cast.auditor).get("/status/").content)
    assert page.xpath("//main//li//a") == []
    for link in html.fromstring(sign_in(cast.administrator).get("/status/").content).xpath("//main//li//a/@href"):
        assert sign_in(cast.administrator).get(link).status_code == 200


@pytest.mark.parametrize("cause", [None, stop_the_worker, leave_a_check, leave_mails])
def test_administrators_are_warned_on_their_first_page(cause, in_order, sign_in, cast, settings):
    if cause:
        cause(settings)
    words = "Something that the portal needs does not work"
    assert (words in sign_in(cast.administrator).get("/").text) is (cause is not None)
    assert words not in sign_in(cast.firm_user).get("/").text


def test_worker_and_clock_say_that_they_live(db):
    assert last_beats() == {}
    beat("worker")
    Heartbeat.objects.create(process="worker", machine="gone", at=timezone.now() - LONG_AGO)
    first = last_beats()["worker"]
    beat("worker")

    assert last_beats()["worker"] > first
    assert [one.process for one in Heartbeat.objects.all()] == ["worker"]


@pytest.mark.django_db(transaction=True)
def test_a_process_beats_while_it_is_busy_and_no_longer(cast):
    with beating(Heartbeat.Process.CLOCK):
        until = timezone.now() + timedelta(seconds=10)
        while not last_beats() and timezone.now() < until:
            pass
    assert list(last_beats()) == ["clock"]


def test_the_heartbeat_goes_on_after_the_database_was_away(db, monkeypatch, lines):
    from operations import heartbeat

    def fail(process):
        raise DatabaseError("it is away")

    monkeypatch.setattr(heartbeat, "beat", fail)
    monkeypatch.setattr(heartbeat, "release_connection", lambda: None)
    with beating("worker"):
        pass
    assert any("The heartbeat of the worker is left out: it is away" in line for line in lines())
