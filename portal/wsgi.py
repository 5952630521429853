import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

try:
    application = get_wsgi_application()

    import portal.urls  # noqa: F401 — what cannot be imported must stop the start, not the first request
    from operations.startup import refuse_unless_ready

    refuse_unless_ready()
    connections.close_all()
except ImproperlyConfigured as problem:
    print(f"Firm Portal cannot start: {problem}", file=sys.stderr)
    sys.exit(3)  # for gunicorn a reason to end; after any other it would begin again, for ever
