from pathlib import Path

from django.core.management import BaseCommand, CommandError
from tqdm import tqdm

from operations.moving_database import NotMoved, move


class Command(BaseCommand):
    help = (
        "Copies every row of a portal's SQLite file into the empty PostgreSQL database that DATABASE_URL names, and verifies the "
        "log there. The portal is stopped; the file stays as it is."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="the SQLite file that DATABASE_URL named until now")

    def handle(self, *, file, **options):
        try:
            with tqdm(unit=" rows", disable=not self.stdout.isatty()) as bar:
                moved = move(file, progress=lambda total: bar.reset(total) or bar.update)
        except NotMoved as problem:
            raise CommandError(f"Nothing was moved: {problem}.") from problem
        self.stdout.write(f"Moved and counted {moved.in_words}.")
        self.stdout.write(
            "Now run `manage.py prepare` and start the portal. The old file is as it was: keep it, out of reach."
        )
