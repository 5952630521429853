import pytest
from django.urls import reverse

from accounts.models import Client, Role
from activity.actions import Action
from files.models import Cabinet
from tests.conftest import join, put_file

CLIENTS, NEW = "/accounts/clients/", "/accounts/clients/new/"


def names_on(page):
    return [client.name for client in page.context["page"]]


@pytest.fixture
def many(cast):
    return Client.objects.bulk_create(Client(name=f"Client {number:03}") for number in range(120))


def test_an_administrator_adds_a_client_and_says_who_looks_after_it(sign_in, cast, events):
    team = [cast.firm_user.pk, cast.unassigned.pk]
    given = {"name": "Lindqvist Trust", "firm_users": team, "notified": team[:1]}
    page = sign_in(cast.administrator).post(NEW, given, follow=True)

    client = Client.objects.get(name="Lindqvist Trust")
    assert page.redirect_chain[0][0] == reverse("client-people", args=[client.pk])
    assert "Lindqvist Trust is added." in page.text
    assert client.cabinet.kind == Cabinet.Kind.CLIENT
    assert str(client.cabinet.top) == "Lindqvist Trust"
    for firm_user in (cast.firm_user, cast.unassigned):
        assert client in firm_user.visible_clients()
    (event,) = events(action=Action.CLIENT_CREATED)
    assert (event.actor_email, event.client_id, event.client_name) == (
        cast.administrator.email,
        client.pk,
        "Lindqvist Trust",
    )
    assert (event.subject_type, event.subject_id, event.subject) == ("client", str(client.pk), "Lindqvist Trust")
    assert event.details["after"] == {
        "looked after by": f"{cast.firm_user.email}, {cast.unassigned.email}",
        "told of files": cast.firm_user.email,
    }


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"name": "Acme Dental PC"}, "name", "There is already a client with this name."),
        ({"name": "  Acme Dental PC "}, "name", "There is already a client with this name."),
        ({"name": ""}, "name", "Fill this in."),
        ({"name": "x" * 201}, "name", "at most 200 characters"),
        ({"name": "New", "firm_users": ["0"]}, "firm_users", "is not in the list"),
    ],
)
def test_what_cannot_be_a_client_is_said_and_nothing_is_added(sign_in, cast, events, given, field, words):
    page = sign_in(cast.administrator).post(NEW, given)

    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert words in page.text
    assert Client.objects.count() == 2
    assert not events(action=Action.CLIENT_CREATED)


def test_only_firm_users_look_after_a_client(sign_in, cast):
    for person in (cast.client, cast.auditor, cast.administrator):
        page = sign_in(cast.administrator).post(NEW, {"name": "New", "firm_users": [person.pk]})
        assert list(page.context["form"].errors) == ["firm_users"]


def test_a_client_that_cannot_have_a_cabinet_is_not_added(cast, monkeypatch, events):
    def fail(*args, **kwargs):
        raise OSError("no cabinet")

    monkeypatch.setattr("files.models.Cabinet.open_all", fail)
    with pytest.raises(OSError, match="no cabinet"):
        Client.add("Lindqvist Trust", firm_users=[cast.firm_user], by=cast.administrator)

    assert not Client.objects.filter(name="Lindqvist Trust").exists()
    assert not events()


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("administrator", ["Acme Dental PC", "Other Roofing LLC"]),
        ("firm_user", ["Acme Dental PC"]),
        ("unassigned", []),
    ],
)
def test_one_sees_the_clients_one_looks_after(sign_in, cast, who, seen):
    page = sign_in(getattr(cast, who)).get(CLIENTS)

    assert names_on(page) == seen
    for name in ("Acme Dental PC", "Other Roofing LLC"):
        assert (name in page.text) is (name in seen)


def test_a_firm_user_looks_after_the_clients_they_add(sign_in, cast):
    sign_in(cast.unassigned).post(NEW, {"name": "New"})

    client = Client.objects.get(name="New")
    assert [(one.user, one.is_notified) for one in client.assignments.all()] == [(cast.unassigned, True)]


@pytest.mark.parametrize("who", ["auditor", "client"])
def test_only_the_firm_adds_clients(sign_in, cast, events, who):
    browser = sign_in(getattr(cast, who))

    assert browser.get(NEW).status_code == browser.post(NEW, {"name": "New"}).status_code == 403
    assert not Client.objects.filter(name="New").exists()
    denied = events(action=Action.ACCESS_DENIED)
    assert [(event.actor_email, event.subject) for event in denied] == [(getattr(cast, who).email, NEW)] * 2


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("dental", ["Acme Dental PC"]),
        (" ACME ", ["Acme Dental PC"]),
        ("roof", []),
        ("%", []),
        ("den\0tal", []),
    ],
)
def test_a_search_finds_by_a_part_of_the_name_among_ones_own(sign_in, cast, words, found):
    page = sign_in(cast.firm_user).get(CLIENTS, {"q": words})

    assert names_on(page) == found
    assert ("No such client" in page.text) is (not found)


def test_the_page_of_a_client_names_its_people_and_who_looks_after_it(sign_in, cast):
    put_file(cast.acme.cabinet.top, by=cast.client)
    page = sign_in(cast.firm_user).get(reverse("client", args=[cast.acme.pk]))

    assert page.status_code == 200
    for words in ("Acme Dental PC", cast.client.email, cast.second.email, "Looked after by Dana Whitfield"):
        assert words in page.text
    assert cast.stranger.email not in page.text


@pytest.mark.parametrize("who", ["unassigned", "firm_user"])
@pytest.mark.parametrize("name", ["client", "client-people"])
def test_a_client_of_others_looks_as_one_that_is_not_there(sign_in, cast, who, name):
    browser = sign_in(getattr(cast, who))
    theirs = browser.get(reverse(name, args=[cast.other.pk]))
    missing = browser.get(reverse(name, args=[999_999]))

    assert theirs.status_code == missing.status_code == 404
    assert theirs.text == missing.text


def test_all_clients_are_reached_page_by_page(sign_in, cast, many):
    browser, seen, url = sign_in(cast.administrator), [], CLIENTS
    for _ in range(3):
        page = browser.get(url)
        seen += names_on(page)
        url = CLIENTS + (page.context["page"].next_url or "")

    assert url == CLIENTS, "the third page is the last"
    assert seen == sorted(["Acme Dental PC", "Other Roofing LLC", *(client.name for client in many)])


def test_a_page_of_clients_takes_the_same_queries_however_many_there_are(
    sign_in, cast, many, django_assert_max_num_queries
):
    browser = sign_in(cast.administrator)
    browser.get(CLIENTS)
    with django_assert_max_num_queries(8):
        assert len(names_on(browser.get(CLIENTS))) == 50


def test_firm_users_are_listed_for_administrators(sign_in, cast):
    page = sign_in(cast.administrator).get(reverse("firm-users"))

    for person in (cast.administrator, cast.firm_user, cast.unassigned, cast.auditor):
        assert person.email in page.text
    assert cast.client.email not in page.text


def test_teams_are_chosen_by_name_and_by_address_where_there_is_none(sign_in, cast):
    join("nameless@firm.example.com", Role.FIRM_USER)
    browser = sign_in(cast.administrator)
    form = browser.get(reverse("client-new")).context["form"]
    expected = ["nameless@firm.example.com", "Dana Whitfield", "Theo Voss"]
    assert [label for _, label in form.fields["firm_users"].choices] == expected
    assert [label for _, label in form.fields["notified"].choices] == expected
    found = browser.get(reverse("clients")).context["form"].fields["firm_user"].choices
    assert [label for _, label in found] == ["Anybody", *expected]
