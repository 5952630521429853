import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("organizer", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sending",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Not confirmed"), ("running", "Started"), ("done", "Finished")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("clients", models.JSONField(default=list)),
                ("client_count", models.PositiveIntegerField()),
                ("sent_count", models.PositiveIntegerField(default=0)),
                ("message", models.TextField(blank=True)),
                ("due_on", models.DateField(blank=True, null=True)),
                ("reminder_days", models.JSONField(blank=True, default=list)),
                ("repeats", models.BooleanField(default=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organizer.templateversion"
                    ),
                ),
            ],
            options={"ordering": ["-at"]},
        ),
        migrations.AddField(
            model_name="organizer", name="reopened_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddIndex(
            model_name="organizer",
            index=models.Index(fields=["tax_year", "-at"], name="organizers_of_year_newest"),
        ),
        migrations.AddIndex(model_name="organizer", index=models.Index(fields=["-at"], name="organizers_newest")),
        migrations.AddIndex(
            model_name="organizer",
            index=models.Index(
                fields=["tax_year", "withdrawn_at", "status", "saved_at", "reopened_at", "client"],
                name="organizers_counted",
            ),
        ),
    ]
