"""Folders that the firm makes together."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.import_batches import ImportBatch
from accounts.importing import Plan
from accounts.models import Client
from accounts.spreadsheets import dataset_of
from activity.actions import Action
from files.models import FolderSet

LINES = "{year} Tax Return/Source documents\n{year} Tax Return/Returns\n\nLetters to {client}"


def paths(cabinet):
    return sorted(
        "/".join([*(one.name for one in folder.trail()[1:]), folder.name])
        for folder in cabinet.folders.exclude(parent=None)
    )


def expected(client):
    year = f"{timezone.localtime().year - 1} Tax Return"
    return [year, f"{year}/Returns", f"{year}/Source documents", f"Letters to {client}"]


def post(browser, name, *args, **fields):
    return browser.post(reverse(name, args=args), fields)


def test_an_administrator_makes_previews_changes_and_deletes_a_set(sign_in, cast, events):
    browser = sign_in(cast.administrator)
    assert "No sets yet" in browser.get(reverse("folder-sets")).text
    page = post(browser, "folder-set-new", title="Return", folders=LINES, preview="yes")
    assert "Letters to Client" in page.text
    assert not FolderSet.objects.exists()
    post(browser, "folder-set-new", title="Return", folders=LINES, is_for_new_clients="on")
    post(browser, "folder-set-new", title="Books", folders="Payroll", is_for_new_clients="on")
    books, one = FolderSet.objects.all()
    assert (books.is_for_new_clients, one.is_for_new_clients) == (True, False)  # one at most
    post(browser, "folder-set", books.pk, title="Books", folders="Payroll\nBank")
    assert "stays" in browser.get(reverse("folder-set-deletion", args=[one.pk])).text
    assert post(browser, "folder-set-deletion", one.pk, yes="yes").status_code == 200
    post(browser, "folder-set-deletion", one.pk, yes="YES")
    assert [one.name for one in FolderSet.objects.all()] == ["Books"]

    in_log = [(event.action, event.subject, event.details) for event in events(subject_type="folderset")]
    assert [(action, subject) for action, subject, _ in in_log] == [
        (Action.FOLDER_SET_MADE, "Return"),
        (Action.FOLDER_SET_MADE, "Books"),
        (Action.FOLDER_SET_CHANGED, "Return"),
        (Action.FOLDER_SET_CHANGED, "Books"),
        (Action.FOLDER_SET_DELETED, "Return"),
    ]
    assert in_log[3][2]["after"] == {"folders": "Payroll; Bank", "for new clients": "no"}


@pytest.mark.parametrize(
    ("title", "folders", "words"),
    [
        ("Return", "a", "There is already a set “Return”. Choose another name."),
        ("Other", "a\n{month}", "Line 2: {month} is not known. There are {year} and {client}"),
        ("Other", "a/ /b", "Line 1: give each folder a name that can be read"),
        ("Other", "a/b/c/d/e/f/g/h/i", "Folders lie at most 8 deep"),
        ("Other", "a\n" * 201, "A set has at most 200 lines; here are 201"),
    ],
)
def test_what_gives_no_folders_is_said_above_its_field(sign_in, cast, title, folders, words):
    FolderSet.make("Return", LINES, by=cast.administrator)
    page = post(sign_in(cast.administrator), "folder-set-new", title=title, folders=folders)

    assert page.text.count(words) == 2
    assert FolderSet.objects.count() == 1


def test_a_set_is_added_to_a_cabinet_and_keeps_what_is_there(sign_in, cast, events):
    one = FolderSet.make("Return", LINES, by=cast.administrator)
    cabinet = cast.acme.cabinet
    kept = cabinet.top.add_folder(expected("")[0], by=cast.client)
    browser = sign_in(cast.firm_user)
    assert "Letters to Acme Dental PC" in browser.get(reverse("cabinet-folder-sets", args=[cabinet.pk])).text
    post(browser, "cabinet-folder-sets", cabinet.pk, folder_set=one.pk)
    post(browser, "cabinet-folder-sets", cabinet.pk, folder_set=one.pk)

    assert paths(cabinet) == expected("Acme Dental PC")
    assert kept.folders.count() == 2
    (event,) = events(action=Action.FOLDER_SET_APPLIED)
    assert (event.details["note"], event.client_name) == ("Return", "Acme Dental PC")
    assert event.details["after"]["folders"].split("; ") == [
        "Letters to Acme Dental PC",
        f"{kept.name}/Source documents",
        f"{kept.name}/Returns",
    ]
    assert "Choose a set" in post(browser, "cabinet-folder-sets", cabinet.pk, folder_set="").text


def test_each_new_client_has_the_folders_of_the_set_for_new_clients(cast, events):
    FolderSet.make("Return", LINES, is_for_new_clients=True, by=cast.administrator)
    client = Client.add("A/B Trust", by=cast.administrator)
    assert paths(client.cabinet) == expected("A-B Trust")

    def import_of(count, prefix):
        rows = [[n + 2, f"{prefix} {n}", f"{prefix}{n}@x.example", "", ""] for n in range(count)]
        batch = ImportBatch.receive("list.csv", Plan(dataset_of(rows)), by=cast.administrator)
        batch.confirm(sends_invitations=False)
        with CaptureQueriesContext(connection) as captured:
            batch.write(seconds=60, by=cast.administrator)
        return [query["sql"] for query in captured if "files_folder" in query["sql"]]

    assert len(import_of(2, "few")) == len(import_of(40, "many"))
    assert paths(Client.objects.get(name="many 39").cabinet) == expected("many 39")
    applied = events(action=Action.FOLDER_SET_APPLIED)
    assert len(applied) == 43
    assert {event.actor_email for event in applied} == {cast.administrator.email}
