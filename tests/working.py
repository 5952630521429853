"""The worker's work in a test's own transaction, which `manage.py work` cannot see into."""

from django_tasks_db.models import DBTaskResult

from portal.management.commands.work import SteadyWorker


def do_what_waits():
    """Each task that waits is done, or has failed."""
    worker = SteadyWorker("*", batch=True)
    for result in DBTaskResult.objects.ready():
        worker.run_task(result)
