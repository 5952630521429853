"""An uploaded list of clients, from the upload until the last of its rows is in the portal."""

import time
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts import signals
from accounts.importing import Plan
from accounts.models import Assignment, Client, Invitation, Membership, Role, User
from accounts.spreadsheets import dataset_of

ROWS_AT_ONCE = 200
WAITS_FOR = timedelta(days=7)


class ImportBatchQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Only whoever uploaded a list sees it and goes on with it."""
        return self.filter(by=user)

    def unfinished(self):
        return self.exclude(state=ImportBatch.State.DONE)


class ImportBatch(models.Model):
    """A list that somebody uploaded. Its rows wait in parts; a part is gone once its clients and people are there."""

    class State(models.TextChoices):
        WAITING = "waiting", "Not confirmed"
        RUNNING = "running", "Started"
        DONE = "done", "Finished"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    file_name = models.CharField(max_length=255)
    notes = models.JSONField(default=list)  # what the reader of the file had to say
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    sends_invitations = models.BooleanField(default=False)
    row_count = models.PositiveIntegerField()
    done_count = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)  # what came of the rows so far: clients, people, joining, unchanged
    left_out = models.JSONField(default=list)  # rows that something stood against only after they were confirmed

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self):
        return self.file_name

    @property
    def is_done(self):
        return self.state == self.State.DONE

    @classmethod
    def receive(cls, file_name, plan, *, notes=(), by):
        """The rows of a plan without problems wait to be confirmed, those of a client together. Nothing else changes."""
        rows = _by_client(plan.rows)
        with transaction.atomic():
            cls.objects.filter(state=cls.State.WAITING, uploaded_at__lt=timezone.now() - WAITS_FOR).delete()
            batch = cls.objects.create(by=by, file_name=file_name[-255:], notes=list(notes), row_count=len(rows))
            starts = range(0, len(rows), ROWS_AT_ONCE)
            ImportPart.objects.bulk_create(
                ImportPart(batch=batch, rows=[row.kept for row in rows[start : start + ROWS_AT_ONCE]])
                for start in starts
            )
        return batch

    def plan(self):
        """What the rows that wait would do by now."""
        return Plan(dataset_of([row for part in self.parts.order_by("pk") for row in part.rows]))

    def confirm(self, *, sends_invitations):
        """The rows may be written. Does nothing the second time."""
        ImportBatch.objects.filter(pk=self.pk, state=self.State.WAITING).update(
            state=self.State.RUNNING, sends_invitations=sends_invitations
        )

    def discard(self):
        """A list that was not confirmed is gone."""
        ImportBatch.objects.filter(pk=self.pk, state=self.State.WAITING).delete()

    def write(self, *, seconds, by):
        """Parts are written, one after another, until the time is up or none is left."""
        until = time.monotonic() + seconds
        while self._write_part(by) and time.monotonic() < until:
            pass

    def _write_part(self, by):
        """Whether there was a part to write. Who added one of its clients or people at the same moment is met again."""
        try:
            return self._write_next(by)
        except IntegrityError:
            return self._write_next(by)

    def _write_next(self, by):
        """The next part is in the portal, and in the log, whole; with the last one the batch is done."""
        with transaction.atomic():
            batch = ImportBatch.objects.select_for_update().get(pk=self.pk)
            if batch.state != self.State.RUNNING:
                return False
            part = batch.parts.order_by("pk").first()
            plan = Plan(dataset_of(part.rows), is_first=False)
            part.delete()
            batch._add_up(part, plan)
            _write(plan, sends_invitations=batch.sends_invitations, by=by)
            if batch.is_done:
                signals.clients_imported.send(ImportBatch, subject=batch, by=by, after=batch.in_words())
        return True

    def _add_up(self, part, plan):
        self.done_count += len(part.rows)
        self.counts = {name: self.counts.get(name, 0) + count for name, count in plan.counts.items()}
        self.left_out += [[one.number, one.column, one.sentence] for one in plan.problems]
        if not self.parts.exists():
            self.state, self.finished_at = self.State.DONE, timezone.now()
        self.save(update_fields=["done_count", "counts", "left_out", "state", "finished_at"])

    def in_words(self):
        """For the log: how many of what."""
        names = {"clients": "clients", "people": "people", "joining": "known people added", "unchanged": "unchanged"}
        words = {words: self.counts[name] for name, words in names.items()}
        return {**words, "left out": len(self.left_out), "invitations": "sent" if self.sends_invitations else "held"}


class ImportPart(models.Model):
    """Rows of a batch that are still to be written."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="parts")
    rows = models.JSONField()

    def __str__(self):
        return f"{len(self.rows)} rows of {self.batch}"


def _by_client(rows):
    """In the order of the file, but all rows of a client where its first one is."""
    clients = {}
    for row in rows:
        clients.setdefault(row.client, []).append(row)
    return [row for rows in clients.values() for row in rows]


def _write(plan, *, sends_invitations, by):
    """All rows first, then the log: one signal of each kind. Inside the transaction of the part."""
    rows, known = plan.good_rows, plan.known
    new_clients = {row.client: Client(name=row.client) for row in rows if row.client not in known.clients}
    Client.objects.bulk_create(new_clients.values())
    clients = {**known.clients, **new_clients}
    teams = {row.client: [known.people[email] for email in row.team] for row in rows if row.client in new_clients}
    Assignment.objects.bulk_create(
        Assignment(client=clients[name], user=user) for name, team in teams.items() for user in team
    )

    people_rows = [row for row in rows if row.email]
    new_people = {row.email: _person(row) for row in people_rows if row.email not in known.people}
    User.objects.bulk_create(new_people.values())
    people = {**known.people, **new_people}
    invited, joining = {}, []
    for row in people_rows:
        if row.email in new_people and row.email not in invited:
            invited[row.email] = clients[row.client]
        elif row.email in new_people or not known.is_member(row.email, row.client):
            joining.append((people[row.email], clients[row.client]))
    belonging = [(people[email], client) for email, client in invited.items()] + joining
    Membership.objects.bulk_create(Membership(user=user, client=client) for user, client in belonging)
    if sends_invitations and new_people:
        Invitation.objects.bulk_create(Invitation.unmailed(user) for user in new_people.values())
        signals.invitations_due.send(User, subjects=list(new_people.values()), by=by)

    _announce(
        signals.client_created, Client, new_clients.values(), by, [_team_in_words(team) for team in teams.values()]
    )
    held = {} if sends_invitations else {"note": "The invitation is held"}
    role = {"after": {"role": Role.CLIENT_USER.label}}
    _announce(
        signals.user_invited,
        User,
        new_people.values(),
        by,
        [{"client": invited[email], **role, **held} for email in new_people],
    )
    _announce(
        signals.member_added, User, [user for user, _ in joining], by, [{"client": client} for _, client in joining]
    )


def _person(row):
    user = User(email=row.email, role=Role.CLIENT_USER, name=row.name)
    user.set_unusable_password()
    return user


def _team_in_words(team):
    emails = ", ".join(sorted(user.email for user in team))
    return {"after": {"looked after by": emails, "told of files": emails}}


def _announce(signal, model, subjects, by, each):
    if each:
        signal.send(model, subjects=list(subjects), by=by, each=each)
