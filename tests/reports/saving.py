"""Saved views and schedules, made as the pages make them."""

import time

from django_tasks_db.models import DBTaskResult

from reports.catalog import REPORTS
from reports.models import SavedView, Schedule
from reports.running import make_report, run_now


def saved(owner, name="What was sent", report="file-activity", query="action=files.uploaded", **fields):
    """A view in its owner's list."""
    words = REPORTS[report].as_seen_by(owner, query).filter.sentence
    view = SavedView(owner=owner, name=name, report=report, query=query, words=words, **fields)
    view.keep()
    return view


def scheduled(owner, *recipients, report="file-activity", query="action=files.uploaded", **fields):
    """A schedule; without more, of every day after seven in the morning, as CSV."""
    fields = {"name": "What was sent", "extension": "csv", "every": "day", **fields}
    schedule = Schedule(owner=owner, report=report, query=query, **fields)
    schedule.make(recipients=recipients)
    return schedule


def made(schedule, *recipients, content=b"Event,User\r\n"):
    """A run of the schedule whose file is kept, without the worker."""
    run = schedule.runs.create(due_at=schedule.done_until)
    run.pieces.create(attempt=0, number=0, content=content)
    facts = {"file_name": "file-activity_export-9.csv", "media_type": "text/csv", "size_bytes": len(content)}
    assert run.keep(recipients=recipients, sha256="0" * 64, **facts)
    run.refresh_from_db()
    return run


def run_of(schedule):
    """The schedule's run, made by the task itself."""
    run_now(schedule, by=schedule.owner)
    run = schedule.runs.first()
    make_report.call(run_id=run.pk)
    run.refresh_from_db()
    return run


def waiting_tasks():
    return DBTaskResult.objects.filter(status="READY", task_path__startswith="reports.running.")


def wait_until(holds):
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
