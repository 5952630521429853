from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0005_space_and_housekeeping"),
    ]

    operations = [
        migrations.AddField(
            model_name="folder",
            name="purged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
