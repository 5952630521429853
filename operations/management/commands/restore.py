import sys
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError
from tqdm import tqdm

from operations.backup import restoring
from operations.backup.folder import BackupFolder
from operations.backup.opening import add_keys, identities
from operations.backup.problems import Refused

ASKED = "A file with the newest checkpoint that anybody holds, the three lines that are mailed daily; nothing if there is none: "


class Command(BaseCommand):
    help = (
        "Puts a backup back into an empty installation, once every byte of it was verified: files, key file, settings, database. "
        "The log then says which events are lost."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument("--set", default="", metavar="NAME", help="one of the folder's sets/; else the newest")
        add_keys(parser)
        held = parser.add_mutually_exclusive_group()
        held.add_argument("--checkpoint", type=Path, metavar="FILE", help="the newest checkpoint that anybody holds")
        held.add_argument("--no-checkpoint", action="store_true", help="nobody holds one")

    def handle(self, *, folder, set, checkpoint, no_checkpoint, **options):  # noqa: A002 — the option's name
        try:
            restoring.refuse_unless_empty()
            place = BackupFolder(folder)
            backup = place.set(set)
            keys = identities(place.path, **options)
            held = self._held(checkpoint, no_checkpoint)
            with tqdm(desc="verified", unit=" objects", disable=not self.stdout.isatty()) as bar:
                contents, told = restoring.verified(
                    backup, keys, held=held, progress=lambda done: bar.update(done - bar.n)
                )
            restoring.refuse_unless_it_fits(contents)
        except (Refused, OSError, DatabaseError) as problem:
            raise CommandError(f"Nothing was restored: {problem}") from problem
        finding = self._restore(backup, contents, told)
        call_command("prepare", stdout=self.stdout)
        self._tell(backup, contents, finding)

    def _restore(self, backup, contents, held):
        try:
            with tqdm(desc="put back", unit=" objects", disable=not self.stdout.isatty()) as bar:
                restoring.put_back(backup, contents, progress=lambda done: bar.update(done - bar.n))
            return restoring.go_on(backup, contents, held)
        except (Refused, OSError, DatabaseError) as problem:
            raise CommandError(
                f"The restore broke off: {problem}. Empty database and storage again, remove {settings.PORTAL_KEYS}, and repeat it."
            ) from problem

    def _tell(self, backup, contents, finding):
        self.stdout.write(f"The set {backup.name} of {contents.manifest['origin']} is restored.")
        self.stdout.write(f"The log is {finding.in_words}.")
        self.stdout.write(
            f"The settings it had are in {settings.VAR_DIR / restoring.SETTINGS}; take over what you need, and delete it."
        )
        if contents.manifest["problems"]:
            raise CommandError(f"It is restored, but the set lacks: {'; '.join(contents.manifest['problems'])}")
        if not finding.is_whole:
            raise CommandError(f"It is restored, but the log is {finding.in_words}.")

    def _held(self, path, is_none):
        """The checkpoint's words, or nothing. Raises Refused."""
        if not path and not is_none and sys.stdin.isatty():
            path = Path(answer) if (answer := input(ASKED).strip()) else None
        elif not path and not is_none:
            raise Refused("give --checkpoint FILE, the newest that anybody holds, or --no-checkpoint")
        try:
            return path.read_text() if path else ""
        except (OSError, UnicodeDecodeError) as problem:
            raise Refused(f"the checkpoint cannot be read: {problem}") from problem
