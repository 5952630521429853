import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Count, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

IN_PLACE, IS_CURRENT = Q(file__binned_at=None), Q(current_of__isnull=False)


def count(apps, schema_editor):
    """The new counters of cabinets and people, from the rows."""
    Cabinet, Sender, Version = (apps.get_model("files", name) for name in ("Cabinet", "Sender", "Version"))

    def of_cabinet(versions, value):
        versions = versions.filter(file__folder__cabinet=OuterRef("pk")).order_by().values("file__folder__cabinet")
        return Subquery(versions.annotate(n=value).values("n"))

    in_place = Version.objects.filter(IN_PLACE, IS_CURRENT)
    Cabinet.objects.update(
        file_count=Coalesce(of_cabinet(in_place, Count("pk")), 0),
        last_sent_at=of_cabinet(Version.objects.all(), Max("at")),
        last_fetched_at=of_cabinet(Version.objects.all(), Max("client_downloaded_at")),
    )
    is_stored = Q(removed_at=None)
    people = (
        Version.objects.order_by()
        .values("by")
        .annotate(
            file_count=Count("pk", filter=is_stored & IN_PLACE & IS_CURRENT),
            current_bytes=Sum("size_bytes", filter=is_stored & IN_PLACE & IS_CURRENT, default=0),
            earlier_bytes=Sum("size_bytes", filter=is_stored & IN_PLACE & ~IS_CURRENT, default=0),
            binned_bytes=Sum("size_bytes", filter=is_stored & ~IN_PLACE, default=0),
            last_sent_at=Max("at"),
        )
    )
    rows = [Sender(user_id=row.pop("by"), **row) for row in people]
    Sender.objects.bulk_create(rows, batch_size=500)
    fetched = apps.get_model("files", "Opening").objects.filter(user__role="client_user").order_by().values("user")
    for user_id, at in fetched.annotate(last=Max("at")).values_list("user", "last"):
        Sender.objects.update_or_create(user_id=user_id, defaults={"last_fetched_at": at})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_receipts_by_mail"),
        ("files", "0008_uploads_in_parts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Sender",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="sender",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("file_count", models.BigIntegerField(default=0)),
                ("current_bytes", models.BigIntegerField(default=0)),
                ("earlier_bytes", models.BigIntegerField(default=0)),
                ("binned_bytes", models.BigIntegerField(default=0)),
                ("last_sent_at", models.DateTimeField(blank=True, null=True)),
                ("last_fetched_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("file_count", models.BigIntegerField()),
                ("current_bytes", models.BigIntegerField()),
                ("earlier_bytes", models.BigIntegerField()),
                ("binned_bytes", models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="cabinet",
            name="file_count",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="cabinet",
            name="last_fetched_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="cabinet",
            name="last_sent_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="version",
            index=models.Index(fields=["size_bytes", "id"], name="version_by_size"),
        ),
        migrations.AddIndex(
            model_name="version",
            index=models.Index(fields=["at", "id"], name="version_by_time"),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="cabinet",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="snapshots", to="files.cabinet"
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.UniqueConstraint(fields=("cabinet", "day"), name="snapshot_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cabinet", None)), fields=("day",), name="snapshot_of_all_once_a_day"
            ),
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
