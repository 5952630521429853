"""A template on its way to many clients, in parts that are short enough for everybody else to go on."""

import time
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.models import Client
from organizer.models.following import WrongOrder
from organizer.models.organizers import Organizer
from organizer.models.templates import Template, TemplateVersion

CLIENTS_AT_ONCE = 200
WAITS_FOR = timedelta(days=7)


class SendingQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Only whoever chose the clients sees it and goes on with it."""
        return self.filter(by=user)

    def running(self):
        return self.filter(state=Sending.State.RUNNING)


class Sending(models.Model):
    """Clients that somebody chose for a template. ``clients`` holds the ids of those that still wait; one leaves it in the
    transaction that gives it its organizer, so that nobody is left out or gets two, whatever breaks off."""

    class State(models.TextChoices):
        WAITING = "waiting", "Not confirmed"
        RUNNING = "running", "Started"
        DONE = "done", "Finished"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    clients = models.JSONField(default=list)
    client_count = models.PositiveIntegerField()
    sent_count = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    reminder_days = models.JSONField(default=list, blank=True)
    repeats = models.BooleanField(default=False)  # also for those who have it already

    objects = SendingQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]

    def __str__(self):
        return str(self.version.template)

    @classmethod
    def prepare(cls, version, clients, *, by):
        """The clients wait to be confirmed. Nothing is sent yet."""
        ids = list(clients.order_by("name").values_list("pk", flat=True))
        with transaction.atomic():
            cls.objects.filter(state=cls.State.WAITING, at__lt=timezone.now() - WAITS_FOR).delete()
            return cls.objects.create(version=version, clients=ids, client_count=len(ids), by=by)

    @property
    def is_waiting(self):
        return self.state == self.State.WAITING

    @property
    def is_done(self):
        return self.state == self.State.DONE

    @property
    def done_count(self):
        return self.client_count - len(self.clients)

    @property
    def left_out_count(self):
        return self.done_count - self.sent_count

    def chosen(self):
        """The clients that wait, as far as ``by`` sees them still and the firm works for them."""
        return Client.objects.visible_to(self.by).open().filter(pk__in=self.clients)

    def having(self):
        """Of those, the ones that have this template's year already."""
        return self.chosen().filter(pk__in=having(self.version).values("client"))

    def confirm(self, **fields):
        """It may be sent so. Does nothing the second time."""
        Sending.objects.filter(pk=self.pk, state=self.State.WAITING).update(state=self.State.RUNNING, **fields)

    def discard(self):
        """What was not confirmed is gone; of what was begun, the rest is sent to nobody."""
        with transaction.atomic():
            Sending.objects.filter(pk=self.pk, state=self.State.WAITING).delete()
            running = Sending.objects.filter(pk=self.pk, state=self.State.RUNNING)
            running.update(state=self.State.DONE, clients=[], finished_at=timezone.now())

    def go_on(self, *, seconds):
        """Parts are sent, one after another, until the time is up or none is left. Raises WrongOrder where the template can
        be sent no longer; the rest waits."""
        until = time.monotonic() + seconds
        while self._send_part() and time.monotonic() < until:
            pass

    def _send_part(self):
        """Whether there was a part to send."""
        with transaction.atomic():
            Template.objects.select_for_update().get(pk=self.version.template_id)  # nobody else sends it meanwhile
            sending = Sending.objects.select_for_update().select_related("version__template", "by").get(pk=self.pk)
            if sending.state != self.State.RUNNING:
                return False
            if not sending.version.can_be_sent:
                raise WrongOrder(f"{sending.version.template} is not published any more. The rest waits until it is.")
            sending._take(sending.clients[:CLIENTS_AT_ONCE])
        return True

    def _take(self, ids):
        clients = self.chosen().filter(pk__in=ids).order_by("name")
        if not self.repeats:
            clients = clients.exclude(pk__in=having(self.version).values("client"))
        self.clients = self.clients[len(ids) :]
        sent = list(clients)
        self.sent_count += len(sent)
        if not self.clients:
            self.state, self.finished_at = self.State.DONE, timezone.now()
        self.save(update_fields=["clients", "sent_count", "state", "finished_at"])
        fields = {"message": self.message, "due_on": self.due_on, "reminder_days": self.reminder_days}
        Organizer.send(self.version, sent, by=self.by, **fields)


def having(version):
    """The organizers by which clients have this version's template for its year."""
    year = version.definition["tax_year"]
    return Organizer.objects.filter(version__template=version.template_id, tax_year=year, withdrawn_at=None)
