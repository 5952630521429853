"""The log's page leads on: a click on a value narrows it, a chart counts its days, and new events are told of."""

from datetime import UTC, datetime

import pytest
from lxml import html

from activity.actions import Action
from activity.models import Event
from activity.recording import record_now
from reports import charts, tables
from tests.reports.conftest import flat, walk

ADDRESS = "/activity/"


def links(response, css):
    """The addresses that the cells of a column lead to, row by row."""
    return html.fromstring(response.content).xpath(f"//td[contains(@class, '{css}')]//a/@href")


def test_a_click_on_a_value_narrows_the_log_by_it_and_keeps_the_filter(sign_in, cast, story, told):
    browser, query = sign_in(cast.administrator), f"?from=2025-03-11&upto={len(story)}&after=10"
    page = browser.get(ADDRESS + query)

    for css, expected in [
        ("log__user", {"foldered renamed fetched", "roofed", "sent entered"}),
        ("log__action", {"foldered", "roofed sent", "renamed", "fetched", "entered"}),
        ("log__client", {"foldered renamed fetched sent entered", "roofed"}),
        ("log__ip", {"refused", "foldered renamed fetched", "roofed", "sent entered"}),
    ]:
        found = set()
        for link in links(page, css):
            assert "after" not in link and "from=2025-03-11" in link
            rows = [event for event in flat(walk(browser, ADDRESS + link)[0]) if event.seq <= 9]
            found.add(told(rows))
        assert expected <= found | {""}, css


def test_an_object_narrows_the_log_and_a_file_still_opens(sign_in, cast, story):
    wages = story["sent"].subject_id
    found = links(sign_in(cast.administrator).get(ADDRESS, {"action": "files.uploaded"}), "log__what")
    assert f"/files/{wages}/" in found
    assert f"?action=files.uploaded&object=file%3A{wages}" in found
    found = links(sign_in(cast.auditor).get(ADDRESS, {"action": "files.uploaded"}), "log__what")
    assert f"?action=files.uploaded&object=file%3A{wages}" in found
    assert f"/files/{wages}/" not in found


def test_times_say_utc_when_pointed_at(sign_in, cast, story):
    page = html.fromstring(sign_in(cast.administrator).get(ADDRESS, {"action": "files.renamed"}).content)
    [time] = page.xpath("//td//time")
    assert (time.text, time.get("title")) == ("11:30:00 PM", "2025-03-12 03:30:00 UTC")


def counted(response):
    """The day and count of each bar, and the sentence beside them."""
    chart = html.fromstring(response.content)
    words = " ".join(chart.xpath("string(//figcaption/span)").split())
    return [title.text for title in chart.xpath("//svg//title")], words


@pytest.fixture
def _in_march(story, monkeypatch):
    monkeypatch.setattr(charts.timezone, "localdate", lambda: datetime(2025, 3, 20, tzinfo=UTC).date())


@pytest.mark.usefixtures("_in_march")
@pytest.mark.parametrize("reader", ["administrator", "firm_user"])
def test_the_chart_counts_each_day_of_the_readers_zone(reader, sign_in, cast, story):
    address = "/activity/chart/" if reader == "administrator" else "/files/activity/chart/"
    response = sign_in(getattr(cast, reader)).get(address, {"upto": len(story), "from": "2025-03-10"})

    bars, words = counted(response)
    if reader == "administrator":
        assert bars == ["Mar 11: 4", "Mar 12: 3", "Mar 13: 3"]
        assert words == "Events per day. 10 on 11 days; busiest: Tuesday, March 11, with 4."
    else:
        assert bars == ["Mar 11: 3", "Mar 12: 1", "Mar 13: 1"]


@pytest.mark.usefixtures("_in_march")
def test_the_numbers_of_the_log_and_a_count_of_rows_say_the_same(sign_in, cast, story, monkeypatch):
    browser, query = sign_in(cast.administrator), {"upto": len(story)}
    by_numbers = counted(browser.get("/activity/chart/", query))
    monkeypatch.setattr(tables.ActivityLog, "is_whole", False)
    assert counted(browser.get("/activity/chart/", query)) == by_numbers
    assert by_numbers[0] == ["Mar 1: 2", "Mar 11: 4", "Mar 12: 3", "Mar 13: 3"]


@pytest.mark.usefixtures("_in_march")
def test_a_bar_leads_to_its_day_within_the_filter(sign_in, cast, story, told):
    browser = sign_in(cast.administrator)
    chart = html.fromstring(browser.get("/activity/chart/", {"client": cast.acme.pk, "day": "2025-01-01"}).content)
    day = chart.xpath("//svg//a/@href")[-1]
    assert "day=" not in day  # a place in the rows of another filter
    assert told(browser.get(day).context["page"]) == "invited binned"


@pytest.mark.usefixtures("_in_march")
def test_more_than_can_be_counted_is_said(sign_in, cast, story, monkeypatch):
    monkeypatch.setattr(charts, "MOST_COUNTED", 4)
    query = {"area": "files", "from": "2025-03-11", "to": "2025-03-13", "upto": len(story)}
    bars, words = counted(sign_in(cast.administrator).get("/activity/chart/", query))
    assert bars == ["Mar 12: 2", "Mar 13: 1"]
    assert "There are more: March 11 not counted. Narrow the filter or the days." in words


@pytest.mark.usefixtures("_in_march")
@pytest.mark.parametrize(
    ("query", "days", "words"),
    [
        ({}, 30, "None on these 30 days."),
        ({"from": "2020-01-01"}, 90, "The last 90 days of those chosen."),
        ({"from": "2025-03-20", "to": "2040-01-01"}, 1, "None on this day."),
        ({"from": "2040-01-01"}, 0, "These days are still to come."),
    ],
)
def test_the_period_is_what_was_chosen_or_the_last_days(query, days, words, sign_in, cast, story):
    response = sign_in(cast.administrator).get("/activity/chart/", {"ip": "192.0.2.250", **query})
    assert len(response.context["chart"].days) == days
    assert words in counted(response)[1]


def test_the_chart_is_a_part_for_the_page_and_a_page_for_who_has_no_script(sign_in, cast, story, events):
    browser = sign_in(cast.administrator)
    part = browser.get("/activity/chart/", headers={"X-Requested-With": "XMLHttpRequest"}).text
    assert part.lstrip().startswith("<figure")
    assert "<main" in browser.get("/activity/chart/").text
    refused = browser.get("/activity/chart/", {"from": "yesterday"})
    assert (refused.status_code, "<main" in refused.text) == (400, True)
    assert [event.details["note"] for event in events(action=Action.LOG_VIEWED)][-1:] == ["Everything"]


def test_new_events_are_counted_on_request_and_moved_to_by_a_link(sign_in, cast, story):
    browser = sign_in(cast.administrator)
    page = html.fromstring(browser.get(ADDRESS, {"client": cast.acme.pk}).content)
    [link] = page.xpath("//a[@data-behaviour='newer']")
    assert browser.get(link.get("data-count")).text == ""  # that one looked is nothing new

    record_now(Action.SIGNED_OUT, by=cast.client)
    record_now(Action.SIGNED_OUT, by=cast.stranger)
    record_now(Action.SIGNED_IN, by=cast.client)
    assert browser.get(link.get("data-count")).text == "2 new"
    newest = browser.get(ADDRESS + link.get("href")).context["page"].rows[0]
    assert newest == Event.objects.newest_first().first()


def test_many_new_events_are_not_counted_to_the_end(sign_in, cast, story, monkeypatch):
    monkeypatch.setattr(tables.ActivityLog, "most_new", 2)
    browser = sign_in(cast.administrator)
    assert browser.get("/activity/new/", {"upto": 2}).text == "More than 2 new"
    assert browser.get("/activity/new/", {"upto": 2, "from": "yesterday"}).text == ""
