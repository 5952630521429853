"""The baseline of the log: a table of the same columns and indexes, without chain, order and triggers."""

import secrets

from django.db import connection, models, transaction
from django.utils import timezone

from activity.actions import Action
from activity.models import Event


class Meta:
    app_label = "activity"
    db_table = "plain_event"
    indexes = [models.Index(fields=one.fields, name=one.name.replace("event", "plain")) for one in Event._meta.indexes]


COLUMNS = {field.name: field.clone() for field in Event._meta.fields}
PlainEvent = type("PlainEvent", (models.Model,), {"__module__": __name__, "Meta": Meta, **COLUMNS})


def create_table():
    with connection.schema_editor() as editor:
        editor.create_model(PlainEvent)


def insert_one(process, turn):
    """The same row as tests.writers.record_one leaves."""
    with transaction.atomic():
        PlainEvent.objects.create(
            seq=process * 10**6 + turn + 1,
            at=timezone.now(),
            area=Action.FILE_DOWNLOADED.area.value,
            action=Action.FILE_DOWNLOADED.value,
            subject_type="file",
            subject_id=f"{process}.{turn}",
            subject="Bank statement.pdf",
            size_bytes=turn,
            request_id=secrets.token_hex(16),
            format=1,
            hash=secrets.token_bytes(32),
            mac=secrets.token_bytes(32),
        )
