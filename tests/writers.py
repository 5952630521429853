"""Processes that write at the same time, each row in a transaction of its own."""

import importlib
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass

from tests.servers import ROOT

READY, BEGIN = "ready\n", "begin\n"


@dataclass(frozen=True)
class Written:
    """How long each write took from asking to its commit, and all of them together, in seconds."""

    waits: list
    seconds: float

    @property
    def per_second(self):
        return len(self.waits) / self.seconds

    @property
    def p95(self):
        return sorted(self.waits)[int(len(self.waits) * 0.95)]


def write(act, *, processes, each, env, seconds=180):
    """``act`` is the ``module:function`` of which every process calls ``function(process, turn)`` ``each`` times. Raises
    where a process fails or ``seconds`` are over; no process outlives the call."""
    with ExitStack() as all_of_them:
        writers = [_begin(all_of_them, act, number, each, env) for number in range(processes)]
        for writer in writers:
            if writer.stdout.readline() != READY:
                raise RuntimeError(writer.communicate()[1])
        until = time.monotonic() + seconds
        for writer in writers:
            writer.stdin.write(BEGIN)
            writer.stdin.flush()
        written = [_result(writer, until - time.monotonic()) for writer in writers]
    began, ended = min(one["began"] for one in written), max(one["ended"] for one in written)
    return Written([wait for one in written for wait in one["waits"]], ended - began)


def _begin(all_of_them, act, number, each, env):
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [sys.executable, "-m", "tests.writers", act, str(number), str(each)]
    writer = all_of_them.enter_context(subprocess.Popen(command, cwd=ROOT, env=env, text=True, **pipes))
    all_of_them.callback(writer.kill)
    return writer


def _result(writer, seconds):
    output, errors = writer.communicate(timeout=max(seconds, 0))
    if writer.returncode:
        raise RuntimeError(errors)
    return json.loads(output)


def record_one(process, turn):
    """What most processes do here."""
    from activity.actions import Action
    from activity.recording import Subject, record_now

    record_now(Action.FILE_DOWNLOADED, subject=Subject("file", f"{process}.{turn}", "Bank statement.pdf", None, turn))


def _write(act, process, each):
    import django
    from django.db import connection

    django.setup()
    module, name = act.split(":")
    act = getattr(importlib.import_module(module), name)
    connection.ensure_connection()
    print(READY, end="", flush=True)
    sys.stdin.readline()
    waits, began = [], time.monotonic()
    for turn in range(each):
        asked = time.monotonic()
        act(process, turn)
        waits.append(time.monotonic() - asked)
    print(json.dumps({"waits": waits, "began": began, "ended": time.monotonic()}))


if __name__ == "__main__":
    _write(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
