"""A folder where clients may look, not change."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from activity.actions import Action
from files.models import File
from tests.conftest import put_file

CLOSED = "You can read this folder, not change it."


def switch(browser, folder, is_view_only):
    return browser.post(reverse("folder-view-only", args=[folder.pk]), {"is_view_only": is_view_only})


def attempts(folder, file, binned):
    """What somebody may try to change in a folder: address and fields."""
    return [
        (reverse("folder-files", args=[folder.pk]), lambda: {"files": SimpleUploadedFile("a.pdf", b"a")}),
        (reverse("folder-folders", args=[folder.pk]), lambda: {"name": "Mine"}),
        (reverse("folder-bin", args=[folder.pk]), lambda: {"file": [file.pk]}),
        (reverse("file-name", args=[file.pk]), lambda: {"name": "b.pdf"}),
        (reverse("file-bin", args=[file.pk]), dict),
        (reverse("file-restore", args=[binned.pk]), dict),
    ]


def test_the_firm_closes_a_folder_and_all_below_and_opens_it_again(sign_in, cast, events):
    top = cast.acme.cabinet.top
    returns = top.add_folder("Returns", by=cast.firm_user)
    below = returns.add_folder("2025", by=cast.firm_user)
    file, binned = put_file(below, by=cast.client), put_file(below, "Old.pdf", by=cast.client)
    binned.move_to_bin(by=cast.client)
    switch(sign_in(cast.firm_user), returns, "yes")
    switch(sign_in(cast.firm_user), returns, "yes")

    (event,) = events(action=Action.FOLDER_VIEW_ONLY_SET)
    assert event.subject == "Returns"
    assert event.details["before"] == {"clients may": "look and change"}
    assert event.details["after"] == {"clients may": "look"}

    browser = sign_in(cast.client)
    for url, fields in attempts(below, file, binned):
        answer = browser.post(url, fields())
        assert answer.status_code == 403, url
        assert CLOSED in answer.text
    assert list(File.objects.in_place().values_list("name", flat=True)) == [file.name]
    page = browser.get(below.get_absolute_url()).text
    assert CLOSED in page
    for words in ("New folder", 'type="file"', "Move or copy", "Move to bin"):
        assert words not in page
    assert "Rename" not in browser.get(file.get_absolute_url()).text
    assert 'aria-label="Put back' not in browser.get(reverse("cabinet-bin", args=[top.cabinet_id])).text
    assert b"".join(browser.get(reverse("file-download", args=[file.pk])))
    assert "New folder" in browser.get(top.get_absolute_url()).text

    firm = sign_in(cast.firm_user)
    page = firm.get(below.get_absolute_url()).text
    assert "Acme Dental PC can look here, not change it, as in all of" in page
    assert firm.post(reverse("file-name", args=[file.pk]), {"name": "Better.pdf"}).status_code == 302
    switch(firm, returns, "")
    browser = sign_in(cast.client)
    for url, fields in attempts(below, file, binned):
        assert browser.post(url, fields()).status_code == 302, url


def test_who_may_not_delete_cannot_switch_and_nothing_is_switched_elsewhere(sign_in, cast, events):
    from files.models import Cabinet

    top = cast.acme.cabinet.top
    own = Cabinet.open_own("firm", by=cast.administrator).top
    assert switch(sign_in(cast.administrator), own, "yes").status_code == 403
    assert switch(sign_in(cast.client), top, "yes").status_code == 403
    cast.firm_user.may_delete_files = False
    cast.firm_user.save()
    assert switch(sign_in(cast.firm_user), top, "yes").status_code == 403
    assert "Let clients only look" not in sign_in(cast.firm_user).get(top.get_absolute_url()).text
    assert events(action=Action.FOLDER_VIEW_ONLY_SET) == []
