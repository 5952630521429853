"""What truly lies in a portal's database and storage, read beside the server by a process with the portal's own settings."""

import hashlib
import json
import subprocess
import sys
import time
from types import SimpleNamespace

from tests.servers import ROOT

TWO_DAYS_SECONDS = 2 * 24 * 3600
UPLOADED = ("files.uploaded", "files.version-uploaded")


def state_of(portal):
    """``versions``, ``events``, and the counts ``staged``, ``unknown`` (objects without a version) and ``lost``."""
    return _run(portal, "state")


def sweep_as_if_later(portal):
    """Housekeeping of the day after tomorrow; ``unfinished`` and ``orphans`` as it counts them."""
    return _run(portal, "sweep")


def verify(portal):
    """`manage.py verify_activity` finds the chain whole."""
    result = portal.manage("verify_activity", check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def check(portal):
    """`manage.py check_files --content` finds that counters, rows and storage agree; what it prints."""
    result = portal.manage("check_files", "--content", check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def events_of_uploads(state):
    return [event for event in state.events if event.action in UPLOADED]


def _run(portal, what):
    result = subprocess.run(
        [sys.executable, "-m", "tests.prove.inspect_portal", what],
        cwd=ROOT,
        env={**portal.env, "DJANGO_SETTINGS_MODULE": "portal.settings"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout, object_hook=lambda fields: SimpleNamespace(**fields))


def _state():
    from activity.models import Event
    from files.models import Cabinet, Version
    from files.storage import storage

    store = storage()
    stored = {key for key, _ in store.stored()}
    versions = list(Version.objects.select_related("file").order_by("at"))
    return {
        "versions": [_version(store, stored, version) for version in versions],
        "cabinets": [_cabinet(cabinet) for cabinet in Cabinet.objects.filter(kind="client")],
        "events": [_event(event) for event in Event.objects.order_by("seq")],
        "unknown": len(stored - {version.storage_key for version in versions}),
        **_set_apart(store),
    }


def _version(store, stored, version):
    size, digest = 0, hashlib.sha256()
    if version.storage_key in stored:
        for piece in store.open(version.storage_key):
            size += len(piece)
            digest.update(piece)
    return {
        "file_id": str(version.file_id),
        "name": version.file.name,
        "number": version.number,
        "key": version.storage_key,
        "size_bytes": version.size_bytes,
        "sha256": digest.hexdigest(),
        "is_whole": version.storage_key in stored
        and size == version.size_bytes
        and version.sha256 in (digest.hexdigest(), ""),  # not read yet
    }


def _cabinet(cabinet):
    """What the cabinet counts, and what its rows say."""
    from django.db.models import Q, Sum

    from files.models import Upload, Version

    versions = Version.objects.filter(file__folder__cabinet=cabinet, removed_at=None)
    in_place = versions.filter(file__binned_at=None)
    rows = {
        "current": in_place.filter(current_of__isnull=False),
        "earlier": in_place.filter(current_of=None),
        "binned": versions.filter(~Q(file__binned_at=None)),
        "reserved": Upload.objects.open().filter(folder__cabinet=cabinet),
    }
    return {
        "counted": [getattr(cabinet, f"{kind}_bytes") for kind in rows],
        "rows": [query.aggregate(sum=Sum("size_bytes"))["sum"] or 0 for query in rows.values()],
    }


def _event(event):
    return {
        "seq": event.seq,
        "action": event.action,
        "actor": event.actor_email,
        "subject": event.subject,
        "subject_id": event.subject_id,
        "size_bytes": event.size_bytes,
        "note": event.details.get("note", "") or _bytes_in(event),
        "user_agent": event.user_agent,
    }


def _bytes_in(event):
    sha256 = (event.details.get("after") or {}).get("sha256")
    return f"SHA-256 {sha256}" if sha256 else ""


def _set_apart(store):
    from files.storage import FolderStorage

    if isinstance(store, FolderStorage):
        return {"staged": len([*store.staging.iterdir()]), "lost": len([*store.lost.iterdir()])}
    unfinished = store.client.list_multipart_uploads(Bucket=store.bucket).get("Uploads", ())
    lost = store.client.list_objects_v2(Bucket=store.bucket, Prefix="lost+found/")
    return {"staged": len(unfinished), "lost": lost.get("KeyCount", 0)}


def _sweep():
    from files.housekeeping import sweep

    swept = sweep(now=time.time() + TWO_DAYS_SECONDS)
    return {"unfinished": swept.unfinished, "orphans": swept.orphans}


if __name__ == "__main__":
    import django

    django.setup()
    json.dump({"state": _state, "sweep": _sweep}[sys.argv[1]](), sys.stdout)
