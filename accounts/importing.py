"""What the rows of an import mean: each cell by itself, the rows together, and all beside what the portal has already.

Nothing here writes to the database.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from import_export import fields, instance_loaders, resources, widgets
from openpyxl.cell.cell import ERROR_CODES

from accounts.models import Client, Membership, Role, User
from accounts.spreadsheets import COLUMNS, NUMBER

UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))  # no width: they come along when text is copied
LOOKED_UP_AT_ONCE = 500


@dataclass
class Row:
    """A row of the file. A cell that could not be read is empty, and its column in ``broken``."""

    number: int
    client: str = ""
    email: str = ""
    name: str = ""
    team: tuple = ()
    broken: tuple = ()
    outcome: str = ""

    @property
    def kept(self):
        """The row as a batch keeps it, under HEADERS."""
        return [self.number, self.client, self.email, self.name, ";".join(self.team)]


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong in a cell, and what to do."""

    number: int
    column: str
    sentence: str


class TextWidget(widgets.Widget):
    def __init__(self, most):
        super().__init__()
        self._most = most

    def clean(self, value, row=None, **kwargs):
        text = _plain(value)
        if len(text) > self._most:
            raise ValueError(f"Has {len(text):,} characters, and {self._most} fit. Shorten it.")
        return text


class EmailWidget(TextWidget):
    def clean(self, value, row=None, **kwargs):
        text = super().clean(value)
        return _address(text) if text else ""


class TeamWidget(widgets.Widget):
    """E-mail addresses with semicolons, commas or blanks between them."""

    def clean(self, value, row=None, **kwargs):
        parts = re.split(r"[;,\s]+", _plain(value))
        return tuple(dict.fromkeys(_address(part) for part in parts if part))


class ClientResource(resources.Resource):
    """Reads each cell of a data set. It saves nothing: ``rows`` is what came of it."""

    client = fields.Field("client", COLUMNS["client"], TextWidget(Client._meta.get_field("name").max_length))
    email = fields.Field("email", COLUMNS["email"], EmailWidget(User._meta.get_field("email").max_length))
    name = fields.Field("name", COLUMNS["name"], TextWidget(User._meta.get_field("name").max_length))
    team = fields.Field("team", COLUMNS["team"], TeamWidget())

    class Meta:
        using_db = "default"
        use_transactions = False
        force_init_instance = skip_diff = True
        instance_loader_class = instance_loaders.BaseInstanceLoader

    def __init__(self):
        super().__init__()
        self.rows = []

    def read(self, dataset):
        """The problems of single cells. Not a dry run of the library's: that opens a transaction, and rolls it back."""
        result = self.import_data(dataset, dry_run=False, use_transactions=False)
        if result.has_errors():
            raise (result.base_errors or result.error_rows[0].errors)[0].error
        numbers = dataset[NUMBER]
        return [
            Problem(numbers[invalid.number - 1], COLUMNS[column], " ".join(sentences))
            for invalid in result.invalid_rows
            for column, sentences in invalid.error_dict.items()
        ]

    def init_instance(self, row=None):
        return Row(row[NUMBER])

    def validate_instance(self, instance, import_validation_errors=None, validate_unique=True):
        instance.broken = tuple(import_validation_errors or ())
        self.rows.append(instance)
        super().validate_instance(instance, import_validation_errors)

    def save_instance(self, instance, is_create, row, **kwargs):
        pass


class Known:
    """What the portal has of what these rows name, whatever their number by a few queries."""

    def __init__(self, rows):
        self.clients = {client.name: client for client in _found(Client, "name", {row.client for row in rows})}
        emails = {email for row in rows for email in (row.email, *row.team)}
        self.people = {user.email: user for user in _found(User, "email", emails)}
        client_users = {user.pk for user in self.people.values() if user.is_client_user}
        self._members = {(one.user_id, one.client_id) for one in _found(Membership, "user_id", client_users)}

    def is_member(self, email, client):
        return client in self.clients and (self.people[email].pk, self.clients[client].pk) in self._members

    @cached_property
    def spellings(self):
        """The clients' names by what remains of them without capitals."""
        return {name.casefold(): name for name in Client.objects.values_list("name", flat=True)}


class Plan:
    """What an import of these rows would do, and what stands against it.

    ``is_first`` is off for rows that were planned before, when only what happened meanwhile can stand against them.
    """

    def __init__(self, dataset, *, is_first=True):
        resource = ClientResource()
        self._problems = resource.read(dataset)
        self.rows = resource.rows
        self.known = Known(self.rows)
        self._is_first = is_first
        self._clients = {}  # without capitals → the first row that names it
        self._people = {}  # address → the first row that names it
        self._new_clients, self._new_people = set(), set()
        self._places = {}  # (address, client) → the row that names them
        self.counts = dict.fromkeys(("clients", "people", "joining", "unchanged"), 0)
        for row in self.rows:
            against = [Problem(row.number, COLUMNS[column], sentence) for column, sentence in self._against(row)]
            self._problems += against
            if not against and not row.broken:
                self._count(row)
        self._gather_teams()

    @cached_property
    def problems(self):
        return sorted(self._problems)

    @property
    def good_rows(self):
        bad = {problem.number for problem in self._problems}
        return [row for row in self.rows if row.number not in bad]

    @property
    def does_nothing(self):
        return not self.problems and self.counts["unchanged"] == len(self.rows)

    @property
    def leaves_teams(self):
        """Whether a row says who looks after a client that the portal has: that stays as it is."""
        return any(row.team and row.client in self.known.clients for row in self.rows)

    def _against(self, row):
        if "client" not in row.broken:
            yield from self._against_client(row)
        if row.email:
            yield from self._against_person(row)
        elif row.name and "email" not in row.broken:
            yield "email", f"Empty, so {row.name} cannot be invited. Give the address, or empty the name too."
        for email in row.team:
            yield from self._against_team_member(email)

    def _against_client(self, row):
        if not row.client:
            yield "client", "Empty. Give the client's name, on each row of its people."
            return
        client = self.known.clients.get(row.client)
        first = self._clients.setdefault(row.client.casefold(), row)
        spelled = self.known.spellings.get(row.client.casefold()) if self._is_first and not client else None
        if client and not client.is_open:
            state = "deleted" if client.deleted_at else "archived"
            yield "client", f"{client} is {state}. Open it again first, or give another name."
        elif spelled:
            yield "client", f"Differs from the client “{spelled}” in capitals only. Write it like that."
        elif not client and first.client != row.client:
            yield "client", f"Differs from “{first.client}” in row {first.number} in capitals only. Write both alike."

    def _against_person(self, row):
        user = self.known.people.get(row.email)
        if user and (user.deleted_at or not user.is_client_user):
            whose = "a deleted account" if user.deleted_at else f"the firm ({user.get_role_display()})"
            yield "email", f"{row.email} belongs to {whose}. Give the client's own address."
        place = self._places.setdefault((row.email, row.client), row)
        if place is not row and row.client:
            yield "email", f"{row.email} is in row {place.number} already. Delete one of the two rows."
        first = self._people.setdefault(row.email, row)
        if not user and row.name and first.name and first.name != row.name:
            yield (
                "name",
                f"Row {first.number} has the same address for {first.name}. Write one name, or give two addresses.",
            )

    def _against_team_member(self, email):
        user = self.known.people.get(email)
        if user is None or user.is_client_user:
            yield "team", f"{email} is no firm user. Invite them under Firm users first, or correct the address."
        elif user.role != Role.FIRM_USER:
            yield "team", f"{email} is not a firm user ({user.get_role_display()}). Take the address out."
        elif not user.is_active:
            yield (
                "team",
                f"{email} cannot sign in ({user.state.label}). Take the address out, or wait until they joined.",
            )

    def _count(self, row):
        """``outcome`` in words; what a row adds is counted where it is named first."""
        known, adds = self.known, []
        if row.client not in known.clients and row.client not in self._new_clients:
            self._new_clients.add(row.client)
            adds.append("clients")
        if row.email in known.people and not known.is_member(row.email, row.client):
            adds.append("joining")
        elif row.email and row.email not in known.people:
            adds.append("joining" if row.email in self._new_people else "people")
            self._new_people.add(row.email)
        for what in adds or ["unchanged"]:
            self.counts[what] += 1
        row.outcome = OUTCOMES[tuple(adds)]

    def _gather_teams(self):
        """Each row of a client has the whole team that its rows name together."""
        teams = {}
        for row in self.rows:
            teams.setdefault(row.client, {}).update(dict.fromkeys(row.team))
        for row in self.rows:
            row.team = tuple(teams[row.client])


OUTCOMES = {
    (): "Here already",
    ("clients",): "New client",
    ("clients", "people"): "New client, new person",
    ("clients", "joining"): "New client, known person",
    ("people",): "New person",
    ("joining",): "Known person joins",
}


def _plain(value):
    """The text of a cell, on one line. Raises ValueError."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int | float):
        raise ValueError(f"Holds {str(value)[:30]}, a date or time. Format the cell as text and type it again.")  # noqa: TRY004
    text = " ".join(unicodedata.normalize("NFC", str(value)).translate(UNSEEN).split())
    if text in ERROR_CODES:
        raise ValueError(f"Shows {text}, an error of the spreadsheet. Type the text there.")
    if not text.isprintable() and any(unicodedata.category(letter) in ("Cc", "Cs", "Cn") for letter in text):
        raise ValueError("Holds a character that cannot be stored. Type the text again.")
    return text


def _address(text):
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError(f"“{text[:60]}” is no e-mail address. Write it like name@example.com.") from None
    return User.objects.normalize_email(text)


def _found(model, field_name, values):
    values = sorted(values)
    for start in range(0, len(values), LOOKED_UP_AT_ONCE):
        yield from model.objects.filter(**{f"{field_name}__in": values[start : start + LOOKED_UP_AT_ONCE]})
