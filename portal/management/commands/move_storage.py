from django.conf import settings
from django.core.management import BaseCommand, CommandError
from tqdm import tqdm

from files.models import Version
from files.storage import storage, storage_at
from operations import moving_storage
from operations.moving_storage import NotMoved
from operations.umask import umask
from portal.environment import as_storage_url


class Command(BaseCommand):
    help = (
        "Copies the stored files to another folder or bucket, and reads each there to compare its SHA-256. Nothing is removed. "
        "It may run as often as you like while the portal serves; then stop the portal and run it once more with --last."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "to", metavar="STORAGE_URL", help="a folder, or s3://bucket?endpoint=https://s3.example.com"
        )
        parser.add_argument(
            "--last",
            action="store_true",
            help="the portal is stopped: brings what is new, gives up unfinished uploads, and says in the log that all is moved",
        )

    @umask(0o027)  # files are readable by the portal's group, as those that it receives
    def handle(self, *, to, last, **options):
        old, new = settings.STORAGE, as_storage_url("The new storage", to)
        if old == new:
            raise CommandError("The files lie there already: STORAGE_URL names this storage.")
        try:
            self._move(old, new, to, last)
        except (NotMoved, OSError) as problem:
            raise CommandError(
                f"Not moved: {problem}. What is copied stays; run it again, and it goes on from there."
            ) from problem

    def _move(self, old, new, to, is_last):
        source, target = storage(), storage_at(new)
        target.prepare()
        lists = moving_storage.lists_of(settings.VAR_DIR / "moving-storage", new)
        with moving_storage.alone(lists):
            given_up = moving_storage.give_up_unfinished() if is_last else 0
            moved = self._copy(source, target, lists)
            if is_last:
                moving_storage.record_move(old, new, moved)
        self.stdout.write(f"{moved.in_words[0].upper()}{moved.in_words[1:]}.")
        for fault in moved.faults:
            self.stdout.write(fault)
        if not is_last:
            self.stdout.write("To finish, stop the portal and run this again with --last.")
            return
        if given_up:
            self.stdout.write(f"Unfinished uploads given up: {given_up:,}. Whoever sent them begins again.")
        self.stdout.write(f"Now set STORAGE_URL={to}, run `manage.py prepare`, and start the portal.")

    def _copy(self, source, target, lists):
        total = Version.objects.total_bytes()
        bar = tqdm(total=total, unit="B", unit_scale=True, disable=not self.stdout.isatty())
        with bar:
            return moving_storage.copy_all(source, target, lists=lists, progress=bar.update)
