from datetime import timedelta

from django.core.management import BaseCommand, CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, TaskResultStatus

from accounts.sessions import record_expired
from activity.checkpoints import make_hourly_checkpoint
from activity.flood import record_rest
from activity.models import Verification
from files.housekeeping import sweep

KILLED_AFTER = timedelta(minutes=15)


class Command(BaseCommand):
    help = "Periodic work, run by the clock: what uploads left behind, ended sessions."

    def handle(self, **options):
        swept = sweep()
        record_expired()
        record_rest()
        make_hourly_checkpoint()
        call_command("clearsessions")
        call_command("prune_db_task_results", min_age_days=14, verbosity=0)
        self._start_again_what_was_killed()
        self._verify_once_a_day()
        self.stdout.write(
            f"{swept.unfinished} unfinished uploads removed, {swept.orphans} objects without a file set aside."
        )

    def _verify_once_a_day(self):
        """A break is no fault of the clock's: the pages show it, and the next day's check finds it again."""
        if not Verification.objects.filter(at__gt=timezone.now() - timedelta(days=1)).exists():
            try:
                call_command("verify_activity", stdout=self.stdout)
            except CommandError as broken:
                self.stderr.write(str(broken))

    def _start_again_what_was_killed(self):
        """A task whose worker was killed would stay RUNNING for ever; tasks can be run twice."""
        killed = DBTaskResult.objects.filter(
            status=TaskResultStatus.RUNNING, started_at__lt=timezone.now() - KILLED_AFTER
        )
        killed.update(status=TaskResultStatus.READY)
