"""Choosing a user or client: a drop-down of few, a typed name among many, and the names offered while one types."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from accounts.models import Client, Membership, Role, User
from reports.filters import choosing
from tests.reports.exported import download

ADDRESS = "/activity/"


@pytest.fixture
def ask(sign_in, cast, story):
    browser = sign_in(cast.administrator)
    return lambda query: browser.get(f"{ADDRESS}?{query}")


@pytest.fixture
def many(monkeypatch):
    """More than a drop-down can hold."""
    monkeypatch.setattr(choosing, "MOST_OPTIONS", 1)


def alert_of(response):
    return " ".join(html.fromstring(response.content).xpath("string(//div[@role='alert'])").split())


def test_few_are_a_drop_down_with_those_who_are_gone_at_its_end(ask, cast):
    cast.second.delete_account(by=cast.administrator)
    cast.other.delete_client(by=cast.administrator)
    page = html.fromstring(ask(f"user={cast.client.pk}").content)

    people, clients = (page.xpath(f"//select[@name='{name}']")[0] for name in ("user", "client"))
    former = people.xpath("optgroup[@label='Former users']/option/text()")
    assert former == [f"daniel@acme.example.com (deleted, no. {cast.second.pk})"]
    assert people.xpath("option[@selected]/text()") == ["ngozi@acme.example.com"]
    assert clients.xpath("option/text()") == ["All Clients", "Acme Dental PC"]
    assert clients.xpath("optgroup[@label='Deleted clients']/option/text()") == [
        f"Other Roofing LLC (deleted, no. {cast.other.pk})"
    ]


def test_among_many_a_name_is_typed_and_the_address_has_the_id(many, ask, cast):
    page = html.fromstring(ask(f"client={cast.acme.pk}").content)
    (field,) = page.xpath("//input[@name='client']")
    assert (field.get("value"), field.get("data-address")) == ("Acme Dental PC", "/activity/choices/clients/")
    assert page.xpath("//select[@name='client']") == []

    for typed, found in {
        "Acme Dental PC": f"client={cast.acme.pk}",
        "dental": f"client={cast.acme.pk}",
    }.items():
        response = ask(f"client={typed}&q=wages")
        assert (response.status_code, response["Location"]) == (302, f"{ADDRESS}?{found}&q=wages")
    assert ask("user=NGOZI").url == f"{ADDRESS}?user={cast.client.pk}"
    assert ask("user=Theo+Voss").url == f"{ADDRESS}?user={cast.unassigned.pk}"


def test_several_with_the_name_are_offered_as_links(many, ask, cast, client):
    response = ask("user=okafor&action=files&after=3")
    page = html.fromstring(response.content)
    links = {link.text: link.get("href") for link in page.xpath("//nav[@aria-label='Which one?']/a")}

    assert alert_of(response).endswith("User: More than one fits “okafor”. Choose one below, or type more of the name.")
    assert list(links) == ["daniel@acme.example.com", "ngozi@acme.example.com"]
    assert list(response.context["page"]) == []
    chosen = client.get(ADDRESS + links["ngozi@acme.example.com"])
    assert chosen.context["table"].filter.words[0] == ("By ngozi@acme.example.com", ("user",))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("user=nobody", "“nobody” is not in the list. Type a part of the name."),
        ("client=a%00b", "That is not in the list. Choose from it."),
        ("client=987654321", "That is not in the list. Choose from it."),
        ("client=" + "9" * 40, "That is not in the list. Choose from it."),
    ],
)
def test_nothing_with_the_name_is_said(query, words, many, ask):
    response = ask(query)
    assert words in alert_of(response)
    assert list(response.context["page"]) == []


def test_a_former_user_is_told_from_who_has_the_address_now(many, ask, cast):
    cast.second.delete_account(by=cast.administrator)
    newcomer = User.objects.make("daniel@acme.example.com", role=Role.CLIENT_USER)
    names = [one["name"] for one in ask("").client.get("/activity/choices/people/?q=daniel").json()["names"]]

    assert names == ["daniel@acme.example.com", f"daniel@acme.example.com (deleted, no. {cast.second.pk})"]
    assert "Which one?" in ask(f"user={names[0]}").text  # both are called that
    assert ask(f"user={names[1]}").url == f"{ADDRESS}?user={cast.second.pk}"
    assert ask(f"user={newcomer.pk}").status_code == 200


def test_names_are_offered_of_what_the_reader_may_see_and_first_what_begins_so(sign_in, cast, story):
    Client.objects.bulk_create(Client(name=f"Old Acme {number:02}") for number in range(20))
    browser = sign_in(cast.administrator)
    answer = browser.get("/activity/choices/clients/?q=ACME").json()
    assert [one["name"] for one in answer["names"]][:2] == ["Acme Dental PC", "Old Acme 00"]
    assert (len(answer["names"]), answer["has_more"]) == (choosing.MOST_OFFERED, True)
    assert browser.get("/activity/choices/clients/?q=%00zz").json() == {"names": [], "has_more": False}

    browser = sign_in(cast.firm_user)
    names = browser.get("/activity/choices/clients/?q=").json()["names"]
    assert names == [{"name": "Acme Dental PC", "hint": ""}]
    people = browser.get("/activity/choices/people/?q=example.com").json()["names"]
    assert {"name": "ngozi@acme.example.com", "hint": "Ngozi Okafor"} in people
    assert "marcus@other.example.com" not in [one["name"] for one in people]


def test_the_same_name_is_typed_in_the_other_reports(many, sign_in, cast, story):
    cast.stranger.clients.add(cast.acme)
    browser = sign_in(cast.administrator)
    for address in ("/files/activity/", "/files/usage/"):
        assert browser.get(f"{address}?client=roofing").url == f"{address}?client={cast.other.pk}"
    for address in ("/files/activity.csv", "/files/usage.csv"):
        assert download(browser, f"{address}?client=roofing")


def test_the_page_is_no_larger_with_many_clients_and_people(sign_in, cast, story):
    clients = Client.objects.bulk_create(Client(name=f"Many {number:04}") for number in range(1_000))
    people = User.objects.bulk_create(User(email=f"many{n}@x.example", role=Role.CLIENT_USER) for n in range(1_000))
    Membership.objects.bulk_create(Membership(client=c, user=u) for c, u in zip(clients, people, strict=True))
    browser = sign_in(cast.administrator)
    with CaptureQueriesContext(connection) as asked:
        page = browser.get(ADDRESS)

    assert "Many 0" not in page.text and "many7" not in page.text
    assert max(map(len, (query["sql"] for query in asked))) < 10_000
