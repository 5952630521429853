"""What waits for the worker, and what it could not do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, F, Min, Q, When
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, TaskResultStatus, get_date_max

from reports.running import QUEUE as REPORTS

MAIL, OTHER = "mail", "default"
NAMES = (MAIL, OTHER, REPORTS)
LOOKED_BACK = timedelta(days=1)


@dataclass
class Queue:
    """Tasks of one kind: those that wait, that are being done, and that failed within a day."""

    name: str
    waiting: int = 0
    running: int = 0
    failed: int = 0
    oldest_at: datetime | None = None  # since when the one that waits longest could have been done

    @property
    def age(self):
        return timezone.now() - self.oldest_at if self.oldest_at else timedelta()


def queues():
    """A Queue for each of NAMES, by name. One query. What is put off until later does not wait."""
    found = {name: Queue(name) for name in NAMES}
    now = timezone.now()
    due = Q(run_after=get_date_max()) | Q(run_after__lte=now)
    tasks = DBTaskResult.objects.filter(
        Q(due, status=TaskResultStatus.READY)
        | Q(status=TaskResultStatus.RUNNING)
        | Q(status=TaskResultStatus.FAILED, finished_at__gt=now - LOOKED_BACK)
    )
    could_begin_at = Case(When(run_after=get_date_max(), then=F("enqueued_at")), default=F("run_after"))
    groups = tasks.order_by().values_list("queue_name", "task_path", "status")
    for queue_name, task_path, status, count, oldest_at in groups.annotate(
        count=Count("pk"), oldest_at=Min(could_begin_at)
    ):
        queue = found[MAIL if is_mail(task_path) else REPORTS if queue_name == REPORTS else OTHER]
        if status == TaskResultStatus.READY:
            queue.waiting += count
            queue.oldest_at = min(filter(None, (queue.oldest_at, oldest_at)))
        elif status == TaskResultStatus.RUNNING:
            queue.running += count
        else:
            queue.failed += count
    return found


def is_waiting_since(moment):
    """Whether a task could have been done before, and was not begun. By the index of those that wait."""
    due = Q(run_after=get_date_max(), enqueued_at__lt=moment) | Q(run_after__lt=moment)
    return DBTaskResult.objects.filter(due, status=TaskResultStatus.READY).exists()


def is_mail(task_path):
    """Whether the task does nothing but send a mail."""
    return task_path.startswith("notices.") or ".mail_" in task_path
