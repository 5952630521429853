import logging
import signal
import threading
import time

from django.core.management import BaseCommand
from django.db import InterfaceError, OperationalError, connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from operations.heartbeat import beating
from operations.models import Heartbeat
from operations.startup import refuse_newer
from reports.running import QUEUE as REPORTS

RETRY_SECONDS = 2
logger = logging.getLogger("portal.work")


class SteadyWorker(Worker):
    """The library's worker, which would end with the first locked or lost database, goes on instead."""

    def __init__(self, *queues, without=(), batch=False):
        super().__init__(
            queue_names=queues, interval=1, batch=batch, backend_name="default", startup_delay=not batch, max_tasks=None,
            worker_id=get_random_string(32), excluded_queue_names=without,
        )  # fmt: skip

    def run(self):
        while self.running:
            try:
                return super().run()
            except Exception as problem:
                is_away = isinstance(problem, (OperationalError, InterfaceError))
                logger.warning("The worker begins anew: %s", problem, exc_info=not is_away)
                connections.close_all()
                time.sleep(RETRY_SECONDS)


class Command(BaseCommand):
    help = "Does the work that requests leave to the background: mail, checks, and, beside them, scheduled reports."

    def add_arguments(self, parser):
        parser.add_argument("--batch", action="store_true", help="do what is waiting, then end")

    def handle(self, *, batch, **options):
        if batch:
            SteadyWorker("*", batch=True).run()
            return
        refuse_newer()
        reports, others = workers()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, others.shutdown)
        threading.Thread(target=reports.run).start()
        try:
            with beating(Heartbeat.Process.WORKER):
                others.run()
        finally:
            reports.running = False  # the process ends with the report that is being made


def workers():
    """One for reports, which may take long, and one for all the rest."""
    return SteadyWorker(REPORTS), SteadyWorker("*", without=[REPORTS])
