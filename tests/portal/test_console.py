"""What somebody runs at the console is in the log, before it runs."""

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout

import pytest
from django.core.management import call_command, get_commands
from django.db import connection

from accounts.models import Client
from activity.actions import Action
from activity.models import Event
from portal.console import QUIET, Console
from tests.servers import ROOT, Portal

SECRET = "print('a secret of the shell')"


def run(*arguments):
    """(exit code, what was printed, what was said of trouble) of manage.py with these arguments."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            Console(["manage.py", *arguments]).execute()
        except SystemExit as end:
            code = end.code or 0
    return code, out.getvalue(), err.getvalue()


def commands(events):
    return [event.subject for event in events(action=Action.COMMAND_RUN)]


def test_a_command_is_in_the_log_by_its_name_and_as_the_systems(portal_with_a_key, events):
    code, out, _ = run("shell", "--no-imports", "-c", SECRET)

    assert (code, out) == (0, "a secret of the shell\n")
    (event,) = events(action=Action.COMMAND_RUN)
    assert (event.subject_type, event.subject, event.details) == ("command", "manage.py shell", {})
    assert (event.actor_id, event.actor_email, event.actor_role, event.ip) == (None, "", "system", "")
    assert "secret" not in str(Event.objects.values_list())


def test_it_is_in_the_log_before_it_runs(portal_with_a_key, events):
    look = "from activity.models import Event; print(Event.objects.last().subject)"

    assert run("shell", "--no-imports", "-c", look)[1] == "manage.py shell\n"


def test_one_that_fails_is_in_the_log_all_the_same(portal_with_a_key, events):
    code, _, err = run("loaddata", "nowhere")

    assert code == 1
    assert "No fixture named 'nowhere' found" in err
    assert commands(events) == ["manage.py loaddata"]


@pytest.mark.parametrize("arguments", [["flush", "--help"], ["help", "flush"], ["flush", "--nonsense"], ["nonsense"]])
def test_what_only_asks_for_help_or_is_misspelt_is_not(portal_with_a_key, events, arguments):
    run(*arguments)

    assert not commands(events)


@pytest.mark.parametrize("arguments", [["check"], ["showmigrations"]])
def test_what_changes_nothing_is_not(portal_with_a_key, events, arguments):
    assert run(*arguments)[0] == 0
    assert not commands(events)


def test_what_a_command_calls_is_part_of_it(portal_with_a_key, events):
    assert run("housekeeping")[0] == 0
    call_command("clearsessions")

    assert commands(events) == ["manage.py housekeeping"]


def test_every_quiet_command_exists_and_says_why():
    assert set(QUIET) <= set(get_commands())
    assert all(QUIET.values())
    assert not set(QUIET) & {"shell", "dbshell", "flush", "loaddata", "dumpdata", "changepassword", "createsuperuser"}
    assert not set(QUIET) & {"migrate", "createcachetable", "clearsessions", "housekeeping", "db_worker"}


def refuse_events():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON activity_event BEGIN SELECT RAISE(ABORT, 'no more events'); END"
            )
            return
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no more events'; END $$"
        )
        cursor.execute("CREATE TRIGGER refuse BEFORE INSERT ON activity_event EXECUTE FUNCTION refuse()")


RENAME = "from accounts.models import Client; Client.objects.update(name='Renamed')"


def test_where_the_log_cannot_take_it_the_command_does_not_run(portal_with_a_key, cast):
    refuse_events()
    code, _, err = run("shell", "--no-imports", "-c", RENAME)

    assert code == 1
    assert err == "CommandError: `shell` did not run, because the log cannot take it: no more events\n"
    assert not Client.objects.filter(name="Renamed").exists()


def test_where_the_key_file_is_another_logs_the_command_does_not_run(portal_with_a_key, cast, settings, tmp_path):
    settings.PORTAL_KEYS = tmp_path / "gone.keys"
    code, _, err = run("shell", "--no-imports", "-c", RENAME)

    assert code == 1
    assert "`shell` did not run, because the log cannot take it: the key file" in err
    assert err.count("\n") == 1
    assert not Client.objects.filter(name="Renamed").exists()


def test_before_there_is_a_log_what_makes_one_runs(tmp_path):
    portal = Portal(tmp_path, demo=False)
    migrated = portal.manage("migrate", "--verbosity", "0")
    refused = portal.manage("clearsessions", check=False)

    assert (migrated.stderr, refused.returncode) == ("", 1)
    assert refused.stderr == (
        "CommandError: `clearsessions` did not run, because the log cannot take it: "
        "the log has no key yet; run `manage.py prepare`\n"
    )
    portal.prepare()
    portal.manage("clearsessions")
    shown = portal.manage(
        "shell", "--no-imports", "-c", "from activity.models import *; print(*Event.objects.values_list('subject'))"
    )
    assert shown.stdout == "('manage.py prepare',) ('manage.py clearsessions',) ('manage.py shell',)\n"


def test_a_portal_that_is_set_up_wrongly_still_says_so_in_one_line(tmp_path):
    env = {**Portal(tmp_path).env, "BASE_URL": "nonsense"}
    done = subprocess.run(
        [sys.executable, "manage.py", "shell"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr.startswith("Firm Portal cannot start: BASE_URL is")
