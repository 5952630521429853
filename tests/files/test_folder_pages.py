import re
import uuid
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Client, Membership
from files.models import Arrived, File
from tests.conftest import put_file


def fill(folder, names, *, by):
    folder.receive([Arrived(name, uuid.uuid4().hex, 1, "0" * 64) for name in names], by=by)


def link(page, rel):
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page.text)
    return unescape(found[1]) if found else None


def walk(browser, address, rel, query=""):
    """The pages from the one with this query on, as far as the link goes."""
    pages = []
    while query is not None:
        pages.append(browser.get(address + query))
        query = link(pages[-1], rel)
        assert len(pages) < 10
    return pages


def names_of(page):
    return [file.name for file in page.context["page"]]


def test_long_folders_and_bins_are_paged_both_ways_without_loss(sign_in, cast):
    folder = cast.acme.cabinet.top
    names = [f"{number:03} a~b & c=é.pdf" for number in range(250)]
    fill(folder, names[::-1], by=cast.client)
    browser = sign_in(cast.firm_user)

    def check(address):
        there = walk(browser, address, "next")
        assert [len(names_of(page)) for page in there] == [100, 100, 50]
        assert [name for page in there for name in names_of(page)] == names
        assert link(there[0], "prev") is None
        back = walk(browser, address, "prev", link(there[-2], "next"))
        assert [names_of(page) for page in back] == [names_of(page) for page in there[::-1]]

    check(folder.get_absolute_url())
    File.move_all_to_bin(list(folder.files.all()), by=cast.client)
    check(reverse("cabinet-bin", args=[folder.cabinet_id]))


def test_a_folder_of_exactly_one_page_has_no_other(sign_in, cast):
    folder = cast.acme.cabinet.top
    fill(folder, [f"{number:03}.pdf" for number in range(100)], by=cast.client)
    page = sign_in(cast.client).get(folder.get_absolute_url())

    assert (len(names_of(page)), link(page, "next"), link(page, "prev")) == (100, None, None)


@pytest.mark.parametrize("query", ["after=x", "before=~", "after=a~b&before=c", f"after={uuid.UUID(int=0)}"])
def test_a_key_that_is_none_shows_the_first_page(sign_in, cast, w2, query):
    assert names_of(sign_in(cast.client).get(f"{w2.folder.get_absolute_url()}?{query}")) == [w2.name]


def test_a_folder_shows_its_own_folders_and_files_with_their_versions(sign_in, cast, w2):
    put_file(w2.folder, w2.name, b"again", by=cast.second)
    within = w2.folder.add_folder("2024", by=cast.client)
    fill(within, ["a.pdf", "b.pdf"], by=cast.client)
    within.files.get(name="b.pdf").move_to_bin(by=cast.client)
    browser = sign_in(cast.client)
    top, below = (browser.get(folder.get_absolute_url()) for folder in (w2.folder, within))

    assert (names_of(top), names_of(below)) == ([w2.name], ["a.pdf"])
    assert f'href="{within.get_absolute_url()}">2024</a>' in top.text
    assert "1 file<" in top.text
    assert '<span class="badge">v2</span>' in top.text
    assert "Daniel Okafor" in top.text
    assert f'href="{w2.folder.get_absolute_url()}">Your files</a>' in below.text


@pytest.mark.parametrize(("who", "ticks"), [("client", 1), ("second", 0), ("firm_user", 2)])
def test_all_can_be_ticked_and_it_is_said_what_others_sent(sign_in, cast, w2, who, ticks):
    put_file(w2.folder, "Return 2025.pdf", by=cast.firm_user)
    page = sign_in(getattr(cast, who)).get(w2.folder.get_absolute_url()).text

    assert (page.count('type="checkbox" name="file"'), page.count("data-fixed")) == (2, 2 - ticks)
    assert ("Move to bin" in page) == (ticks > 0)


@pytest.mark.parametrize("who", ["client", "firm_user"])
@pytest.mark.parametrize("in_bin", [False, True])
def test_a_page_of_many_files_asks_the_database_no_more_than_one_of_few(sign_in, cast, who, in_bin):
    folder, browser = cast.acme.cabinet.top, sign_in(getattr(cast, who))
    address = reverse("cabinet-bin", args=[folder.cabinet_id]) if in_bin else folder.get_absolute_url()

    def queries_with(count):
        fill(folder, [f"{uuid.uuid4()}.pdf" for _ in range(count)], by=cast.client)
        if in_bin:
            File.move_all_to_bin(list(folder.files.all()), by=cast.second)
        browser.get(address)  # what is looked up once in a while is looked up now
        with CaptureQueriesContext(connection) as captured:
            page = browser.get(address)
        return len(page.context["page"]), len(captured)

    (two, few), (hundred, many) = queries_with(2), queries_with(98)
    assert (two, hundred) == (2, 100)
    assert many <= few


# The exchange


def cabinets_on(page):
    return [cabinet.client.name for cabinet in page.context["page"]]


def test_the_exchange_lists_the_cabinets_that_one_may_open(sign_in, cast, w2):
    put_file(cast.other.cabinet.top, by=cast.stranger)
    assert cabinets_on(sign_in(cast.administrator).get(reverse("exchange"))) == ["Acme Dental PC", "Other Roofing LLC"]
    assert cabinets_on(sign_in(cast.firm_user).get(reverse("exchange"))) == ["Acme Dental PC"]
    page = sign_in(cast.unassigned).get(reverse("exchange"))

    assert cabinets_on(page) == []
    assert "No cabinets yet" in page.text
    assert sign_in(cast.auditor).get(reverse("exchange")).status_code == 403


def test_the_exchange_counts_files_in_place_and_knows_when_the_last_was_sent(sign_in, cast, w2):
    put_file(cast.acme.cabinet.top, "gone.pdf", by=cast.client).move_to_bin(by=cast.client)
    acme, other = sign_in(cast.administrator).get(reverse("exchange")).context["page"]

    assert (acme.file_count, acme.last_at) == (1, w2.current.at)
    assert (other.file_count, other.last_at) == (0, None)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("dental", ["Acme Dental PC"]),
        (" ROOF ", ["Other Roofing LLC"]),
        ("%", []),
        ("", ["Acme Dental PC", "Other Roofing LLC"]),
    ],
)
def test_the_exchange_is_searched_by_the_clients_name(sign_in, cast, words, found):
    page = sign_in(cast.administrator).get(reverse("exchange"), {"q": words})

    assert cabinets_on(page) == found
    assert ("No such client" in page.text) == (not found)


def test_a_long_exchange_is_paged_and_keeps_the_search(sign_in, cast):
    for number in range(60):
        Client.add(f"Bakery {number:02}", by=cast.administrator)
    pages = walk(sign_in(cast.administrator), reverse("exchange"), "next", "?q=bakery")

    assert len(pages) == 2
    assert [name for page in pages for name in cabinets_on(page)] == [f"Bakery {number:02}" for number in range(60)]


def test_who_has_one_cabinet_is_taken_there(sign_in, cast):
    answer = sign_in(cast.client).get(reverse("exchange"))

    assert (answer.status_code, answer.url) == (302, cast.acme.cabinet.get_absolute_url())


def test_a_person_of_two_clients_chooses_between_them(sign_in, cast, w2):
    Membership.objects.create(client=cast.other, user=cast.client)
    browser = sign_in(cast.client)

    assert cabinets_on(browser.get(reverse("exchange"))) == ["Acme Dental PC", "Other Roofing LLC"]
    for client in (cast.acme, cast.other):
        assert browser.get(client.cabinet.get_absolute_url()).status_code == 200
