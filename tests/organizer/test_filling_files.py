"""Files answer a question: they lie in the client's cabinet, in the organizer's folder, each with its receipt."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from activity.actions import Action
from files.models import Arrived, File
from files.storage import storage
from organizer.sheet import Sheet
from tests.organizer.asking import add_child, answer
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
