"""What somebody may try on the way around a rule: a legal hold, a closed folder, a client's own requests, a link's folder."""

from django.urls import reverse

from files.inspection import wrong_counters
from files.models import File, Folder, Upload, moves
from tests.conftest import begin_upload, put_file
from tests.files.asking import ask, linked
from tests.files.test_request_links import confirmed


def carry(browser, source, into, act="move", **ticked):
    return browser.post(reverse("folder-move", args=[source.pk]), {"into": into.pk, "act": act, "yes": "on", **ticked})


def test_nothing_leaves_a_cabinet_under_a_legal_hold(sign_in, cast, w2):
    held, other = cast.acme.cabinet, cast.other.cabinet
    below = held.top.add_folder("2024", by=cast.firm_user)
    inside = put_file(below, by=cast.client)
    held.hold("Litigation", by=cast.administrator)
    browser = sign_in(cast.administrator)

    for ticked in ({"file": [w2.pk]}, {"folder": [below.pk]}):
        assert "legal hold" in carry(browser, held.top, other.top, **ticked).text
    assert {file.folder.cabinet_id for file in File.objects.in_place().filter(pk__in=[w2.pk, inside.pk])} == {held.pk}
    assert carry(browser, held.top, below, file=[w2.pk]).status_code == 302
    assert not list(wrong_counters())


def test_a_closed_folder_stays_where_it_is_and_takes_nothing_back(sign_in, cast):
    top = cast.acme.cabinet.top
    mine = top.add_folder("Mine", by=cast.client)
    signed = mine.add_folder("Signed", by=cast.client)
    put_file(signed, by=cast.client)
    binned = signed.add_folder("Drafts", by=cast.client)
    browser = sign_in(cast.client)
    assert browser.post(reverse("folder-bin", args=[signed.pk]), {"folder": [binned.pk]}).status_code == 302
    signed.set_view_only(True, by=cast.firm_user)

    assert browser.post(reverse("folder-bin", args=[top.pk]), {"folder": [mine.pk]}).status_code == 403
    assert browser.post(reverse("folder-name", args=[mine.pk]), {"name": "Other"}).status_code == 403
    restored = browser.post(reverse("cabinet-restore", args=[top.cabinet_id]), {"folder": [binned.pk]})
    assert restored.status_code == 403
    assert not Folder.objects.in_place().filter(pk=binned.pk).exists()


def test_what_is_over_stays_with_its_client_when_its_folder_goes_to_another(sign_in, cast):
    top, into = cast.acme.cabinet.top, cast.other.cabinet.top
    folder = top.add_folder("2024", by=cast.firm_user)
    asked, (link, _) = ask(cast, folder=folder), linked(cast)
    link.folder = folder
    link.save()
    asked.close(by=cast.administrator)
    link.revoke(by=cast.administrator)
    moves.move([], [folder], into=into, by=cast.administrator)

    browser = sign_in(cast.stranger)
    assert browser.get(asked.get_absolute_url()).status_code == 404
    assert asked.documents.first() and browser.get(asked.documents.first().get_absolute_url()).status_code == 404
    link.refresh_from_db()
    assert link.folder == top
    assert sign_in(cast.client).get(asked.get_absolute_url()).status_code == 200


def test_a_document_names_no_file_that_is_anothers_by_now(sign_in, cast, w2):
    asked = ask(cast)
    document = asked.documents.first()
    document.receive(w2, by=cast.administrator)
    moves.move([w2], [], into=cast.other.cabinet.top, by=cast.administrator)
    w2.refresh_from_db()
    w2.rename("Other Roofing.pdf", by=cast.administrator)

    for person in (cast.client, cast.firm_user):
        browser = sign_in(person)
        for page in (document.get_absolute_url(), asked.get_absolute_url()):
            assert "Other Roofing" not in browser.get(page).text


def test_a_guest_sends_to_the_links_own_folder_alone(cast):
    link, token = linked(cast)
    payroll = link.folder.add_folder("Payroll", by=cast.firm_user)
    payroll.set_view_only(True, by=cast.firm_user)
    browser = confirmed(link, token)
    for path in ("Payroll", "Anything"):
        start = {"folder": link.folder_id, "name": "a.pdf", "size": 0, "path": path}
        begun = browser.post(reverse("uploads"), start)
        assert begun.status_code == 201
        assert browser.post(f"{begun.json()['address']}complete/").status_code == 200
    assert {file.folder_id for file in File.objects.all()} == {link.folder_id}


def test_who_lost_the_client_learns_no_name_from_what_they_once_sent(sign_in, cast):
    upload = begin_upload(cast.acme.cabinet.top, by=cast.client)
    browser = sign_in(cast.client)
    complete, state = reverse("upload-complete", args=[upload.pk]), reverse("upload", args=[upload.pk])
    assert browser.post(complete).status_code == 200
    Upload.objects.get(pk=upload.pk).version.file.rename("Fraud inquiry.qbb", by=cast.firm_user)
    cast.acme.remove_person(cast.client, by=cast.administrator)

    assert browser.post(complete).status_code == 404
    assert browser.get(state).status_code == 404
