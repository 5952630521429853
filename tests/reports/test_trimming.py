"""Making room: what each list holds, what is ticked across pages, into the bin, and back."""

import re
from datetime import UTC, datetime

import pytest
from lxml import html

from accounts.models import Client
from activity.actions import Action
from files.inspection import wrong_counters
from files.models import File, Version
from reports import trim_views, trimming
from tests.conftest import put_file

TRIM, BIN, UNDO = "/files/usage/trim/", "/files/usage/trim/bin/", "/files/usage/trim/restore/"
REVIEW = f"{TRIM}review/"


@pytest.fixture
def files(cast):
    """By name. Old.pdf was sent first and has an earlier version; of three that are the same one lies with another client."""
    top, other = cast.acme.cabinet.top, cast.other.cabinet.top
    put_file(top, "Old.pdf", b"o" * 90, by=cast.firm_user)
    sent = [
        put_file(top, "Old.pdf", b"o" * 10, by=cast.firm_user),
        put_file(top, "Letter.pdf", b"l" * 30, by=cast.client),
        put_file(top.add_folder("Copies", by=cast.firm_user), "Letter again.pdf", b"l" * 30, by=cast.firm_user),
        put_file(other, "Letter.txt", b"l" * 30, by=cast.firm_user),
        put_file(other, "Return.pdf", b"r" * 50, by=cast.firm_user),
    ]
    for number, file in enumerate(sent):
        at = datetime(2025, 3, 1 + number, 17, tzinfo=UTC)
        Version.objects.filter(pk=file.versions.first().pk).update(at=at)
    sent[4].current.hand_out(by=cast.stranger)
    return {file.name: file for file in File.objects.all()}


def names(page):
    return [file.name for file in page]


@pytest.mark.parametrize(
    ("reader", "query", "expected"),
    [
        ("administrator", "", "Return.pdf, Letter again.pdf, Letter.pdf, Letter.txt, Old.pdf"),
        ("administrator", "list=oldest", "Old.pdf, Letter.pdf, Letter again.pdf, Letter.txt, Return.pdf"),
        ("administrator", "list=never-downloaded", "Letter again.pdf, Letter.txt, Old.pdf"),
        ("administrator", "list=duplicates", "Letter again.pdf"),
        ("administrator", "list=oldest&client={other.pk}", "Letter.txt, Return.pdf"),
        ("firm_user", "list=oldest", "Old.pdf, Letter.pdf, Letter again.pdf"),
        ("unassigned", "", ""),
    ],
)
def test_each_list_holds_what_it_says_of_what_the_reader_may_see(reader, query, expected, sign_in, cast, files):
    page = sign_in(getattr(cast, reader)).get(f"{TRIM}?{query.format(**vars(cast))}").context["page"]
    found = names(page)
    sizes = [file.current.size_bytes for file in page]
    if "oldest" in query:
        assert ", ".join(found) == expected
    else:
        assert sorted(found) == sorted(filter(None, expected.split(", ")))
        assert sizes == sorted(sizes, reverse=True)


def test_a_row_says_what_the_file_frees_and_which_copy_stays(sign_in, cast, files):
    browser = sign_in(cast.administrator)
    frees = {file.name: file.frees_bytes for file in browser.get(TRIM).context["page"]}
    assert (frees["Old.pdf"], frees["Letter.pdf"]) == (100, 30)
    [copy] = browser.get(f"{TRIM}?list=duplicates").context["page"]
    assert copy.original == files["Letter.pdf"]
    assert "Nothing here" in browser.get(f"{TRIM}?list=duplicates&client={cast.other.pk}").text
    assert "<title>Error: " in browser.get(f"{TRIM}?list=smallest").text


def ticked_on(response):
    """What the page's form sends as it stands."""
    [form] = html.fromstring(response.content).forms[-2:-1]
    fields = [(name, value) for name, value in form.form_values() if name != "csrfmiddlewaretoken"]
    return form.get("action"), {name: [v for n, v in fields if n == name] for name, _ in fields}


def test_ticks_are_kept_across_pages_without_a_script(sign_in, cast, files, monkeypatch):
    monkeypatch.setattr(trimming, "FILES_PER_PAGE", 2)
    browser = sign_in(cast.administrator)
    page = browser.get(f"{TRIM}?list=oldest")
    action, fields = ticked_on(page)
    [more] = re.findall(r'name="to" value="(\?[^"]+)"', page.text)
    second = browser.post(
        action,
        {
            **fields,
            "file": [str(files["Old.pdf"].pk)],
            "to": more.replace("&amp;", "&"),
        },
    )
    assert names(second.context["page"]) == ["Letter again.pdf", "Letter.txt"]
    assert "And 1 ticked on other pages" in second.text

    action, fields = ticked_on(second)
    back = re.findall(r'name="to" value="(\?[^"]+)"', second.text)[0].replace("&amp;", "&")
    first = browser.post(action, {**fields, "file": [str(files["Letter.txt"].pk)], "to": back})
    assert names(first.context["page"]) == ["Old.pdf", "Letter.pdf"]
    assert html.fromstring(first.content).xpath("//tbody//input[@checked]/@data-name") == ["Old.pdf"]
    asked = browser.post(REVIEW, ticked_on(first)[1])
    assert asked.context["freed_bytes"] == 130
    assert "Move 2 files to the bin" in asked.text


def test_what_is_ticked_goes_to_the_bin_comes_back_and_is_in_the_log(sign_in, cast, files, events):
    browser = sign_in(cast.administrator)
    chosen = [files["Old.pdf"], files["Return.pdf"]]
    done = browser.post(BIN, {"list": "oldest", "kept": " ".join(str(file.pk) for file in chosen)}, follow=True)
    assert done.redirect_chain == [(f"{TRIM}?list=oldest", 302)]
    assert "2 files are in the bin" in done.text
    assert {file.pk for file in File.objects.in_bin()} == {file.pk for file in chosen}
    assert [event.subject for event in events(action=Action.FILE_BINNED)] == ["Old.pdf", "Return.pdf"]
    assert not list(wrong_counters())

    moments = html.fromstring(done.content).xpath("string(//button[@form='undo']/@value)")
    other = put_file(cast.acme.cabinet.top, "Other.pdf", by=cast.client)
    other.move_to_bin(by=cast.administrator)
    back = browser.post(UNDO, {"list": "oldest", "at": moments}, follow=True)
    assert "2 files are back." in back.text
    assert list(File.objects.in_bin()) == [other]
    assert len(events(action=Action.FILE_RESTORED)) == 2
    assert "None of it is still in the bin" in browser.post(UNDO, {"at": f"{moments} never"}, follow=True).text


def test_all_of_a_list_is_taken_in_parts_and_the_first_copy_stays(sign_in, cast, files, monkeypatch):
    monkeypatch.setattr(trimming, "BATCH", 2)
    browser = sign_in(cast.administrator)
    asked = browser.post(REVIEW, {"list": "duplicates", "all": "yes"})
    assert asked.context["ids"] == [files["Letter again.pdf"].pk]
    assert "30 bytes</strong> are free only when the bins are emptied" in asked.text

    every = " ".join(str(file.pk) for file in files.values())
    browser.post(BIN, {"list": "duplicates", "kept": every})
    assert names(File.objects.in_bin()) == ["Letter again.pdf"]
    browser.get(TRIM)  # has shown what was done
    moved = browser.post(BIN, {"kept": every}, follow=True)
    assert File.objects.in_place().count() == 0
    moments = html.fromstring(moved.content).xpath("string(//button[@form='undo']/@value)")
    assert len(moments.split()) > 1
    browser.post(UNDO, {"at": moments})
    assert File.objects.in_place().count() == 4


def test_at_most_so_many_are_taken_at_once_and_the_page_says_so(sign_in, cast, files, monkeypatch):
    for module in (trimming, trim_views):
        monkeypatch.setattr(module, "MOST", 2)
    asked = sign_in(cast.administrator).post(REVIEW, {"list": "oldest", "all": "yes"})
    assert asked.context["ids"] == [files["Old.pdf"].pk, files["Letter.pdf"].pk]
    assert "These are the first 2 of the list" in asked.text


def test_what_one_may_not_delete_or_a_hold_keeps_stays(sign_in, cast, files):
    kept = str(files["Return.pdf"].pk)
    browser = sign_in(cast.firm_user)
    assert "Tick the files first" in browser.post(REVIEW, {"file": kept}, follow=True).text
    assert "Nothing was moved" in browser.post(BIN, {"file": [kept, "x"]}, follow=True).text

    cast.acme.cabinet.hold("Subpoena", by=cast.administrator)
    assert not browser.get(TRIM).context["page"].rows
    browser.post(BIN, {"file": str(files["Old.pdf"].pk)})
    cast.firm_user.may_delete_files = False
    cast.firm_user.save()
    assert browser.post(BIN, {"file": str(files["Old.pdf"].pk)}).status_code == 403
    assert not File.objects.in_bin().exists()


def test_a_client_with_nothing_to_trim_is_said_in_words(sign_in, cast, files):
    empty = Client.add("Empty LLC", by=cast.administrator)
    response = sign_in(cast.administrator).get(f"{TRIM}?client={empty.pk}&list=oldest")
    assert "Nothing here" in response.text
    assert "By user" in response.text and f"?client={empty.pk}" in response.text
