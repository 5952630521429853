"""What must hold before the portal serves anybody."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from activity import triggers
from activity.keys import key_problem
from files.storage import storage


def problems():
    """Why the portal cannot serve, one line each; empty when it can."""
    try:
        return list(_problems())
    except DatabaseError as problem:
        return [f"the database does not answer: {problem}"]


def _problems():
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield "the database is not up to date; run `manage.py prepare`"
        return
    if missing := triggers.missing():
        names = ", ".join(missing)
        yield f"the log is not protected, {names} is missing; run `manage.py prepare`, then `manage.py verify_activity`"
    if problem := key_problem():
        yield problem
    if not settings.BASE_URL.is_local and User.objects.filter(is_demonstration=True, is_active=True).exists():
        yield "the demonstration accounts, whose password everybody knows, are in this database; use an empty one"
    try:
        storage().check()
    except OSError as problem:
        yield f"the storage cannot be used: {problem}"


def refuse_unless_ready():
    """Raises ImproperlyConfigured with all that is wrong."""
    found = problems()
    if found:
        raise ImproperlyConfigured("; ".join(found))
