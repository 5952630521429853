"""The firm asks for documents; the client sends each into its line, or answers that it is not there."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from lxml import html

from accounts.models import Client, Membership
from activity.actions import Action
from files.models import Line, Request, RequestClosed
from notices import asking
from tests.conftest import put_file
from tests.files.asking import ask


def work():
    call_command("work", batch=True)


def form_of(page):
    """The fields of the page's form of lines, as a browser would send them."""
    form = next(form for form in html.fromstring(page.content).forms if "title" in form.fields)
    unticked = {box.name for box in form.inputs if getattr(box, "checkable", False) and not box.checked}
    return {name: form.fields[name] or "" for name in form.fields if "__prefix__" not in name and name not in unticked}


def send(browser, document, name="W-2.pdf", content=b"%PDF-1.4"):
    return browser.post(
        reverse("requested-files", args=[document.pk]), {"files": SimpleUploadedFile(name, content)}, follow=True
    )


@pytest.mark.django_db(transaction=True)
def test_from_the_firms_question_to_the_last_document(cast, sign_in, events):
    cabinet = cast.acme.cabinet
    payroll = cabinet.top.add_folder("Payroll", by=cast.administrator)
    browser = sign_in(cast.firm_user)
    new = reverse("request-new", args=[cabinet.pk])
    fields = form_of(browser.get(new))
    fields |= {"title": "2025 tax return", "folder": str(payroll.pk), "message": "Thanks", "due_on": "2031-04-01"}
    fields |= {"documents-0-name": "W-2", "documents-0-hint": "from each employer", "documents-2-name": "1098"}
    more = browser.post(new, {**fields, "more": "1"})
    assert (form_of(more)["title"], form_of(more)["documents-1-name"]) == ("2025 tax return", "1098")
    assert "documents-4-name" in form_of(more), "there are empty lines again"
    assert "Error" not in more.text
    assert not Request.objects.exists()
    browser.post(new, fields)

    (asked,) = Request.objects.all()
    assert [(line.name, line.hint) for line in asked.documents.all()] == [("W-2", "from each employer"), ("1098", "")]
    work()
    assert sorted(message.to[0] for message in mail.outbox) == sorted([cast.client.email, cast.second.email])
    assert "W-2 (from each employer)" in mail.outbox[0].body
    assert reverse("request", args=[asked.pk]) in mail.outbox[0].body

    browser = sign_in(cast.client)
    home = browser.get("/").text
    assert "0 of 2 received" in home
    assert reverse("requested", args=[asked.documents.first().pk]) in home
    mail.outbox.clear()
    w2, mortgage = asked.documents.all()
    page = send(browser, w2)
    assert (page.redirect_chain, "Received W-2.pdf" in page.text) == ([("/", 302)], True)
    assert "1 of 2 received" in page.text
    w2.refresh_from_db()
    assert (w2.file.name, w2.file.folder) == ("W-2.pdf", payroll)
    browser.post(reverse("requested-answer", args=[mortgage.pk]), {"because": "Paid off"})

    browser = sign_in(cast.firm_user)
    assert "The client does not have it: Paid off" in browser.get(asked.get_absolute_url()).text
    work()
    assert [message.subject for message in mail.outbox if message.to == [cast.firm_user.email]][-1] == (
        "All answered: Acme Dental PC, 2025 tax return"
    )
    browser.post(reverse("requested-again", args=[mortgage.pk]), {"because": "The closing statement then"})
    assert "The closing statement then" in sign_in(cast.second).get("/").text
    send(sign_in(cast.second), mortgage, "Closing.pdf")
    assert "Everything is received" in sign_in(cast.client).get("/").text
    work()
    assert mail.outbox[-1].subject == "Complete: Acme Dental PC, 2025 tax return"
    told = [event for event in events() if event.subject_type == "request"]
    assert [(event.action, event.actor_email) for event in told] == [
        (Action.REQUEST_MADE, cast.firm_user.email),
        (Action.DOCUMENT_RECEIVED, cast.client.email),
        (Action.DOCUMENT_DECLINED, cast.client.email),
        (Action.DOCUMENT_RETURNED, cast.firm_user.email),
        (Action.DOCUMENT_RECEIVED, cast.second.email),
    ]
    assert {(event.subject, event.client_name) for event in told} == {("2025 tax return", "Acme Dental PC")}
    assert told[1].details["note"] == "W-2: W-2.pdf"


def test_lines_change_while_it_is_open_and_what_was_received_stays(cast, sign_in, events):
    asked = ask(cast, "W-2", "1098", "K-1")
    w2, mortgage, k1 = asked.documents.all()
    file = put_file(cast.acme.cabinet.top, by=cast.client)
    browser = sign_in(cast.firm_user)
    browser.post(reverse("requested-file", args=[w2.pk]), {"file": file.pk})
    change = reverse("request-change", args=[asked.pk])
    fields = form_of(browser.get(change))
    fields |= {"documents-0-name": "W-2 forms", "documents-1-DELETE": "on", "documents-3-name": "1099"}
    browser.post(change, fields)

    assert [line.name for line in asked.documents.all()] == ["W-2 forms", "K-1", "1099"]
    (event,) = events(action=Action.REQUEST_CHANGED)
    assert event.details["before"] == {"documents": "W-2, 1098, K-1"}
    assert event.details["after"] == {"documents": "W-2 forms, K-1, 1099"}
    Request.objects.get(pk=asked.pk).change(lines=[Line("Anything")], by=cast.firm_user)
    assert [line.name for line in asked.documents.all()] == ["W-2 forms", "Anything"]

    copied = form_of(browser.get(reverse("request-new", args=[asked.folder.cabinet_id]) + f"?copy={asked.pk}"))
    assert (copied["title"], copied["documents-1-name"]) == ("2025 tax return", "Anything")
    browser.post(reverse("request-close", args=[asked.pk]))
    anything = asked.documents.get(name="Anything")
    page = send(sign_in(cast.client), anything)
    assert "was closed" in page.text
    assert cast.acme.cabinet.top.files.count() == 1, "nothing came of what was sent too late"
    with pytest.raises(RequestClosed):
        anything.receive(file, by=cast.client)
    assert asked.title not in sign_in(cast.client).get("/").text
    sign_in(cast.firm_user).post(reverse("request-reopen", args=[asked.pk]))
    assert asked.title in sign_in(cast.client).get("/").text


def test_a_file_of_another_client_is_not_attached(cast, sign_in):
    document = ask(cast).documents.first()
    other = put_file(cast.other.cabinet.top, by=cast.stranger)
    page = sign_in(cast.administrator).post(reverse("requested-file", args=[document.pk]), {"file": other.pk})

    document.refresh_from_db()
    assert (document.file, "not in the list" in page.text) == (None, True)


def test_who_may_not_send_reads_what_is_asked_and_is_told(cast, sign_in):
    document = ask(cast).documents.first()
    cast.client.may_send_files = False
    cast.client.save()
    browser = sign_in(cast.client)

    assert "not send them" in browser.get(document.get_absolute_url()).text
    assert send(browser, document).status_code == 403
    document.refresh_from_db()
    assert document.file is None


def test_somebody_of_two_clients_sees_what_each_is_asked_for(cast, sign_in):
    Membership.objects.create(client=cast.other, user=cast.client)
    ask(cast, "W-2")
    ask(cast, "Roof plan", client=cast.other, title="Insurance")
    page = html.fromstring(sign_in(cast.client).get("/").content)
    sections = page.xpath("//section[starts-with(@aria-labelledby, 'asked-')]")

    words = [" ".join(section.text_content().split()) for section in sections]
    assert [("for Acme Dental PC" in one, "Roof plan" in one) for one in words] == [(True, False), (False, True)]
    assert "Roof plan" not in sign_in(cast.second).get("/").text


def test_the_overview_lists_what_is_overdue_first_and_only_of_ones_clients(cast, sign_in):
    day = timezone.localdate()
    ask(cast, title="Later", due_on=day + timedelta(days=30))
    ask(cast, title="Some day")
    ask(cast, title="Late", due_on=day - timedelta(days=2))
    ask(cast, title="Foreign", client=cast.other)
    done = ask(cast, "W-2", title="Done")
    done.documents.get().receive(put_file(cast.acme.cabinet.top, by=cast.client), by=cast.client)
    browser = sign_in(cast.firm_user)

    def titles(query=""):
        page = html.fromstring(browser.get(f"{reverse('requests')}{query}").content)
        return [row.text_content().strip() for row in page.xpath("//td[contains(@class, 'table__lead')]")]

    assert titles() == ["Late", "Later", "Some day"]
    assert "Overdue since" in browser.get(reverse("requests")).text
    assert titles("?state=complete") == ["Done"]
    assert titles(f"?client={cast.other.pk}") == []
    assert "Late" in browser.get("/").text
    browser = sign_in(cast.administrator)
    assert titles(f"?client={cast.other.pk}") == ["Foreign"]


DUE = date(2026, 3, 13)


@pytest.mark.parametrize(
    ("day", "reminder"),
    [(9, None), (10, 10), (12, 10), (13, 13), (19, 13), (20, 20), (28, 27)],
)
def test_reminders_belong_to_three_days_before_the_day_and_each_week_after(day, reminder):
    assert asking.reminder_day(DUE, date(2026, 3, day)) == (reminder and date(2026, 3, reminder))


@pytest.mark.django_db(transaction=True)
def test_people_are_reminded_in_the_morning_once_a_day_until_nothing_is_missing(cast, monkeypatch):
    asked = ask(cast, "W-2", "1098", due_on=DUE)
    Request.objects.filter(pk=asked.pk).update(at=datetime(2026, 3, 1, tzinfo=UTC))
    ask(cast, "No reminders", title="Silent", due_on=DUE, has_reminders=False)
    cast.second.deactivate(by=cast.administrator)
    work()
    mail.outbox.clear()

    def reminded(*moment):
        monkeypatch.setattr(asking.timezone, "now", lambda: datetime(*moment, tzinfo=UTC))
        asking.remind_in_the_morning()
        work()
        found = [(message.to[0], message.subject) for message in mail.outbox]
        mail.outbox.clear()
        return found

    once = [(cast.client.email, "Still missing: 2 documents for 2025 tax return")]
    assert reminded(2026, 3, 10, 10) == [], "six in the morning in New York"
    assert reminded(2026, 3, 10, 12) == once
    assert reminded(2026, 3, 10, 15) == []
    assert reminded(2026, 3, 12, 12) == []
    assert reminded(2026, 3, 14, 12) == once, "the clock stood still on the day itself"
    for document in asked.documents.all():
        document.receive(put_file(cast.acme.cabinet.top, by=cast.client), by=cast.client)
    work()
    mail.outbox.clear()
    assert reminded(2026, 3, 20, 12) == []


def test_requests_of_an_archived_client_are_gone_for_its_people(cast, sign_in):
    asked = ask(cast)
    Client.objects.get(pk=cast.acme.pk).archive(by=cast.administrator)

    assert asked.title not in sign_in(cast.client).get("/").text
    assert sign_in(cast.client).get(asked.get_absolute_url()).status_code == 404
