"""A published template goes to one client, several, or all that a search finds, in parts, to nobody twice."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from accounts.models import Assignment, Client
from activity.actions import Action
from organizer.models import Organizer, Sending, sendings
from tests.organizer.asking import published, sent, small

DUE = timezone.localdate() + timedelta(days=60)


def choose(browser, version, *ticked, how="ticked", **fields):
    """Chooses clients; the page that answers asks for a last look."""
    fields = {"version": version.pk, "client": [client.pk for client in ticked], "choose": how, **fields}
    return browser.post(reverse("organizer-send"), fields, follow=True)


def confirm(browser, page, **fields):
    return browser.post(page.redirect_chain[-1][0], fields, follow=True)


def clients_with_one():
    return sorted(str(one.client) for one in Organizer.objects.select_related("client"))


@pytest.fixture
def many(cast):
    """Five clients more, looked after by the firm user."""
    clients = Client.objects.bulk_create(Client(name=f"Bulk {number}") for number in range(5))
    Assignment.objects.bulk_create(Assignment(client=client, user=cast.firm_user) for client in clients)
    return clients


def test_ticked_clients_get_it_with_due_day_message_and_reminders(cast, sign_in, events, many):
    version = published(cast)
    browser = sign_in(cast.firm_user)
    found = choose(browser, version, many[1], how="", q="Acme")
    assert "Acme Dental PC" in found.text
    assert re.search(rf'value="{many[1].pk}"[^>]*checked', found.text), "what is ticked stays ticked in a new search"
    page = choose(browser, version, many[1], cast.acme)
    assert "To 2 clients" in page.text
    assert not Organizer.objects.exists(), "nothing is sent before a last look"
    done = confirm(browser, page, due_on=DUE.isoformat(), message="Thanks", reminder_days=["7", "0", "-7"])

    assert "Sent to 2 clients" in done.text
    assert clients_with_one() == ["Acme Dental PC", "Bulk 1"]
    organizer = Organizer.objects.get(client=cast.acme)
    assert (organizer.due_on, organizer.message, organizer.reminder_days) == (DUE, "Thanks", [7, 0, -7])
    assert (str(organizer), organizer.by, organizer.missing_count) == ("Individual 2026", cast.firm_user, 2)
    told = events(action=Action.ORGANIZER_SENT)
    assert [(one.client_name, one.details["note"]) for one in told] == [
        ("Acme Dental PC", f"due {DUE}"),
        ("Bulk 1", f"due {DUE}"),
    ]


def test_all_that_are_found_get_it_but_nobody_who_has_it(cast, sign_in, many):
    version = published(cast)
    sent(cast, client=many[0], version=version)
    browser = sign_in(cast.firm_user)
    page = choose(browser, version, how="all", q="Bulk")
    assert "1 has it already" in page.text
    assert "nobody who can open it" in page.text, "they have no people"
    confirm(browser, page)
    assert clients_with_one() == [f"Bulk {number}" for number in range(5)]

    page = choose(browser, version, many[0])
    confirm(browser, page, repeats="on")
    assert Organizer.objects.filter(client=many[0]).count() == 2, "unless that is asked for"


def test_clients_are_found_by_team_and_by_what_they_had(cast, sign_in, many):
    before = published(cast, {**small(), "tax_year": 2025})
    sent(cast, client=many[0], version=before)
    version = published(cast)
    sent(cast, client=many[1], version=version)
    browser = sign_in(cast.administrator)

    def found(**query):
        page = html.fromstring(browser.get(reverse("organizer-send"), {"version": version.pk, **query}).content)
        return [cell.text_content().strip() for cell in page.xpath("//td[contains(@class, 'table__lead')]")]

    assert found(q="bulk", had="before") == ["Bulk 0"]
    assert found(q="bulk", had="missing") == ["Bulk 0", "Bulk 2", "Bulk 3", "Bulk 4"]
    assert found(team=cast.firm_user.pk) == ["Acme Dental PC", *[f"Bulk {number}" for number in range(5)]]
    assert len(found()) == 7
    assert found(version="nonsense") == []


def test_a_firm_user_reaches_only_their_clients(cast, sign_in):
    version = published(cast)
    browser = sign_in(cast.firm_user)
    page = choose(browser, version, cast.other)

    assert "Nobody is ticked" in page.text
    assert "Other Roofing" not in page.text
    mine = choose(browser, version, cast.acme).redirect_chain[-1][0]
    assert sign_in(cast.administrator).get(mine).status_code == 404, "what somebody else chose is theirs"


def test_it_goes_on_after_an_interruption_without_doubles(cast, sign_in, many, monkeypatch):
    monkeypatch.setattr(sendings, "CLIENTS_AT_ONCE", 2)
    version = published(cast)
    browser = sign_in(cast.firm_user)
    page = choose(browser, version, *many)
    sending = Sending.objects.get()
    sending.confirm(message="Thanks")
    sending._send_part()
    with monkeypatch.context() as patch:
        patch.setattr("organizer.signals.organizer_sent.send", _break_off)
        with pytest.raises(OSError, match="broken off"):
            sending._send_part()

    assert clients_with_one() == ["Bulk 0", "Bulk 1"], "a part is sent whole or not at all"
    assert "was sent to 2 of 5 clients" in browser.get(reverse("organizers")).text
    many[4].archive(by=cast.administrator)
    done = confirm(browser, page)
    assert "Sent to 4 clients" in done.text
    assert clients_with_one() == [f"Bulk {number}" for number in range(4)]
    confirm(browser, page)
    assert Organizer.objects.count() == 4, "a second click sends nothing"


def _break_off(*args, **kwargs):
    raise OSError("broken off")


def test_what_was_put_on_hold_meanwhile_is_not_sent(cast, sign_in):
    version = published(cast)
    browser = sign_in(cast.firm_user)
    page = choose(browser, version, cast.acme)
    version.hold(by=cast.administrator)
    refused = confirm(browser, page).text
    assert "not published any more" in refused
    assert 'data-behaviour="go-on"' not in refused, "else the page would try for ever"
    assert not Organizer.objects.exists()
    assert "No template is published" in browser.get(reverse("organizer-send")).text
    version.release(by=cast.administrator)
    assert "Sent to 1 client" in confirm(browser, page).text


def test_a_due_day_in_the_past_is_told(cast, sign_in):
    browser = sign_in(cast.firm_user)
    page = choose(browser, published(cast), cast.acme)
    answer = confirm(browser, page, due_on="2020-01-01", message="Kept")
    assert "Choose a day from today on." in answer.text
    assert "Kept" in answer.text
    browser.post(reverse("organizer-sending-discard", args=[Sending.objects.get().pk]))
    assert not Sending.objects.exists()


def test_the_rest_of_what_was_begun_can_be_left(cast, sign_in, many, monkeypatch):
    monkeypatch.setattr(sendings, "CLIENTS_AT_ONCE", 2)
    browser = sign_in(cast.firm_user)
    choose(browser, published(cast), *many)
    sending = Sending.objects.get()
    sending.confirm()
    sending._send_part()
    page = browser.post(reverse("organizer-sending-discard", args=[sending.pk]), follow=True)

    assert "Sent to 2 clients" in page.text
    confirm(browser, page)
    assert clients_with_one() == ["Bulk 0", "Bulk 1"]
    assert "Go on with the rest" not in browser.get(reverse("organizers")).text
