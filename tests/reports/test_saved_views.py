"""A report's filter under a name: kept, opened, shared, and never more than its reader may see."""

import pytest
from lxml import html

from activity.actions import Action
from reports.models import SavedView
from tests.conftest import put_file
from tests.reports.saving import saved

SENT = "/reports/new/file-activity/?action=files.uploaded"


def listed(browser):
    """(the names under Yours, those under Shared with you)."""
    page = html.fromstring(browser.get("/reports/").content)
    return tuple(
        page.xpath(f"//section[@aria-labelledby='{part}']//tbody//td[1]//a/text()") for part in ("own", "shared")
    )


def test_the_page_of_a_report_offers_to_save_what_it_shows_and_lists_what_is_saved(sign_in, cast):
    browser = sign_in(cast.firm_user)
    shown = html.fromstring(browser.get("/files/activity/?action=files.uploaded&after=9&upto=12&q=&page=").content)
    (save,) = [link for link in shown.xpath("//main//a/@href") if link.startswith("/reports/new/")]
    assert save == SENT

    response = browser.post(save, {"name": "What was sent"})
    assert response.url == "/files/activity/?action=files.uploaded"
    view = SavedView.objects.get()
    assert (view.owner, view.query, view.is_shared) == (cast.firm_user, "action=files.uploaded", False)
    assert view.words == "Uploaded a file"
    menu = html.fromstring(browser.get("/files/activity/").content)
    assert menu.xpath(f"//main//a[@href='/reports/views/{view.pk}/']//text()") == ["What was sent"]
    assert not html.fromstring(browser.get("/files/usage/").content).xpath("//main//a[contains(@href, 'views')]")


def test_what_is_opened_is_the_report_with_that_filter_and_the_readers_own_rows(sign_in, cast, w2):
    put_file(cast.other.cabinet.top, "Roof.png", by=cast.stranger)
    view = saved(cast.administrator, is_shared=True)
    rows = {}
    for reader in (cast.administrator, cast.firm_user, cast.unassigned):
        page = sign_in(reader).get(view.get_absolute_url(), follow=True)
        assert page.redirect_chain == [("/files/activity/?action=files.uploaded", 302)]
        rows[reader] = {event.subject for event in page.context["page"]}
    assert list(rows.values()) == [{"W-2 2025.pdf", "Roof.png"}, {"W-2 2025.pdf"}, set()]


def test_who_finds_a_view(sign_in, cast):
    """Its owner; where it is shared, colleagues, but not those whom the report is not open to."""
    saved(cast.firm_user, "Own")
    saved(cast.auditor, "Of the log", "activity-log", "area=sign-in", is_shared=True)
    saved(cast.auditor, "Of files", is_shared=True)

    assert listed(sign_in(cast.firm_user)) == (["Own"], ["Of files"])
    assert listed(sign_in(cast.auditor)) == (["Of files", "Of the log"], [])
    assert listed(sign_in(cast.administrator)) == ([], ["Of files", "Of the log"])
    cast.firm_user.change(by=cast.administrator, may_read_reports=False)
    assert sign_in(cast.firm_user).get("/reports/").status_code == 403


def test_a_view_that_one_does_not_find_is_the_same_404_as_none(sign_in, cast):
    own, of_log = saved(cast.administrator), saved(cast.auditor, report="activity-log", query="", is_shared=True)
    browser = sign_in(cast.firm_user)
    for view_id in (own.pk, of_log.pk, 10**9):
        for page in ("", "change/", "deletion/"):
            assert browser.get(f"/reports/views/{view_id}/{page}").status_code == 404
    assert browser.get("/reports/new/activity-log/").status_code == 404
    assert browser.get("/reports/new/nothing/").status_code == 404


def test_a_filter_value_that_is_gone_or_not_for_the_reader_is_said_in_words(sign_in, cast):
    view = saved(cast.administrator, query=f"client={cast.other.pk}&action=files.uploaded", is_shared=True)
    page = sign_in(cast.firm_user).get(view.get_absolute_url())

    assert page.status_code == 200
    shown = html.fromstring(page.content)
    assert shown.xpath("//*[@role='alert']//li/text()") == ["Client: That is not in the list. Choose from it."]
    assert "Other Roofing" not in page.text
    assert shown.xpath("//a[.='Open it without that']/@href") == ["/files/activity/?action=files.uploaded"]


@pytest.mark.parametrize(
    ("query", "words"),
    [("from=yesterday", "From: This is no date."), (f"q={'x' * 2_001}", "It is too long to be kept.")],
)
def test_what_the_report_does_not_understand_is_not_saved(query, words, sign_in, cast):
    browser, address = sign_in(cast.firm_user), f"/reports/new/file-activity/?{query}"
    for response in (browser.get(address), browser.post(address, {"name": "X"})):
        assert words in response.text
    assert not SavedView.objects.exists()


def test_a_name_stands_once_in_a_list(sign_in, cast):
    first, second = saved(cast.firm_user, "One"), saved(cast.firm_user, "Two")
    saved(cast.administrator, "One")
    browser = sign_in(cast.firm_user)
    for response in (
        browser.post(SENT, {"name": "One"}),
        browser.post(f"/reports/views/{second.pk}/change/", {"name": "One"}),
    ):
        assert "There is a view “One” already." in response.text
    assert "Change Two" in response.text
    assert set(SavedView.objects.filter(owner=cast.firm_user).values_list("pk", "name")) == {
        (first.pk, "One"),
        (second.pk, "Two"),
    }


def test_administrators_take_back_what_a_colleague_shared(sign_in, cast):
    view = saved(cast.firm_user, is_shared=True)
    assert sign_in(cast.auditor).post(f"/reports/views/{view.pk}/change/", {"name": "Mine"}).status_code == 404
    sign_in(cast.administrator).post(f"/reports/views/{view.pk}/change/", {"name": view.name})
    assert not SavedView.objects.get().is_shared
    assert sign_in(cast.administrator).get(f"/reports/views/{view.pk}/change/").status_code == 404


def test_what_happens_to_a_view_is_in_the_log_once(sign_in, cast, events):
    browser = sign_in(cast.firm_user)
    browser.post(SENT, {"name": "Sent", "is_shared": "on"})
    view = SavedView.objects.get()
    change, deletion = (f"/reports/views/{view.pk}/{page}/" for page in ("change", "deletion"))
    browser.post(change, {"name": "Sent", "is_shared": "on"})
    browser.post(change, {"name": "What was sent"})
    browser.post(deletion, {"yes": "no"})
    browser.post(deletion, {"yes": "YES"})

    found = events(area="log")
    assert [event.action for event in found] == [
        Action.VIEW_SAVED,
        Action.VIEW_SHARED,
        Action.VIEW_RENAMED,
        Action.VIEW_UNSHARED,
        Action.VIEW_DELETED,
    ]
    assert {(event.actor_email, event.subject_id) for event in found} == {(cast.firm_user.email, str(view.pk))}
    assert found[0].details["note"] == "Activity: Uploaded a file"
    assert not SavedView.objects.exists()
