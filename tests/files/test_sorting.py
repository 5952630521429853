"""A folder in the order that its reader asks for."""

import uuid

import pytest
from django.utils import timezone

from files.models import Arrived, RequestLink, Version
from tests.files.test_folder_pages import names_of, walk


@pytest.fixture
def folder(cast):
    """250 files of three people, ten sizes and many moments; in no order's order."""
    top = cast.acme.cabinet.top
    people = (cast.client, cast.second, cast.firm_user)
    for number in range(250):
        name = f"{number * 7 % 250:03} a~b.pdf"
        top.receive([Arrived(name, uuid.uuid4().hex, number % 10, "0" * 64)], by=people[number % 3])
    return top


ORDERS = {
    "name": lambda file: (file.name,),
    "-name": lambda file: (file.name,),
    "size": lambda file: (file.current.size_bytes, file.pk),
    "-size": lambda file: (file.current.size_bytes, file.pk),
    "from": lambda file: (file.current.sender, file.pk),
    "-from": lambda file: (file.current.sender, file.pk),
    "when": lambda file: (file.current.at, file.pk),
    "-when": lambda file: (file.current.at, file.pk),
}


def test_each_order_is_paged_both_ways_without_loss_and_says_so(sign_in, cast, folder):
    browser = sign_in(cast.firm_user)
    folder.add_folder("zz, yet first", by=cast.firm_user)
    files = list(folder.files.select_related("current__by"))
    for sort, key in ORDERS.items():
        expected = [file.name for file in sorted(files, key=key, reverse=sort.startswith("-"))]
        there = walk(browser, folder.get_absolute_url(), "next", f"?sort={sort}")
        assert [name for page in there for name in names_of(page)] == expected, sort
        last = there[-1].context["page"]
        back = walk(browser, folder.get_absolute_url(), "prev", last.previous_url)
        assert [names_of(page) for page in back] == [names_of(page) for page in there[-2::-1]], sort
        way = "descending" if sort.startswith("-") else "ascending"
        assert there[0].text.count(f'aria-sort="{way}"') == 1
        assert there[0].text.index("zz, yet first") < there[0].text.index(expected[0])
        assert "zz, yet first" not in there[1].text


def test_the_heads_lead_to_orders_and_keep_no_key(sign_in, cast, w2):
    page = sign_in(cast.client).get(f"{w2.folder.get_absolute_url()}?sort=size&after=x")
    heads = page.context["sorting"].columns

    assert {name: head.next_sort for name, head in heads.items()} == {
        "name": "name",
        "size": "-size",
        "from": "from",
        "when": "-when",
    }
    assert 'href="?sort=-size"' in page.text
    unknown = sign_in(cast.client).get(f"{w2.folder.get_absolute_url()}?sort=folder__cabinet")
    assert unknown.context["sorting"].asked == "name"
    assert names_of(unknown) == [w2.name]


def test_a_guests_file_stands_under_the_address_that_it_came_from(sign_in, cast, w2):
    link = RequestLink.objects.create(
        folder=w2.folder,
        email="aunt@elsewhere.example.com",
        token_hash="x",
        expires_at=timezone.now(),
        by=cast.firm_user,
    )
    w2.folder.receive([Arrived("Letter.pdf", uuid.uuid4().hex, 1, "0" * 64)], by=cast.client)
    Version.objects.filter(file__name="Letter.pdf").update(link=link)
    page = sign_in(cast.client).get(f"{w2.folder.get_absolute_url()}?sort=from")

    assert names_of(page) == [w2.name, "Letter.pdf"]
    assert "aunt@elsewhere.example.com" in page.text
