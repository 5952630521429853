from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0003_count_what_is_stored"),
    ]

    operations = [
        migrations.AddField(
            model_name="requesteddocument",
            name="declined_because",
            field=models.CharField(blank=True, max_length=300),
        ),
    ]
