"""Eight processes record at once, as fast as they can: one whole chain, nobody turned away, nobody waiting without end."""

from collections import Counter

import pytest

from activity.recording import LOCK_TIMEOUT_SECONDS
from tests import servers, writers
from tests.prove.inspect_portal import state_of, verify

PROCESSES, EACH = 8, 500
SQLITE_TIMEOUT_SECONDS = 20  # portal.environment


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def prepared(request, tmp_path):
    """(a portal that is prepared and not served, how long its engine lets one wait)"""
    if request.param == "SQLite":
        yield servers.Portal(tmp_path, demo=False), SQLITE_TIMEOUT_SECONDS
    else:
        with servers.postgresql() as database:
            yield servers.Portal(tmp_path, demo=False, DATABASE_URL=database), LOCK_TIMEOUT_SECONDS


def test_what_eight_processes_record_at_once_is_one_whole_chain(prepared, request, say):
    portal, most_seconds = prepared
    portal.prepare()
    before = len(state_of(portal).events)

    written = writers.write(
        "tests.writers:record_one",
        processes=PROCESSES,
        each=EACH,
        env={**portal.env, "DJANGO_SETTINGS_MODULE": "portal.settings"},
    )

    say(
        f"{request.node.callspec.id}: {written.per_second:,.0f} events a second by {PROCESSES} processes; 95 % waited up to "
        f"{written.p95 * 1000:.1f} ms, the longest {max(written.waits):.2f} s of {most_seconds}"
    )
    events = state_of(portal).events
    assert [event.seq for event in events] == list(range(1, before + PROCESSES * EACH + 1))
    assert Counter(event.subject_id for event in events[before:]) == Counter(
        f"{process}.{turn}" for process in range(PROCESSES) for turn in range(EACH)
    )
    assert max(written.waits) < most_seconds
    verify(portal)
