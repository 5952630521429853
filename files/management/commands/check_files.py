import time

from django.core.management import BaseCommand, CommandError

from files.inspection import repair_counters, wrong_counters, wrong_objects
from files.models import Version
from files.storage import storage

MOST_LINES = 1_000


class Command(BaseCommand):
    help = (
        "Compares the counters of cabinets and people with the rows, and the rows with the storage. "
        "Prints what differs, and exits 1 where something does."
    )

    def add_arguments(self, parser):
        parser.add_argument("--content", action="store_true", help="reads every file and compares its SHA-256")
        parser.add_argument("--repair-counters", action="store_true", help="sets wrong counters to what the rows say")

    def handle(self, *, content, repair_counters, **options):
        wrong = self._counters(repair_counters) + self._objects(content)
        self._staging()
        if wrong:
            raise CommandError(
                "1 thing is not as it should be." if wrong == 1 else f"{wrong} things are not as they should be."
            )
        self.stdout.write("All is as it should be.")

    def _counters(self, repair):
        """How many cabinets' and people's counters stay wrong."""
        wrong = 0
        for one in wrong_counters():
            self.stdout.write(f"{one}{'. Repaired' if repair else ''}")
            if repair:
                repair_counters(one.whose)
            wrong += not repair
        return wrong

    def _objects(self, content):
        """How many objects are not what they should be; those that housekeeping clears away are printed, and are no fault.
        More than MOST_LINES are counted, not printed."""
        wrong = printed = 0
        for one in wrong_objects(content=content):
            if printed < MOST_LINES:
                self.stdout.write(str(one))
            printed += 1
            wrong += one.is_harmful
        if printed > MOST_LINES:
            self.stdout.write(f"And {printed - MOST_LINES:,} more.")
        self.stdout.write(f"{Version.objects.stored().count():,} versions compared with the storage.")
        return wrong

    def _staging(self):
        times = [changed_at for _, changed_at in storage().staged()]
        if times:
            hours = (time.time() - min(times)) / 3600
            self.stdout.write(f"{len(times):,} on their way in, the oldest since {hours:.1f} hours.")
