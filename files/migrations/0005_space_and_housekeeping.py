import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0004_documents_declined"),
    ]

    operations = [
        migrations.CreateModel(
            name="HousekeepingRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("figures", models.JSONField(default=dict)),
                ("problems", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["-at"],
                "get_latest_by": "at",
            },
        ),
        migrations.AddField(
            model_name="retentionrule",
            name="told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
