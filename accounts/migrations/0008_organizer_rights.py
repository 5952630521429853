from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_receipts_by_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="may_edit_templates",
            field=models.BooleanField(default=False, verbose_name="Edit the Tax Organizer’s templates"),
        ),
        migrations.AddField(
            model_name="user",
            name="may_use_organizer",
            field=models.BooleanField(default=True, verbose_name="Use the Tax Organizer"),
        ),
    ]
