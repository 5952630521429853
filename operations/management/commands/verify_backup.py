from pathlib import Path

from django.core.management import BaseCommand, CommandError
from tqdm import tqdm

from operations.backup.folder import BackupFolder
from operations.backup.opening import add_keys, identities
from operations.backup.problems import Refused
from operations.backup.restoring import verified


class Command(BaseCommand):
    help = "Reads every byte of a backup and names what is damaged. With its passphrase or key it is opened, too."

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument("--set", default="", metavar="NAME", help="one of the folder's sets/; else the newest")
        add_keys(parser)

    def handle(self, *, folder, set, passphrase_file, identity_file, **options):  # noqa: A002 — the option's name
        try:
            place = BackupFolder(folder)
            backup = place.set(set)
            with tqdm(desc="verified", unit=" objects", disable=not self.stdout.isatty()) as bar:
                progress = lambda done: bar.update(done - bar.n)  # noqa: E731
                if passphrase_file or identity_file:
                    keys = identities(place.path, passphrase_file=passphrase_file, identity_file=identity_file)
                    contents, _ = verified(backup, keys, progress=progress)
                    words = f", and holds the log up to event {contents.manifest['head']['seq']:,}"
                else:
                    backup.refuse_if_damaged(progress=progress)
                    words = ""
        except (Refused, OSError) as problem:
            raise CommandError(f"{problem}") from problem
        self.stdout.write(f"Every byte of the set {backup.name} is as it was written{words}.")
