import logging
import signal
import time

from django.core.management import BaseCommand
from django.db import InterfaceError, OperationalError, connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

RETRY_SECONDS = 2
logger = logging.getLogger("portal.work")


class SteadyWorker(Worker):
    """The library's worker, which would end with the first locked or lost database, tries again instead."""

    def run(self):
        while self.running:
            try:
                return super().run()
            except (OperationalError, InterfaceError) as problem:
                logger.warning("The worker waits for the database: %s", problem)
                connections.close_all()
                time.sleep(RETRY_SECONDS)


class Command(BaseCommand):
    help = "Does the work that requests leave to the background: mail."

    def add_arguments(self, parser):
        parser.add_argument("--batch", action="store_true", help="do what is waiting, then end")

    def handle(self, *, batch, **options):
        worker = SteadyWorker(
            queue_names=["*"], interval=1, batch=batch, backend_name="default", startup_delay=not batch, max_tasks=None,
            worker_id=get_random_string(32), excluded_queue_names=[],
        )  # fmt: skip
        if not batch:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, worker.shutdown)
        worker.run()
