"""The Help Center: each role has the pages that are for it, and every link on them opens."""

import pytest
from lxml import html

from accounts.import_batches import ImportBatch
from portal.help import PAGES
from tests.conftest import PASSWORD

READERS = ["client", "firm_user", "administrator", "auditor"]
STAFF, ADMINISTRATOR = ("firm_user", "administrator"), ("administrator",)
# Pages about accounts: who opens each, and the page of help that it links to
HELPED = {
    "/accounts/clients/": (STAFF, "clients"),
    "/accounts/clients/new/": (STAFF, "clients"),
    "/accounts/clients/{acme.pk}/": (STAFF, "clients"),
    "/accounts/clients/{acme.pk}/change/": (STAFF, "clients"),
    "/accounts/clients/{acme.pk}/people/": (STAFF, "clients"),
    "/accounts/clients/{acme.pk}/deletion/": (ADMINISTRATOR, "clients"),
    "/accounts/people/{client.pk}/": (STAFF, "clients"),
    "/accounts/people/{client.pk}/change/": (STAFF, "clients"),
    "/accounts/people/{client.pk}/deletion/": (ADMINISTRATOR, "clients"),
    "/accounts/people/{firm_user.pk}/": (ADMINISTRATOR, "firm-settings"),
    "/accounts/people/{firm_user.pk}/change/": (ADMINISTRATOR, "firm-settings"),
    "/accounts/people/{firm_user.pk}/deletion/": (ADMINISTRATOR, "firm-settings"),
    "/accounts/firm-users/": (ADMINISTRATOR, "firm-settings"),
    "/accounts/firm-users/new/": (ADMINISTRATOR, "firm-settings"),
    "/accounts/settings/": (ADMINISTRATOR, "firm-settings"),
    "/setup/": (ADMINISTRATOR, "setting-up"),
    "/setup/firm/": (ADMINISTRATOR, "setting-up"),
    "/setup/mail/": (ADMINISTRATOR, "setting-up"),
    "/accounts/import/": (ADMINISTRATOR, "importing"),
    "/accounts/import/{waiting.pk}/": (ADMINISTRATOR, "importing"),
    "/accounts/import/{running.pk}/": (ADMINISTRATOR, "importing"),
    "/accounts/held-invitations/": (ADMINISTRATOR, "importing"),
    "/accounts/roster/": (("firm_user", "administrator", "auditor"), "roster"),
    "/files/settings/": (ADMINISTRATOR, "space"),
    "/files/cabinets/{acme.cabinet.pk}/settings/": (ADMINISTRATOR, "space"),
    "/files/cabinets/{acme.cabinet.pk}/bin/emptying/": (STAFF, "space"),
    "/files/retention/": (ADMINISTRATOR, "space"),
    "/files/retention/new/": (ADMINISTRATOR, "space"),
    "/files/retention/due/": (STAFF, "space"),
    "/files/housekeeping/": (ADMINISTRATOR, "space"),
    "/account/": (READERS, "signing-in"),
    "/account/email/": (READERS, "signing-in"),
    "/account/password/change/": (READERS, "signing-in"),
    "/account/sessions/": (READERS, "signing-in"),
    "/account/2fa/": (READERS, "second-factor"),
}


@pytest.fixture
def opens(client):
    """The page behind a link, which opens to whoever follows it: ``opens(link)``."""
    opened = {}

    def opens(link):
        address = link.partition("#")[0]
        if address not in opened:
            response = client.get(address, follow=True)
            assert response.status_code < 400, link
            opened[address] = html.fromstring(response.content)
        return opened[address]

    return opens


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)
def test_a_page_is_there_for_the_roles_that_it_is_for_and_its_links_open(page, reader, sign_in, cast, opens):
    person = getattr(cast, reader)
    response = sign_in(person).get(f"/help/{page.slug}/")
    if person.role not in page.roles:
        assert response.status_code == 404
        assert page.title not in response.text
        return

    assert response.status_code == 200
    found = html.fromstring(response.content)
    assert found.xpath("string(//h1)") == page.title
    assert found.xpath("string(//title)").startswith(f"{page.title}, Help Center")
    assert len(found.xpath("string(//article)").split()) > 40  # says something
    assert "{{" not in response.text and "{%" not in response.text
    for link in found.xpath("//main//a/@href"):
        if link.startswith("/"):
            target = opens(link)
            if "#" in link:
                assert target.xpath(f"//*[@id='{link.partition('#')[2]}']"), link
        else:
            assert link.startswith("#") and found.xpath(f"//*[@id='{link[1:]}']"), link


@pytest.mark.parametrize("reader", READERS)
def test_the_help_center_lists_the_pages_of_the_role(reader, sign_in, cast):
    person = getattr(cast, reader)
    page = html.fromstring(sign_in(person).get("/help/").content)
    listed = [
        (row.xpath("string(.//a/@href)"), row.xpath("string(.//a)"), row.xpath("string(.//*[@class='task__hint'])"))
        for row in page.xpath("//main//li[@class='task']")
    ]

    theirs = [(f"/help/{one.slug}/", one.title, one.summary) for one in PAGES if person.role in one.roles]
    assert listed == theirs
    assert len(theirs) >= 4


@pytest.mark.parametrize("slug", ["page", "nothing", "signing_in"])
def test_what_is_no_page_is_not_found(slug, sign_in, cast):
    assert sign_in(cast.administrator).get(f"/help/{slug}/").status_code == 404


@pytest.mark.parametrize(
    ("address", "reader", "page"),
    [(address, reader, page) for address, (readers, page) in HELPED.items() for reader in readers],
)
def test_each_page_about_accounts_links_to_its_help_which_opens(address, reader, page, client, cast):
    batch = {"by": cast.administrator, "file_name": "clients.csv", "row_count": 0}
    waiting, running = ImportBatch.objects.create(**batch), ImportBatch.objects.create(**batch, state="running")
    client.get("/account/login/")
    signed_in = client.post("/account/login/", {"login": getattr(cast, reader).email, "password": PASSWORD})
    assert signed_in.status_code == 302  # through the form: a page that asks again who one is does not
    found = client.get(address.format(**vars(cast), waiting=waiting, running=running))
    assert found.status_code == 200
    links = html.fromstring(found.content).xpath("//main//a[normalize-space()='Help']/@href")
    assert links == [f"/help/{page}/"]
    assert client.get(links[0]).status_code == 200


def test_who_cannot_sign_in_reads_on_the_page_what_to_do(client, cast):
    words = html.fromstring(client.get("/account/login/").content).xpath("string(//details)")
    assert all(case in words for case in ("Password forgotten", "Invited", "Too many tries", "Lost phone"))
