"""Two exports are made at a time; who comes third is told so, and is served as soon as one of the two is over."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.db import OperationalError

from activity.actions import Action
from reports import exports, tables
from reports.slots import SLOTS, take_slot
from tests.reports.exported import leave

HOLD = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB); print(flush=True); sys.stdin.read()"

pytestmark = pytest.mark.usefixtures("own_slots")


@pytest.fixture
def start(sign_in, cast, story, monkeypatch):
    """The response to the administrator's request for a file in several batches: ``start()``."""
    monkeypatch.setattr(tables.Table, "rows_per_batch", 3)
    browser = sign_in(cast.administrator)
    return lambda kind="csv": browser.get(f"/activity.{kind}")


def is_free():
    slot = take_slot()
    if slot:
        slot.release()
    return slot is not None


def test_the_third_waits_with_a_word_and_is_not_in_the_log(start, events):
    running = [start("csv"), start("xlsx")]
    for response in running:
        next(response.streaming_content)
    response = start("docx")

    assert response.status_code == 503
    assert "Two exports are being made" in response.text
    assert 2 <= int(response["Refresh"]) <= 5
    assert response["Refresh"] == response["Retry-After"]
    assert [event.action for event in events(area="log")] == [Action.EXPORT_STARTED] * SLOTS
    for response in running:
        leave(response)


def read_to_the_end(response):
    b"".join(response.streaming_content)


def fail_in_the_middle(response):
    with pytest.MonkeyPatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr("reports.tables.base.release_connection", raise_operational_error)
        b"".join(response.streaming_content)


def raise_operational_error():
    raise OperationalError("the connection is gone")


@pytest.mark.parametrize("end", [read_to_the_end, leave, fail_in_the_middle])
def test_a_slot_is_free_when_its_export_is_over_however_it_ends(end, start):
    running = [start(), start()]
    assert not is_free()
    end(running[0])
    assert is_free()
    leave(running[1])


def test_an_export_that_cannot_begin_takes_no_slot(start, monkeypatch):
    running = start()
    monkeypatch.setattr(exports, "record", lambda *_, **__: raise_operational_error())
    for _ in range(SLOTS):
        with pytest.raises(OperationalError):
            start()
    assert is_free()
    leave(running)


def test_who_reads_slowly_gives_the_slot_up_and_gets_the_whole_file(start, monkeypatch):
    monkeypatch.setattr(exports, "SLOW_SECONDS", 0)
    slow, other = start(), start()
    pieces = [next(slow.streaming_content)]
    assert not is_free()
    pieces += [next(slow.streaming_content)]
    assert is_free()

    lines = b"".join([*pieces, *slow.streaming_content]).splitlines()
    assert len(lines) == 1 + 13
    leave(other)


def test_the_slots_of_a_process_that_is_killed_are_free(db):
    (settings.VAR_DIR / "exports").mkdir(exist_ok=True)
    processes = []
    for number in range(SLOTS):
        command = [sys.executable, "-c", HOLD, str(settings.VAR_DIR / "exports" / f"slot-{number}")]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdout.readline()
        processes.append(process)
    assert not is_free()
    for process in processes:
        process.kill()
        process.communicate()
    assert is_free()
