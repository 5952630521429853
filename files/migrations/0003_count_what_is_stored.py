from django.db import migrations
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce


def count(apps, schema_editor):
    """Each cabinet's counters, from the rows."""
    Cabinet, Version = apps.get_model("files", "Cabinet"), apps.get_model("files", "Version")

    def total(condition):
        versions = Version.objects.filter(condition, file__folder__cabinet=OuterRef("pk")).order_by()
        return Coalesce(Subquery(versions.values("file__folder__cabinet").annotate(n=Sum("size_bytes")).values("n")), 0)

    in_place = Q(file__binned_at=None)
    Cabinet.objects.update(
        current_bytes=total(in_place & Q(current_of__isnull=False)),
        earlier_bytes=total(in_place & Q(current_of__isnull=True)),
        binned_bytes=total(Q(file__binned_at__isnull=False)),
    )


class Migration(migrations.Migration):
    dependencies = [("files", "0002_exchange")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
