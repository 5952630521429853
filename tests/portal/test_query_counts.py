"""Every list page asks the database as often for 1,000 rows as for 10, and for one."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from accounts.models import Assignment, Client, Membership, Role, User
from activity.actions import Action
from activity.recording import Entry, Subject, record_all
from files.models import (
    Cabinet,
    File,
    Folder,
    HousekeepingRun,
    Part,
    Request,
    RequestedDocument,
    RequestLink,
    RetentionRule,
    Upload,
    Version,
)
from notices.tasks import tell_of_files
from organizer.models import Organizer, Template, TemplateVersion
from reports.models import Run, SavedView, Schedule
from tests.conftest import take_note_of_rows
from tests.organizer.asking import published

FEW, MANY = 10, 1_000


def add_events(cast, numbers, *, of=None):
    """What the firm user did to a file of the client's."""
    file = str(of.pk if of else uuid.uuid4())
    with transaction.atomic():
        record_all(
            Entry(Action.FILE_DOWNLOADED, cast.firm_user, Subject("file", file, f"Grown {n}", cast.acme, n))
            for n in numbers
        )


def add_openings(cast, numbers):
    """Files of the client, each opened once."""
    with transaction.atomic():
        record_all(
            Entry(Action.FILE_DOWNLOADED, cast.firm_user, Subject("file", str(uuid.uuid4()), f"Grown {n}", cast.acme))
            for n in numbers
        )


def add_people(cast, numbers, *, role=Role.CLIENT_USER):
    """People of the client, or of the firm, each of whom stores a file."""
    people = User.objects.bulk_create(
        User(email=f"grown {n}@example.com", name=f"Person {n}", role=role) for n in numbers
    )
    if role == Role.CLIENT_USER:
        Membership.objects.bulk_create(Membership(client=cast.acme, user=user) for user in people)
    add_files(cast, numbers, by=people)


def add_firm_users(cast, numbers):
    add_people(cast, numbers, role=Role.FIRM_USER)
    Assignment.objects.bulk_create(
        Assignment(client=cast.acme, user=user)
        for user in User.objects.filter(email__startswith="grown", assignments=None)
    )


def add_clients(cast, numbers):
    """Clients with a cabinet, a file, two people, and the firm user who looks after them."""
    clients = Client.objects.bulk_create(Client(name=f"0 Grown {n}") for n in numbers)
    cabinets = Cabinet.objects.bulk_create(Cabinet(kind=Cabinet.Kind.CLIENT, client=client) for client in clients)
    tops = Folder.objects.bulk_create(Folder(cabinet=cabinet, name=str(cabinet.client)) for cabinet in cabinets)
    Assignment.objects.bulk_create(Assignment(client=client, user=cast.firm_user) for client in clients)
    for user in (cast.client, cast.second):
        Membership.objects.bulk_create(Membership(client=client, user=user) for client in clients)
    add_files(cast, numbers, folders=tops)


def add_files(cast, numbers, *, folders=None, by=None, name="Grown {}", **fields):
    """Files of two versions each, in the client's cabinet or one in each of the folders."""
    folders = folders or [cast.acme.cabinet.top] * len(numbers)
    by = by or [cast.client] * len(numbers)
    files = File.objects.bulk_create(
        File(folder=folder, name=name.format(n), **fields) for n, folder in zip(numbers, folders, strict=True)
    )
    for number in (1, 2):
        add_versions(files, by, number)
    latest = Version.objects.filter(file=OuterRef("pk"), number=2).values("pk")
    File.objects.filter(current=None).update(current=Subquery(latest))


def add_versions(files, by, number):
    Version.objects.bulk_create(
        Version(
            file=file,
            number=number,
            storage_key=uuid.uuid4().hex,
            size_bytes=number * 100,
            sha256=f"Grown {number}",
            by=user,
        )
        for file, user in zip(files, by, strict=True)
    )


def add_held_files(cast, numbers):
    add_files(cast, numbers)
    Version.objects.filter(number=2).update(state=Version.State.NOT_SCANNED)


def add_binned_files(cast, numbers):
    add_files(cast, numbers, binned_at=timezone.now(), binned_by=cast.second)


def add_announced_files(cast, numbers):
    rule, _ = RetentionRule.objects.get_or_create(name="Seven years", months=84, by=cast.administrator)
    add_files(cast, numbers, announced_at=timezone.now(), announced_rule=rule)


def add_rules(cast, numbers):
    RetentionRule.objects.bulk_create(
        RetentionRule(name=f"Grown {n}", folder=cast.acme.cabinet.top, months=n + 1, by=cast.administrator)
        for n in numbers
    )


def add_runs(cast, numbers):
    HousekeepingRun.objects.bulk_create(HousekeepingRun(figures={"bins": {"purged": 1}}) for _ in numbers)


def add_tasks(cast, numbers):
    """Mails that wait, and as many that failed."""
    fields = {"task_path": tell_of_files.module_path, "args_kwargs": {"args": [], "kwargs": {}}}
    fields |= {"backend_name": "default", "run_after": get_date_max()}
    DBTaskResult.objects.bulk_create(
        DBTaskResult(status=status, finished_at=timezone.now() if status == "FAILED" else None, **fields)
        for status in ("READY", "FAILED")
        for _ in numbers
    )


def add_uploads(cast, numbers):
    """Uploads that have begun, with a part each."""
    folder = cast.acme.cabinet.top
    fields = {"folder": folder, "by": cast.client, "size_bytes": 9, "part_bytes": 5}
    uploads = Upload.objects.bulk_create(
        Upload(name=f"Grown {n}", storage_key=uuid.uuid4().hex, **fields) for n in numbers
    )
    Part.objects.bulk_create(Part(upload=upload, number=1, size_bytes=5) for upload in uploads)


def add_folders(cast, numbers):
    """Folders with a file each."""
    cabinet = cast.acme.cabinet
    folders = Folder.objects.bulk_create(
        Folder(cabinet=cabinet, parent=cabinet.top, name=f"Grown {n}") for n in numbers
    )
    add_files(cast, numbers, folders=folders, name="In it {}")


def add_files_in_a_folder(cast, numbers):
    add_files(cast, numbers, folders=[cast.acme.cabinet.folders.get(name="Payroll")] * len(numbers))


def add_versions_of_one(cast, numbers):
    file = File.objects.get(name="W-2 2025.pdf")
    Version.objects.bulk_create(
        Version(
            file=file,
            number=n + 2,
            storage_key=uuid.uuid4().hex,
            size_bytes=n,
            state=Version.State.NOT_SCANNED,
            state_note=f"Grown {n}",
            by=cast.second,
        )
        for n in numbers
    )
    add_events(cast, numbers, of=file)


def add_requests(cast, numbers):
    """Requests of three documents each."""
    requests = Request.objects.bulk_create(
        Request(
            client=cast.acme,
            folder=cast.acme.cabinet.top,
            title=f"Grown {n}",
            by=cast.firm_user,
            due_on=timezone.localdate() + timedelta(days=n % 5),
        )
        for n in numbers
    )
    RequestedDocument.objects.bulk_create(
        RequestedDocument(request=request, position=n, name=f"Line {n}") for request in requests for n in range(3)
    )


def add_lines(cast, numbers):
    """Documents of one request, half of them received."""
    request = Request.objects.filter(title="One").first() or Request.ask(
        folder=cast.acme.cabinet.top, title="One", lines=[], by=cast.firm_user
    )
    file = File.objects.get(name="W-2 2025.pdf")
    RequestedDocument.objects.bulk_create(
        RequestedDocument(
            request=request,
            position=n,
            name=f"Grown {n}",
            file=file if n % 2 else None,
            received_at=timezone.now() if n % 2 else None,
        )
        for n in numbers
    )


def add_links(cast, numbers):
    RequestLink.objects.bulk_create(
        RequestLink(
            folder=cast.acme.cabinet.top,
            email=f"grown {n}@example.com",
            title="Appraisal",
            token_hash=uuid.uuid4().hex,
            expires_at=timezone.now() + timedelta(days=1),
            by=cast.firm_user,
        )
        for n in numbers
    )


def add_views(cast, numbers):
    """Views of the log, the reader's own and as many that a colleague shares."""
    for owner in (cast.administrator, cast.auditor):
        SavedView.objects.bulk_create(
            SavedView(owner=owner, name=f"Grown {n}", report="activity-log", query="area=files", is_shared=True)
            for n in numbers
        )


def add_schedules(cast, numbers):
    """Schedules, and as many runs that the reader was told of."""
    fields = {"owner": cast.administrator, "report": "usage"}
    schedules = Schedule.objects.bulk_create(Schedule(name=f"Grown {n}", **fields) for n in numbers)
    runs = Run.objects.bulk_create(
        Run(schedule=schedule, due_at=timezone.now(), state=Run.State.MADE) for schedule in schedules
    )
    for owner in (Schedule, Run):
        told = owner.recipients.through
        key = owner._meta.model_name
        told.objects.bulk_create(
            told(**{f"{key}_id": one.pk, "user_id": cast.auditor.pk})
            for one in (schedules if owner is Schedule else runs)
        )


def add_organizers_of_one(cast, numbers):
    """Organizers of the client, half of them sent back."""
    version = TemplateVersion.objects.first() or published(cast)
    Organizer.objects.bulk_create(
        Organizer(
            client=cast.acme,
            version=version,
            title=f"Grown {n}",
            tax_year=2026,
            by=cast.firm_user,
            status=Organizer.Status.SUBMITTED if n % 2 else Organizer.Status.SENT,
            submitted_at=timezone.now(),
        )
        for n in numbers
    )


def add_organizers(cast, numbers):
    """Clients with an organizer each."""
    add_clients(cast, numbers)
    version = TemplateVersion.objects.first() or published(cast)
    fields = {"version": version, "title": "Individual", "tax_year": 2026, "by": cast.firm_user}
    clients = Client.objects.filter(name__startswith="0 Grown", organizers=None)
    Organizer.objects.bulk_create(Organizer(client=client, **fields) for client in clients)


def add_templates(cast, numbers):
    """Templates, each with a version that can be sent, and a draft."""
    templates = Template.objects.bulk_create(
        Template(name=f"Grown {n}", tax_year=2026, by=cast.administrator) for n in numbers
    )
    TemplateVersion.objects.bulk_create(
        TemplateVersion(template=template, number=number, status=status, definition={}, by=cast.administrator)
        for template in templates
        for number, status in enumerate(("published", "draft"), 1)
    )


# reader, address, what is added to, and how many of it the page shows: of ten, and of a thousand
PAGES = [
    ("administrator", "/activity/", add_events, 10, 50),
    ("auditor", "/activity/", add_events, 10, 50),
    ("administrator", "/activity/chart/", add_events, 0, 0),
    ("firm_user", "/files/activity/chart/", add_events, 0, 0),
    ("auditor", "/activity/?q=okafor", add_people, 10, 0),
    ("administrator", "/files/activity/", add_events, 10, 50),
    ("firm_user", "/files/activity/", add_events, 10, 50),
    ("administrator", "/files/access/?client={acme.pk}", add_openings, 10, 50),
    ("firm_user", "/files/access/?client={acme.pk}&by=file", add_openings, 10, 50),
    ("administrator", "/files/usage/", add_people, 10, 49),
    ("firm_user", "/files/usage/", add_people, 10, 49),
    ("administrator", "/files/usage/clients/?sort=client", add_clients, 10, 50),
    ("firm_user", "/files/usage/trim/", add_files, 10, 100),
    ("administrator", "/accounts/clients/", add_clients, 10, 50),
    ("firm_user", "/accounts/clients/", add_clients, 10, 50),
    ("administrator", "/accounts/clients/{acme.pk}/", add_people, 10, 1_000),
    ("firm_user", "/accounts/clients/{acme.pk}/", add_events, 10, 10),
    ("administrator", "/accounts/sign-ins/", add_people, 10, 48),
    ("firm_user", "/accounts/sign-ins/?seen=never", add_people, 10, 49),
    ("administrator", "/accounts/held-invitations/", add_people, 10, 50),
    ("administrator", "/accounts/firm-users/", add_firm_users, 10, 49),
    ("administrator", "/files/", add_clients, 10, 50),
    ("firm_user", "/files/", add_clients, 10, 50),
    ("client", "/files/", add_clients, 10, 50),
    ("firm_user", "/files/cabinets/{acme.cabinet.pk}/", add_files, 10, 100),
    ("client", "/files/cabinets/{acme.cabinet.pk}/", add_files, 10, 100),
    ("firm_user", "/files/cabinets/{acme.cabinet.pk}/", add_folders, 10, 1_000),
    ("client", "/files/folders/{payroll.pk}/", add_files_in_a_folder, 10, 100),
    ("firm_user", "/files/cabinets/{acme.cabinet.pk}/bin/", add_binned_files, 10, 100),
    ("client", "/files/cabinets/{acme.cabinet.pk}/bin/", add_binned_files, 10, 100),
    ("firm_user", "/files/search/?q=grown", add_files, 10, 50),
    ("client", "/files/search/?q=grown&bin=on", add_files, 10, 50),
    ("administrator", "/files/search/?q=in+it&sender=okafor", add_folders, 10, 50),
    ("firm_user", "/files/retention/due/", add_announced_files, 10, 100),
    ("administrator", "/files/housekeeping/", add_runs, 0, 0),
    ("administrator", "/status/", add_tasks, 0, 0),
    ("auditor", "/status/", add_clients, 0, 0),
    ("administrator", "/", add_tasks, 0, 0),
    ("administrator", "/files/cabinets/{acme.cabinet.pk}/settings/", add_folders, 10, 1_000),
    ("administrator", "/files/retention/", add_rules, 10, 1_000),
    ("firm_user", "/files/checks/", add_held_files, 10, 50),
    ("firm_user", "/files/{w2.pk}/", add_versions_of_one, 10, 1_000),
    ("client", "/files/{w2.pk}/", add_versions_of_one, 10, 1_000),
    ("firm_user", "/files/{w2.pk}/history/", add_versions_of_one, 10, 50),
    ("client", "/files/{w2.pk}/history/", add_versions_of_one, 10, 50),
    ("client", "/activity/mine/", add_events, 10, 50),
    ("client", "/files/uploads/", add_uploads, 10, 200),
    ("administrator", "/", add_events, 6, 6),
    ("auditor", "/", add_events, 6, 6),
    ("firm_user", "/", add_files, 6, 6),
    ("client", "/", add_files, 6, 6),
    ("second", "/", add_clients, 10, 1_000),
    ("administrator", "/", add_requests, 6, 6),
    ("client", "/", add_lines, 10, 1_000),
    ("firm_user", "/files/requests/", add_requests, 10, 50),
    ("firm_user", "/files/cabinets/{acme.cabinet.pk}/requests/", add_requests, 10, 50),
    ("firm_user", "/files/cabinets/{acme.cabinet.pk}/links/", add_links, 10, 50),
    ("client", "/organizer/", add_organizers_of_one, 10, 1_000),
    ("client", "/", add_organizers_of_one, 5, 500),
    ("administrator", "/organizer/templates/", add_templates, 10, 50),
    ("administrator", "/reports/", add_views, 10, 1_000),
    ("administrator", "/reports/schedules/", add_schedules, 10, 100),
    ("auditor", "/reports/schedules/", add_schedules, 10, 50),
    ("auditor", "/activity/?q=zyx", add_views, 10, 12),
    ("administrator", "/organizer/", add_organizers, 10, 50),
    ("firm_user", "/organizer/?mine=on", add_organizers, 10, 50),
    ("firm_user", "/organizer/send/", add_organizers, 10, 100),
    ("administrator", "/help/", add_clients, 0, 0),
    ("client", "/help/sending-files/", add_files, 0, 0),
]


@pytest.mark.parametrize(("reader", "address", "add", "of_few", "of_many"), PAGES)
def test_a_page_asks_as_often_for_many_rows_as_for_few(reader, address, add, of_few, of_many, sign_in, cast, w2):
    payroll = cast.acme.cabinet.top.add_folder("Payroll", by=cast.administrator)
    url = address.format(**vars(cast), payroll=payroll, w2=w2)
    browser = sign_in(getattr(cast, reader))

    def look():
        """What the page asks, and how many of what was added it shows."""
        browser.get(url)  # so that the log has this view already
        with CaptureQueriesContext(connection) as asked:
            text = browser.get(url).text
        return [query["sql"] for query in asked], len(set(re.findall(r"[Gg]rown \d+", text)))

    counts = []
    for start, end, expected in ((0, 1, min(of_few, 1)), (1, FEW, of_few), (FEW, MANY, of_many)):
        add(cast, range(start, end))
        take_note_of_rows()
        queries, shown = look()
        assert shown == expected
        counts.append(len(queries))
    assert len(set(counts)) == 1, (counts, queries)
