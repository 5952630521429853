from django.db import migrations, models
from django.db.models import F


def owe_none(apps, schema_editor):
    """Nobody is mailed a receipt for what was sent before there were any."""
    apps.get_model("files", "Version").objects.update(receipted_at=F("at"))


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0006_purged_folders"),
    ]

    operations = [
        migrations.AddField(
            model_name="version",
            name="receipted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="version",
            name="release_reason",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="version",
            name="released_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(owe_none, migrations.RunPython.noop),
    ]
