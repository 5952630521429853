"""Ninety days of a small firm, told through the portal's own verbs with a clock that runs through the past."""

import random
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Client, Firm, Membership, SecondFactor, User
from activity.actions import Action
from activity.origin import Origin, coming_from
from activity.recording import Subject, in_the_past, record
from files.models import Cabinet, File, Folder, FolderSet, Sender, Snapshot, Version
from portal.demonstration import people
from portal.demonstration.documents import CLIENTS, documents
from portal.demonstration.exchange import OfTheExchange
from portal.demonstration.organizers import OfTheOrganizer
from reports.catalog import REPORTS
from reports.models import SavedView

DAYS = 90
ZONE = ZoneInfo(people.FIRM["time_zone"])


@dataclass(frozen=True)
class Act:
    at: datetime
    order: int
    do: object


class Story(OfTheExchange, OfTheOrganizer):
    """Collects acts, then performs them oldest first. Nothing of it is in the future."""

    def __init__(self, *, now=None, seed=1040):
        self._now = now or timezone.now()
        self._random = random.Random(seed)
        self._clock = self._now
        self._acts = []
        self._users, self._clients, self._files = {}, {}, {}

    def tell(self):
        """The demonstration firm is in the database and its files in the storage, all or nothing of the former."""
        with transaction.atomic(), in_the_past(lambda: self._clock):
            self._begin()
            self._plan_documents()
            self._plan_days()
            self._plan_oddities()
            self._plan_exchange()
            self._plan_organizers()
            self._plan_reports()
            for act in sorted(self._acts, key=lambda act: (act.at, act.order)):
                if act.at.date() > self._clock.date():
                    Snapshot.take(act.at.astimezone(ZONE).date())
                self._clock = act.at
                act.do()
            self._date_figures()
        return len(self._acts)

    # The cast

    def _begin(self):
        self._clock = self._moment(DAYS + 2, 9)
        Firm.objects.update_or_create(
            pk=1, defaults={**people.FIRM, "is_demonstration": True, "second_factor_firm": SecondFactor.OFF}
        )
        password = make_password(people.PASSWORD)
        for person in people.FIRM_PEOPLE:
            self._join(person, password)
        for key, name in CLIENTS.items():
            firm_users = [self._users[email] for email, keys in people.LOOKED_AFTER.items() if key in keys]
            with self._as(people.ADMINISTRATOR) as administrator:
                client = Client.add(name, firm_users=firm_users, by=administrator)
            Client.objects.filter(pk=client.pk).update(created_at=self._clock)
            self._clients[key] = client
            self._clock += timedelta(minutes=3)
        for person in people.CLIENT_USERS:
            self._join(person, password)
        with self._as(people.ADMINISTRATOR) as administrator:
            FolderSet.make(*people.FOLDER_SET, is_for_new_clients=True, by=administrator)

    def _join(self, person, password):
        self._clock += timedelta(minutes=self._random.randint(2, 40))
        with coming_from(Origin(person.ip, person.user_agent)):
            user = User.objects.make(person.email, role=person.role, name=person.name, is_demonstration=True)
            if person.client:
                Membership.objects.create(client=self._clients[person.client], user=user)
            user.join(None, name=person.name)  # the password is hashed once for all
            user.password, user.created_at, user.joined_at = password, self._clock, self._clock
            user.save()
            record(Action.USER_JOINED, by=user, subject=_user_subject(user))
        self._users[person.email] = user

    # What happens

    def _plan_documents(self):
        for number, document in enumerate(documents()):
            sender = self._sender(document)
            at = self._moment(document.days_ago, self._random.randint(9, 17), self._random.randint(0, 59))
            self._sign_in(sender, at - timedelta(minutes=4))
            self._add(at, lambda document=document, sender=sender: self._upload(document, sender))
            for _ in range(self._random.choice([0, 1, 1, 1, 2])):
                reader = self._reader(document, sender)
                later = at + timedelta(hours=self._random.randint(2, 60))
                self._sign_in(reader, later - timedelta(minutes=2))
                self._add(later, lambda document=document, reader=reader: self._download(document, reader))
            if number % 9 == 4:
                again = at + timedelta(days=1, hours=3)
                self._add(again, lambda document=document, sender=sender: self._upload(document, sender))

    def _plan_days(self):
        for day in range(DAYS, -1, -1):
            weekend = self._moment(day, 12).weekday() >= 5
            for person in [*people.FIRM_PEOPLE[:3], *people.CLIENT_USERS]:
                is_firm = person in people.FIRM_PEOPLE
                if self._random.random() < ((0.05 if weekend else 0.9) if is_firm else (0.12 if weekend else 0.18)):
                    at = self._moment(day, self._random.randint(8, 18), self._random.randint(0, 59))
                    self._sign_in(person, at)
                    self._add(
                        at + timedelta(minutes=self._random.randint(5, 90)), lambda who=person: self._sign_out(who)
                    )
            if self._moment(day, 12).weekday() == 0:
                for reader in (people.ADMINISTRATOR, people.AUDITOR):
                    at = self._moment(day, 10, self._random.randint(0, 40))
                    self._sign_in(reader, at)
                    self._add(at + timedelta(minutes=2), lambda reader=reader: self._view_log(reader))

    def _plan_oddities(self):
        """What an administrator looks for: wrong passwords, closed doors, deleted and restored files, new names."""
        for day in (61, 44, 23, 9, 2):
            person = self._random.choice(people.CLIENT_USERS)
            at = self._moment(day, 19, self._random.randint(0, 50))
            for second in (0, 21, 47)[: self._random.randint(1, 3)]:
                self._add(at + timedelta(seconds=second), lambda person=person: self._fail_sign_in(person))
            self._sign_in(person, at + timedelta(minutes=2))
        for day in (37, 5):
            self._add(self._moment(day, 13, 41), self._knock_at_a_closed_door)
        for day in (48, 30, 18, 11, 6, 3):
            self._add(self._moment(day, 16, 20), self._delete_a_file)
        for day in (29, 10):
            self._add(self._moment(day, 9, 15), self._restore_a_file)
        for day in (40, 21, 7):
            self._add(self._moment(day, 15, 5), self._rename_a_file)

    def _plan_reports(self):
        self._add(self._moment(20, 11, 5), self._share_a_view)

    def _date_figures(self):
        """When people and cabinets last got something is what their versions say by now."""
        for user in User.objects.annotate(at=Max("versions__at")):
            Sender.objects.filter(pk=user.pk).update(last_sent_at=user.at)
        for cabinet in Cabinet.objects.annotate(at=Max("folders__files__versions__at")):
            Cabinet.objects.filter(pk=cabinet.pk).update(last_sent_at=cabinet.at)

    # Acts

    def _upload(self, document, sender):
        with self._as(sender) as user:
            folder = self._folder(document)
            version = self._put(folder, document.name, document.content, by=user)
        self._files[document] = version.file_id

    def _download(self, document, reader):
        file = File.objects.select_related("current__file", "folder__cabinet__client").get(pk=self._files[document])
        with self._as(reader) as user:
            file.current.hand_out(by=user)
        if user.is_client_user:
            Sender.objects.filter(pk=user.pk).update(last_fetched_at=self._clock)
            Cabinet.objects.filter(pk=file.folder.cabinet_id).update(last_fetched_at=self._clock)
        if user.is_client_user and file.current.client_downloaded_at is None:
            Version.objects.filter(pk=file.current_id).update(client_downloaded_at=self._clock)

    def _view_log(self, reader):
        with self._as(reader) as user:
            record(
                Action.LOG_VIEWED, by=user, subject=Subject("report", "activity-log", "Activity Log"), note="Everything"
            )

    def _share_a_view(self):
        """Of this tax season's sign-ins, or, early in January, of the last one's."""
        year = (self._clock.astimezone(ZONE) - timedelta(days=14)).year
        query = f"area=sign-in&from={year}-01-01&to={year}-04-15"
        with self._as(people.ADMINISTRATOR) as user, timezone.override(ZONE):
            words = REPORTS["activity-log"].as_seen_by(user, query).filter.sentence
            view = SavedView(name="Sign-ins of this tax season", report="activity-log", query=query, words=words)
            view.owner, view.is_shared, view.at = user, True, self._clock
            view.keep()

    def _sign_out(self, person):
        with self._as(person) as user:
            record(Action.SIGNED_OUT, by=user)

    def _fail_sign_in(self, person):
        with self._as(person) as user:
            record(Action.SIGN_IN_FAILED, by=user)

    def _knock_at_a_closed_door(self):
        strange = File.objects.exclude(folder__cabinet__client=self._clients["sandoval"]).order_by("created_at").first()
        with self._as(people.CLIENT_USERS[1]) as user:
            subject = Subject("file", str(strange.pk), "A file that is not theirs, or not there")
            record(Action.ACCESS_DENIED, by=user, subject=subject, note=strange.get_absolute_url())

    def _delete_a_file(self):
        with self._as(people.STAFF) as user:
            file = self._any_file(user)
            file.move_to_bin(by=user)
        File.objects.filter(pk=file.pk).update(binned_at=self._clock)

    def _restore_a_file(self):
        with self._as(people.STAFF) as user:
            file = File.objects.visible_to(user).in_bin().select_related("current", "folder__cabinet__client").first()
            if file:
                file.restore(by=user)

    def _rename_a_file(self):
        with self._as(people.STAFF) as user:
            file = self._any_file(user)
            stem, dot, ending = file.name.rpartition(".")
            file.rename(f"{stem} (final).{ending}", by=user)

    # Small things

    @contextmanager
    def _as(self, person):
        with coming_from(Origin(person.ip, person.user_agent)):
            yield self._users[person.email]

    def _sign_in(self, person, at):
        self._add(at, lambda: self._signed_in(person))

    def _signed_in(self, person):
        with self._as(person) as user:
            record(Action.SIGNED_IN, by=user)
        User.objects.filter(pk=user.pk).update(last_login=self._clock)

    def _add(self, at, do):
        if at < self._now - timedelta(minutes=1):
            self._acts.append(Act(at, len(self._acts), do))

    def _moment(self, days_ago, hour, minute=0):
        day = self._now.astimezone(ZONE).date() - timedelta(days=days_ago)
        return datetime.combine(day, time(hour, minute, self._random.randint(0, 59)), tzinfo=ZONE)

    def _sender(self, document):
        return self._client_user(document.client) if document.sent_by == "client" else self._firm_user(document.client)

    def _reader(self, document, sender):
        is_from_client = sender in people.CLIENT_USERS
        return self._firm_user(document.client) if is_from_client else self._client_user(document.client)

    def _client_user(self, key):
        return next(person for person in people.CLIENT_USERS if person.client == key)

    def _firm_user(self, key):
        candidates = [email for email, keys in people.LOOKED_AFTER.items() if key in keys]
        chosen = self._random.choice(candidates)
        return next(person for person in people.FIRM_PEOPLE if person.email == chosen)

    def _any_file(self, user):
        files = File.objects.visible_to(user).in_place().filter(pk__in=self._files.values())
        files = files.exclude(
            folder__cabinet__client=self._clients["okafor"]
        )  # theirs are asked for, and drafted again
        return self._random.choice(
            list(files.select_related("current", "folder__cabinet__client").order_by("created_at", "pk"))
        )

    def _folder(self, document):
        folder = self._clients[document.client].cabinet.top
        for name in document.folder:
            folder, _ = Folder.objects.get_or_create(
                parent=folder, name=name, defaults={"cabinet": folder.cabinet, "created_at": self._clock}
            )
        return folder


def _user_subject(user):
    return Subject("user", str(user.pk), user.email, user.only_client())
