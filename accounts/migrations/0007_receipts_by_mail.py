from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_notices_and_space"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="gets_receipts",
            field=models.BooleanField(default=True, verbose_name="Mail me a receipt for what I send"),
        ),
    ]
