import hashlib
import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from activity.actions import Action
from files.models import File, Version
from files.storage import storage
from tests.files.sending import form, kept, part, post, send, token_part


@pytest.fixture
def folder(cast):
    return cast.acme.cabinet.top


@pytest.fixture
def strict(cast):
    """The client's browser, where the form's token is demanded as in use."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.client)
    return browser


def content_of(version):
    return b"".join(storage().open(version.storage_key))


def test_a_client_sends_a_file(sign_in, cast, folder, events, store):
    content = os.urandom(3_000_000)
    address = reverse("folder-files", args=[folder.pk])
    file = SimpleUploadedFile("W-2 2025.pdf", content)
    page = sign_in(cast.client).post(address, {"files": file}, follow=True)

    assert page.redirect_chain == [(folder.get_absolute_url(), 302)]
    assert "Received W-2 2025.pdf" in page.text
    file = File.objects.get()
    assert (file.name, file.current.size_bytes, file.current.by) == ("W-2 2025.pdf", len(content), cast.client)
    assert file.current.media_type == "application/pdf"
    assert file.current.sha256 == hashlib.sha256(content).hexdigest()
    assert content_of(file.current) == content
    (event,) = events(action=Action.FILE_UPLOADED)
    assert (event.subject, event.size_bytes, event.client_name) == ("W-2 2025.pdf", len(content), "Acme Dental PC")
    assert (event.actor_email, event.subject_id) == (cast.client.email, str(file.pk))
    assert event.details == {"after": {"version": "1", "sha256": file.current.sha256}}


def test_a_file_larger_than_a_part_of_the_store_arrives_whole(sign_in, cast, folder, store):
    content = os.urandom(1_000_000) * 18
    post(sign_in(cast.client), folder, form(part("backup.qbb", content)))

    assert hashlib.sha256(content_of(Version.objects.get())).digest() == hashlib.sha256(content).digest()


def test_several_files_come_in_one_form_with_one_event_each(sign_in, cast, folder, events, store):
    contents = {"a.pdf": b"a" * 2_000_000, "b.csv": b"", "c.png": b"c"}
    answer = post(sign_in(cast.client), folder, form(*(part(name, content) for name, content in contents.items())))

    assert answer.status_code == 302
    assert {file.name: content_of(file.current) for file in folder.files.all()} == contents
    recorded = events(action=Action.FILE_UPLOADED)
    assert [(event.subject, event.size_bytes) for event in recorded] == [
        ("a.pdf", 2_000_000),
        ("b.csv", 0),
        ("c.png", 1),
    ]
    assert len({event.request_id for event in recorded}) == 1


def test_the_firm_sends_files_too(sign_in, cast, folder, events):
    send(sign_in(cast.firm_user), folder, "Return.pdf")

    assert folder.files.get().current.by == cast.firm_user
    (event,) = events(action=Action.FILE_UPLOADED)
    assert (event.actor_email, event.client_name) == (cast.firm_user.email, "Acme Dental PC")


def test_the_same_name_again_is_a_new_version_and_nothing_is_overwritten(sign_in, cast, folder, events, store):
    send(sign_in(cast.client), folder, "W-2.pdf", content=b"first")
    answer = send(sign_in(cast.second), folder, "W-2.pdf", content=b"second, longer")

    assert "Received W-2.pdf as version 2." in sign_in(cast.second).get(answer.url).text
    file = folder.files.get()
    assert [(one.number, one.by, content_of(one)) for one in file.versions.all()] == [
        (2, cast.second, b"second, longer"),
        (1, cast.client, b"first"),
    ]
    assert file.current.number == 2
    assert [event.action for event in events(area="files")] == [Action.FILE_UPLOADED, Action.VERSION_UPLOADED]
    event = events(action=Action.VERSION_UPLOADED)[0]
    assert (event.subject, event.subject_id, event.size_bytes) == ("W-2.pdf", str(file.pk), 14)


def test_the_same_name_twice_in_one_form_is_two_versions(sign_in, cast, folder, events):
    post(sign_in(cast.client), folder, form(part("scan.pdf", b"one"), part("scan.pdf", b"two")))

    assert [content_of(version) for version in folder.files.get().versions.all()] == [b"two", b"one"]
    assert [event.action for event in events(area="files")] == [Action.FILE_UPLOADED, Action.VERSION_UPLOADED]


def test_a_name_that_lies_in_the_bin_is_free_again(sign_in, cast, folder):
    send(sign_in(cast.client), folder, "W-2.pdf")
    folder.files.get().move_to_bin(by=cast.client)
    send(sign_in(cast.client), folder, "W-2.pdf")

    assert [file.current.number for file in folder.files.filter(name="W-2.pdf")] == [1, 1]


@pytest.mark.parametrize("parts", [[], [part("")], [part("x.pdf", field="elsewhere")]])
def test_where_no_file_was_chosen_the_page_says_so(sign_in, cast, folder, events, parts):
    before = kept()
    browser = sign_in(cast.client)
    answer = post(browser, folder, form(token_part("of no weight here"), *parts))

    assert (answer.status_code, answer.url) == (302, folder.get_absolute_url())
    assert "Choose a file first" in browser.get(answer.url).text
    assert kept() == before
    assert events(area="files") == []


@pytest.mark.parametrize(
    ("raw_name", "name"),
    [
        ("a&amp;b.pdf", "a&amp;b.pdf"),
        ("x\\%22,=1+1,y.txt", 'x_",=1+1,y.txt'),
        ("say %22hi%22.pdf", 'say "hi".pdf'),
        ("two%0D%0Alines.pdf", "two lines.pdf"),
        ("100%.pdf", "100%.pdf"),
        ("semi;colon=1.pdf", "semi;colon=1.pdf"),
        ("ending in \\", "ending in _"),
        ("חשבונית 🧾.pdf", "חשבונית 🧾.pdf"),
    ],
)
def test_a_name_is_kept_as_the_browser_meant_it(sign_in, cast, folder, events, raw_name, name):
    post(sign_in(cast.client), folder, form(part(raw_name)))

    assert folder.files.get().name == name
    assert [event.subject for event in events(action=Action.FILE_UPLOADED)] == [name]


def test_the_token_of_the_page_lets_a_form_through(strict, folder):
    strict.get(folder.get_absolute_url())
    token = strict.cookies["portal_csrf"].value
    answer = post(strict, folder, form(token_part(token), part("W-2.pdf")))

    assert answer.status_code == 302
    assert folder.files.get().name == "W-2.pdf"


@pytest.mark.parametrize("parts", [[], [token_part("x" * 32)]])
def test_without_the_token_of_the_page_nothing_is_kept(strict, folder, events, parts):
    strict.get(folder.get_absolute_url())
    before = kept()
    answer = post(strict, folder, form(*parts, part("W-2.pdf", b"w" * 3_000_000)))

    assert answer.status_code == 403
    assert kept() == before
    assert events(area="files") == []


def test_only_post_is_answered(sign_in, cast, folder):
    assert sign_in(cast.client).get(reverse("folder-files", args=[folder.pk])).status_code == 405
