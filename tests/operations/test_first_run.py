"""A new portal is set up step by step, by administrators, and the log says what they did and tested."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.smtp import EmailBackend
from lxml import html

from accounts.models import Firm, Role, SecondFactor, User
from activity.actions import Action
from operations import first_run
from operations.models import SetupStep
from tests.conftest import join
from tests.servers import free_port


@pytest.fixture
def alone(db, client):
    """The first administrator of a new portal, who has just signed in."""
    Firm.objects.update_or_create(pk=1, defaults={"second_factor_firm": SecondFactor.OFFERED})
    administrator = join("ruth@firm.example.com", Role.ADMINISTRATOR, name="Ruth Larkin")
    client.force_login(administrator)
    return administrator


def look(response):
    assert response.status_code == 200, response.text
    return html.fromstring(response.content)


def states(client):
    """{step: how it stands} as the page says it."""
    rows = look(client.get("/setup/")).xpath("//ol[@class='tasks']/li")
    return {row.xpath("string(.//a)"): row.xpath("normalize-space(span)") for row in rows}


def press(client, step, **fields):
    return client.post(f"/setup/{step}/", fields)


def found(client, step):
    """(how it stands, what the test found) on the step's page."""
    page = look(client.get(f"/setup/{step}/"))
    words = page.xpath("//section[@aria-labelledby='found']//li")
    return page.xpath("normalize-space(//*[@class='page-head__lead'])"), [
        " ".join(text.strip() for text in one.itertext() if text.strip()) for one in words
    ]


def test_who_made_the_portal_is_taken_to_the_set_up_once(alone, client):
    assert client.get("/")["Location"] == "/setup/"
    page = look(client.get("/setup/"))
    assert "Start" in page.xpath("string(//a[contains(@class, 'button--primary')])")
    assert set(states(client).values()) == {"Not done"}

    home = look(client.get("/"))
    assert "7 steps left" in home.xpath("string(//main)")
    assert home.xpath("//main//*[@class='notice']//a/@href") == ["/setup/"]


def test_who_comes_to_a_firm_with_others_is_not_taken_away_from_home(sign_in, cast):
    assert "Hello, Ruth" in sign_in(cast.administrator).get("/").text


@pytest.mark.parametrize("reader", ["firm_user", "auditor", "client"])
def test_others_do_not_hear_of_it(reader, sign_in, cast, events):
    browser = sign_in(getattr(cast, reader))
    assert "/setup/" not in browser.get("/").text
    assert press(browser, "backup").status_code == 403
    assert not SetupStep.objects.exists()
    assert [event.action for event in events(area="access")] == [Action.ACCESS_DENIED]


def test_a_demonstration_is_not_to_be_set_up(sign_in, cast):
    Firm.objects.update(is_demonstration=True)
    assert "not set up yet" not in sign_in(cast.administrator).get("/").text


def test_the_steps_follow_each_other_until_none_is_left(alone, client, events, clamd, monkeypatch):
    monkeypatch.setattr("operations.checks.scanner.SIGNATURES_ARE_OLD_AFTER", timedelta.max)
    given = {"name": "Larkin & Voss", "accent": "#1d6b4f", "time_zone": "America/Chicago", "tagline": "", "phone": ""}
    assert press(client, "firm", **given)["Location"] == "/setup/mail/"
    firm = Firm.fresh()
    assert (firm.name, firm.accent, firm.time_zone) == ("Larkin & Voss", "#1d6b4f", "America/Chicago")

    assert press(client, "mail", skip="1")["Location"] == "/setup/storage/"
    assert press(client, "storage")["Location"] == "/setup/storage/"
    assert press(client, "scanner")["Location"] == "/setup/scanner/"
    factors = {"second_factor_firm": "demanded", "second_factor_clients": "offered"}
    Firm.objects.update(second_factor_firm="offered")
    assert press(client, "second-factor", **factors)["Location"] == "/setup/people/"
    Firm.objects.update(second_factor_firm="offered")
    client.post("/accounts/firm-users/new/", {"name": "Dana", "email": "dana@firm.example.com", "role": "firm_user"})
    assert press(client, "backup")["Location"] == "/setup/"

    assert states(client) == {
        "Your firm": "Done",
        "Mail": "Skipped",
        "Storage": "Done",
        "Virus scanner": "Done",
        "Second factor": "Done",
        "Colleagues": "Done",
        "Backup": "Done",
    }
    assert "not set up yet" not in client.get("/").text
    settled = [(event.subject, event.details["after"]["state"]) for event in events(action=Action.SETUP_SETTLED)]
    assert settled == [
        ("Your firm", "Done"),
        ("Mail", "Skipped"),
        ("Storage", "Done"),
        ("Virus scanner", "Done"),
        ("Second factor", "Done"),
        ("Backup", "Done"),
    ]
    assert len(events(action=Action.SETTINGS_CHANGED)) == 2
    assert {event.actor_email for event in events(area="system")} == {"ruth@firm.example.com"}


def test_a_wrong_answer_is_said_and_nothing_is_settled(alone, client, events):
    answer = press(client, "firm", name="", accent="red", time_zone="Mars/Olympus")

    page = look(answer)
    assert page.xpath("string(//title)").startswith("Error: Your firm")
    assert Firm.fresh().name == "Your firm"
    assert not SetupStep.objects.exists()
    assert not events()


def test_the_test_mail_goes_to_the_administrator_and_the_page_says_how_it_went(alone, client, events, settings):
    settings.DEFAULT_FROM_EMAIL = "Larkin <portal@firm.example.com>"
    press(client, "mail")

    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([alone.email], "Test mail of the portal of Your firm")
    state, lines = found(client, "mail")
    assert state == "To look at"  # mails of a test lie in memory
    assert re.match("Test mail: look at this No mail server is set", lines[0])
    (event,) = events(action=Action.INSTALLATION_TESTED)
    assert event.details["note"].startswith("warning: no mail server is set")


def test_a_mail_server_that_does_not_listen_is_said_in_plain_words(alone, client, settings):
    port = free_port()
    settings.EMAIL_BACKEND = f"{EmailBackend.__module__}.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    press(client, "mail")

    state, lines = found(client, "mail")
    assert state == "To look at"
    assert f"Test mail: wrong Nobody listens at 127.0.0.1:{port}; look at host and port in EMAIL_URL." in lines


def test_the_storage_is_tested_and_nothing_of_it_is_left(alone, client, store):
    before = sorted(store.stored()), sorted(store.staged())
    press(client, "storage")

    state, lines = found(client, "storage")
    assert (state, lines[0].endswith("keeps, gives and removes a file.")) == ("Done", True)
    assert (sorted(store.stored()), sorted(store.staged())) == before


def test_without_a_scanner_the_page_says_so_and_it_can_be_left_so(alone, client):
    press(client, "scanner")
    state, lines = found(client, "scanner")
    assert state == "To look at"
    assert "no scanner is set up, and files are handed out as they were received" in lines[0].lower()

    press(client, "scanner", skip="1")
    assert states(client)["Virus scanner"] == "Skipped"


def test_what_was_skipped_can_be_done_later(alone, client, events):
    press(client, "backup", skip="1")
    press(client, "backup", skip="1")
    press(client, "backup")

    assert states(client)["Backup"] == "Done"
    told = [event.details["after"]["state"] for event in events(action=Action.SETUP_SETTLED)]
    assert told == ["Skipped", "Done"], "what was so already is not told again"


def test_all_that_is_left_can_be_skipped_at_once_and_is_found_under_firm_settings(alone, client, events):
    press(client, "backup")
    assert client.post("/setup/")["Location"] == "/"

    assert first_run.left_for(alone) == []
    assert set(states(client).values()) == {"Done", "Skipped"}
    assert len(events(action=Action.SETUP_SETTLED)) == 7
    assert "not set up yet" not in client.get("/").text
    assert look(client.get("/accounts/settings/")).xpath("//main//a[@href='/setup/']")


def test_what_is_no_step_is_not_found(alone, client):
    assert client.get("/setup/nothing/").status_code == 404
    assert client.post("/setup/nothing/", {"skip": "1"}).status_code == 404


def test_colleagues_who_were_deleted_do_not_count(alone, client):
    other = User.objects.make("dana@firm.example.com", role=Role.FIRM_USER)
    assert states(client)["Colleagues"] == "Done"
    other.delete_account(by=alone)
    assert states(client)["Colleagues"] == "Not done"
