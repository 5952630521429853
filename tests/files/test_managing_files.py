import pytest
from django.urls import reverse

from activity.actions import Action
from files.models import File, Folder
from tests.conftest import put_file


@pytest.fixture
def folder(cast):
    return cast.acme.cabinet.top


@pytest.fixture
def from_the_firm(cast, folder):
    return put_file(folder, "Return 2025.pdf", b"return", by=cast.firm_user)


def rename(browser, file, name):
    return browser.post(reverse("file-name", args=[file.pk]), {"name": name})


def bin_(browser, folder, *files):
    return browser.post(reverse("folder-bin", args=[folder.pk]), {"file": [getattr(one, "pk", one) for one in files]})


def restore(browser, file):
    return browser.post(reverse("file-restore", args=[file.pk]))


def names_in_place(folder):
    return sorted(folder.files.in_place().values_list("name", flat=True))


# Rename


def test_a_file_is_renamed_and_its_former_names_are_remembered(sign_in, cast, w2, events):
    browser = sign_in(cast.client)
    page = browser.get(reverse("file-name", args=[w2.pk])).text
    assert 'value="W-2 2025.pdf"' in page
    answers = [rename(browser, w2, name) for name in (" W-2\n2025,  final.pdf", "Wages.pdf")]

    assert [(answer.status_code, answer.url) for answer in answers] == [(302, w2.get_absolute_url())] * 2
    w2.refresh_from_db()
    assert (w2.name, w2.former_names) == ("Wages.pdf", "W-2 2025.pdf\nW-2 2025, final.pdf\n")
    first, second = events(action=Action.FILE_RENAMED)
    assert first.details == {"before": {"name": "W-2 2025.pdf"}, "after": {"name": "W-2 2025, final.pdf"}}
    assert second.details == {"before": {"name": "W-2 2025, final.pdf"}, "after": {"name": "Wages.pdf"}}
    assert (second.subject, second.subject_id, second.actor_email) == ("Wages.pdf", str(w2.pk), cast.client.email)
    assert (second.size_bytes, second.client_name) == (w2.current.size_bytes, "Acme Dental PC")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Return 2025.pdf", "There is already “Return 2025.pdf” in this folder. Choose another name."),
        ("../Return 2025.pdf", "There is already “Return 2025.pdf” in this folder. Choose another name."),
        ("", "Fill this in."),
        (" \t ", "Give a name that can be read"),
        ("..", "Give a name that can be read"),
        ("\u202e", "Give a name that can be read"),
        ("x" * 1001, "at most 1000 characters"),
    ],
)
def test_a_name_that_is_taken_or_none_is_said_on_the_form(sign_in, cast, w2, from_the_firm, events, name, words):
    answer = rename(sign_in(cast.client), w2, name)

    assert answer.status_code == 200
    assert words in answer.text
    assert "<title>Error: Rename W-2 2025.pdf" in answer.text
    w2.refresh_from_db()
    assert (w2.name, w2.former_names) == ("W-2 2025.pdf", "")
    assert events(action=Action.FILE_RENAMED) == []


def test_the_name_of_a_file_in_the_bin_can_be_taken(sign_in, cast, folder, w2, from_the_firm):
    from_the_firm.move_to_bin(by=cast.firm_user)

    assert rename(sign_in(cast.client), w2, from_the_firm.name).status_code == 302
    assert names_in_place(folder) == ["Return 2025.pdf"]


def test_the_name_that_a_file_has_already_changes_nothing(sign_in, cast, w2, events):
    assert rename(sign_in(cast.client), w2, w2.name).status_code == 302
    assert events(area="files") == []
    w2.refresh_from_db()
    assert w2.former_names == ""


# Move to the bin


def test_one_file_is_moved_to_the_bin_from_its_page(sign_in, cast, folder, w2, from_the_firm, events):
    page = sign_in(cast.client).post(reverse("file-bin", args=[w2.pk]), follow=True)

    assert page.redirect_chain == [(folder.get_absolute_url(), 302)]
    assert "W-2 2025.pdf is in the bin." in page.text
    assert names_in_place(folder) == ["Return 2025.pdf"]
    w2.refresh_from_db()
    assert w2.binned_by == cast.client
    (event,) = events(area="files")
    assert (event.action, event.subject, event.size_bytes) == (Action.FILE_BINNED, w2.name, w2.current.size_bytes)


def test_several_files_are_moved_to_the_bin_at_once_with_one_event_each(sign_in, cast, folder, events):
    files = [put_file(folder, f"{name}.pdf", name.encode(), by=cast.client) for name in ("a", "bb", "ccc", "stays")]
    browser = sign_in(cast.firm_user)
    page = browser.get(bin_(browser, folder, *files[:3]).url).text

    assert "3 files are in the bin." in page
    assert names_in_place(folder) == ["stays.pdf"]
    recorded = events(action=Action.FILE_BINNED)
    assert sorted((event.subject, event.size_bytes) for event in recorded) == [
        ("a.pdf", 1),
        ("bb.pdf", 2),
        ("ccc.pdf", 3),
    ]
    assert {event.actor_email for event in recorded} == {cast.firm_user.email}
    assert len({event.request_id for event in recorded}) == 1


@pytest.mark.parametrize("path", ["file-bin", "file-name", "folder-bin"])
def test_a_client_user_changes_only_what_they_sent_themselves(sign_in, cast, folder, w2, from_the_firm, events, path):
    browser = sign_in(cast.client)
    address = reverse(path, args=[folder.pk if path == "folder-bin" else from_the_firm.pk])
    answer = browser.post(address, {"file": [w2.pk, from_the_firm.pk], "name": "Mine.pdf"})

    assert answer.status_code == 403
    assert names_in_place(folder) == ["Return 2025.pdf", "W-2 2025.pdf"]
    assert [(event.action, event.subject) for event in events()[1:]] == [(Action.ACCESS_DENIED, address)]


def test_who_sent_the_latest_version_may_change_the_file(sign_in, cast, folder, w2):
    put_file(folder, w2.name, b"by the other", by=cast.second)

    assert rename(sign_in(cast.client), w2, "mine.pdf").status_code == 403
    assert rename(sign_in(cast.second), w2, "mine.pdf").status_code == 302


def test_of_what_is_ticked_only_files_of_the_folder_are_moved(sign_in, cast, folder, w2, events):
    elsewhere = put_file(folder.add_folder("2024", by=cast.client), "a.pdf", by=cast.client)
    anothers = put_file(cast.other.cabinet.top, "b.pdf", by=cast.stranger)
    gone = put_file(folder, "c.pdf", by=cast.client)
    gone.move_to_bin(by=cast.second)
    already = len(events(action=Action.FILE_BINNED))
    browser = sign_in(cast.client)

    bin_(browser, folder, elsewhere, anothers, gone, "no id", w2, w2)
    assert [event.subject for event in events(action=Action.FILE_BINNED)[already:]] == [w2.name]
    assert set(File.objects.in_place()) == {elsewhere, anothers}
    gone.refresh_from_db()
    assert gone.binned_by == cast.second

    assert "Tick the files first." in browser.get(bin_(browser, folder, elsewhere, anothers).url).text
    assert "Tick the files first." in browser.get(bin_(browser, folder).url).text
    assert set(File.objects.in_place()) == {elsewhere, anothers}


# The bin, and out of it


def test_the_bin_lists_what_lies_in_it_for_those_who_may_see_it(sign_in, cast, folder, w2, from_the_firm):
    address = reverse("cabinet-bin", args=[folder.cabinet_id])
    assert "The bin is empty" in sign_in(cast.firm_user).get(address).text
    File.move_all_to_bin([w2, from_the_firm], by=cast.firm_user)

    def listed(person):
        return [file.name for file in sign_in(person).get(address).context["page"]]

    assert listed(cast.firm_user) == ["Return 2025.pdf", "W-2 2025.pdf"]
    assert listed(cast.client) == ["W-2 2025.pdf"]
    assert listed(cast.second) == []
    page = sign_in(cast.client).get(address).text
    assert "Put back W-2 2025.pdf" in page
    assert "Dana Whitfield" in page
    assert sign_in(cast.stranger).get(address).status_code == 404


def test_a_file_is_put_back_into_its_folder(sign_in, cast, folder, w2, events):
    w2.move_to_bin(by=cast.client)
    browser = sign_in(cast.client)
    answers = [restore(browser, w2), restore(browser, w2)]

    assert {answer.url for answer in answers} == {folder.get_absolute_url()}
    assert "W-2 2025.pdf is back in its folder." in browser.get(answers[0].url).text
    w2.refresh_from_db()
    assert (w2.binned_at, w2.binned_by, w2.name, w2.former_names) == (None, None, "W-2 2025.pdf", "")
    (event,) = events(action=Action.FILE_RESTORED)
    assert (event.subject, event.size_bytes, event.details) == (w2.name, w2.current.size_bytes, {})


@pytest.mark.parametrize(
    ("name", "numbered"), [("W-2.pdf", "W-2 ({}).pdf"), ("é" * 125 + ".pdf", "é" * 123 + " ({}).pdf")]
)
def test_a_file_whose_name_is_taken_comes_back_under_a_number(sign_in, cast, folder, events, name, numbered):
    files = []
    for _ in range(3):
        files.append(put_file(folder, name, by=cast.client))
        files[-1].move_to_bin(by=cast.client)
    for file in files:
        restore(sign_in(cast.client), file)

    names = [name, numbered.format(2), numbered.format(3)]
    assert [File.objects.get(pk=file.pk).name for file in files] == names
    assert File.objects.get(pk=files[2].pk).former_names == f"{name}\n"
    changes = [event.details for event in events(action=Action.FILE_RESTORED)]
    assert changes == [{}, *({"before": {"name": name}, "after": {"name": after}} for after in names[1:])]


def test_a_client_user_puts_back_only_what_they_sent(sign_in, cast, w2, from_the_firm, events):
    File.move_all_to_bin([w2, from_the_firm], by=cast.firm_user)

    assert restore(sign_in(cast.client), from_the_firm).status_code == 404
    assert restore(sign_in(cast.second), w2).status_code == 404
    assert set(File.objects.in_bin()) == {w2, from_the_firm}
    assert events(action=Action.FILE_RESTORED) == []


# Folders


def test_a_folder_is_added_under_a_clean_name(sign_in, cast, folder, events):
    answer = sign_in(cast.client).post(reverse("folder-folders", args=[folder.pk]), {"name": "  ../2025 \u202e taxes "})

    made = Folder.objects.get(parent=folder)
    assert (made.name, answer.url) == ("2025 taxes", reverse("folder", args=[made.pk]))
    (event,) = events(area="files")
    assert (event.action, event.subject, event.client_name) == (Action.FOLDER_CREATED, "2025 taxes", "Acme Dental PC")


def test_a_folders_name_is_given_once_in_its_place(sign_in, cast, folder, events):
    within = folder.add_folder("2025", by=cast.client)
    browser = sign_in(cast.second)
    answer = browser.post(reverse("folder-folders", args=[folder.pk]), {"name": "2025"})

    assert answer.status_code == 200
    assert "There is already “2025” in this folder. Choose another name." in answer.text
    assert browser.post(reverse("folder-folders", args=[within.pk]), {"name": "2025"}).status_code == 302
    assert len(events(action=Action.FOLDER_CREATED)) == 2
