"""The triggers come back after migrations that rebuild the table, and step aside only for those who may change the past."""

import secrets
import shutil
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.urls import reverse

from activity import migrations, triggers
from activity.actions import Action
from activity.models import Event
from activity.recording import record, record_now
from activity.verification import verify
from tests.activity import attack

pytestmark = pytest.mark.django_db(transaction=True)

ADDS_A_FIELD = 'migrations.AddField("event", "place", models.CharField(max_length=80, null=True, default=""))'
ALTERS_A_FIELD = 'migrations.AlterField("event", "subject", models.CharField(max_length=4000, blank=True))'
REWRITES_EVENTS = "migrations.RunPython(rewrite, rewrite)"
MIGRATION = """
    from django.db import migrations, models

    from activity import triggers


    def rewrite(apps, schema_editor):
        with triggers.standing_aside():
            apps.get_model("activity", "Event").objects.filter(seq=2).update(subject="rewritten")


    class Migration(migrations.Migration):
        dependencies = [("activity", "{before}")]
        operations = [{operations}]
"""


@pytest.fixture
def three():
    """A log of three events; gives their rows."""
    for _ in range(3):
        record_now(Action.LOG_VIEWED)
    return rows()


def rows():
    return list(Event.objects.order_by("seq").values())


@pytest.fixture
def migrate(settings, tmp_path, monkeypatch):
    """Runs a real migration after those of the app: ``migrate(operation, …)``, undone at the end; ``migrate.back()`` is sooner."""
    package = tmp_path / f"migrations_{secrets.token_hex(4)}"  # a name of its own: modules stay imported
    shutil.copytree(Path(migrations.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"activity": package.name}
    ((_, last),) = MigrationLoader(connection).graph.leaf_nodes("activity")

    def migrate(*operations):
        text = MIGRATION.format(before=last, operations=", ".join(operations))
        (package / "9999_one_more.py").write_text(textwrap.dedent(text))
        call_command("migrate", "activity", verbosity=0)
        assert "9999_one_more" in str(MigrationLoader(connection).applied_migrations)

    migrate.back = lambda: call_command("migrate", "activity", last, verbosity=0)
    yield migrate
    migrate.back()


def assert_refused(three, browser):
    """Nobody changes the past: not by a statement, not through Django, not in its admin."""
    assert triggers.missing() == []
    for statement in attack.STATEMENTS.values():
        with pytest.raises(DatabaseError, match="never changed or deleted|numbered without gaps"), transaction.atomic():
            attack.execute(statement)
    for attempt in attack.PAST_DJANGO.values():
        with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
            attempt()
    for page in ("change", "delete"):
        answer = browser.post(reverse(f"admin:activity_event_{page}", args=[1]), {"subject": "x", "post": "yes"})
        assert answer.status_code == 403
    assert rows()[:3] == three


@pytest.mark.parametrize("operation", [ADDS_A_FIELD, ALTERS_A_FIELD], ids=["add a field", "alter a field"])
def test_the_past_stays_closed_after_a_migration_that_rebuilds_the_table_and_after_its_reverse(
    three, migrate, operation, sign_in, cast
):
    browser = sign_in(cast.administrator)
    assert_refused(three, browser)
    migrate(operation)
    assert_refused(three, browser)
    migrate.back()
    assert_refused(three, browser)
    record_now(Action.LOG_VIEWED)
    assert verify().is_whole


if connection.vendor == "sqlite":

    def test_such_a_migration_truly_takes_the_triggers_with_it(three, migrate):
        """Else the test above would show nothing."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(triggers, "SQLITE", {})  # nothing is put back
            migrate(ADDS_A_FIELD)
        assert triggers.missing() == attack.NAMES


def test_a_migration_rewrites_events_and_leaves_the_triggers_standing(three, migrate, sign_in, cast):
    browser = sign_in(cast.administrator)
    migrate(ADDS_A_FIELD, REWRITES_EVENTS)

    rewritten = [three[0], {**three[1], "subject": "rewritten"}, three[2]]
    assert_refused(rewritten, browser)
    assert verify().first_bad_seq == 2


def test_inside_the_past_can_be_changed_and_at_its_end_no_longer(three):
    with transaction.atomic():
        with triggers.standing_aside():
            attack.execute("DELETE FROM activity_event WHERE seq = 1")
            attack.execute("UPDATE activity_event SET subject = 'x' WHERE seq = 2")
        assert triggers.missing() == []
        with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
            attack.execute("DELETE FROM activity_event")

    assert [(row["seq"], row["subject"]) for row in rows()] == [(2, "x"), (3, "")]
    assert triggers.missing() == []
    assert record_now(Action.LOG_VIEWED).seq == 4


@pytest.mark.parametrize("is_caught_within", [True, False])
def test_what_fails_inside_changes_nothing_and_leaves_the_triggers_standing(three, is_caught_within):
    def fail():
        with triggers.standing_aside():
            attack.execute("DELETE FROM activity_event WHERE seq = 1")
            raise ZeroDivisionError

    if is_caught_within:
        with transaction.atomic(), pytest.raises(ZeroDivisionError):
            fail()
    else:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            fail()

    assert triggers.missing() == []
    assert rows() == three


def test_others_meet_the_triggers_all_the_while(three):
    """Also whoever waits for the transaction to end; and nobody who records meanwhile comes to a deadlock with it."""

    def as_another(act):
        begun.wait(20)
        try:
            return act()
        finally:
            connections.close_all()

    def attempts():
        tried.set()
        with pytest.raises(DatabaseError, match=triggers.REFUSAL):
            attack.execute("UPDATE activity_event SET subject = 'x'")
        return triggers.missing()

    begun, tried = threading.Event(), threading.Event()
    with ThreadPoolExecutor(3) as others:
        changing = others.submit(as_another, attempts)
        recording = others.submit(as_another, lambda: record_now(Action.LOG_VIEWED).seq)
        with transaction.atomic(), triggers.standing_aside():
            begun.set()
            assert tried.wait(20)
            assert others.submit(as_another, lambda: [row["seq"] for row in rows()]).result(20) == [1, 2, 3]
            attack.execute("DELETE FROM activity_event WHERE seq = 1")
            time.sleep(0.3)  # for both to come as far as they can
            assert not changing.done()
            assert not recording.done()
            assert record(Action.LOG_VIEWED).seq == 4
        assert changing.result(20) == []
        assert recording.result(20) == 5
    assert [row["subject"] for row in rows()] == ["", "", "", ""]
