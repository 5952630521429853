import csv
import io
from datetime import UTC, datetime, timedelta

import docx
import openpyxl
import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import rights
from accounts.models import Client, Invitation, Membership, Role, State, User
from accounts.rights import Right
from tests.conftest import join, take_note_of_rows

URL = "/accounts/roster/"
LABELS = [
    *("E-mail address", "Name", "Role", "Client", "State", "Rights", "Second factor"),
    *("Invited", "Joined", "Last sign-in"),
]


def export(browser, extension, query=""):
    answer = browser.get(f"/accounts/roster.{extension}{query}")
    return answer, b"".join(answer)


def rows_of_csv(browser, query=""):
    _, content = export(browser, "csv", query)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def shown(browser, query=""):
    return [person.address for person in browser.get(URL + query).context["page"]]


@pytest.fixture
def in_each_state(cast):
    """Somebody of Acme in every State."""

    def somebody(name, **fields):
        user = User.objects.make(f"{name}@states.example", role=Role.CLIENT_USER, **fields)
        Membership.objects.create(client=cast.acme, user=user)
        return user

    now = timezone.now()
    people = {State.HELD: somebody("held"), State.INVITED: somebody("invited"), State.EXPIRED: somebody("expired")}
    Invitation.issue(people[State.INVITED], by=cast.administrator)
    Invitation.issue(people[State.EXPIRED], by=cast.administrator)
    people[State.EXPIRED].invitations.update(expires_at=now)
    joined = {"joined_at": now, "is_active": True}
    people[State.ACTIVE] = somebody("active", **joined, locked_until=now - timedelta(seconds=1))
    people[State.LOCKED] = somebody("locked", **joined, locked_until=now + timedelta(minutes=5))
    people[State.DEACTIVATED] = somebody("deactivated", joined_at=now, locked_until=now + timedelta(minutes=5))
    people[State.DELETED] = somebody("deleted", **joined)
    Invitation.issue(people[State.DELETED], by=cast.administrator)
    people[State.DELETED].delete_account(by=cast.administrator)
    return people


def test_states_of_the_database_are_those_of_the_model(in_each_state, cast):
    assert set(in_each_state) == set(State)
    for user in User.objects.with_state():
        assert user.state_now == user.state, user
    assert {state: user.state for state, user in in_each_state.items()} == {state: state for state in State}


@pytest.mark.parametrize("role", list(Role))
def test_rights_in_words_are_those_that_hold(db, role):
    for number in range(2 ** len(Right)):
        flags = {right.field: bool(number >> place & 1) for place, right in enumerate(Right)}
        user = User.objects.make(f"{number}@rights.example", role=role, **flags)
        code = User.objects.with_rights().get(pk=user.pk).rights_code
        held = ", ".join(rights.SHORT[right] for right in Right if user.may(right))
        assert rights.in_short(code).lower() == (held or "none")


def test_the_page_shows_who_has_which_account(sign_in, cast, in_each_state):
    Authenticator.objects.create(user=cast.client, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=cast.second, type=Authenticator.Type.RECOVERY_CODES, data={})
    User.objects.filter(pk=cast.client.pk).update(may_delete_files=False)
    Membership.objects.create(client=cast.other, user=cast.client)
    page = sign_in(cast.administrator).get(URL)

    rows = {row["address"]: row for row in page.context["table"].rows.values()}
    ngozi = rows[cast.client.email]
    assert ngozi["client_name"] == "Acme Dental PC and 1 more"
    assert (ngozi["has_factor"], rows[cast.second.email]["has_factor"]) == (1, 0)
    assert "See files, send, organizer</td>" in page.text
    assert "Acme Dental PC and 1 more" in page.text
    assert "deleted@states.example" not in page.text
    for state in (State.HELD, State.INVITED, State.EXPIRED, State.LOCKED, State.DEACTIVATED):
        assert state.label in page.text


@pytest.mark.parametrize("query", ["", "?state=deleted", "?role=client_user&q=ngozi", "?client=roof"])
def test_files_hold_what_the_page_shows(sign_in, cast, in_each_state, query):
    browser = sign_in(cast.administrator)
    table = browser.get(URL + query).context["table"]
    rows = rows_of_csv(browser, query)
    assert rows[0] == LABELS == [column.label for column in table.columns]
    assert [row[0] for row in rows[1:]] == [person.address for person in table.page] != []

    _, content = export(browser, "xlsx", query)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[1]
    cells = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert cells == rows
    _, content = export(browser, "docx", query)
    tables = docx.Document(io.BytesIO(content)).tables
    assert [row.cells[0].text for row in tables[-1].rows][1:] == [row[0] for row in rows[1:]]


def test_a_row_of_the_file(sign_in, cast):
    Invitation.issue(cast.client, by=cast.administrator)
    browser = sign_in(cast.administrator)
    with timezone.override(cast.administrator.zone):
        invited = timezone.localtime(cast.client.invitations.get().created_at)
    (row,) = rows_of_csv(browser, "?q=ngozi")[1:]
    assert row[:7] == [
        *("ngozi@acme.example.com", "Ngozi Okafor", "Client user", "Acme Dental PC", "Active"),
        *("See files, send, delete, organizer", "No"),
    ]
    assert row[7] == f"{invited:%Y-%m-%d %H:%M:%S}"
    assert row[8] and row[9] == ""


def test_a_deleted_account_stands_under_the_address_it_had(sign_in, cast, in_each_state):
    browser = sign_in(cast.administrator)
    assert shown(browser, "?state=deleted") == ["deleted@states.example"]
    assert shown(browser, "?state=deleted&q=deleted@states") == ["deleted@states.example"]
    assert shown(browser, "?q=deleted@states") == []


def test_filters_narrow_and_say_so(sign_in, cast, in_each_state):
    browser = sign_in(cast.auditor)
    assert shown(browser, "?role=auditor") == [cast.auditor.email]
    assert shown(browser, "?state=locked") == ["locked@states.example"]
    assert shown(browser, "?client=roofing") == [cast.stranger.email]
    assert shown(browser, "?q=OKAFOR") == [cast.second.email, cast.client.email]
    page = browser.get(f"{URL}?role=client_user&client=acme&q=okafor&state=active")
    for words in ("Client user", "Client “acme”", "“okafor”", "Active", "2 people"):
        assert words in page.text
    assert "Nobody fits" in browser.get(f"{URL}?q=nobody-at-all").text


@pytest.mark.parametrize("query", ["?role=king", "?state=gone"])
def test_a_filter_that_cannot_be_understood_shows_and_exports_nothing(sign_in, cast, query):
    browser = sign_in(cast.administrator)
    page = browser.get(URL + query)
    assert list(page.context["page"]) == [] and "error-summary" in page.text
    assert export(browser, "csv", query)[0].status_code == 400


def test_a_firm_user_sees_their_clients_people_and_themselves(sign_in, cast):
    Membership.objects.create(client=cast.other, user=cast.client)
    browser = sign_in(cast.firm_user)
    mine = [cast.firm_user.email, cast.second.email, cast.client.email]
    assert shown(browser) == sorted(mine)
    assert [row[0] for row in rows_of_csv(browser)[1:]] == sorted(mine)
    text = "".join(",".join(row) for row in rows_of_csv(browser)) + browser.get(URL).text
    assert "Other Roofing" not in text and "1 more" not in text
    assert shown(browser, "?client=roofing") == []
    assert shown(sign_in(cast.unassigned)) == [cast.unassigned.email]


def test_a_firm_user_who_sees_all_clients(sign_in, cast):
    User.objects.filter(pk=cast.unassigned.pk).update(may_see_all_clients=True)
    assert set(shown(sign_in(cast.unassigned))) == {
        *(cast.unassigned.email, cast.client.email, cast.second.email, cast.stranger.email)
    }


def test_who_may_not_read_reports(sign_in, cast):
    User.objects.filter(pk=cast.firm_user.pk).update(may_read_reports=False)
    for person in (cast.client, User.objects.get(pk=cast.firm_user.pk)):
        browser = sign_in(person)
        assert {browser.get(URL).status_code, browser.get("/accounts/roster.csv").status_code} == {403}
    assert sign_in(cast.administrator).post(URL).status_code == 405


def test_formula_starts_are_text(sign_in, cast):
    join("+plus@acme.example.com", Role.CLIENT_USER, client=cast.acme, name="=1+1")
    browser = sign_in(cast.administrator)
    assert rows_of_csv(browser, "?q=plus")[1][:2] == ["'+plus@acme.example.com", "'=1+1"]
    _, content = export(browser, "xlsx", "?q=plus")
    row = openpyxl.load_workbook(io.BytesIO(content)).worksheets[1][2]
    assert [(cell.value, cell.data_type) for cell in row[:2]] == [("+plus@acme.example.com", "s"), ("=1+1", "s")]


def test_queries_at_ten_and_a_thousand(sign_in, cast):
    def add(numbers):
        clients = Client.objects.bulk_create(Client(name=f"Client {number}") for number in numbers)
        people = User.objects.bulk_create(
            User(email=f"p{number}@many.example", role=Role.CLIENT_USER) for number in numbers
        )
        Membership.objects.bulk_create(Membership(client=c, user=u) for c, u in zip(clients, people, strict=True))

    browser = sign_in(cast.administrator)
    found = []
    for numbers in (range(10), range(10, 1000)):
        add(numbers)
        take_note_of_rows()
        browser.get(URL)  # the view itself is recorded once an hour
        for read in (lambda: browser.get(URL), lambda: export(browser, "csv")):
            with CaptureQueriesContext(connection) as queries:
                read()
            found.append(len(queries))
    page_few, file_few, page_many, file_many = found
    assert page_many <= page_few + 1  # the count, once there is more than a page
    assert file_many == file_few
    assert page_many < 15


def test_a_time_is_cut_to_its_second_as_on_the_page_and_not_rounded_up(sign_in, cast):
    just_before = datetime(2026, 3, 12, 18, 32, 7, 999_999, tzinfo=UTC)
    User.objects.filter(pk=cast.client.pk).update(joined_at=just_before)
    row = next(row for row in rows_of_csv(sign_in(cast.administrator)) if row[0] == cast.client.email)
    assert row[8] == "2026-03-12 14:32:07"
