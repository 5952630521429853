"""The firm's cabinet, and everybody's own."""

from django.urls import reverse

from activity.actions import Action
from files.models import Cabinet
from tests.conftest import put_file


def open_own(browser, kind):
    return browser.post(reverse("cabinets"), {"kind": kind})


def test_the_firms_cabinet_is_its_peoples_and_made_once(sign_in, cast, events):
    assert "Only the firm’s people see this" in sign_in(cast.unassigned).get(reverse("exchange")).text
    assert Cabinet.objects.filter(client=None).count() == 0  # to look makes nothing
    answers = [open_own(sign_in(who), "firm") for who in (cast.unassigned, cast.administrator)]
    cabinet = Cabinet.objects.get(kind="firm")

    assert [answer.url for answer in answers] == [cabinet.get_absolute_url()] * 2
    assert [event.actor_email for event in events(action=Action.FOLDER_CREATED)] == [cast.unassigned.email]
    file = put_file(cabinet.top, "Handbook.pdf", by=cast.administrator)
    for who, status in ((cast.firm_user, 200), (cast.auditor, 404), (cast.client, 404)):
        assert sign_in(who).get(cabinet.get_absolute_url()).status_code == status
        assert sign_in(who).get(file.get_absolute_url()).status_code == status
    page = sign_in(cast.firm_user).get(cabinet.get_absolute_url()).text
    assert "Only the firm’s people see this." in page
    assert f"<h1>{cabinet}</h1>" in page
    assert (
        f'href="{cabinet.get_absolute_url()}">{cabinet}</a>'
        in sign_in(cast.firm_user).get(file.get_absolute_url()).text
    )
    assert cabinet.get_absolute_url() in sign_in(cast.firm_user).get(reverse("exchange")).text


def test_a_personal_cabinet_opens_to_its_owner_alone(sign_in, cast, events):
    assert open_own(sign_in(cast.firm_user), "personal").status_code == 302
    cabinet = cast.firm_user.cabinet
    file = put_file(cabinet.top, "My notes.txt", by=cast.firm_user)
    own = [
        cabinet.get_absolute_url(),
        file.folder.get_absolute_url(),
        file.get_absolute_url(),
        reverse("file-download", args=[file.pk]),
        reverse("cabinet-bin", args=[cabinet.pk]),
    ]
    sets = reverse("cabinet-folder-sets", args=[cabinet.pk])
    assert [sign_in(who).get(sets).status_code for who in (cast.firm_user, cast.administrator)] == [200, 404]
    for who, status in ((cast.firm_user, 200), (cast.administrator, 404), (cast.unassigned, 404), (cast.client, 404)):
        browser = sign_in(who)
        assert {browser.get(url).status_code for url in own} == {status}, who
        if who != cast.firm_user:
            assert "My notes" not in browser.get(reverse("file-search") + "?q=notes").text
            assert "My notes" not in browser.get(reverse("home")).text.split("Latest activity")[0]
            assert browser.post(reverse("folder-folders", args=[file.folder_id]), {"name": "x"}).status_code == 404
            assert browser.post(reverse("file-bin", args=[file.pk])).status_code == 404
    page = sign_in(cast.firm_user).get(cabinet.get_absolute_url()).text
    assert "Only you see this." in page
    assert "Let clients only look" not in page
    assert "My notes" in sign_in(cast.firm_user).get(reverse("file-search") + "?q=notes").text
    (event,) = events(action=Action.FOLDER_CREATED)
    assert event.subject == "Personal cabinet of Dana Whitfield"


def test_clients_have_none_and_nobody_opens_a_clients_this_way(sign_in, cast):
    assert open_own(sign_in(cast.client), "personal").status_code == 403
    assert open_own(sign_in(cast.firm_user), "client").status_code == 403
    cast.firm_user.may_view_files = False
    cast.firm_user.save()
    assert open_own(sign_in(cast.firm_user), "personal").status_code == 403
    assert not Cabinet.objects.filter(client=None).exists()
