"""manage.py: what can change something is in the log before it runs."""

from functools import partial

from django.core.management import CommandError, ManagementUtility
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from activity.actions import Action
from activity.keys import key_problem
from activity.recording import Subject, record_now

# What is not recorded, and why. A command that is not here is.
QUIET = {
    **dict.fromkeys(
        ("check", "diffsettings", "findstatic", "inspectdb", "showmigrations", "verify_backup"),
        "looks, and changes nothing",
    ),
    **dict.fromkeys(("sqlflush", "sqlmigrate", "sqlsequencereset"), "prints statements, and runs none"),
    **dict.fromkeys(
        ("makemigrations", "optimizemigration", "squashmigrations", "makemessages", "compilemessages", "startapp"),
        "writes source code, not the portal",
    ),
    **dict.fromkeys(("startproject", "collectstatic"), "writes files that hold nothing of the firm's"),
    **dict.fromkeys(("test", "testserver"), "has a database of its own"),
    **dict.fromkeys(("clock", "work", "runserver"), "runs on and on; what it does is recorded when it does it"),
    **dict.fromkeys(
        ("prepare", "verify_activity", "archive_activity", "restrict_log", "backup", "move_database"),
        "records itself, with what came of it",
    ),
    "doctor": "looks, and must do so where the log cannot be written; a mail that it is told to send, it records itself",
    "restore": "runs where there is no log yet, and records itself in the one that it puts back",
    "demonstrate": "writes past times, into an empty log only",
}


class Console(ManagementUtility):
    """Django's own. Only what somebody types runs through it: commands that code calls are part of what is recorded."""

    def fetch_command(self, subcommand):
        command = super().fetch_command(subcommand)
        if subcommand not in QUIET:
            command.execute = partial(_recorded, subcommand, command.execute)
        return command


def _recorded(name, execute, *args, **options):
    """Runs the command once the log says so. Its arguments are not kept: they may hold secrets."""
    try:
        problem = _record(name)
    except DatabaseError as failed:
        problem = str(failed).partition("\n")[0]
    if problem:
        raise CommandError(f"`{name}` did not run, because the log cannot take it: {problem}")
    return execute(*args, **options)


def _record(name):
    """The event is in the log, unless there is none yet or its own migrations are what is to be run. Returns what stands
    in the way, in words."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes("activity")):
        return None
    problem = key_problem()
    if problem is None:
        record_now(Action.COMMAND_RUN, subject=Subject("command", "", f"manage.py {name}"))
    return problem
