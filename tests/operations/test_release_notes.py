"""The release notes say which migrations the portal must be stopped for."""

import re

from django.apps import apps
from django.db import models
from django.db.migrations import operations as changes
from django.db.migrations.loader import MigrationLoader

from tests.prove.test_upgrade import OURS
from tests.servers import ROOT

HARMLESS = (
    changes.CreateModel,
    changes.AddIndex,
    changes.RemoveIndex,
    changes.AlterModelOptions,
    changes.AlterModelManagers,
)


def needs_a_stop(migration):
    """Whether the release before cannot serve with this migration: it knows nothing of a column that must have a value, and
    what it writes meanwhile is not in what a migration counts."""
    new = {change.name_lower for change in migration.operations if isinstance(change, changes.CreateModel)}
    for change in migration.operations:
        if isinstance(change, HARMLESS) or getattr(change, "model_name_lower", None) in new:
            continue
        if isinstance(change, changes.AddField) and fills_itself(change.field):
            continue
        return True
    return False


def fills_itself(field):
    return field.null or field.many_to_many or field.db_default is not models.NOT_PROVIDED


def test_the_release_notes_name_every_migration_that_the_portal_must_be_stopped_for():
    loader = MigrationLoader(None)
    ours = {key: one for key, one in loader.disk_migrations.items() if key[0] in OURS}
    stops = {f"{app}.{name}" for (app, name), one in ours.items() if needs_a_stop(one)}

    named = set(re.findall(r"`(\w+\.\d{4}_\w+)`", (ROOT / "docs" / "releases.md").read_text()))
    assert named == stops


def test_every_app_of_ours_is_looked_at():
    ours = {
        config.label
        for config in apps.get_app_configs()
        if config.path.startswith(str(ROOT)) and ".venv" not in config.path
    }
    assert ours - {"portal"} == OURS
