"""Every action that the log knows is produced by somebody's use of the portal, and says who did what, for whom, from where."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from activity.actions import Action
from activity.recording import record
from activity.verification import verify
from tests.activity import producing
from tests.activity.producing import ELSEWHERE, GUEST, IP, NOBODY, PRODUCED, SYSTEM, USER_AGENT

# The worker and a backup have transactions of their own, allauth tells of a new factor once it is committed, and a move needs
# an empty database
OUTSIDE = (
    Action.NOTICE_SENT,
    Action.NOTICE_FAILED,
    Action.FACTOR_ADDED,
    Action.RECOVERY_CODES_MADE,
    Action.FILE_DAMAGED,
    Action.REPORT_FAILED,
    Action.BACKUP_MADE,
    Action.DATABASE_MOVED,
)
ACTIONS = [
    pytest.param(action, marks=pytest.mark.django_db(transaction=action in OUTSIDE), id=action.value)
    for action in Action
    if action not in ELSEWHERE
]


@pytest.mark.parametrize("action", ACTIONS)
def test_it_is_produced_and_says_who_did_what_for_whom_from_where(action, request, events):
    assert action in PRODUCED, f"say in tests/activity/producing.py how {action} comes into the log"
    produced = PRODUCED[action]
    fixtures = {name: request.getfixturevalue(name) for name in inspect.signature(produced.act).parameters}
    start = len(events())
    produced.act(**fixtures)

    found = [event for event in events()[start:] if event.action == action]
    assert found, f"no {action} is in the log"
    event = found[-1]
    assert event.area == action.area
    assert (event.actor_id, event.actor_email, event.actor_role) == who(produced.by, fixtures)
    kind, subject = produced.subject
    assert event.subject_type == kind
    assert re.fullmatch(subject, event.subject) if isinstance(subject, re.Pattern) else event.subject == subject
    assert event.client_name == produced.client
    assert (event.client_id is None) is (produced.client == "")
    assert (event.ip, event.user_agent) == (("", "") if produced.by == SYSTEM else (IP, USER_AGENT))
    assert re.fullmatch("[0-9a-f]{32}", event.request_id)
    assert verify().is_whole


def who(by, fixtures):
    if by in (SYSTEM, NOBODY):
        return None, "", by
    if by == GUEST:
        return None, by, "guest"
    person = getattr(fixtures["cast"], by)
    return person.pk, person.email, person.role


def test_nothing_is_produced_that_is_no_action():
    assert set(PRODUCED) == set(Action)


def test_no_act_writes_into_the_log_itself():
    """Else an action that nothing in the portal records would seem to be covered."""
    names = {
        node.id for node in ast.walk(ast.parse(Path(producing.__file__).read_text())) if isinstance(node, ast.Name)
    }

    assert not names & {"record", "record_all", "record_now", "record_refusal", "Event", "Entry", "signals"}
    assert record.__module__ == "activity.recording"
