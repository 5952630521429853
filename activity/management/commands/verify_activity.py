from pathlib import Path

from django.core.management import BaseCommand, CommandError
from tqdm import tqdm

from activity.checkpoints import NoCheckpoint, read
from activity.models import Event
from activity.recording import Subject
from activity.verification import InArchive, check


class Command(BaseCommand):
    help = (
        "Walks the whole log, makes every hash and mac again, and names the first event that is not as it was written."
    )

    def add_arguments(self, parser):
        parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint that was verified")
        parser.add_argument(
            "--against",
            metavar="FILE",
            action="append",
            default=[],
            type=Path,
            help="a checkpoint that was mailed or kept",
        )

    def handle(self, *, resume, against, **options):
        anchors = [self._read(path) for path in against]
        head = Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
        with tqdm(total=head, unit=" events", disable=not self.stdout.isatty()) as bar:
            try:
                finding = check(
                    progress=lambda seq: bar.update(seq - bar.n),
                    resume=resume,
                    against=anchors,
                    subject=Subject("command", "", "manage.py verify_activity"),
                )
            except InArchive as problem:
                raise CommandError(
                    f"The checkpoint cannot be compared: {problem}. Check them with the verifier."
                ) from problem
        if not finding.is_whole:
            raise CommandError(f"The log is {finding.in_words}. Nothing was changed or repaired.")
        self.stdout.write(f"The log is {finding.in_words}, hash {finding.head_hash.hex()}.")

    def _read(self, path):
        try:
            return read(path.read_text())
        except (OSError, UnicodeDecodeError, NoCheckpoint) as problem:
            raise CommandError(f"{path} is no checkpoint of this portal: {problem}") from problem
