import logging
from datetime import timedelta

from django.core.management import BaseCommand, CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, TaskResultStatus

from accounts.sessions import record_expired
from activity.checkpoints import make_hourly_checkpoint
from activity.flood import record_rest
from activity.mails import tell_of_checkpoint_once_a_day
from activity.models import Verification
from files import housekeeping
from files.tasks import look_again
from notices.asking import remind_in_the_morning
from notices.organizers import remind_of_organizers_in_the_morning
from notices.tasks import tell_of_the_day_in_the_morning
from reports.running import remove_old_runs

KILLED_AFTER = timedelta(minutes=15)
logger = logging.getLogger("portal.clock")


class Command(BaseCommand):
    help = (
        "Periodic work, run by the clock: the log's checkpoints and checks, what uploads left behind, ended sessions."
    )

    def handle(self, **options):
        works = [
            self._verify_once_a_day,
            make_hourly_checkpoint,
            tell_of_checkpoint_once_a_day,
            tell_of_the_day_in_the_morning,
            remind_in_the_morning,
            remind_of_organizers_in_the_morning,
            remove_old_runs,
            record_expired,
            record_rest,
            look_again,
            self._keep_files,
            self._clear,
            self._start_again_what_was_killed,
        ]
        failed = [work for work in works if not self._does(work)]
        if failed:
            raise CommandError(f"{len(failed)} of {len(works)} works failed; the lines above say why.")

    def _does(self, work):
        """Whether it was done. What one cannot do keeps none of the others from being done."""
        try:
            work()
        except Exception:
            logger.exception("Periodic work failed: %s", work.__name__)
            return False
        return True

    def _verify_once_a_day(self):
        """A break is no fault of the clock's: the pages show it, and the next day's check finds it again."""
        now = timezone.now()
        if not Verification.objects.filter(is_full=True, at__range=(now - timedelta(days=1), now)).exists():
            try:
                call_command("verify_activity", stdout=self.stdout)
            except CommandError as broken:
                self.stderr.write(str(broken))

    def _keep_files(self):
        """Each of the works on files is guarded by itself, and its figures are kept for the page. What failed is shown
        there; the command fails too."""
        failed = []

        def note(work, problem):
            logger.error("Periodic work failed: %s", work.name, exc_info=problem)
            failed.append(work.name)

        for name, figures in housekeeping.run(failed=note).items():
            words = [f"{number} {housekeeping.FIGURES[figure]}" for figure, number in figures.items()]
            self.stdout.write(f"{housekeeping.TITLES[name]}: {', '.join(words) or 'done'}.")
        if failed:
            raise CommandError(f"Works on files failed: {', '.join(failed)}.")

    def _clear(self):
        call_command("clearsessions")
        call_command("prune_db_task_results", min_age_days=14, verbosity=0)

    def _start_again_what_was_killed(self):
        """A task whose worker was killed would stay RUNNING for ever; tasks can be run twice."""
        killed = DBTaskResult.objects.filter(
            status=TaskResultStatus.RUNNING, started_at__lt=timezone.now() - KILLED_AFTER
        )
        killed.update(status=TaskResultStatus.READY)
