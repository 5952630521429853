"""What must hold before the portal serves anybody."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from accounts.models import User
from activity import triggers
from activity.keys import key_problem
from files.storage import storage


def problems(*, starting=False):
    """Why the portal cannot serve, or with ``starting`` why it cannot start to, one line each; empty when it can."""
    try:
        return list(_problems(starting))
    except DatabaseError as problem:
        return [f"the database does not answer: {problem}"]


def _problems(starting):
    if starting and (problem := newer()):
        yield problem
        return
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


def newer():
    """What this release does not know of the database, in one line; None where it knows it all. Only for what starts: a process
    that serves already goes on while a newer release prepares the database (docs/upgrade.md), and stays healthy."""
    loader = MigrationLoader(connection)
    unknown = sorted(set(loader.applied_migrations) - set(loader.disk_migrations))
    if not unknown:
        return None
    names = ", ".join(f"{app}.{name}" for app, name in unknown[:3])
    more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
    return (
        f"the database is newer than this release, which does not know {names}{more}; install the newer release again"
    )


def refuse_newer():
    """Raises ImproperlyConfigured where a newer release has prepared the database."""
    try:
        problem = newer()
    except DatabaseError:
        return  # that it does not answer is for others to say
    if problem:
        raise ImproperlyConfigured(problem)


def refuse_unless_ready():
    """Raises ImproperlyConfigured with all that is wrong."""
    found = problems(starting=True)
    if found:
        raise ImproperlyConfigured("; ".join(found))
