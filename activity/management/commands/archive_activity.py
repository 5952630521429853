from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from activity import archives
from activity.standalone import Broken


class Command(BaseCommand):
    help = (
        "Writes the log up to the last checkpoint before a day into a file that verifies by itself, then takes those events "
        "out of the database. With --keep it takes nothing out, and the file goes up to now."
    )

    def add_arguments(self, parser):
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--before", metavar="DATE", help="as 2019-01-01; the firm's rule must allow it")
        what.add_argument("--keep", action="store_true", help="only write the file")
        parser.add_argument("--into", metavar="FOLDER", type=Path, default=settings.VAR_DIR / "archives")

    def handle(self, *, before, keep, into, **options):
        try:
            if not keep:
                for stopped in archives.unfinished():
                    self._prune(stopped, into)
            kept = archives.archive(self._day(before), folder=into, prune=not keep)
            self.stdout.write(
                f"Events {kept.first_seq:,} to {kept.last_seq:,} are in {into / kept.file_name}, SHA-256 {kept.sha256}."
            )
            if kept.is_pruned:
                self._prune(kept, into)
                self.stdout.write("They are no longer in the database. Keep the file: it is all that is left of them.")
        except (archives.NotArchived, Broken) as problem:
            raise CommandError(str(problem)) from problem

    def _day(self, before):
        try:
            return date.fromisoformat(before) if before else timezone.localdate()
        except ValueError as problem:
            raise CommandError(f"{before} is no date; write it as 2019-01-01") from problem

    def _prune(self, kept, folder):
        with tqdm(total=kept.last_seq, unit=" events", disable=not self.stdout.isatty()) as bar:
            archives.prune(kept, folder=folder, progress=lambda seq: bar.update(seq - bar.n))
