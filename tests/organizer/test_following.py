"""The firm sees where each client stands, reminds, changes, takes back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from accounts.models import Client
from activity.actions import Action
from organizer.models import NotWithClient, Organizer
from tests.organizer.asking import answer, published, sent, small

Status = Organizer.Status
TODAY = timezone.localdate()


def rows(browser, **query):
    """What the dashboard says, a client to a line: (client, where it stands)."""
    page = html.fromstring(browser.get(reverse("organizers"), query).content)
    found = page.xpath("//tbody/tr")
    cells = [[" ".join(cell.text_content().split()) for cell in row.xpath("./td")] for row in found]
    return [(row[0], row[2]) for row in cells]


def counts(browser, **query):
    page = html.fromstring(browser.get(reverse("organizers"), query).content)
    links = page.xpath("//nav[@class='counts']//li")
    words = [" ".join(link.text_content().split()) for link in links]
    return {one.partition(" ")[2]: int(one.partition(" ")[0]) for one in words}


@pytest.fixture
def standing(cast):
    """One organizer for each place where one can stand, of clients named for it."""
    version = published(cast)
    made = {}
    for name in ("sent", "opened", "started", "stalled", "submitted", "reviewed", "sealed", "withdrawn"):
        client = Client.add(f"Client {name}", by=cast.administrator)
        made[name] = sent(cast, client=client, version=version)
    for name, organizer in made.items():
        status = {"stalled": Status.STARTED, "withdrawn": Status.SENT}.get(name, name)
        Organizer.objects.filter(pk=organizer.pk).update(status=status)
    ago = timezone.now() - timedelta(days=15)
    Organizer.objects.filter(pk=made["stalled"].pk).update(saved_at=ago, at_section=1)
    Organizer.objects.filter(pk=made["started"].pk).update(saved_at=timezone.now(), at_section=2)
    made["withdrawn"].withdraw(by=cast.administrator)
    return made


def test_the_dashboard_says_where_each_stands_and_counts_them(cast, sign_in, standing):
    browser = sign_in(cast.administrator)
    assert rows(browser) == [
        ("Client sealed", "Sealed"),
        ("Client reviewed", "Reviewed"),
        ("Client submitted", "Submitted"),
        ("Client stalled", "Stalled at section 1 of 2"),
        ("Client started", "Started, at section 2 of 2"),
        ("Client opened", "Opened"),
        ("Client sent", "Not opened"),
    ]
    assert counts(browser) == {
        "Not opened": 1,
        "Opened": 1,
        "Started": 2,
        "Stalled": 1,
        "Submitted": 1,
        "Reviewed": 1,
        "Sealed": 1,
        "Withdrawn": 1,
    }
    assert rows(browser, status="stalled") == [("Client stalled", "Stalled at section 1 of 2")]
    assert [name for name, _ in rows(browser, status="started")] == ["Client stalled", "Client started"]
    assert [name for name, _ in rows(browser, status="withdrawn")] == ["Client withdrawn"]
    assert [name for name, _ in rows(browser, q="open")] == ["Client opened"]
    assert rows(browser, status="nonsense") == []
    assert rows(sign_in(cast.firm_user)) == [], "they are not their clients"
    assert "Nothing sent yet" in sign_in(cast.firm_user).get(reverse("organizers")).text
    assert "No such organizer" in sign_in(cast.administrator).get(reverse("organizers"), {"q": "zyx"}).text


def test_whoever_was_opened_again_is_not_stalled_at_once(cast, standing):
    stalled = standing["stalled"]
    stalled.refresh_from_db()
    assert stalled.is_stalled
    Organizer.objects.filter(pk=stalled.pk).update(status=Status.SUBMITTED)
    stalled.reopen("A page is missing", by=cast.firm_user)
    assert not stalled.is_stalled


def test_the_newest_year_is_shown_others_on_demand_and_ones_own_clients(cast, sign_in):
    before = published(cast, {**small(), "tax_year": 2025})
    now = published(cast)
    sent(cast, version=before)
    sent(cast, version=now)
    sent(cast, client=cast.other, version=now)
    browser = sign_in(cast.administrator)

    assert [name for name, _ in rows(browser)] == ["Other Roofing LLC", "Acme Dental PC"]
    assert rows(browser, year="2026") == rows(browser)
    assert [name for name, _ in rows(browser, year="2025")] == ["Acme Dental PC"]
    assert len(rows(browser, year="all")) == 3
    assert len(rows(browser, template=before.template_id, year="all")) == 1
    assert rows(browser, mine="on") == []
    cast.firm_user.may_see_all_clients = True
    cast.firm_user.save()
    assert [name for name, _ in rows(sign_in(cast.firm_user), mine="on")] == ["Acme Dental PC"]


def test_due_day_and_message_change_while_the_client_has_it(cast, sign_in, organizer, events):
    browser = sign_in(cast.firm_user)
    change = reverse("organizer-change", args=[organizer.pk])
    due = TODAY + timedelta(days=9)
    browser.post(change, {"due_on": due.isoformat(), "message": "Soon", "reminder_days": ["3"]})
    browser.post(change, {"due_on": due.isoformat(), "message": "Soon", "reminder_days": ["3"]})

    (event,) = events(action=Action.ORGANIZER_CHANGED)
    assert event.details["after"] == {"due": str(due), "message": "Soon", "reminders": "3 days before"}
    assert event.client_name == "Acme Dental PC"
    Organizer.objects.filter(pk=organizer.pk).update(status=Status.SUBMITTED)
    page = browser.post(change, {"message": "Late"}, follow=True)
    assert "nothing to change" in page.text
    with pytest.raises(NotWithClient):
        organizer.change(message="Late", by=cast.firm_user)


def test_what_is_withdrawn_is_not_seen_by_the_client_and_can_be_sent_again(cast, sign_in, organizer, events):
    answer(organizer, cast.client, name="Ngozi")
    browser = sign_in(cast.firm_user)
    page = browser.post(reverse("organizer-withdraw", args=[organizer.pk]), follow=True)
    assert "no longer sees it" in page.text
    assert not Organizer.objects.visible_to(cast.client).exists()
    assert (
        "not with the client any more"
        in browser.post(reverse("organizer-remind", args=[organizer.pk]), follow=True).text
    ), "nobody is reminded of it"

    browser.post(reverse("organizer-send-again", args=[organizer.pk]))
    browser.post(reverse("organizer-send-again", args=[organizer.pk]))
    assert Organizer.objects.visible_to(cast.client).get().given_count == 1
    assert [one.action for one in events(subject_type="organizer")][-2:] == [
        Action.ORGANIZER_WITHDRAWN,
        Action.ORGANIZER_SENT,
    ]


def test_a_reminder_goes_out_once_a_day(cast, sign_in, organizer, events):
    browser = sign_in(cast.firm_user)
    remind = reverse("organizer-remind", args=[organizer.pk])
    assert "is on its way" in browser.post(remind, follow=True).text
    assert "today already" in browser.post(remind, follow=True).text
    (event,) = events(action=Action.ORGANIZER_REMINDED)
    assert (event.subject, event.actor_email) == ("Individual 2026", cast.firm_user.email)
