import signal
import threading

from django.core.cache import cache
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError, close_old_connections

INTERVAL_SECONDS = 3600
LOCK_SECONDS = INTERVAL_SECONDS - 60


class Command(BaseCommand):
    help = "Runs the periodic work, hourly. A second clock idles while the first works."

    def handle(self, **options):
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            self._tick()
            stop.wait(INTERVAL_SECONDS)

    def _tick(self):
        try:
            if cache.add("clock", True, LOCK_SECONDS):
                call_command("housekeeping", stdout=self.stdout)
        except (CommandError, DatabaseError) as problem:  # the database is away, or a work failed: the clock goes on
            self.stderr.write(f"The clock skips a turn: {problem}")
        finally:
            close_old_connections()
