"""The Secure File Exchange's own log: of files only, for one client or All Clients, within what its reader may see."""

import pytest
from lxml import html

from accounts.models import Assignment, User
from activity.actions import Action
from files.models import Cabinet
from tests.conftest import put_file

ADDRESS = "/files/activity/"
ACME = "binned foldered renamed fetched sent"
EVERYONE = "binned foldered roofed renamed fetched sent"


@pytest.fixture
def ask(sign_in, cast, story):
    """A reader's page with a filter, as it was when the story ended: ``ask("auditor", query)``."""

    def ask(reader, query=""):
        return sign_in(getattr(cast, reader)).get(f"{ADDRESS}?{query.format(**vars(cast))}&upto={len(story)}")

    return ask


@pytest.mark.parametrize(
    ("reader", "query", "names"),
    [
        ("administrator", "", EVERYONE),
        ("auditor", "", EVERYONE),
        ("auditor", "client={other.pk}", "roofed"),
        ("administrator", "client={acme.pk}", ACME),
        ("administrator", "q=okafor", "binned sent"),  # signed in as well, which is no act upon files
        ("administrator", "area=sign-in", EVERYONE),  # not one of this page's conditions
        ("firm_user", "", ACME),
        ("firm_user", "client={acme.pk}", ACME),
        ("firm_user", "user={client.pk}", "binned sent"),
        ("firm_user", "action=files.downloaded", "fetched"),
        ("firm_user", "from=2025-03-12", "binned foldered"),
        ("firm_user", "q=roof", ""),
        ("firm_user", "q=marcus", ""),
        ("firm_user", "q=2001:db8::1", ""),
        ("firm_user", "ip=2001:db8::1", ""),
        ("firm_user", "q=w-2", "binned renamed fetched sent"),
        ("unassigned", "", ""),
        ("unassigned", "q=wages", ""),
    ],
)
def test_a_reader_sees_what_happened_to_the_files_of_the_clients_they_may_see(reader, query, names, ask, told):
    assert told(ask(reader, query).context["page"]) == names


@pytest.mark.parametrize(
    ("reader", "query"),
    [
        ("firm_user", "client={other.pk}"),
        ("firm_user", "user={stranger.pk}"),
        ("unassigned", "client={acme.pk}"),
        ("unassigned", "user={client.pk}"),
        ("administrator", "action=sign-in.signed-in"),
    ],
)
def test_a_filter_by_what_one_may_not_see_is_an_error_without_rows(reader, query, ask):
    response = ask(reader, query)
    page = html.fromstring(response.content)

    assert "is not in the list" in page.xpath("string(//div[@role='alert'])")
    assert page.xpath("//tr | //a[@data-export]") == []
    assert "Roof.png" not in response.text and "Wages" not in response.text


@pytest.mark.parametrize(
    ("reader", "clients", "unknown"),
    [
        ("administrator", ["Acme Dental PC", "Other Roofing LLC"], []),
        ("firm_user", ["Acme Dental PC"], ["stranger"]),
        ("unassigned", [], ["client", "second", "stranger"]),
    ],
)
def test_the_filter_offers_all_clients_and_each_that_one_may_see(reader, clients, unknown, ask, cast):
    form = html.fromstring(ask(reader).content).xpath("//form[@id='filters']")[0]
    offered = {name: form.xpath(f".//select[@name='{name}']//option/text()") for name in ("client", "user", "action")}
    people = User.objects.exclude(pk__in=[getattr(cast, name).pk for name in unknown])

    assert offered["client"] == ["All Clients", *clients]
    assert offered["user"] == ["All users", *sorted(person.email for person in people)]
    assert offered["action"] == ["All actions", *[one.label for one in Action if one.value.startswith("files.")]]


def test_who_did_what_to_a_file_is_said_in_words(sign_in, cast, story, w2):
    file = cast.acme.cabinet.top.files.get(name="Wages.pdf")
    put_file(cast.acme.cabinet.top, "Wages.pdf", b"again", by=cast.second)
    file.restore(by=cast.firm_user)
    put_file(cast.acme.cabinet.top, w2.name, b"corrected", by=cast.second)
    sign_in(cast.second).get(f"/files/{w2.pk}/download/")
    rows = html.fromstring(sign_in(cast.firm_user).get(ADDRESS).content).xpath("//tbody/tr[td]")

    assert [[cell.text_content().strip() for cell in row.xpath("td")][1:4] for row in rows][:7] == [
        ["daniel@acme.example.com", "Downloaded a file", "W-2 2025.pdf"],
        ["daniel@acme.example.com", "Uploaded a new version", "W-2 2025.pdf"],
        ["dana@firm.example.com", "Put a file back", "Wages (2).pdf"],
        ["daniel@acme.example.com", "Uploaded a file", "Wages.pdf"],
        ["ngozi@acme.example.com", "Uploaded a file", "W-2 2025.pdf"],
        ["ngozi@acme.example.com", "Moved a file to the bin", "Wages.pdf"],
        ["dana@firm.example.com", "Made a folder", "Payroll"],
    ]


def test_the_firms_own_files_are_in_the_log_of_those_who_see_everything_only(sign_in, cast, story, events):
    put_file(Cabinet.open(Cabinet.Kind.FIRM).top, "Payroll of the firm.pdf", by=cast.administrator)

    def seen(reader):
        return "Payroll of the firm.pdf" in sign_in(reader).get(ADDRESS).text

    assert [seen(cast.administrator), seen(cast.auditor), seen(cast.firm_user)] == [True, True, False]


def test_a_client_given_to_somebody_else_takes_its_log_along(ask, cast, told):
    Assignment.objects.filter(user=cast.firm_user).update(user=cast.unassigned)

    assert told(ask("firm_user").context["page"]) == ""
    assert told(ask("unassigned").context["page"]) == ACME


def test_events_open_only_for_those_who_read_the_whole_log(ask, client, story):
    url = f"/activity/{story['sent'].seq}/"

    assert url in ask("auditor").text
    assert url not in ask("firm_user").text
    assert client.get(url).status_code == 403


def test_the_view_and_its_filter_are_in_the_log(ask, cast, events):
    ask("firm_user", "client={acme.pk}")
    ask("firm_user", "client={acme.pk}")

    [view] = events(action=Action.LOG_VIEWED)
    assert (view.actor_email, view.subject, view.details) == (
        "dana@firm.example.com",
        "Activity",
        {"note": "Client Acme Dental PC"},
    )
