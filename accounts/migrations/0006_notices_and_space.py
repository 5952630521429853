from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_log_settings"),
    ]

    operations = [
        migrations.AddField(
            model_name="firm",
            name="bin_days",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="Empty the bin after days"),
        ),
        migrations.AddField(
            model_name="firm",
            name="quota_bytes",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="Storage for all files"),
        ),
        migrations.AddField(
            model_name="user",
            name="file_notices",
            field=models.CharField(
                choices=[("at-once", "At once"), ("daily", "Once a day"), ("never", "Not by e-mail")],
                default="at-once",
                max_length=10,
            ),
        ),
    ]
