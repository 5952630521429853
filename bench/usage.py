"""Usage: over many people and files beside over few, by person and by client."""

from django.db import connection, transaction
from django.test import Client as Browser

from accounts.models import Client, Membership, Role, User
from bench.log import _page_ms
from files.inspection import OF_PEOPLE, _sums_by_cabinet, _sums_by_person
from files.models import Cabinet, File, Folder, Sender
from files.space import COUNTERS
from reports.trimming import KINDS

FEW, MANY = (50, 10_000), (5_000, 1_000_000)  # people and files
PAGES = {
    "by user": "/files/usage/",
    "by user, by files": "/files/usage/?sort=-file_count",
    "by user, by client": "/files/usage/?sort=client",
    "by user, by last upload": "/files/usage/?sort=-last_sent_at",
    "by client": "/files/usage/clients/",
    "by client, by bin": "/files/usage/clients/?sort=binned_bytes",
    "by client, by name": "/files/usage/clients/?sort=client",
}
PAGES |= {f"make room, {name}": f"/files/usage/trim/?list={name}" for name in KINDS}
ID = {"sqlite": "printf('%032x', i)", "postgresql": "lpad(to_hex(i), 32, '0')::uuid"}
AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 1700000000 + i, 'unixepoch')",
    "postgresql": "to_timestamp(1700000000 + i)",
}
NUMBERS = "WITH RECURSIVE numbers(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {last}) "
FILES = """INSERT INTO files_file (id, folder_id, name, former_names, current_id, created_at)
    {numbers} SELECT {id}, folder_id, 'Statement ' || i || '.pdf', '', {id}, CURRENT_TIMESTAMP
    FROM numbers JOIN bench_people ON number = i % {people}"""
VERSIONS = """INSERT INTO files_version (id, file_id, number, storage_key, size_bytes, sha256, media_type, by_id, at, state,
        state_note, release_reason)
    {numbers} SELECT {id}, {id}, 1, 'bench' || i, CAST(i AS bigint) * 7919 % 1000003, 'hash' || (i / 2), 'application/pdf', person_id,
        {at}, 'received', '', ''
    FROM numbers JOIN bench_people ON number = i % {people}"""


def figures():
    """(what, measured, baseline, unit, ratio) for each."""
    administrator = User.objects.make("usage@bench.example", role=Role.ADMINISTRATOR)
    administrator.join("a few good words", name="Bench")
    browser = Browser(HTTP_HOST="localhost")
    browser.force_login(administrator)
    _grow((0, 0), FEW)
    few = {name: _page_ms(browser, url) for name, url in PAGES.items()}
    _grow(FEW, MANY)
    assert File.objects.count() == MANY[1]
    for name, url in PAGES.items():
        many = _page_ms(browser, url)
        what = f"Usage, {name}: {MANY[0]:,} people / {FEW[0]}"
        yield what, many, few[name], "ms", many / few[name]


def _grow(before, after):
    """So many people in all, two to a client, and so many files, spread evenly over them."""
    (first_person, first), (people, last) = before, after
    with transaction.atomic(), connection.cursor() as cursor:
        _add_people(range(first_person, people))
        cursor.execute("DROP TABLE IF EXISTS bench_people")
        cursor.execute(
            "CREATE TABLE bench_people AS SELECT CAST(substr(u.email, 7, 6) AS integer) AS number, u.id AS person_id, "
            "f.id AS folder_id FROM accounts_user u JOIN accounts_membership m ON m.user_id = u.id "
            "JOIN files_cabinet c ON c.client_id = m.client_id JOIN files_folder f ON f.cabinet_id = c.id "
            "AND f.parent_id IS NULL WHERE u.email LIKE 'person%'"
        )
        cursor.execute("CREATE INDEX bench_people_by_number ON bench_people (number)")
        words = {
            "id": ID[connection.vendor],
            "at": AT[connection.vendor],
            "people": people,
            "numbers": NUMBERS.format(first=first, last=last),
        }
        cursor.execute(FILES.format(**words))
        cursor.execute(VERSIONS.format(**words))
    with transaction.atomic():
        for person_id, numbers in _sums_by_person(User.objects.all()).items():
            Sender.change(person_id, **{COUNTERS[name]: numbers[name] for name in OF_PEOPLE})
        for cabinet_id, numbers in _sums_by_cabinet(Cabinet.objects.all()).items():
            Cabinet.objects.filter(pk=cabinet_id).update(**{COUNTERS[name]: numbers[name] for name in COUNTERS})
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _add_people(numbers):
    people = User.objects.bulk_create(
        (User(email=f"person{number:06}@bench.example", role=Role.CLIENT_USER, is_active=True) for number in numbers),
        batch_size=500,
    )
    clients = Client.objects.bulk_create(
        (Client(name=f"Client {number:06}") for number in numbers[::2]), batch_size=500
    )
    Membership.objects.bulk_create(
        (Membership(client=clients[place // 2], user=person) for place, person in enumerate(people)), batch_size=500
    )
    cabinets = Cabinet.objects.bulk_create(
        (Cabinet(kind=Cabinet.Kind.CLIENT, client=client) for client in clients), batch_size=500
    )
    Folder.objects.bulk_create((Folder(cabinet=one, name=str(one)) for one in cabinets), batch_size=500)
