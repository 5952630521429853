from django.db import connection, models
from django.db.models import Case, F, Q, TextField, Value, When

from accounts.models import Client, Membership, User
from accounts.rights import Right
from activity.actions import Action, Area
from activity.runs import Found, bounded

GUEST = "guest"  # the role of whoever comes over a request link
SYSTEM = "system"  # the role of what nobody signed in caused, and no request
NOBODY = {SYSTEM: "System", "": "Not signed in"}  # who did it, by role, where no address is known

FAILED_TRIES = [Action.SIGN_IN_FAILED, Action.FACTOR_FAILED]
OPENED = [Action.FILE_DOWNLOADED, Action.FILE_PREVIEWED]


class AppendOnly(RuntimeError):
    """Events are never changed or deleted; the database refuses it as well."""


class EventQuerySet(models.QuerySet):
    def update(self, **fields):
        raise AppendOnly("An event is never changed.")

    def delete(self):
        raise AppendOnly("An event is never deleted.")

    def bulk_update(self, *args, **kwargs):
        raise AppendOnly("An event is never changed.")

    def visible_to(self, user):
        """Everything for administrators and auditors; a firm user's clients; for a client user their own acts, what the
        people of their clients did there, and who at the firm opened their files."""
        if user.is_administrator or user.is_auditor:
            return self
        if user.may(Right.SEE_ALL_CLIENTS):  # few are deleted, and thousands are not
            return self.filter(client_id__isnull=False).exclude(client_id__in=Client.objects.deleted().values("pk"))
        clients = user.visible_clients().values("pk")
        if user.is_firm_user:
            return self.filter(client_id__in=clients)
        colleagues = Membership.objects.filter(client__in=clients).values("user")
        there = Q(client_id__in=clients) & (Q(actor_id__in=colleagues) | Q(action__in=OPENED))
        return self.filter(Q(actor_id=user.pk) | there)

    def with_actor(self):
        """Each with ``actor``: who did it, in words."""
        nobody = [When(actor_email="", actor_role=role, then=Value(words)) for role, words in NOBODY.items()]
        return self.annotate(actor=Case(*nobody, default=F("actor_email"), output_field=TextField()))

    def of_files(self):
        return self.filter(area=Area.FILES)

    def newest_first(self):
        return self.order_by("-seq")

    def first_by(self, order, count):
        """The first ``count`` events, by "seq" or "-seq"; at any length of the log as fast as in a short one, where an
        index leads there."""
        found = Found.of(self.query)
        if found and not found.runs:
            return self.none()
        are_first = found and found.are_first(order.startswith("-"), count)
        if are_first is None:
            return self._bounded_once().order_by(order)[:count]
        events = self._chain()
        events.query.clear_where()
        return events.filter(are_first).order_by(order)

    def _bounded_once(self):
        """The same events. Of several bounds of ``seq`` SQLite takes any to begin at, and walks from there to the tightest."""
        events = self._chain()
        first, end, events.query.where = bounded(self.query.where)
        return events.filter(seq__gte=first, seq__lt=end)

    def count_up_to(self, most):
        """How many there are; no more than ``most`` are counted."""
        found = Found.of(self.query)
        if found and not found.runs:
            return 0
        return found.count_up_to(most) if found else self._bounded_once()[:most].count()


def actor_of(event):
    """Who did it, in words; as ``with_actor``, for an event at hand."""
    return event.actor_email or NOBODY.get(event.actor_role, "")


def first_seq_at_or_after(moment):
    """The number of the first event at or after ``moment``; one past the last where there is none.

    Time never runs against seq and seq has no gaps, so this halves its way through the primary key: one statement,
    some twenty look-ups at ten million events, and no index on time.
    """
    from activity.models import Event

    when = Event._meta.get_field("at").get_db_prep_value(moment, connection)
    is_before = "(SELECT at FROM activity_event WHERE seq = (low + high) / 2) < %s"
    with connection.cursor() as cursor:
        # The least and the greatest number each in a select of its own: SQLite reads the whole index for both in one
        cursor.execute(
            f"""WITH RECURSIVE span(low, high) AS (
                    SELECT CAST(COALESCE((SELECT MIN(seq) FROM activity_event), 1) AS bigint),
                           CAST(COALESCE((SELECT MAX(seq) FROM activity_event), 0) + 1 AS bigint)
                    UNION ALL
                    SELECT CASE WHEN {is_before} THEN (low + high) / 2 + 1 ELSE low END,
                           CASE WHEN {is_before} THEN high ELSE (low + high) / 2 END
                    FROM span WHERE low < high)
                SELECT low FROM span WHERE low >= high""",
            [when, when],
        )
        return cursor.fetchone()[0]


def people_in_log(user):
    """The people whom a log's drop-down offers to ``user``."""
    return User.objects.visible_to(user).order_by("email")
