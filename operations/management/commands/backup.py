import logging
from pathlib import Path

from django.core.management import BaseCommand, CommandError
from django.db import DatabaseError
from django.template.defaultfilters import filesizeformat
from tqdm import tqdm

from operations.backup.copying import in_words
from operations.backup.history import record_failure, record_made
from operations.backup.making import make, opened
from operations.backup.opening import passphrase
from operations.backup.problems import Refused
from operations.backup.pruning import Rule, prune
from operations.backup.sealing import recipient_of
from operations.umask import umask

logger = logging.getLogger("portal.backup")


class Command(BaseCommand):
    help = (
        "Copies database, files, key file and settings, encrypted, into a folder while the portal runs: a new set, which shares "
        "what does not change with those before it, and which is read back."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="else BACKUP_PASSPHRASE")
        parser.add_argument("--recipient", default="", metavar="age1…", help="a public key, instead of a passphrase")
        parser.add_argument(
            "--quick", action="store_true", help="read back only what is new; else every byte of the set"
        )
        for period in ("daily", "weekly", "monthly"):
            parser.add_argument(
                f"--keep-{period}", type=int, default=0, metavar="N", help="remove sets that no --keep option keeps"
            )

    @umask(0o077)
    def handle(self, *, folder, passphrase_file, recipient, quick, **options):
        rule = Rule(options["keep_daily"], options["keep_weekly"], options["keep_monthly"])
        try:
            if min(rule.daily, rule.weekly, rule.monthly) < 0:
                raise Refused("a --keep option is a number of days, weeks or months")
            words = "" if recipient else passphrase(passphrase_file)
            with opened(folder) as place, tqdm(unit=" objects", disable=not self.stdout.isatty()) as bar:

                def show(what, done):
                    bar.set_description(what)
                    bar.update(done - bar.n)

                key = recipient_of(place.path, words=words, recipient=recipient)
                made = make(place, key, verify_all=not quick, progress=show)
                removed = self._prune(place, rule, made)
        except (Refused, OSError, DatabaseError) as problem:
            self._tell(problem)
            raise CommandError(f"No backup was made: {problem}") from problem
        except Exception as problem:
            self._tell(problem)
            raise
        record_made(made, removed)
        if made.copied.problems:
            raise CommandError(f"The set {made.name} was made, but {in_words(made.copied.problems)}")
        self.stdout.write(self._in_words(made, removed))

    def _prune(self, place, rule, made):
        """(sets, objects) that were removed. What stands in the way is a problem of the backup that was made."""
        try:
            return prune(place, rule) if rule.is_set else (0, 0)
        except (Refused, OSError) as problem:
            made.copied.fails(f"old sets were not removed: {problem}")
            return 0, 0

    def _in_words(self, made, removed):
        copied = made.copied
        words = (
            f"The set {made.name} is in its place and was read back: {copied.objects:,} objects, {copied.copied:,} of them new, "
            f"{filesizeformat(made.size_bytes)} in all."
        )
        return f"{words} Removed: {removed[0]:,} old sets, {removed[1]:,} objects." if any(removed) else words

    def _tell(self, problem):
        """Into the log as well, unless it is the log that is away."""
        try:
            record_failure(problem)
        except DatabaseError:
            logger.exception("The log could not take that a backup failed")
