"""How the portal stands, as figures for Prometheus: asked of database, storage and scanner when somebody fetches them."""

from datetime import UTC, datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from activity.models import Checkpoint, Event, Verification
from files.models import HousekeepingRun
from files.scanner import ScannerUnavailable, scanner_version
from files.space import used_bytes
from files.storage import storage
from operations.backup.history import last_backup
from operations.heartbeat import last_beats
from operations.looks import SCANNER_SECONDS, database_bytes
from operations.models import Heartbeat
from operations.queues import queues
from reports.slots import taken


class Figures(Collector):
    """All of them. Where the database does not answer, those that come from it are left out, and portal_database_up is 0."""

    def collect(self):
        try:
            found = list(_of_database())
            is_up = True
        except DatabaseError:
            found, is_up = [], False
        yield _gauge("database_up", "Whether the database answers.", is_up)
        yield from found
        yield from _of_storage()
        yield from _of_scanner()
        yield _gauge("exports_running", "Exports that are being made on this machine.", taken())
        info = _gauge("info", "The release that answers.", labels=["version"])
        info.add_metric([settings.VERSION], 1)
        yield info


def _of_database():
    yield _gauge("database_bytes", "What the database takes.", database_bytes())
    yield _gauge("storage_used_bytes", "What is stored and reserved: files, versions, bins, uploads.", used_bytes())
    yield _gauge("log_head_seq", "The number of the log's last event.", _newest(Event, "seq") or 0)
    yield _gauge("sessions", "Sessions of people who are signed in.", UserSession.objects.count())
    yield from _of_queues()
    beats = _gauge("heartbeat_timestamp_seconds", "When a process was last heard of.", labels=["process"])
    last = last_beats()
    for process in Heartbeat.Process.values:
        beats.add_metric([process], _seconds(last.get(process)))
    yield beats
    backup = last_backup()
    latest = Verification.objects.order_by("-pk").first()
    moments = {
        "last_checkpoint": Checkpoint.objects.values_list("at", flat=True).first(),
        "last_verification": latest and latest.at,
        "last_backup": backup and backup.at,
        "last_housekeeping": _newest(HousekeepingRun, "at"),
    }
    for name, moment in moments.items():
        yield _gauge(f"{name}_timestamp_seconds", f"When it was: {name.replace('_', ' ')}; 0: never.", _seconds(moment))
    yield _gauge(
        "log_is_whole", "Whether the last verification found the log whole.", latest.is_whole if latest else "NaN"
    )


def _of_queues():
    waiting, running, failed, oldest = (
        _gauge(name, words, labels=["queue"])
        for name, words in (
            ("tasks_waiting", "Tasks that could be done now. Mails are the queue mail."),
            ("tasks_running", "Tasks that are being done."),
            ("tasks_failed", "Tasks that failed within a day."),
            ("tasks_oldest_seconds", "How long the oldest task has been waiting."),
        )
    )
    for queue in queues().values():
        waiting.add_metric([queue.name], queue.waiting)
        running.add_metric([queue.name], queue.running)
        failed.add_metric([queue.name], queue.failed)
        oldest.add_metric([queue.name], queue.age.total_seconds())
    yield from (waiting, running, failed, oldest)


def _of_storage():
    try:
        storage().answers()
        free_bytes, is_up = storage().free_bytes(), True
    except OSError:
        free_bytes, is_up = None, False
    yield _gauge("storage_up", "Whether the storage answers.", is_up)
    if free_bytes is not None:  # a bucket has no known end
        yield _gauge("storage_free_bytes", "What is free on the storage's disk.", free_bytes)


def _of_scanner():
    if settings.CLAMAV is None:
        return
    try:
        found = scanner_version(seconds=SCANNER_SECONDS)
    except ScannerUnavailable:
        found = None
    yield _gauge("scanner_up", "Whether the scanner answers.", found is not None)
    if found and found.signed_at:
        yield _gauge("scanner_signatures_timestamp_seconds", "Of when its signatures are.", _seconds(found.signed_at))


def _newest(model, field):
    return model.objects.order_by(f"-{field}").values_list(field, flat=True).first()


def _gauge(name, words, value=None, *, labels=None):
    return GaugeMetricFamily(f"portal_{name}", words, value=None if value is None else float(value), labels=labels)


def _seconds(moment):
    return (moment or datetime.fromtimestamp(0, UTC)).timestamp()
