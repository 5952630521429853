"""The first page and the menu, for each role, and the pages that say what went wrong."""

import pytest
from django.test import Client as Browser
from django.urls import reverse
from lxml import html

from accounts.models import Client, Membership, Role
from activity.models import Event
from files.models import Cabinet
from tests.conftest import join, put_file


def look(response):
    return html.fromstring(response.content)


def names_in(page, section):
    """The files (or events) that a section of the home page names, in its order."""
    rows = page.xpath(f"//section[@aria-labelledby='{section}']//li[@class='task']")
    return [
        row.xpath("string(.//a)").strip() or row.xpath("string(.//*[contains(@class, 'state')])").strip()
        for row in rows
    ]


@pytest.fixture
def files(cast):
    """A file of each client and one of the firm, and one in the bin."""
    put_file(cast.acme.cabinet.top, "Wages.pdf", by=cast.client)
    put_file(cast.acme.cabinet.top, "Letter.pdf", by=cast.firm_user)
    put_file(cast.acme.cabinet.top, "Mistake.pdf", by=cast.client).move_to_bin(by=cast.client)
    put_file(cast.other.cabinet.top, "Roof.png", by=cast.stranger)
    put_file(Cabinet.open(Cabinet.Kind.FIRM).top, "Handbook.pdf", by=cast.administrator)


@pytest.mark.parametrize(
    ("reader", "recent"),
    [
        ("client", ["Letter.pdf", "Wages.pdf"]),
        ("second", ["Letter.pdf", "Wages.pdf"]),
        ("stranger", ["Roof.png"]),
        ("firm_user", ["Handbook.pdf", "Letter.pdf", "Wages.pdf"]),
        ("unassigned", ["Handbook.pdf"]),
        ("administrator", ["Handbook.pdf", "Roof.png", "Letter.pdf", "Wages.pdf"]),
        ("auditor", []),
    ],
)
def test_the_latest_files_are_those_that_one_may_open(reader, recent, sign_in, cast, files):
    response = sign_in(getattr(cast, reader)).get("/")
    page = look(response)

    assert names_in(page, "recent") == recent
    assert "Mistake" not in page.xpath("string(//section[@aria-labelledby='recent'])")
    for link in page.xpath("//section[@aria-labelledby='recent']//li//a/@href"):
        assert sign_in(getattr(cast, reader)).get(link).status_code == 200
    if reader == "auditor":
        assert not page.xpath("//section[@aria-labelledby='recent']")


def test_the_latest_files_say_who_sent_them_and_for_the_firm_to_whom(sign_in, cast, files):
    def hints(reader):
        return " ".join(look(sign_in(reader).get("/")).xpath("string(//section[@aria-labelledby='recent'])").split())

    assert "From Dana Whitfield, " in hints(cast.client)
    assert "You sent it, " in hints(cast.client)
    assert "Acme Dental PC" not in hints(cast.client)
    assert "From Ngozi Okafor, " in hints(cast.firm_user)
    assert "· Acme Dental PC" in hints(cast.firm_user)


@pytest.mark.parametrize(
    ("reader", "seen"), [("administrator", 6), ("auditor", 6), ("firm_user", 6), ("unassigned", 0)]
)
def test_the_latest_events_are_the_six_latest_that_one_may_see(reader, seen, sign_in, cast, files):
    cast.acme.cabinet.top.add_folder("Payroll", by=cast.firm_user)
    page = look(sign_in(getattr(cast, reader)).get("/"))
    events = Event.objects.visible_to(getattr(cast, reader)).newest_first()[:6]

    assert len(events) == seen
    assert names_in(page, "latest") == [event.label for event in events]
    assert ("Nothing has happened yet" in page.text_content()) is (seen == 0)
    assert ("Roof.png" in page.xpath("string(//section[@aria-labelledby='latest'])")) is (
        seen > 0 and reader != "firm_user"
    )
    [link] = page.xpath("//section[@aria-labelledby='latest']/div/a/@href")
    assert link == ("/activity/" if reader in ("administrator", "auditor") else "/files/activity/")


def test_a_client_user_can_send_files_at_once_to_their_own_cabinet(sign_in, cast):
    browser = sign_in(cast.client)
    [form] = look(browser.get("/")).xpath("//form[@enctype='multipart/form-data']")

    assert form.get("action") == reverse("folder-files", args=[cast.acme.cabinet.top.pk])
    assert form.get("method") == "post"
    assert form.xpath(".//input[@type='file' and @name='files' and @multiple]")


def test_who_belongs_to_two_clients_chooses_between_their_cabinets(sign_in, cast):
    Membership.objects.create(client=cast.other, user=cast.client)
    page = look(sign_in(cast.client).get("/"))

    assert names_in(page, "send") == ["Acme Dental PC", "Other Roofing LLC"]
    links = page.xpath("//section[@aria-labelledby='send']//a/@href")
    assert links == [cast.acme.cabinet.get_absolute_url(), cast.other.cabinet.get_absolute_url()]
    assert not page.xpath("//form[@enctype='multipart/form-data']")


def test_who_belongs_to_no_client_is_told_whom_to_ask(sign_in, cast):
    lonely = join("lonely@example.com", Role.CLIENT_USER)
    assert "You do not belong to a client yet." in sign_in(lonely).get("/").text


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        ("administrator", "3 clients in all."),
        ("firm_user", "1 client to look after."),
        ("unassigned", "0 clients to look after."),
        ("auditor", "The logs of Your firm, for reading."),
        ("client", "Send files to Your firm, and fetch what they send you."),
    ],
)
def test_the_page_greets_its_reader_and_says_what_is_theirs(reader, words, sign_in, cast):
    Client.add("A third", by=cast.administrator)
    page = look(sign_in(getattr(cast, reader)).get("/"))

    assert page.xpath("string(//h1)") == f"Hello, {getattr(cast, reader).name.split()[0]}"
    assert words in page.xpath("string(//*[@class='page-head__lead'])")
    assert bool(page.xpath("//main//a[@href='/accounts/clients/new/']")) is (reader == "administrator")


FIRM = "Home > / | Clients > /accounts/clients/ | Secure File Exchange > /files/ | Tax Organizer > /organizer/"
HELP = "Help Center > /help/"
MENUS = {
    "client": [
        "",
        "Home > / | Your files > /files/ | Tax Organizer > /organizer/ | What happened with your files > /activity/mine/"
        " | Your account > /account/",
        "",
        HELP,
    ],
    "firm_user": [
        "",
        FIRM,
        "Account Information",
        "Roster > /accounts/roster/ | Sign-ins > /accounts/sign-ins/ | Saved views > /reports/ | Your account > /account/",
        "",
        HELP,
    ],
    "administrator": [
        *("", FIRM, "Account Information"),
        "Activity Log > /activity/ | Status > /status/"
        " | Roster > /accounts/roster/ | Sign-ins > /accounts/sign-ins/ | Saved views > /reports/"
        " | Firm users > /accounts/firm-users/ | Firm settings > /accounts/settings/ | Your account > /account/",
        *("", HELP),
    ],
    "auditor": [
        *(
            "",
            "Home > /",
            "Secure File Exchange",
            "Activity > /files/activity/ | Access to files > /files/access/ | Usage > /files/usage/",
        ),
        *(
            "Account Information",
            "Activity Log > /activity/ | Status > /status/ | Roster > /accounts/roster/ | Sign-ins > /accounts/sign-ins/"
            " | Saved views > /reports/ | Your account > /account/",
            "",
            HELP,
        ),
    ],
}


@pytest.mark.parametrize(("reader", "menu"), MENUS.items())
def test_the_menu_holds_the_places_of_the_role_under_their_headings(reader, menu, sign_in, cast):
    browser = sign_in(getattr(cast, reader))
    page = look(browser.get("/"))
    found = []
    for group in page.xpath("//nav[@id='menu']//ul"):
        heading = group.xpath("preceding-sibling::*[1][self::p]")
        found.append(heading[0].text if heading else "")
        found.append(" | ".join(f"{a.text_content().strip()} > {a.get('href')}" for a in group.xpath(".//a")))

    assert found == menu
    for link in page.xpath("//nav[@id='menu']//a/@href"):
        if link.startswith("/"):
            assert browser.get(link, follow=True).status_code == 200, link


@pytest.mark.parametrize(
    ("reader", "address", "current"),
    [
        ("administrator", "/", "Home"),
        ("administrator", "/activity/", "Activity Log"),
        ("administrator", "/accounts/clients/new/", "Clients"),
        ("administrator", "/files/usage/", "Secure File Exchange"),
        ("administrator", "/accounts/import/", "Clients"),
        ("administrator", "/accounts/held-invitations/", "Clients"),
        ("administrator", "/accounts/roster/", "Roster"),
        ("administrator", "/accounts/people/{client.pk}/", "Clients"),
        ("administrator", "/accounts/people/{client.pk}/change/", "Clients"),
        ("administrator", "/accounts/people/{firm_user.pk}/", "Firm users"),
        ("firm_user", "/accounts/people/{client.pk}/", "Clients"),
        ("firm_user", "/accounts/roster/", "Roster"),
        ("auditor", "/reports/", "Saved views"),
        ("auditor", "/files/usage/", "Usage"),
        ("client", "/account/password/change/", "Your account"),
        ("client", "/help/sending-files/", "Help Center"),
    ],
)
def test_the_menu_shows_where_one_is(reader, address, current, sign_in, cast):
    page = look(sign_in(getattr(cast, reader)).get(address.format(**vars(cast))))
    assert [link.text_content().strip() for link in page.xpath("//nav[@id='menu']//*[@aria-current='page']")] == [
        current
    ]


def test_nothing_under_an_address_is_said_so(sign_in, cast):
    response = sign_in(cast.client).get("/nowhere/")

    assert response.status_code == 404
    assert "There is nothing here" in response.text
    assert "it is not yours to see" in response.text


def test_what_is_not_open_is_said_so_with_whom_to_ask(sign_in, cast):
    response = sign_in(cast.client).get("/activity/")

    assert response.status_code == 403
    assert "This is not open to you" in response.text
    assert "ask an administrator of Your firm. The log has noted this." in response.text


def test_a_fault_of_the_portal_is_said_so_even_when_the_database_is_the_fault(sign_in, cast, monkeypatch):
    browser = sign_in(cast.client)
    browser.raise_request_exception = False

    def fail(*args, **kwargs):
        raise RuntimeError("no such thing")

    monkeypatch.setattr("portal.views._recent_files", fail)
    monkeypatch.setattr("accounts.models.Firm.current", fail)
    response = browser.get("/")

    assert response.status_code == 500
    assert "Something went wrong here" in response.text
    assert "It was not you, and nothing half-done was kept." in response.text
    assert "no such thing" not in response.text


def test_a_form_without_its_token_is_said_to_be_too_old(cast):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.client)
    response = browser.post("/account/", {"name": "Mallory"})

    assert response.status_code == 403
    assert "This form is too old" in response.text
    assert "Nothing was changed." in response.text
    cast.client.refresh_from_db()
    assert cast.client.name == "Ngozi Okafor"
