"""What the log says of backups."""

from dataclasses import dataclass
from datetime import datetime

from activity.actions import Action
from activity.models import Event
from activity.recording import Subject, record_now
from operations.backup.copying import in_words

COMMAND = "manage.py backup"


@dataclass(frozen=True)
class LastBackup:
    """The last backup that succeeded: ``size_bytes`` of the whole set, ``verified`` in words; and when one failed since, and
    why."""

    name: str
    at: datetime
    size_bytes: int
    verified: str
    failed_at: datetime | None = None
    failure: str = ""


def last_backup():
    """The LastBackup that the log tells of, or None where there was none."""
    made = Event.objects.filter(action=Action.BACKUP_MADE).order_by("-seq").first()
    if made is None:
        return None
    failed = Event.objects.filter(action=Action.BACKUP_FAILED, seq__gt=made.seq).order_by("-seq").first()
    return LastBackup(
        made.subject,
        made.at,
        made.size_bytes,
        made.details["after"]["verified"],
        failed.at if failed else None,
        failed.details["note"] if failed else "",
    )


def last_failure():
    """The event of the newest backup that failed, where none succeeded since; else None."""
    newest = Event.objects.filter(action__in=[Action.BACKUP_MADE, Action.BACKUP_FAILED]).order_by("-seq").first()
    return newest if newest and newest.action == Action.BACKUP_FAILED else None


def record_made(made, removed):
    """The log says that a backup was made, or that one was made which lacks something. ``removed``: (sets, objects)."""
    copied = made.copied
    subject = Subject("backup", made.name, made.name, size_bytes=made.size_bytes)
    after = {
        "objects": f"{copied.objects:,}, {copied.copied:,} of them new",
        "verified": "every byte" if made.is_all_verified else "what is new",
        "removed": f"{removed[0]:,} old sets, {removed[1]:,} objects" if any(removed) else "nothing",
    }
    if copied.problems:
        note = f"It was made, but {in_words(copied.problems)}"
        return record_now(Action.BACKUP_FAILED, subject=subject, after=after, note=note)
    return record_now(Action.BACKUP_MADE, subject=subject, after=after)


def record_failure(problem):
    """The log says that no backup was made, and why."""
    return record_now(Action.BACKUP_FAILED, subject=Subject("command", "", COMMAND), note=str(problem)[:1_000])
