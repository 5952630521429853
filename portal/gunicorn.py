"""gunicorn's settings: ``gunicorn portal.wsgi --config portal/gunicorn.py``."""

import gc
import os
import sys
from pathlib import Path

from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from operations.counting import begin_counting, end_counting
from portal import environment
from portal.log_lines import JsonLines, RequestLines


class Worker(ThreadWorker):
    """Takes the next connection while the last one is closed: gunicorn waits up to two seconds for who does not hang up, in
    the loop that everybody's requests come through."""

    def finish_request(self, conn, fs):
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            self.nr_conns -= 1
            self.tpool.submit(conn.close, graceful=True)


class Lines(Logger):
    """Written as the portal's own lines are, from the first on."""

    def setup(self, cfg):
        super().setup(cfg)
        if environment.text("LOG_FORMAT", "text") == "json":
            for handler in self.error_log.handlers:
                handler.setFormatter(JsonLines())


bind = os.environ.get("PORTAL_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("PORTAL_WORKERS", "2"))
worker_class = Worker
threads = int(os.environ.get("PORTAL_THREADS", "32"))
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
control_socket_disable = True
timeout = 60
graceful_timeout = 30
keepalive = 5
accesslog = None
errorlog = "-"
logger_class = Lines


def on_starting(server):
    """The processes count together, where somebody may fetch what they count."""
    if environment.text("METRICS_ALLOWED", ""):
        server.counts = begin_counting(worker_tmp_dir or environment.text("VAR_DIR", "var"))


def on_exit(server):
    if hasattr(server, "counts"):
        end_counting(server.counts)


def post_worker_init(worker):
    """gunicorn logs no requests, but the address of one that failed: without what may be a token. Threads take short turns."""
    look_less_for_garbage()
    sys.setswitchinterval(0.0005)  # a page that comes back from the database waits less beside an export
    worker.log.error_log.addFilter(RequestLines())


def look_less_for_garbage():
    """What was imported is not looked through again, and the rest after 10,000 new objects, not 700: rows are no garbage."""
    gc.freeze()
    gc.set_threshold(10_000)
