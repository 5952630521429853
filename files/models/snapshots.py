from django.db import models
from django.db.models import Q

from files.models.cabinets import Cabinet

FIELDS = ("file_count", "current_bytes", "earlier_bytes", "binned_bytes")


class Snapshot(models.Model):
    """What a cabinet held when a day of the firm's began; without a cabinet, what all of them held."""

    day = models.DateField()
    cabinet = models.ForeignKey(Cabinet, null=True, on_delete=models.CASCADE, related_name="snapshots")
    file_count = models.BigIntegerField()
    current_bytes = models.BigIntegerField()
    earlier_bytes = models.BigIntegerField()
    binned_bytes = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cabinet", "day"], name="snapshot_once_a_day"),
            models.UniqueConstraint(fields=["day"], condition=Q(cabinet=None), name="snapshot_of_all_once_a_day"),
        ]

    def __str__(self):
        return f"{self.cabinet or 'All'}, {self.day}"

    @property
    def size_bytes(self):
        return self.current_bytes + self.earlier_bytes + self.binned_bytes

    @classmethod
    def take(cls, day):
        """Each cabinet that holds anything has its row for the day, and all together have theirs; a day that has rows keeps
        them. Returns how many were made. From the counters, in one statement: of one moment."""
        if cls.objects.filter(day=day, cabinet=None).exists():
            return 0
        holding = Cabinet.objects.filter(
            Q(file_count__gt=0) | Q(current_bytes__gt=0) | Q(earlier_bytes__gt=0) | Q(binned_bytes__gt=0)
        )
        rows = [cls(day=day, cabinet_id=pk, **_held(numbers)) for pk, *numbers in holding.values_list("pk", *FIELDS)]
        sums = [sum(getattr(row, name) for row in rows) for name in FIELDS]
        made = cls.objects.bulk_create([*rows, cls(day=day, **_held(sums))], ignore_conflicts=True, batch_size=500)
        return len(made)


def _held(numbers):
    return dict(zip(FIELDS, numbers, strict=True))
