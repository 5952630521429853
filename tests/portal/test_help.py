"""The Help Center: each role has the pages that are for it, and every link on them opens."""

import pytest
from lxml import html

from portal.help import PAGES

READERS = ["client", "firm_user", "administrator", "auditor"]


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
