"""A million events: verified by the portal, archived, and verified again without it, to the same last hash."""

import subprocess
import sys
import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from activity import standalone
from activity.actions import Action
from activity.checkpoints import public_key
from activity.models import Archive, Event
from activity.recording import Entry, Subject, record_all
from activity.verification import verify

COUNT, AT_ONCE = 1_000_000, 5_000


@pytest.mark.django_db(transaction=True)
def test_the_portal_and_the_standalone_verifier_come_to_the_same_end(cast, tmp_path, capsys):
    for start in range(0, COUNT, AT_ONCE):
        with transaction.atomic():
            record_all(
                Entry(
                    Action.FILE_DOWNLOADED,
                    cast.client,
                    Subject("file", f"{n:032x}", f"Statement {n}.pdf", cast.acme, n),
                )
                for n in range(start, start + AT_ONCE)
            )
    began = time.perf_counter()
    assert verify().is_whole
    verified = time.perf_counter()
    call_command("archive_activity", keep=True, into=tmp_path, stdout=StringIO())
    archived = time.perf_counter()
    kept = Archive.objects.get()
    path = tmp_path / kept.file_name
    said = subprocess.run(
        [sys.executable, "-I", standalone.__file__, "--key", public_key(), path],
        capture_output=True,
        text=True,
        timeout=300,
    ).stdout
    elsewhere = time.perf_counter()

    last = bytes(Event.objects.get(seq=kept.last_seq).hash).hex()
    assert said == f"Unbroken: events 1 to {kept.last_seq}, 1 checkpoints, hash {last}\n"
    assert kept.last_seq > COUNT
    with capsys.disabled():
        print(
            f"\n{COUNT:,} events: verified in {verified - began:.0f} s, archived in {archived - verified:.0f} s "
            f"({path.stat().st_size / 1e6:.0f} MB), verified elsewhere in {elsewhere - archived:.0f} s"
        )
