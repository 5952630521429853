"""The Tax Organizer: many clients' answers beside few."""

import os
import subprocess
import sys
import time
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import Client, Membership, Role, User
from bench.log import _page_ms
from files.models import Cabinet, Folder
from organizer import kinds, secrets
from organizer.definition import FORMAT, from_json
from organizer.models import Answer, Entry, Organizer, Template
from organizer.sheet import Sheet
from reports.organizers.years import OrganizersOfYear
from reports.writers import WRITERS, Facts

FEW, MANY = 50, int(os.environ.get("BENCH_CLIENTS", 5_000))
AT_ONCE = 100  # clients that are added in one transaction
ANSWERS = {  # of one section: what is saved for each kind
    "text": "12 Elm Street, second floor",
    "yes_no": "yes",
    "choice": "Married filing jointly",
    "date": "1980-04-15",
    "money": "1234.50",
    "number": "12",
    "percent": "12.5",
    "email": "person@bench.example",
    "long_text": "Moved in June, with a new roof in July; the old house was sold in September.",
    "ssn": "123-45-6789",
}
SECTIONS, ENTRIES = 14, 2  # and a group of a half section's questions: 150 answers
SHORT_AMONG_FEW = {"Dashboard, submitted", "Dashboard, stalled"}  # a page's rows only among many
STATES = [*Organizer.Status]
# Of the process alone: what getrusage() tells begins with its parent's
PEAK = """
import re, django
django.setup()
from bench import organizer
organizer._table_seconds()
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024)
"""


def figures():
    """(what, measured, baseline, unit, ratio) for each."""
    administrator = User.objects.make("organizer@bench.example", role=Role.ADMINISTRATOR)
    administrator.join("a few good words", name="Bench")
    version = Template.make(from_json(_content()), by=administrator)
    version.publish(by=administrator)
    few = _measured(administrator, version, range(FEW))
    many = _measured(administrator, version, range(FEW, MANY))
    assert Answer.objects.count() == MANY * 150
    for name, measured in many.items():
        unit = "µs" if "row" in name else "MB" if "memory" in name else "ms"
        baseline = few[name]
        if name in SHORT_AMONG_FEW:  # fifty lines take longer to write than eight, however they were found
            name, baseline = f"{name} (newest)", max(baseline, few["Dashboard"])
        yield f"{name}: {MANY:,} clients / {FEW}", measured, baseline, unit, measured / baseline


def _measured(administrator, version, numbers):
    """{what: how long, or how much} once there are these clients as well."""
    for start in range(numbers.start, numbers.stop, AT_ONCE):
        _add(version, range(start, min(start + AT_ONCE, numbers.stop)), administrator)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    one = Organizer.objects.select_related("client").filter(status="submitted").order_by("client__name").first()
    staff, client = _signed_in(administrator), _signed_in(one.client.people.get())
    pages = {
        "Dashboard": (staff, "/organizer/"),
        "Dashboard, last page": (staff, "/organizer/?before=end"),
        "Dashboard, submitted": (staff, "/organizer/?status=submitted"),
        "Dashboard, stalled": (staff, "/organizer/?status=stalled"),
        "Dashboard, one client": (staff, f"/organizer/?client={one.client_id}"),
        "One organizer, for staff": (staff, f"/organizer/{one.pk}/"),
        "One organizer, printed": (staff, f"/organizer/{one.pk}/print/"),
        "A client's own list": (client, "/organizer/"),
        "A client's organizer": (client, f"/organizer/{one.pk}/"),
    }
    found = {name: _page_ms(browser, url) for name, (browser, url) in pages.items()}
    seconds = min(_table_seconds() for _ in range(2))
    found["The year as Excel, each row"] = seconds * 1_000_000 / Organizer.objects.count()
    found["The year as Excel, peak memory"] = _peak_mb()
    return found


def _content():
    section = [
        {"key": kind, "kind": kind, "label": f"What is your {kind}?", "choices": [ANSWERS["choice"], "Single"]}
        for kind in ANSWERS
    ]
    sections = [
        {
            "key": f"section_{number}",
            "title": f"Section {number}",
            "items": [{**one, "key": f"{one['key']}_{number}"} for one in section],
        }
        for number in range(SECTIONS)
    ]
    group = {"key": "group", "kind": "group", "label": "Dependent", "items": section[: len(section) // 2]}
    sections.append({"key": "last", "title": "Dependents", "items": [group]})
    return {"format": FORMAT, "name": "Individual", "tax_year": 2026, "sections": sections}


def _add(version, numbers, by):
    """So many clients, each with a person, a cabinet and an organizer with 150 answers."""
    with transaction.atomic():
        clients = Client.objects.bulk_create(Client(name=f"Client {number:06}") for number in numbers)
        people = User.objects.bulk_create(
            User(email=f"of{number:06}@bench.example", role=Role.CLIENT_USER, is_active=True) for number in numbers
        )
        Membership.objects.bulk_create(
            Membership(client=client, user=person) for client, person in zip(clients, people, strict=True)
        )
        cabinets = Cabinet.objects.bulk_create(Cabinet(kind=Cabinet.Kind.CLIENT, client=client) for client in clients)
        Folder.objects.bulk_create(Folder(cabinet=one, name=str(one)) for one in cabinets)
        sheet = Sheet(version.questionnaire, ())
        organizers = Organizer.objects.bulk_create(
            _organizer(version, client, person, number, sheet, by)
            for client, person, number in zip(clients, people, numbers, strict=True)
        )
        entries = Entry.objects.bulk_create(
            Entry(organizer=one, group="group", position=position, by=one.submitted_by or by)
            for one in organizers
            for position in range(ENTRIES)
        )
        Answer.objects.bulk_create(_answers(version, organizers, entries, by), batch_size=5_000)


def _organizer(version, client, person, number, sheet, by):
    status, at = STATES[number % len(STATES)], timezone.now() - timedelta(hours=number % 2_000)
    is_back = status not in Organizer.WITH_CLIENT
    return Organizer(
        client=client,
        version=version,
        title=version.questionnaire.name,
        tax_year=version.questionnaire.tax_year,
        status=status,
        by=by,
        at=at,
        due_on=at.date() + timedelta(days=60),
        saved_at=at if is_back or status == Organizer.Status.STARTED else None,
        started_at=at,
        submitted_at=at if is_back else None,
        submitted_by=person if is_back else None,
        signature=f"Person {number}" if is_back else "",
        asked_count=sheet.asked_count,
        given_count=sheet.asked_count // (1 + number % 3),
        section_count=len(sheet.shown),
        at_section=1 + number % SECTIONS,
    )


def _answers(version, organizers, entries, by):
    of_organizer = {}
    for entry in entries:
        of_organizer.setdefault(entry.organizer_id, []).append(entry)
    questions, token = version.questionnaire.questions.values(), secrets.encrypt(ANSWERS["ssn"])
    for organizer in organizers:
        for question in questions:
            if question.is_group:
                continue
            is_inner = question.key in version.questionnaire.group_of
            for entry in of_organizer[organizer.pk] if is_inner else [None]:
                one = Answer(organizer=organizer, question=question.key, entry=entry, by=by, revision=1)
                one.value, one.secret = _kept(question.kind, token)
                yield one


def _kept(kind, token):
    """(value, secret) as they are saved; encrypting each anew would take most of the time."""
    return (kinds.masked(ANSWERS[kind]), token) if kind in kinds.SECRET else (ANSWERS[kind], "")


def _table_seconds():
    """Until the whole file of the year is there."""
    request = RequestFactory().get("/organizer/years/2026.xlsx")
    request.user = User.objects.get(email="organizer@bench.example")
    table, start = OrganizersOfYear(request, 2026), time.perf_counter()
    facts, zone = Facts(table.title, (("Firm", "Bench"),)), timezone.get_current_timezone()
    for _ in WRITERS["xlsx"].stream(table.columns, facts, table.batches(), zone=zone):
        pass
    return time.perf_counter() - start


def _peak_mb():
    """Of a process that does nothing else."""
    command = [sys.executable, "-c", PEAK]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603 — this module


def _signed_in(user):
    browser = Browser(HTTP_HOST="localhost")
    browser.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
    return browser
