"""The two processes that work by themselves: the worker and the clock."""

from datetime import timedelta

from django.utils import timezone

from files.models import HousekeepingRun
from operations.findings import ok, warning, wrong
from operations.heartbeat import LATE_AFTER, last_beats
from operations.models import Heartbeat
from operations.queues import queues

WAITS_TOO_LONG = timedelta(minutes=5)
CLOCK_IS_LATE = timedelta(hours=2, minutes=10)  # it works hourly


def worker():
    """The worker lives, and what requests leave to it (mail, checks, reports) does not lie about."""
    if missed := _missed(Heartbeat.Process.WORKER, "manage.py work"):
        yield missed
        return
    found = queues().values()
    age, failed = max(queue.age for queue in found), sum(queue.failed for queue in found)
    if age > WAITS_TOO_LONG:
        yield warning(f"it runs, and a task should have begun {_ago(age)}; it is at a long one, or has too much to do")
    elif failed:
        yield warning(f"{failed} task{'' if failed == 1 else 's'} failed within a day; the worker's own log says why")
    else:
        yield ok("it runs, and nothing waits for long")


def clock_work():
    """The clock lives, and does its hourly work."""
    if missed := _missed(Heartbeat.Process.CLOCK, "manage.py clock"):
        yield missed
        return
    run = HousekeepingRun.objects.first()
    if run is None:
        yield warning("the clock runs and has not done its hourly work yet; look here again in an hour")
        return
    age = timezone.now() - run.at
    if age > CLOCK_IS_LATE:
        yield wrong(f"the clock runs, but its hourly work was done {_ago(age)}; its own log says why")
    elif run.problems:
        yield warning(f"the hourly work was done {_ago(age)}, with problems; the page Housekeeping names them")
    else:
        yield ok(f"the hourly work was done {_ago(age)}")


def _missed(process, command):
    """A Finding where the process does not say every minute that it lives."""
    beat_at = last_beats().get(process)
    if beat_at is None:
        return warning(f"it was not heard of yet; start `{command}`")
    age = timezone.now() - beat_at
    return wrong(f"it was last heard of {_ago(age)}; start `{command}`") if age > LATE_AFTER else None


def _ago(age):
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"
