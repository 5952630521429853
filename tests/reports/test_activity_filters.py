"""The Activity Log's filter: each condition alone, together, in words, and where it cannot be understood."""

from datetime import timedelta
from itertools import combinations
from urllib.parse import parse_qs

import pytest
from django.utils import timezone
from lxml import html

from accounts.models import User
from activity.actions import Area
from reports import tables
from reports.filters import log as log_filter

ADDRESS = "/activity/"
ALONE = {
    "user={client.pk}": "binned sent entered",
    "user={administrator.pk}": "invited renaming other acme",
    "user={second.pk}": "",
    "action=files.uploaded": "roofed sent",
    "action=sign-in.failed": "refused",
    "action=files": "binned foldered roofed renamed fetched sent",  # a whole group
    "action=log": "",
    "action=files.uploaded&area=sign-in": "",
    "object=file:{wages}": "binned renamed fetched sent",
    "object=user:{second.pk}": "invited",
    "object=client:{acme.pk}": "acme",
    "client={acme.pk}": "invited binned foldered renamed fetched sent entered acme",
    "client={other.pk}": "roofed other",
    "area=files": "binned foldered roofed renamed fetched sent",
    "area=sign-in": "refused entered",
    "area=log": "",
    "ip=203.0.113.7": "binned sent entered",
    "ip=2001:DB8:0:0::1": "roofed",
    "ip=203.0.113.70": "",
    "from=2025-03-12": "invited binned renaming refused foldered roofed",
    "to=2025-03-11": "renamed fetched sent entered other acme",
    "from=2025-03-12&to=2025-03-12": "refused foldered roofed",
    "from=2025-03-13&to=2025-03-11": "",
    "from=2025-03-14": "",
    "to=2025-02-28": "",
    "q=okafor": "invited binned sent entered",  # two people's name: what they did, and what was done to them
    "q=NGOZI@acme": "binned sent entered",
    "q=daniel": "invited",
    "q=roofing": "roofed other",
    "q=Acme Dental": "invited binned foldered renamed fetched sent entered acme",
    "q=wages": "binned renamed fetched sent",
    "q=w-2 2025": "binned renamed fetched sent",  # what the file was called before
    "q=payroll": "foldered",
    "q=198.51.100.4": "foldered renamed fetched",
    "q=2001:0db8::0001": "roofed",
    "q=%25": "",
    "q=_": "",
    "q=nobody": "",
    "q= ": "invited binned renaming refused foldered roofed renamed fetched sent entered other acme",
    "user=&action=&client=&area=&ip=&from=&to=&q=&sort=x": (
        "invited binned renaming refused foldered roofed renamed fetched sent entered other acme"
    ),
}


@pytest.fixture
def ask(sign_in, cast, story):
    """The administrator's page with a filter, as it was when the story ended: ``ask(query)``."""
    browser = sign_in(cast.administrator)

    wages = story["sent"].subject_id

    def ask(query):
        return browser.get(f"{ADDRESS}?{query.format(**vars(cast), wages=wages)}&upto={len(story)}")

    return ask


@pytest.mark.parametrize(("query", "names"), ALONE.items())
def test_a_condition_gives_the_events_that_fit_it(query, names, ask, told):
    assert told(ask(query).context["page"]) == names


def parameters(query):
    return {part.partition("=")[0] for part in query.split("&")}


def test_two_conditions_give_what_fits_both(ask, told):
    telling = [query for query, names in ALONE.items() if names and "=&" not in query]
    pairs = [(one, two) for one, two in combinations(telling, 2) if parameters(one).isdisjoint(parameters(two))]
    for one, two in pairs[::9]:
        both = [name for name in ALONE[one].split() if name in ALONE[two].split()]
        assert told(ask(f"{one}&{two}").context["page"]) == " ".join(both), (one, two)


EVERY = (
    "user={client.pk}&action=files.uploaded&area=files&client={acme.pk}&ip=203.0.113.7"
    "&from=2025-03-11&to=2025-03-12&q=w-2"
)


def chips_of(response):
    """The conditions in words, each with the link that takes it away."""
    chips = html.fromstring(response.content).xpath("//span[@class='chip']")
    return {chip.text_content().strip(): chip.xpath("string(a/@href)") for chip in chips}


def test_all_conditions_together_are_said_in_words_and_each_can_be_taken_away(ask, told, client):
    response = ask(EVERY + "&after=12")
    chips = chips_of(response)

    assert told(response.context["page"]) == "sent"
    assert list(chips) == [
        "By ngozi@acme.example.com",
        "Uploaded a file",
        "Secure File Exchange",
        "Client Acme Dental PC",
        "From 203.0.113.7",
        "From Mar 11, 2025 to Mar 12, 2025",
        "“w-2”",
    ]
    for words, link in chips.items():
        less = client.get(ADDRESS + link)
        assert list(chips_of(less)) == [one for one in chips if one != words]
        assert "upto" not in link and "after" not in link
    assert html.fromstring(response.content).xpath("//a[.='Clear']/@href") == ["?"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=2025-03-11", ["From Mar 11, 2025"]),
        ("to=2025-03-11", ["Until Mar 11, 2025"]),
        ("from=2025-03-11&to=2025-03-11", ["On Mar 11, 2025"]),
        ("q=<b>", ["“<b>”"]),
        ("action=sign-in", ["Sign-in"]),
        ("object=file:{wages}", ["File Wages.pdf"]),  # as the latest event calls it
        ("q=", []),
    ],
)
def test_days_and_words_are_said_as_people_say_them(query, words, ask):
    assert list(chips_of(ask(query))) == words


def test_the_form_shows_what_is_chosen_and_keeps_what_it_has_no_field_for(ask, cast):
    form = html.fromstring(ask(EVERY).content).xpath("//form[@id='filters']")[0]
    kept = dict(form.fields)

    assert kept == {
        "user": str(cast.client.pk),
        "action": "files.uploaded",
        "area": "files",
        "client": str(cast.acme.pk),
        "ip": "203.0.113.7",
        "from": "2025-03-11",
        "to": "2025-03-12",
        "q": "w-2",
    }


UNCLEAR = {
    "from=yesterday": "This is no date. Write it like 3/12/2026.",
    "to=2025-02-30": "This is no date. Write it like 3/12/2026.",
    "from=0001-01-01": "Give a day in 1970 or later.",
    "to=9999-12-31": "Give a day before 9999.",
    "user=999999": "is not in the list. Choose from it.",
    "client=999999": "is not in the list. Choose from it.",
    "action=files.burned": "is not in the list. Choose from it.",
    "area=moon": "is not in the list. Choose from it.",
    "object=file:0": "The log you may see tells of nothing like that. Take it from a link.",
    "object=moon:1": "The log you may see tells of nothing like that. Take it from a link.",
    "object=file": "The log you may see tells of nothing like that. Take it from a link.",
    "ip=203.0.113": "This is no IP address. Write it like 203.0.113.7.",
    "q=%00": "This holds a character that cannot be kept.",
    "q=okafor": "More than 1 names contain “okafor”. Type more of the one you look for.",
    "q=.png": "More than 1 names contain “.png”.",
    "q=New folder": "More than 1 names contain “New folder”.",
}


@pytest.mark.parametrize(("query", "words"), UNCLEAR.items())
def test_a_filter_that_cannot_be_understood_gives_its_reason_and_no_rows(query, words, ask, cast, monkeypatch):
    monkeypatch.setattr(log_filter, "MOST_NAMES", 1)
    for name in ("New folder", "New folder.png", "New folder of.png"):
        cast.other.cabinet.top.files.create(name=name)
        cast.other.cabinet.top.add_folder(name, by=cast.administrator)
    response = ask(query + "&area=files" * ("area" not in query))
    page = html.fromstring(response.content)

    assert words in page.xpath("string(//div[@role='alert'])")
    assert all(page.xpath(f"//*[@id='{link[1:]}']") for link in page.xpath("//div[@role='alert']//a/@href"))
    assert page.xpath("string(//title)").startswith("Error: ")
    assert list(response.context["page"]) == []
    assert page.xpath("//tr | //span[@class='chip'] | //div[@class='chips'] | //a[@data-export]") == []


def test_two_faults_are_both_named_and_what_has_no_field_on_the_page_is_left_out_the_next_time(ask):
    page = html.fromstring(ask("from=soon&ip=here&area=files").content)
    alert = page.xpath("//div[@role='alert']")[0]

    assert alert.xpath("string(h2)").strip() == "2 things to put right"
    assert alert.xpath(".//a/@href") == ["#id_from"]
    assert "Write it like 203.0.113.7. “Show” leaves it out." in alert.text_content()
    assert page.xpath("//form[@id='filters']//input[@type='hidden']/@name") == ["area"]


def test_as_many_names_as_the_limit_are_looked_up(ask, told, monkeypatch):
    monkeypatch.setattr(log_filter, "MOST_NAMES", 2)
    assert User.objects.filter(name__icontains="okafor").count() == 2
    assert told(ask("q=okafor").context["page"]) == ALONE["q=okafor"]


def test_a_group_is_offered_before_its_actions(ask):
    groups = html.fromstring(ask("q=").content).xpath("//select[@name='action']/optgroup")

    assert [group.get("label") for group in groups] == [area.label for area in Area]
    first = groups[3].xpath("option")[:2]
    assert [(option.get("value"), option.text) for option in first] == [
        ("files", "All of Secure File Exchange"),
        ("files.uploaded", "Uploaded a file"),
    ]


def test_days_asked_for_again_and_again_are_a_link_each_and_the_chosen_one_is_marked(ask):
    day = timezone.localdate()
    links = html.fromstring(ask("action=files&after=5").content).xpath("//nav[@aria-label='Days']/a")
    ways = {link.text: parse_qs(link.get("href")[1:]) for link in links}

    assert {way: (days["from"][0], days["to"][0]) for way, days in ways.items()} == {
        "Today": (str(day), str(day)),
        "Last 7 days": (str(day - timedelta(days=6)), str(day)),
        "Last 30 days": (str(day - timedelta(days=29)), str(day)),
        "This month": (str(day.replace(day=1)), str(day)),
        f"Tax season {day.year}": (f"{day.year}-01-01", f"{day.year}-04-15"),
        "This year": (f"{day.year}-01-01", str(day)),
    }
    assert all(way["action"] == ["files"] and not way.keys() & {"after", "upto"} for way in ways.values())
    season = html.fromstring(ask(f"from={day.year}-01-01&to={day.year}-04-15").content)
    assert season.xpath("//nav[@aria-label='Days']/a[@aria-current]/text()") == [f"Tax season {day.year}"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("day=2025-03-12", "refused foldered roofed renamed fetched sent entered other acme"),
        ("day=2025-03-11&action=files", "renamed fetched sent"),
        ("day=2025-02-01", ""),
        ("day=2030-01-01", "invited binned renaming refused foldered roofed renamed fetched sent entered other acme"),
        ("day=soon&action=files", "binned foldered roofed renamed fetched sent"),
    ],
)  # fmt: skip
def test_a_page_begins_at_the_day_that_is_gone_to(query, names, ask, told):
    response = ask(query)

    assert told(response.context["page"]) == names
    assert "day=" not in "".join(html.fromstring(response.content).xpath("//nav[@aria-label='Pages']//a/@href"))


def test_the_oldest_page_is_one_step_away_and_leads_back(ask, told, client, monkeypatch):
    monkeypatch.setattr(tables.ActivityLog, "rows_per_page", 4)
    first = ask("action=files")
    (oldest,) = html.fromstring(first.content).xpath("//a[.='Oldest']/@href")
    last = client.get(ADDRESS + oldest)

    assert told(first.context["page"]) == "binned foldered roofed renamed"
    assert told(last.context["page"]) == "roofed renamed fetched sent"
    assert last.context["page"].next_url is None
    newer = client.get(ADDRESS + last.context["page"].previous_url)
    assert told(newer.context["page"]) == "binned foldered"
    assert told(ask("action=files&before=end&q=nobody").context["page"]) == ""


def test_an_object_is_only_found_where_the_reader_may_see_what_happened_to_it(sign_in, cast, story):
    theirs, ours = (f"/files/activity/?object=file:{story[name].subject_id}" for name in ("roofed", "sent"))
    browser = sign_in(cast.firm_user)

    assert list(chips_of(browser.get(ours))) == ["File Wages.pdf"]
    assert "Roof" not in browser.get(theirs).text
    assert list(browser.get(theirs).context["page"]) == []
