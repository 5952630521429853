import re
import uuid

import pytest
from django.core.management import call_command
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from accounts.import_batches import ImportBatch, ImportPart
from accounts.models import Client, Role, State, User
from activity.actions import Action
from tests.accounts.lists import URL, imported, uploaded
from tests.conftest import join


@pytest.fixture
def administrator(sign_in, cast):
    return sign_in(cast.administrator)


def test_another_administrators_list_is_not_found(sign_in, cast, events):
    url = uploaded(sign_in(cast.administrator), [["New LLC", "", "", ""]])
    browser = sign_in(join("second@firm.example.com", Role.ADMINISTRATOR))
    assert "New LLC" not in browser.get(URL).text
    answers = [browser.get(url), browser.post(url), browser.post(f"{url}discard/")]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert browser.get(f"{URL}{uuid.uuid4()}/").content == answers[0].content
    assert len(events(action=Action.ACCESS_DENIED)) == 4
    assert not Client.objects.filter(name="New LLC").exists()


@pytest.mark.parametrize("who", ["firm_user", "auditor", "client"])
def test_nobody_else_imports(sign_in, cast, who):
    batch = ImportBatch.objects.create(by=getattr(cast, who), file_name="x.csv", row_count=1)
    browser = sign_in(getattr(cast, who))
    urls = [URL, f"{URL}{batch.pk}/", f"{URL}{batch.pk}/discard/", f"{URL}template.csv"]
    assert {browser.get(url).status_code for url in urls} | {browser.post(url).status_code for url in urls} == {403}


def test_a_list_can_be_discarded_until_it_is_confirmed(administrator):
    url = uploaded(administrator, [["New LLC", "", "", ""]])
    assert administrator.post(f"{url}discard/").url == URL
    assert not ImportBatch.objects.exists() and not ImportPart.objects.exists()
    imported(administrator, [["New LLC", "", "", ""]])
    administrator.post(f"{URL}{ImportBatch.objects.get().pk}/discard/")
    assert ImportBatch.objects.exists()


def test_one_must_choose_what_becomes_of_invitations(administrator):
    url = uploaded(administrator, [["New LLC", "a@new.example", "", ""]])
    assert "Choose whether the invitations are sent now or held" in administrator.post(url).text
    assert not Client.objects.filter(name="New LLC").exists()


def test_held_invitations_are_sent_from_the_persons_page(administrator, mailoutbox, events):
    imported(administrator, [["New LLC", "a@new.example", "Ana", ""]], "hold")
    ana = User.objects.get(email="a@new.example")
    assert (ana.state, DBTaskResult.objects.count(), mailoutbox) == (State.HELD, 0, [])
    (event,) = events(action=Action.USER_INVITED)
    assert event.details == {"after": {"role": "Client user"}, "note": "The invitation is held"}
    assert "Not invited yet" in administrator.get(reverse("client", args=[ana.only_client().pk])).text

    administrator.post(reverse("person-invitations", args=[ana.pk]))
    assert [mail.to for mail in mailoutbox] == [["a@new.example"]]
    assert User.objects.get(pk=ana.pk).state == State.INVITED


def run_tasks():
    call_command("work", batch=True)


def link_in(mail):
    return re.search(r"http\S+(/accounts/invitations/\S+)", mail.body)[1]


@pytest.mark.django_db(transaction=True)
def test_sent_invitations_are_mailed_by_the_worker_and_work(cast, client, mailoutbox, events):
    client.force_login(cast.administrator)
    imported(client, [["New LLC", "a@new.example", "Ana", ""], ["New LLC", "b@new.example", "", ""]], "send")
    assert {user.state for user in User.objects.filter(email__endswith="@new.example")} == {State.INVITED}
    assert mailoutbox == []

    run_tasks()
    assert [mail.to for mail in mailoutbox] == [["a@new.example"], ["b@new.example"]]
    assert [event.subject for event in events(action=Action.NOTICE_SENT)] == ["a@new.example", "b@new.example"]
    client.logout()
    link = link_in(mailoutbox[0])
    assert "You will sign in as a@new.example" in client.get(link).text
    client.post(link, {"name": "Ana", "password": "a few good words"})
    assert User.objects.get(email="a@new.example").state == State.ACTIVE


@pytest.mark.django_db(transaction=True)
def test_mail_that_fails_is_in_the_log_and_can_be_sent_again(cast, client, mailoutbox, events, settings):
    client.force_login(cast.administrator)
    rows = [["New LLC", "a@new.example", "Ana", ""], ["New LLC", "gone@new.example", "", ""]]
    imported(client, rows, "send")
    User.objects.get(email="gone@new.example").delete_account(by=cast.administrator)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    run_tasks()
    (failed,) = events(action=Action.NOTICE_FAILED)
    assert (failed.subject, failed.details["note"]) == (
        "a@new.example",
        "Invitation from ruth@firm.example.com: ConnectionRefusedError",
    )
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post(reverse("person-invitations", args=[User.objects.get(email="a@new.example").pk]))
    assert client.get(link_in(mailoutbox[0])).status_code == 200
