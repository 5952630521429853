"""gunicorn's settings: ``gunicorn portal.wsgi --config portal/gunicorn.py``."""

import gc
import os
import sys
from pathlib import Path

bind = os.environ.get("PORTAL_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("PORTAL_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("PORTAL_THREADS", "32"))
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
control_socket_disable = True
timeout = 60
graceful_timeout = 30
keepalive = 5
accesslog = None
errorlog = "-"


def post_worker_init(worker):
    """gunicorn logs no requests, but the address of one that failed: without what may be a token. Threads take short turns, and
    what was imported is not looked through for garbage."""
    from portal.log_lines import RequestLines

    gc.freeze()
    sys.setswitchinterval(0.0005)  # a page that comes back from the database waits less beside an export
    worker.log.error_log.addFilter(RequestLines())
