"""Who stores how much: what counts, whose it is, in which order, and what a reader may see of it."""

import csv
import io
import itertools
import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Max, OuterRef
from django.utils import timezone
from django.utils.formats import date_format
from lxml import html

from accounts.models import Client, Firm, Membership, Role, User
from activity.actions import Action
from files.inspection import _sums_by_person, repair_counters, wrong_counters
from files.models import Cabinet, File, Sender, Version
from reports import tables
from reports.tables.usage import NEVER
from tests.conftest import join, put_file
from tests.reports.conftest import flat, walk
from tests.reports.exported import download

ADDRESS, BY_CLIENT = "/files/usage/", "/files/usage/clients/"
MARCH = datetime(2025, 3, 1, 17, tzinfo=UTC)


def put(name, size_bytes, *, by, at=MARCH, folder):
    """A version of so many bytes, without the bytes. Returns its File."""
    file = File.objects.filter(folder=folder, name=name).first() or File.objects.create(folder=folder, name=name)
    file.current = Version.objects.create(
        file=file,
        number=file.versions.count() + 1,
        storage_key=uuid.uuid4().hex,
        size_bytes=size_bytes,
        sha256="",
        media_type="",
        by=by,
        at=at,
    )
    file.save()
    return file


def count_anew():
    """The counters are those of the rows."""
    for wrong in list(wrong_counters()):
        repair_counters(wrong.whose)
    Sender.objects.update(last_sent_at=User.objects.filter(pk=OuterRef("pk")).values(at=Max("versions__at")))


@pytest.fixture
def stored(cast):
    """Five versions of three files, one of which is in the bin: 1,000 bytes in all."""
    top = cast.acme.cabinet.top
    put("W-2.pdf", 500, by=cast.client, folder=top)
    put("W-2.pdf", 100, by=cast.second, at=MARCH + timedelta(days=1), folder=top)
    put("Letter.pdf", 150, by=cast.firm_user, folder=top)
    put("Letter.pdf", 50, by=cast.firm_user, folder=top)
    put("Roof.png", 200, by=cast.stranger, folder=cast.other.cabinet.top).move_to_bin(by=cast.administrator)
    count_anew()


def figures(page):
    return {person.email.split("@")[0]: (person.file_count, person.size_bytes) for person in page}


def test_a_file_counts_for_who_sent_it_last_and_each_version_for_its_own_sender(sign_in, cast, stored):
    table = sign_in(cast.administrator).get(ADDRESS).context["table"]

    assert figures(table.page) == {
        "ngozi": (0, 500),
        "daniel": (1, 100),
        "dana": (1, 200),
        "marcus": (0, 200),  # in the bin: no file, but its bytes lie there
        "ruth": (0, 0),
        "theo": (0, 0),
        "morgan": (0, 0),
    }
    assert sum(person.size_bytes for person in table.page) == table.total_bytes == Version.objects.total_bytes() == 1000


def test_real_uploads_renames_and_bins_are_counted(sign_in, cast):
    file = put_file(cast.acme.cabinet.top, "a.pdf", b"1" * 30, by=cast.client)
    put_file(cast.acme.cabinet.top, "a.pdf", b"2" * 12, by=cast.client)
    put_file(cast.acme.cabinet.top, "b.pdf", b"3" * 8, by=cast.client)
    browser = sign_in(cast.administrator)
    counts = []
    for act in (file.rename, file.move_to_bin, file.restore):
        act(**({"name": "c.pdf"} if act == file.rename else {}), by=cast.administrator)
        counts.append(figures(browser.get(ADDRESS).context["page"])["ngozi"])

    assert counts == [(2, 50), (1, 50), (2, 50)]


def cells_of(page):
    rows = html.fromstring(page.content).xpath("//tbody/tr")
    return [[cell.text_content().strip() for cell in row.xpath("td")] for row in rows]


def test_a_row_says_who_for_whom_how_many_how_much_and_when_last(sign_in, cast, stored):
    Sender.objects.filter(user=cast.second).update(last_fetched_at=MARCH)
    cells = cells_of(sign_in(cast.administrator).get(ADDRESS))

    daniel = ["daniel@acme.example.com", "Acme Dental PC", "1", "100 bytes", "0 bytes", "0 bytes", "100 bytes", "10.0%"]
    assert [*daniel, "Mar 2, 2025", "Mar 1, 2025"] in cells
    dana = ["dana@firm.example.com", "Firm", "1", "50 bytes", "150 bytes", "0 bytes", "200 bytes", "20.0%"]
    assert [*dana, "Mar 1, 2025", ""] in cells
    assert ["ruth@firm.example.com", "Firm", "0", *["0 bytes"] * 4, "0.0%", "", ""] in cells


def test_by_client_a_row_says_what_lies_in_the_cabinet(sign_in, cast, stored):
    acme = ["Acme Dental PC", "2", "150 bytes", "650 bytes", "0 bytes", "800 bytes", "80.0%", "", ""]
    other = ["Other Roofing LLC", "0", "0 bytes", "0 bytes", "200 bytes", "200 bytes", "20.0%", "", ""]
    page = sign_in(cast.administrator).get(BY_CLIENT)
    assert cells_of(page) == [acme, other]
    assert sum(row.size_bytes for row in page.context["page"]) == page.context["table"].total_bytes == 1000
    assert "2 cabinets" in page.text

    put_file(cast.acme.cabinet.top, "Seen.pdf", b"s" * 200, by=cast.firm_user).current.hand_out(by=cast.client)
    Cabinet.open_own(Cabinet.Kind.FIRM, by=cast.administrator)
    Cabinet.open_own(Cabinet.Kind.PERSONAL, by=cast.unassigned)
    today = date_format(timezone.localdate(), "M j")
    rows = cells_of(sign_in(cast.administrator).get(f"{BY_CLIENT}?sort=-last_fetched_at"))
    assert rows[0] == ["Acme Dental PC", "3", "350 bytes", *acme[3:5], "1 KB", "83.3%", today, today]
    assert {row[0] for row in rows[1:]} == {
        "Other Roofing LLC",
        f"{Firm.current().name} (the firm’s own)",
        "Personal cabinet of Theo Voss",
    }


@pytest.mark.parametrize(
    ("reader", "query", "clients"),
    [
        ("administrator", "", "Acme Other"),
        ("auditor", "client={other.pk}", "Other"),
        ("firm_user", "", "Acme"),
        ("unassigned", "", ""),
    ],
)
def test_by_client_a_reader_sees_the_clients_they_may_see(reader, query, clients, sign_in, cast, stored):
    address = f"{BY_CLIENT}?sort=client&{query.format(**vars(cast))}"
    page = sign_in(getattr(cast, reader)).get(address).context["page"]
    assert " ".join(row.label.split()[0] for row in page) == clients


def test_shares_are_of_all_that_is_stored_and_nothing_where_nothing_is(sign_in, cast, request):
    browser = sign_in(cast.administrator)
    assert [person.share for person in browser.get(ADDRESS).context["page"]] == [0] * 7

    request.getfixturevalue("stored")
    shares = [person.share for person in browser.get(ADDRESS).context["page"]]
    assert shares == sorted([0.5, 0.1, 0.2, 0.2, 0, 0, 0], reverse=True)
    [ngozi, _] = browser.get(ADDRESS, {"client": cast.acme.pk}).context["page"]
    assert ngozi.share == 0.5


@pytest.mark.parametrize(
    ("reader", "query", "people"),
    [
        ("administrator", "", "dana daniel marcus morgan ngozi ruth theo"),
        ("auditor", "", "dana daniel marcus morgan ngozi ruth theo"),
        ("administrator", "client={acme.pk}", "daniel ngozi"),
        ("auditor", "client={other.pk}", "marcus"),
        ("firm_user", "", "dana daniel ngozi"),
        ("firm_user", "client={acme.pk}", "daniel ngozi"),
        ("unassigned", "", "theo"),
    ],
)
def test_a_reader_sees_the_people_they_may_see(reader, query, people, sign_in, cast, stored):
    page = sign_in(getattr(cast, reader)).get(f"{ADDRESS}?sort=email&{query.format(**vars(cast))}").context["page"]
    assert " ".join(figures(page)) == people


@pytest.mark.parametrize(
    ("reader", "query"),
    [("firm_user", "client={other.pk}"), ("unassigned", "client={acme.pk}"), ("administrator", "client=x")],
)
def test_a_client_one_may_not_see_is_an_error_without_rows(reader, query, sign_in, cast, stored, events):
    response = sign_in(getattr(cast, reader)).get(f"{ADDRESS}?{query.format(**vars(cast))}")
    page = html.fromstring(response.content)

    assert "is not in the list" in page.xpath("string(//div[@role='alert'])")
    assert page.xpath("//tr | //a[@data-export]") == []
    assert events(action=Action.LOG_VIEWED) == []


def test_who_belongs_to_two_clients_stands_with_the_first_that_the_reader_may_see(sign_in, cast):
    secret = Client.add("Aardvark Trust", by=cast.administrator)
    Membership.objects.create(client=secret, user=cast.client)

    def client_of(reader):
        page = sign_in(reader).get(ADDRESS).context["page"]
        return {person.email: person.client_name for person in page}[cast.client.email]

    assert client_of(cast.administrator) == "Aardvark Trust"
    assert client_of(cast.firm_user) == "Acme Dental PC"


@pytest.fixture
def crowd(cast):
    """Twenty people with sixty random versions, in the bin or not, many with the same numbers."""
    chance = random.Random(2025)
    people = [
        join(f"person{n:02}@acme.example.com", Role.CLIENT_USER, client=cast.acme if n % 3 else cast.other)
        for n in range(20)
    ]
    for _ in range(60):
        client = chance.choice([cast.acme, cast.other])
        name = f"File {chance.randrange(25)}.pdf"
        put(name, chance.choice([0, 1, 5, 2**40]), by=chance.choice(people[:12]), folder=client.cabinet.top)
    File.objects.filter(name__endswith="3.pdf").update(binned_at=MARCH, binned_by=cast.firm_user)
    count_anew()


def counted_by_hand():
    """What the report should say, from the rows themselves."""
    versions = list(Version.objects.select_related("file"))
    return {
        person: (
            sum(v.by_id == person.pk and v.file.current_id == v.pk and not v.file.binned_at for v in versions),
            sum(v.size_bytes for v in versions if v.by_id == person.pk),
        )
        for person in User.objects.all()
    }


def sort_keys():
    """How each column sorts people, by hand."""
    in_rows = _sums_by_person(User.objects.all())
    number = {"file_count": "files", **{f"{kind}_bytes": kind for kind in ("current", "earlier", "binned")}}
    keys = {name: lambda one, kind=kind: in_rows.get(one.pk, {}).get(kind, 0) for name, kind in number.items()}
    keys["size_bytes"] = keys["share"] = lambda one: counted[one][1]
    keys["email"], keys["name"] = (lambda one: one.email), (lambda one: one.name)
    keys["client"] = lambda one: one.clients.first().name if one.is_client_user else "Firm"
    keys["last_sent_at"] = lambda one: max((v.at for v in one.versions.all()), default=NEVER)
    keys["last_fetched_at"] = lambda one: getattr(getattr(one, "sender", None), "last_fetched_at", None) or NEVER
    counted = counted_by_hand()
    return keys, counted


def test_every_order_walks_its_pages_both_ways_over_all_people(sign_in, cast, crowd, monkeypatch):
    monkeypatch.setattr(tables.Usage, "rows_per_page", 14)
    for user in User.objects.filter(email__startswith="person"):
        Sender.change(user.pk, last_fetched_at=MARCH + timedelta(days=user.pk % 4))
    User.objects.filter(name="").update(name="Person")
    browser = sign_in(cast.administrator)
    keys, by_hand = sort_keys()
    assert keys.keys() == {column.name for column in tables.Usage.columns}
    for sort, sign in itertools.product(keys, ("", "-")):
        pages, last_url = walk(browser, f"{ADDRESS}?sort={sign}{sort}")
        back, _ = walk(browser, last_url, "previous_url")

        expected = sorted(by_hand, key=lambda one: (keys[sort](one), one.pk), reverse=sign == "-")
        assert [(one.pk, one.file_count, one.size_bytes) for one in flat(pages)] == [
            (one.pk, *by_hand[one]) for one in expected
        ]
        assert [one.pk for one in flat(back[::-1])] == [one.pk for one in expected]
    exported = csv.reader(io.StringIO(download(browser, f"/files/usage.csv?sort=-{sort}").decode()))
    assert [row[0] for row in exported][1:] == [one.email for one in expected]
    assert sum(one.size_bytes for one in flat(pages)) == Version.objects.total_bytes()
    assert sum(one.share for one in flat(pages)) == pytest.approx(1)


def test_by_client_every_order_walks_its_pages_and_is_that_of_the_file(sign_in, cast, crowd, monkeypatch):
    monkeypatch.setattr(tables.UsageByClient, "rows_per_page", 2)
    for number in range(4):
        client = Client.add(f"Client {number}", by=cast.administrator)
        put_file(client.cabinet.top, content=b"n" * (number % 2), by=cast.client)
    browser = sign_in(cast.administrator)
    for column in tables.UsageByClient.columns:
        pages, last_url = walk(browser, f"{BY_CLIENT}?sort={column.name}")
        back, _ = walk(browser, last_url, "previous_url")
        file = download(browser, f"/files/usage/clients.csv?sort={column.name}").decode()
        exported = list(csv.reader(io.StringIO(file)))[1:]

        assert [len(page) for page in pages] == [2, 2, 2]
        labels = [row.label for row in flat(pages)]
        assert labels == [row.label for row in flat(back[::-1])] == [row[0] for row in exported]
        values = [getattr(row, column.source) or (NEVER if column.kind == "time" else 0) for row in flat(pages)]
        assert column.kind == "text" or values == sorted(values)


@pytest.mark.parametrize(
    "query", ["", "sort=what", "sort=--email", "sort=password", "after=1~abc", "sort=email&after=1~%00"]
)
def test_an_order_or_a_place_that_is_none_is_no_trouble(query, sign_in, cast, stored):
    response = sign_in(cast.administrator).get(f"{ADDRESS}?{query}")
    assert len(response.context["page"]) == 7
    if "sort=email" not in query:
        assert response.context["page"].rows[0].email == "ngozi@acme.example.com"


def test_a_heading_sorts_and_sorts_back(sign_in, cast, stored):
    browser = sign_in(cast.administrator)
    url, orders = f"{ADDRESS}?client={cast.acme.pk}", []
    for _ in range(3):
        page = html.fromstring(browser.get(url).content)
        [heading] = page.xpath("//th[a[normalize-space()='Size']]")
        orders.append((heading.get("aria-sort"), page.xpath("//tbody/tr/td[1]//text()")[0][:5]))
        url = ADDRESS + heading.xpath("string(a/@href)")

    assert orders == [("descending", "ngozi"), ("ascending", "danie"), ("descending", "ngozi")]


def test_the_count_and_the_client_are_said_in_words(sign_in, cast, stored):
    browser = sign_in(cast.administrator)
    page = html.fromstring(browser.get(ADDRESS, {"client": cast.other.pk, "sort": "email"}).content)
    [chip] = page.xpath("//span[@class='chip']")

    assert page.xpath("string(//div[@class='chips']//strong)") == "1 person"
    assert chip.text_content().strip() == "Client Other Roofing LLC"
    assert chip.xpath("a/@href") == ["?sort=email"]
    assert "7 people" in browser.get(ADDRESS).text
    assert "1 KB stored in all" in page.xpath("string(//main)")
