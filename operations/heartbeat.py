"""Worker and clock say every minute that they live, so that somebody notices when they no longer do."""

import logging
import socket
import threading
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from accounts.connections import release_connection
from operations.models import Heartbeat

BEAT_SECONDS = 60
LATE_AFTER = timedelta(minutes=3)
FORGOTTEN_AFTER = timedelta(days=1)  # machines that are no more; a container has a new name each time
JOIN_SECONDS = 5
logger = logging.getLogger("portal.heartbeat")


@contextmanager
def beating(process):
    """Inside, a thread says once a minute that the process lives, whatever the process is busy with."""
    stop = threading.Event()
    thread = threading.Thread(target=_keep_beating, args=(process, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(JOIN_SECONDS)


def beat(process):
    """The database knows that the process lives now. What was not heard of for a day is forgotten, while another lives."""
    now = timezone.now()
    Heartbeat.objects.update_or_create(process=process, machine=socket.gethostname(), defaults={"at": now})
    Heartbeat.objects.filter(process=process, at__lt=now - FORGOTTEN_AFTER).delete()


def last_beats():
    """When each kind of process was last heard of: {process: time}."""
    return dict(Heartbeat.objects.order_by().values_list("process").annotate(Max("at")))


def is_heard_of_here(process):
    """Whether the process of this machine, or container, said lately that it lives."""
    lately = timezone.now() - LATE_AFTER
    return Heartbeat.objects.filter(process=process, machine=socket.gethostname(), at__gt=lately).exists()


def _keep_beating(process, stop):
    while not stop.is_set():
        try:
            beat(process)
        except Exception as problem:  # the database is away: the next minute tries again
            logger.warning("The heartbeat of the %s is left out: %s", process, problem)
        finally:
            release_connection()
        stop.wait(BEAT_SECONDS)
