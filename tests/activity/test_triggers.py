"""The database itself refuses to change or delete an event, whoever asks."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from activity import triggers
from activity.actions import Action
from activity.models import Event
from activity.querysets import AppendOnly
from activity.recording import record
from activity.verification import verify
from tests.activity import attack


@pytest.fixture
def three(db):
    """A log of three events; gives their rows."""
    for _ in range(3):
        record(Action.LOG_VIEWED)
    return list(Event.objects.order_by("seq").values())


def test_the_triggers_stand(db):
    assert triggers.missing() == []


@pytest.mark.parametrize("statement", attack.STATEMENTS.values(), ids=attack.STATEMENTS.keys())
def test_a_statement_that_changes_the_past_is_refused(three, statement):
    with pytest.raises(DatabaseError, match="never changed or deleted|numbered without gaps"), transaction.atomic():
        attack.execute(statement)

    assert list(Event.objects.order_by("seq").values()) == three


@pytest.mark.parametrize("statement", attack.STATEMENTS.values(), ids=attack.STATEMENTS.keys())
def test_only_the_triggers_refuse_it(three, statement):
    """Else the test above would show nothing."""
    attack.drop_triggers()
    attack.execute(statement)


@pytest.mark.parametrize("attempt", attack.THROUGH_DJANGO.values(), ids=attack.THROUGH_DJANGO.keys())
def test_a_programmer_is_told_that_events_are_append_only(three, attempt):
    with pytest.raises(AppendOnly):
        attempt()

    assert list(Event.objects.order_by("seq").values()) == three


@pytest.mark.parametrize("attempt", attack.PAST_DJANGO.values(), ids=attack.PAST_DJANGO.keys())
def test_what_goes_round_the_model_meets_the_triggers(three, attempt):
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic():
        attempt()

    assert list(Event.objects.order_by("seq").values()) == three


@pytest.mark.parametrize("name", attack.NAMES)
def test_a_dropped_trigger_is_named_and_put_back(three, name):
    attack.drop(name)
    assert triggers.missing() == [name]

    triggers.install()
    assert triggers.missing() == []
    with pytest.raises(DatabaseError), transaction.atomic():
        attack.execute("UPDATE activity_event SET subject = 'x'")


@pytest.mark.parametrize("command", [["migrate"], ["migrate", "activity"]])
def test_every_migrate_puts_the_triggers_back(three, command):
    names = attack.drop_triggers()
    assert triggers.missing() == names

    call_command(*command, verbosity=0)
    assert triggers.missing() == []
    assert verify().is_whole


WEAKENED = {
    "postgresql": {
        "off": "ALTER TABLE activity_event DISABLE TRIGGER {name}",
        "on for replicas only": "ALTER TABLE activity_event ENABLE REPLICA TRIGGER {name}",
        "off for replicas": "ALTER TABLE activity_event ENABLE TRIGGER {name}",
        "on another occasion": (
            "CREATE OR REPLACE TRIGGER {name} BEFORE INSERT ON activity_event "
            "FOR EACH STATEMENT EXECUTE FUNCTION activity_event_refuse(); "
            "ALTER TABLE activity_event ENABLE ALWAYS TRIGGER {name}"
        ),
    },
    "sqlite": {
        "hollow": "CREATE TRIGGER {name} BEFORE UPDATE ON activity_event BEGIN SELECT 1; END",
        "on a condition": "CREATE TRIGGER {name} BEFORE DELETE ON activity_event WHEN 0 BEGIN SELECT RAISE(ABORT, 'no'); END",
        "on another occasion": "CREATE TRIGGER {name} AFTER INSERT ON activity_event BEGIN SELECT RAISE(ABORT, 'no'); END",
    },
}[connection.vendor]


@pytest.mark.parametrize("name", attack.NAMES)
@pytest.mark.parametrize("statement", WEAKENED.values(), ids=WEAKENED.keys())
def test_a_weaker_trigger_of_the_same_name_does_not_count(three, name, statement):
    if connection.vendor == "sqlite":
        attack.drop(name)
    attack.execute(statement.format(name=name))
    assert triggers.missing() == [name]

    triggers.install()
    assert triggers.missing() == []


if connection.vendor == "postgresql":

    def test_a_function_that_refuses_nothing_takes_all_triggers_with_it(three):
        attack.execute(
            "CREATE OR REPLACE FUNCTION activity_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$"
        )
        assert triggers.missing() == attack.NAMES

        triggers.install()
        assert triggers.missing() == []
