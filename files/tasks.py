"""Checking by the worker: what was too much to look at at once, what came straight into a bucket, what a scanner missed."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult, TaskResultStatus

from files import checking

AGAIN_AFTER = timedelta(minutes=1)


@task()
def check_version(*, version_id):
    """The version is checked. Where that cannot be done now, whatever waits is looked at again in a minute."""
    if checking.check(version_id):
        _come_again()


@task()
def check_waiting():
    """What waits is on its way to be checked, once the scanner answers."""
    look_again()


def look_again():
    """For the clock, and for each minute without the scanner: the longest waiting are given to the worker, a limited number,
    and only where the scanner is there."""
    versions = checking.waiting()
    if not versions.exists():
        return
    if not checking.is_scanner_ready():
        _come_again()
        return
    for version_id in versions.values_list("pk", flat=True)[: checking.CHECKED_IN_ONE_GO]:
        check_version.enqueue(version_id=str(version_id))


def _come_again():
    """Once, however many could not be checked."""
    is_due = DBTaskResult.objects.filter(task_path=check_waiting.module_path, status=TaskResultStatus.READY).exists()
    if not is_due:
        check_waiting.using(run_after=timezone.now() + AGAIN_AFTER).enqueue()
