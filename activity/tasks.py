from django_tasks import task
from django_tasks_db.models import DBTaskResult, TaskResultStatus

from accounts.models import User
from activity.origin import Origin, coming_from
from activity.recording import Subject
from activity.verification import check


@task()
def check_log(*, by_id, ip):
    """The whole log is checked for somebody who asked on the page for it; the log says who."""
    with coming_from(Origin(ip=ip)):
        check(by=User.objects.get(pk=by_id), subject=Subject("log", "", "Activity Log"))


def is_check_under_way():
    waiting = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    return DBTaskResult.objects.filter(task_path=check_log.module_path, status__in=waiting).exists()
