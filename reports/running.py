"""Scheduled reports being made: begun by the clock, written by the worker, told of by mail."""

import hashlib
import logging
from contextlib import closing
from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from accounts.models import Firm, User
from activity.actions import Action
from activity.origin import Origin, coming_from
from activity.recording import record
from notices.signals import announced
from reports.catalog import REPORTS, problems_of
from reports.exports import AllSlotsTaken, TooManyRows, begin_export
from reports.models import Piece, Run, Schedule

QUEUE = "reports"  # one of their own: a long report holds up no mail
KEPT_DAYS = 90
PIECE_BYTES = 1024**2
MOST_BYTES = 100 * PIECE_BYTES
MOST_TRIES = 10  # with those that were killed: what kills the worker must not do so for ever
FORGOTTEN_AFTER = timedelta(hours=6)  # longer than any wait between two tries
WAIT_FOR_OTHERS = timedelta(minutes=1)  # whose exports are being made: people come first
logger = logging.getLogger(__name__)


class CannotBeMade(Exception):
    """Another try would end the same; the words are for the page."""


def run_due(*, now=None):
    """For the clock: every schedule whose time has come is on its way, once; so is what a lost task left behind."""
    now = now or timezone.now()
    for schedule in Schedule.objects.running():
        run_if_due(schedule, now)
    for run in Run.objects.filter(state=Run.State.WAITING, moved_at__lt=now - FORGOTTEN_AFTER):
        make_report.enqueue(run_id=run.pk)


def run_if_due(schedule, now):
    """What was due last is on its way, once, whoever else asks; what was missed before that is not made up."""
    due_at = schedule.rhythm.latest(now)
    if due_at <= schedule.done_until:
        return
    with transaction.atomic():
        still_due = Schedule.objects.running().filter(pk=schedule.pk, done_until__lt=due_at)
        if still_due.update(done_until=due_at):
            _begin(schedule, due_at)


def run_now(schedule, *, by):
    """A run is on its way, besides those that the clock begins."""
    with transaction.atomic():
        record(Action.SCHEDULE_RUN, by=by, subject=schedule.as_subject)
        _begin(schedule, timezone.now())


def pause(schedule, *, by):
    """Nothing is made until somebody goes on with it; its owner is told, where somebody else has paused it."""
    with transaction.atomic():
        if schedule.pause(by=by) and by != schedule.owner:
            mail_pause.enqueue(schedule_id=schedule.pk, by_id=by.pk)


def _begin(schedule, due_at):
    run = schedule.runs.create(due_at=due_at, query=schedule.query_at(due_at))
    make_report.enqueue(run_id=run.pk)


def remove_old_runs(*, now=None):
    """For the clock: runs are gone, with their files, ninety days after they were due."""
    for run in Run.objects.filter(due_at__lt=(now or timezone.now()) - timedelta(days=KEPT_DAYS)):
        run.delete()


@task(queue_name=QUEUE)
def make_report(*, run_id):
    """The run's file is kept, and a mail to each recipient is on its way; or why not is kept, and where another try may
    help, it comes by itself. Can be run twice: the later one's file counts."""
    run = Run.take(run_id)
    if run is None:
        return
    try:
        if run.tries > MOST_TRIES:
            raise CannotBeMade("It was stopped again and again before it was made.")
        with coming_from(Origin(is_system=True)):
            facts = _write(run)
    except AllSlotsTaken:
        _put_off(run)
    except CannotBeMade as problem:
        _give_up(run, str(problem), may_try_again=False)
    except Exception as problem:
        logger.exception("A scheduled report could not be made: run %s", run.pk)
        _give_up(run, f"It could not be made: {type(problem).__name__}.", may_try_again=True)
    else:
        _hand_on(run, facts)


def _write(run):
    """The file lies in pieces in the database, made by the owner as any export, in the firm's zone. Returns what is to be
    known of it. Raises CannotBeMade."""
    schedule, firm = run.schedule, Firm.fresh()
    if not schedule.is_open_to(schedule.owner):
        reason = f"{schedule.owner} may no longer read this report."
        schedule.pause(by=None, reason=reason)
        raise CannotBeMade(reason)
    with timezone.override(firm.zone):
        table = REPORTS[schedule.report].as_seen_by(schedule.owner, run.query)
        if problems := problems_of(table):
            raise CannotBeMade(" ".join(f"{what}: {why}" for what, why in problems))
        try:
            made = begin_export(table, schedule.extension)
        except TooManyRows as problem:
            raise CannotBeMade(
                f"Word holds at most {problem.args[0]:,} rows, and there are more. Choose Excel or CSV, or narrow the view."
            ) from problem
        return {"words": table.filter.sentence, **_keep_pieces(run, made)}


def _keep_pieces(run, made):
    digest, size_bytes = hashlib.sha256(), 0
    with closing(made):  # one that was left is so in the log
        for number, content in enumerate(_in_pieces(made)):
            digest.update(content)
            size_bytes += len(content)
            if size_bytes > MOST_BYTES:
                raise CannotBeMade(f"The file is larger than {MOST_BYTES // 1024**2} MB. Narrow the view.")
            Piece.objects.create(run=run, attempt=run.tries, number=number, content=content)
    return {
        "file_name": made.file_name,
        "media_type": made.media_type,
        "size_bytes": size_bytes,
        "sha256": digest.hexdigest(),
    }


def _in_pieces(chunks):
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        while len(kept) >= PIECE_BYTES:
            yield bytes(kept[:PIECE_BYTES])
            del kept[:PIECE_BYTES]
    if kept:
        yield bytes(kept)


def _hand_on(run, facts):
    schedule = run.schedule
    recipients = [person for person in schedule.recipients.all() if schedule.is_open_to(person)]
    with transaction.atomic():
        if run.keep(recipients=recipients, **facts):
            for recipient in recipients:
                mail_report.enqueue(run_id=run.pk, recipient_id=recipient.pk)
        else:
            run.pieces.filter(attempt=run.tries).delete()


def _put_off(run):
    again_at = timezone.now() + WAIT_FOR_OTHERS
    with transaction.atomic():
        if run.put_off(again_at):
            make_report.using(run_after=again_at).enqueue(run_id=run.pk)


def _give_up(run, reason, *, may_try_again):
    with transaction.atomic():
        if not run.fail(reason, may_try_again=may_try_again):
            return
        if run.again_at:
            make_report.using(run_after=run.again_at).enqueue(run_id=run.pk)
        else:
            mail_failure.enqueue(run_id=run.pk)


@task()
def mail_report(*, run_id, recipient_id):
    """One of the recipients has a mail with the way to the run, never with what is in it. Sent or not, it is announced."""
    recipient = User.objects.get(pk=recipient_id)
    run = Run.objects.visible_to(recipient).filter(pk=run_id).select_related("schedule__owner").first()
    if run is None or not recipient.is_active:
        return
    context = {"schedule": run.schedule, "link": _address(run), "kept_days": KEPT_DAYS}
    with announced(recipient, f"Scheduled report: {run.schedule}"):
        get_adapter().send_mail("reports/mail/report", recipient.email, context)


@task()
def mail_failure(*, run_id):
    """The schedule's owner reads why a run has no file, and that the schedule has paused, where it has. Sent or not, it is
    announced."""
    run = Run.objects.filter(pk=run_id).select_related("schedule__owner").first()
    if run:
        _mail_owner(run.schedule, "report_failed", f"Scheduled report failed: {run.schedule}", {"run": run})


@task()
def mail_pause(*, schedule_id, by_id):
    """The schedule's owner reads who has paused it, while it is so. Sent or not, it is announced."""
    schedule = Schedule.objects.filter(pk=schedule_id).exclude(paused_at=None).select_related("owner").first()
    if schedule:
        by = User.objects.get(pk=by_id)
        _mail_owner(schedule, "schedule_paused", f"Scheduled report paused: {schedule}", {"by": by})


def _mail_owner(schedule, name, note, context):
    """With a link where it opens: not for an owner who may no longer read the report."""
    owner = schedule.owner
    if not owner.is_active:
        return
    link = _address(schedule) if schedule.is_open_to(owner) else ""
    with announced(owner, note):
        get_adapter().send_mail(f"reports/mail/{name}", owner.email, {**context, "schedule": schedule, "link": link})


def _address(page):
    return settings.BASE_URL.origin + page.get_absolute_url()
