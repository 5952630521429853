from django.core.management import BaseCommand, CommandError

from activity.actions import Action
from activity.models import Verification
from activity.recording import Subject, record_now
from activity.verification import verify


class Command(BaseCommand):
    help = (
        "Walks the whole log, makes every hash and mac again, and names the first event that is not as it was written."
    )

    def handle(self, **options):
        finding = verify(progress=self._say)
        Verification.objects.create(
            head_seq=finding.head_seq,
            head_hash=finding.head_hash,
            first_bad_seq=finding.first_bad_seq,
            finding=finding.reason,
        )
        words = f"unbroken up to event {finding.head_seq:,}" if finding.is_whole else f"broken: {finding.reason}"
        record_now(Action.LOG_VERIFIED, subject=Subject("command", "", "manage.py verify_activity"), note=words)
        if not finding.is_whole:
            raise CommandError(f"The log is {words}. Nothing was changed or repaired.")
        self.stdout.write(f"The log is {words}, hash {finding.head_hash.hex()}.")

    def _say(self, seq):
        if self.stdout.isatty():
            self.stdout.write(f"\rchecked up to event {seq:,}", ending="")
