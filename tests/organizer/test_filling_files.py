"""Files answer a question: they lie in the client's cabinet, in the organizer's folder, each with its receipt."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from lxml import html

from accounts.models import Membership
from activity.actions import Action
from files.models import Arrived, File
from files.storage import storage
from organizer.models import StillMissing
from organizer.sheet import Sheet
from tests.conftest import begin_upload, put_file
from tests.organizer.asking import add_child, answer, published, sent, small
from tests.organizer.test_filling import address, press, save, words_of


@pytest.fixture
def browser(sign_in, cast):
    return sign_in(cast.client)


def to_files(organizer, name="w2"):
    return reverse("organizer-files", args=[organizer.pk, name])


def send(browser, organizer, *names, line="w2", **options):
    files = [SimpleUploadedFile(name, b"%PDF-1.4 " + name.encode()) for name in names]
    return browser.post(to_files(organizer, line), {"files": files}, **options)


def test_files_are_sent_shown_and_taken_away_again(browser, cast, organizer, events):
    save(browser, organizer, name="Ngozi", is_married="no")
    page = browser.get(save(browser, organizer, "money", "files", "w2", miles="12").url)
    assert page.request["PATH_INFO"] == to_files(organizer) and words_of(organizer)["miles"] == "12"
    page = send(browser, organizer, "W-2 Clinic.pdf", "W-2 School.pdf", follow=True)

    assert page.redirect_chain == [(f"{address(organizer, 'money')}#q-w2", 302)]
    assert "Received W-2 Clinic.pdf." in page.text
    assert words_of(organizer)["w2"] == "W-2 Clinic.pdf, W-2 School.pdf"
    folder = File.objects.first().folder
    assert (folder.name, folder.parent, folder.client) == ("Tax Organizer 2026", cast.acme.cabinet.top, cast.acme)
    assert {file.current.by for file in File.objects.all()} == {cast.client}
    assert [event.subject for event in events(action=Action.FILE_UPLOADED)] == ["W-2 Clinic.pdf", "W-2 School.pdf"]
    press(browser, organizer, page, "money", "detach", str(organizer.attachments.first().pk))
    assert words_of(organizer)["w2"] == "W-2 School.pdf"
    assert File.objects.in_place().count() == 2


def test_two_photos_of_one_name_are_two_files(browser, cast, organizer):
    answer(organizer, cast.client, is_married="yes")
    name = f"child_paper.{add_child(organizer, cast.client).pk.hex}"
    send(browser, organizer, "image.jpg")
    send(browser, organizer, "image.jpg", line=name)

    assert (words_of(organizer)["w2"], words_of(organizer)[name]) == ("image.jpg", "image (2).jpg")


def begin_in_parts(browser, organizer, name, content=b"%PDF-1.4 wages", page="money"):
    """As the script of the section's page begins it, with all its bytes. Returns the upload's id."""
    page = browser.get(address(organizer, page))
    (place,) = html.fromstring(page.content).xpath("//*[@data-behaviour='organizer-files']")
    fields = {"folder": place.get("data-folder"), "path": place.get("data-path"), "name": name, "size": len(content)}
    begun = browser.post(place.get("data-uploads"), {**fields, "separate": "1"}).json()
    browser.generic("PUT", f"{begun['address']}parts/1/", content)
    return begun["address"].split("/")[-2]


def end_in_parts(browser, organizer, upload_id, line="w2"):
    sent = reverse("organizer-file-sent", args=[organizer.pk, line, upload_id])
    return browser.post(sent, {"separate": "1"})


def test_a_file_that_is_sent_in_parts_answers_once_it_is_complete(browser, cast, organizer):
    answer(organizer, cast.client, name="Ngozi", is_married="no")
    for number, name in enumerate(("scan.pdf", "scan (2).pdf"), 1):
        upload_id = begin_in_parts(browser, organizer, "scan.pdf", content=b"%PDF" * number)
        assert organizer.attachments.count() == number - 1
        for _ in range(2):  # the reply may have been lost
            reply = end_in_parts(browser, organizer, upload_id)
            assert (reply.status_code, reply.json()["name"]) == (200, name)
    assert words_of(organizer)["w2"] == "scan.pdf, scan (2).pdf"
    organizer.refresh_from_db()
    assert (organizer.folder.name, organizer.folder.parent) == ("Tax Organizer 2026", cast.acme.cabinet.top)
    assert {file.folder for file in File.objects.all()} == {organizer.folder}
    assert organizer.given_count == 3

    upload_id = begin_in_parts(browser, organizer, "late.pdf")
    foreign = begin_upload(cast.other.cabinet.top, by=cast.stranger).pk
    assert end_in_parts(browser, organizer, foreign).status_code == 404
    assert end_in_parts(browser, organizer, upload_id, line="name").status_code == 404
    organizer.submit(signature="Ngozi Okafor", consent="I agree.", by=cast.client)
    assert end_in_parts(browser, organizer, upload_id).status_code == 200  # what has arrived is not lost
    assert File.objects.filter(name="late.pdf").exists() and "late.pdf" not in words_of(organizer)["w2"]


def test_parts_of_one_who_belongs_to_two_clients_answer_that_client_alone(browser, cast, organizer):
    Membership.objects.create(client=cast.other, user=cast.client)
    upload_id = begin_in_parts(browser, organizer, "scan.pdf")
    assert end_in_parts(browser, sent(cast, client=cast.other), upload_id).status_code == 404
    assert File.objects.count() == 0


def test_where_clients_may_only_look_what_is_asked_for_is_sent_by_the_form(browser, cast, organizer):
    cast.acme.cabinet.top.set_view_only(True, by=cast.firm_user)
    page = browser.get(address(organizer, "money"))
    assert "Add a file or photo" in page.text and "organizer-files" not in page.text
    send(browser, organizer, "W-2.pdf")
    assert words_of(organizer)["w2"] == "W-2.pdf"


@pytest.fixture
def organizer_with_paper(cast):
    """All is answered: the W-2 that it needs is there."""
    content = small()
    content["sections"][2]["items"][-1]["required"] = True
    organizer = sent(cast, version=published(cast, content))
    answer(organizer, cast.client, name="Ngozi", is_married="no")
    w2 = organizer.version.questionnaire.questions["w2"]
    organizer.attach(w2, [put_file(cast.acme.cabinet.top, by=cast.client)], by=cast.client)
    return organizer


def counters(organizer):
    organizer.refresh_from_db()
    return organizer.given_count, organizer.missing_count


def test_a_file_that_went_to_the_bin_is_missing_until_it_is_back(
    browser, cast, sign_in, organizer_with_paper, django_capture_on_commit_callbacks
):
    organizer = organizer_with_paper
    (attachment,) = organizer.attachments.select_related("file")
    assert counters(organizer) == (3, 0)
    with django_capture_on_commit_callbacks(execute=True):
        attachment.file.move_to_bin(by=cast.firm_user)
    assert counters(organizer) == (2, 1)
    page = browser.get(address(organizer, "money"))
    assert "is no answer any more: it went to the bin" in page.text
    page = browser.get(reverse("organizer-check", args=[organizer.pk]))
    assert "1 needed answer is missing" in page.text and "(in the bin)" in page.text
    with pytest.raises(StillMissing):
        organizer.submit(signature="Ngozi Okafor", consent="I agree.", by=cast.client)
    page = sign_in(cast.firm_user).get(organizer.get_absolute_url())
    assert "Missing" in page.text and "(in the bin)" in page.text
    with django_capture_on_commit_callbacks(execute=True):
        attachment.file.restore(by=cast.firm_user)
    assert counters(organizer) == (3, 0)
    page = sign_in(cast.client).get(reverse("organizer-check", args=[organizer.pk]))
    assert "Nothing is missing" in page.text and "(in the bin)" not in page.text


def test_what_was_sent_to_the_firm_stands_whatever_becomes_of_the_file(
    cast, sign_in, organizer_with_paper, django_capture_on_commit_callbacks
):
    organizer = organizer_with_paper
    organizer.submit(signature="Ngozi Okafor", consent="I agree.", by=cast.client)
    (attachment,) = organizer.attachments.select_related("file")
    staff = sign_in(cast.firm_user)
    for act, words in ((File.move_to_bin, "(in the bin)"), (purged, "(deleted)")):
        with django_capture_on_commit_callbacks(execute=True):
            act(attachment.file, by=cast.administrator)
        assert counters(organizer) == (3, 0)
        assert words_of(organizer)["w2"] == "W-2 2025.pdf"
        page = staff.get(organizer.get_absolute_url())
        assert words in page.text and "Missing</span>" not in page.text
    organizer.reopen("The W-2 again", by=cast.firm_user)
    assert counters(organizer) == (2, 1)
    assert "was deleted. Add it again" in sign_in(cast.client).get(address(organizer, "money")).text


def purged(file, *, by):
    File.purge_all([file], by=by)


def test_what_comes_when_it_was_submitted_meanwhile_is_not_lost(browser, cast, organizer):
    answer(organizer, cast.client, name="Ngozi", is_married="no")
    folder = organizer.folder_for_files(by=cast.client)
    line = Sheet.of(organizer).lines["w2", None]
    staged = storage().stage()
    staged.write(b"%PDF")
    staged.keep()
    organizer.submit(signature="Ngozi Okafor", consent="I agree.", by=cast.client)
    (version,) = organizer.take(
        [Arrived("late.pdf", staged.key, staged.size_bytes, staged.sha256)], question=line.question, by=cast.client
    )

    assert version.file.folder == folder and organizer.attachments.count() == 0
    assert send(browser, organizer, "later.pdf").url == reverse("organizer-check", args=[organizer.pk])
    assert [file.name for file in File.objects.all()] == ["late.pdf"]


def test_who_may_not_send_files_is_told_and_only_questions_for_files_take_them(browser, cast, organizer):
    assert send(browser, organizer, "a.pdf", line="name").status_code == 404
    cast.client.may_send_files = False
    cast.client.save()
    assert "may read files, not send them" in browser.get(address(organizer, "money")).text
    assert send(browser, organizer, "a.pdf").status_code == 403
    assert File.objects.count() == 0


def test_the_token_is_demanded(cast, organizer):
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(cast.client)
    assert send(strict, organizer, "a.pdf").status_code == 403
    assert File.objects.count() == 0
