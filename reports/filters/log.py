"""The log's filters: who, what, of which client, from where, when, and words."""

import ipaddress
from datetime import date, timedelta
from functools import cached_property

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils.formats import date_format
from django_filters import CharFilter, ChoiceFilter, DateFilter, Filter, FilterSet

from accounts.models import User
from accounts.rights import Right
from activity.actions import Action, Area
from activity.models import Event
from activity.querysets import first_seq_at_or_after
from files.models import File, Folder, Request, RequestLink, Version
from organizer.models import Organizer, Template
from reports.filters.choosing import CLIENTS, PEOPLE, ChooserFilter
from reports.filters.periods import midnight

MOST_NAMES = 1_000
OBJECTS = {
    "file": "File",
    "folder": "Folder",
    "request": "Request",
    "organizer": "Organizer",
    "template": "Template",
    "client": "About client",
    "user": "About",
}
DAYS = [  # midnight, and the one after, exist in any zone
    MinValueValidator(date(1970, 1, 1), "Give a day in 1970 or later."),
    MaxValueValidator(date(9998, 12, 31), "Give a day before 9999."),
]


def _actions(areas):
    """Each area's, and the area itself where there are several."""
    return [
        (
            area.label,
            [(area.value, f"All of {area.label}")] * (len(areas) > 1)
            + [(action.value, action.label) for action in Action.in_area(area)],
        )
        for area in areas
    ]


class AddressFilter(Filter):
    field_class = forms.GenericIPAddressField


class LogFilter(FilterSet):
    """The Activity Log's: person, action or area, client, address, one object, days (the reader's own, both included)
    and words."""

    user = ChooserFilter(PEOPLE, label="User", empty_label="All users", method="by_person")
    action = ChoiceFilter(
        choices=lambda: _actions(Area), label="Action", empty_label="All actions", method="with_action"
    )
    client = ChooserFilter(CLIENTS, label="Client", empty_label="All Clients", method="of_client")
    area = ChoiceFilter(choices=Area.choices, label="Area", empty_label="All areas")
    ip = AddressFilter(label="IP address")
    object = CharFilter(label="About", method="about")
    # "from" is what the address says, and a word of Python's
    vars()["from"] = DateFilter(
        label="From", method="from_day", validators=DAYS, widget=forms.DateInput({"type": "date"})
    )
    to = DateFilter(label="To", method="to_day", validators=DAYS, widget=forms.DateInput({"type": "date"}))
    q = CharFilter(label="Words", method="with_words", widget=forms.TextInput({"type": "search"}))

    class Meta:
        model = Event
        fields = []

    @property
    def rows(self):
        """The filtered events; none where the filter cannot be understood."""
        if not self.is_valid():
            return self.queryset.none()
        try:
            return self.qs
        except ValidationError as problem:  # found while looking up, not while parsing
            self.form.add_error(None, problem)
            return self.queryset.none()

    def by_person(self, events, name, person):
        return events.filter(actor_id=person.pk)

    def of_client(self, events, name, client):
        return events.filter(client_id=client.pk)

    def with_action(self, events, name, value):
        return events.filter(area=value) if value in Area.values else events.filter(action=value)

    def about(self, events, name, value):
        if not self.subject:
            raise ValidationError({"object": "The log you may see tells of nothing like that. Take it from a link."})
        kind, _, number = value.partition(":")
        return events.filter(subject_type=kind, subject_id=number)

    @cached_property
    def subject(self):
        """What the latest event that the reader may see calls the object, with its kind; empty where there is none."""
        kind, _, number = self.form.cleaned_data["object"].partition(":")
        if kind not in OBJECTS or not number or "\0" in number:
            return ""
        events = Event.objects.visible_to(self.request.user).filter(subject_type=kind, subject_id=number)
        latest = next(iter(events.first_by("-seq", 1)), None)
        return f"{OBJECTS[kind]} {latest.subject}" if latest else ""

    def from_day(self, events, name, day):
        return events.filter(seq__gte=first_seq_at_or_after(midnight(day)))

    def to_day(self, events, name, day):
        return events.filter(seq__lt=seq_after(day))

    def with_words(self, events, name, words):
        """Looked up among people, clients, files, folders and organizers, whose ids the log is searched by; an address as
        itself."""
        try:
            return events.filter(ip=str(ipaddress.ip_address(words)))
        except ValueError:
            pass
        reader = self.request.user
        people = _few(
            User.objects.visible_to(reader).filter(Q(email__icontains=words) | Q(name__icontains=words)), words
        )
        clients = _few(reader.visible_clients().filter(name__icontains=words), words)
        # files and folders by client, not by whether the reader may open them: auditors read logs, not files
        named = Q(name__icontains=words)
        files = File.objects.filter(named | Q(former_names__icontains=words))
        folders = Folder.objects.filter(named)
        requests = Request.objects.filter(title__icontains=words)
        links = RequestLink.objects.filter(Q(title__icontains=words) | Q(email__icontains=words))
        if reader.is_firm_user or reader.is_client_user:
            requests = requests.filter(client__in=reader.visible_clients())
            links = links.filter(folder__cabinet__client__in=reader.visible_clients())
            files = files.filter(folder__cabinet__client__in=reader.visible_clients())
            folders = folders.filter(cabinet__client__in=reader.visible_clients())
        return events.filter(
            self._by_one_of(people)
            | Q(client_id__in=clients)
            | Q(subject_type="user", subject_id__in=map(str, people))
            | Q(subject_type="file", subject_id__in=map(str, _few(files, words)))
            | Q(subject_type="folder", subject_id__in=map(str, _few(folders, words)))
            | Q(subject_type="request", subject_id__in=map(str, _few(requests, words)))
            | Q(subject_type="requestlink", subject_id__in=map(str, (link_ids := _few(links, words))))
            | Q(subject_type="file", subject_id__in=map(str, _sent_over(link_ids)))
            | self._about_organizers(words)
        )

    def _about_organizers(self, words):
        """Of a whole firm's clients many have one of the same name: with a client chosen it is one of that client's."""
        organizers, client = Organizer.objects.called(words), self.form.cleaned_data["client"]
        if client:
            organizers = organizers.filter(client=client)
        ids = _few(organizers, words, "Tax Organizers are called", "Choose a client as well.")
        templates = _few(Template.objects.called(words), words)
        return Q(subject_type="organizer", subject_id__in=map(str, ids)) | Q(
            subject_type="template", subject_id__in=map(str, templates)
        )

    def _by_one_of(self, people):
        """What a colleague did for the clients of others is not even looked at."""
        reader, found = self.request.user, Q(actor_id__in=people)
        is_of_some = reader.is_firm_user and not reader.may(Right.SEE_ALL_CLIENTS)
        return found & Q(client_id__in=reader.visible_clients().values("pk")) if is_of_some else found

    @property
    def chosen(self):
        """The cleaned values of what was filled in, by name."""
        cleaned = self.form.cleaned_data if self.is_valid() else {}
        return {name: value for name, value in cleaned.items() if value not in (None, "")}

    @property
    def words(self):
        """Each condition in words, with the parameters that it stands for."""
        chosen = self.chosen
        words = []
        if "user" in chosen:
            words.append((f"By {chosen['user']}", ("user",)))
        if "action" in chosen:
            kind = Area if chosen["action"] in Area.values else Action
            words.append((kind(chosen["action"]).label, ("action",)))
        if "area" in chosen:
            words.append((Area(chosen["area"]).label, ("area",)))
        if "client" in chosen:
            words.append((f"Client {chosen['client']}", ("client",)))
        if "ip" in chosen:
            words.append((f"From {chosen['ip']}", ("ip",)))
        if "object" in chosen and self.subject:
            words.append((self.subject, ("object",)))
        if "from" in chosen or "to" in chosen:
            words.append((_days(chosen.get("from"), chosen.get("to")), ("from", "to")))
        if "q" in chosen:
            words.append((f"“{chosen['q']}”", ("q",)))
        return words

    @property
    def sentence(self):
        return "; ".join(words for words, _ in self.words) or "Everything"


class FileLogFilter(LogFilter):
    """The Secure File Exchange's: the same without what has no meaning for files."""

    area = None
    action = ChoiceFilter(choices=lambda: _actions([Area.FILES]), label="Action", empty_label="All actions")

    def _about_organizers(self, words):
        return Q()


def parse_day(text):
    """The day that an address gives; None where it gives none."""
    try:
        return forms.DateField(validators=DAYS).clean(text)
    except ValidationError:
        return None


def seq_after(day):
    """The number of the first event after the reader's day."""
    return first_seq_at_or_after(midnight(day + timedelta(days=1)))


def _few(found, words, what="names contain", advice="Type more of the one you look for."):
    keys = list(found.values_list("pk", flat=True)[: MOST_NAMES + 1])
    if len(keys) > MOST_NAMES:
        raise ValidationError({"q": f"More than {MOST_NAMES:,} {what} “{words}”. {advice}"})
    return keys


def _sent_over(links):
    return Version.objects.filter(link__in=links).values_list("file", flat=True)[:MOST_NAMES]


def _days(first, last):
    if first and last:
        if first == last:
            return f"On {date_format(first, 'M j, Y')}"
        return f"From {date_format(first, 'M j, Y')} to {date_format(last, 'M j, Y')}"
    return f"From {date_format(first, 'M j, Y')}" if first else f"Until {date_format(last, 'M j, Y')}"
