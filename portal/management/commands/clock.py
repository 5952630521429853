import logging
import signal
import threading

from django.core.cache import cache
from django.core.management import BaseCommand, call_command

from accounts.connections import release_connection
from operations.heartbeat import beating
from operations.models import Heartbeat
from operations.startup import refuse_newer
from portal.log_lines import Written
from reports.running import run_due

HOUSEKEEPING_SECONDS = 3600
DUE_SECONDS = 300  # what is due at an hour begins a few minutes later at most
LOCK_MARGIN_SECONDS = 60
logger = logging.getLogger("portal.clock")


class Command(BaseCommand):
    help = "Runs the periodic work: hourly, and every few minutes what is scheduled. A second clock idles while the first works."

    def handle(self, **options):
        refuse_newer()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # by itself: the hourly work, which looks through log and storage, may take longer than until the next is due
        threading.Thread(target=keep_doing, args=(run_due, DUE_SECONDS, stop), daemon=True).start()
        with beating(Heartbeat.Process.CLOCK):
            keep_doing(self._housekeeping, HOUSEKEEPING_SECONDS, stop)

    def _housekeeping(self):
        call_command("housekeeping", stdout=Written(logger), stderr=Written(logger, logging.ERROR))


def keep_doing(work, seconds, stop):
    """The work is done again and again, every so many seconds, until ``stop`` is set."""
    while not stop.is_set():
        try:
            if cache.add(f"clock:{work.__name__}", True, seconds - LOCK_MARGIN_SECONDS):
                work()
        except Exception as problem:  # the database is away, or a work failed: the clock goes on
            logger.error("The clock skips a turn: %s", problem, exc_info=problem)
        finally:
            release_connection()
        stop.wait(seconds)
