"""Who signed in last and from where, who never did, and which tries failed since."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Client, Membership, User
from activity.actions import Action
from activity.origin import Origin, coming_from
from activity.recording import record_now
from tests.reports.exported import KINDS, as_read, download, table_in

ADDRESS = "/accounts/sign-ins/"


def tell(action, person, ip):
    with coming_from(Origin(ip=ip)):
        record_now(action, by=person)


@pytest.fixture
def signed_in(cast, client):
    """Who signed in when, and what failed before and after."""
    client.force_login(cast.administrator)
    User.objects.update(last_login=None)
    for days, person in [(1, cast.client), (40, cast.firm_user), (100, cast.stranger)]:
        tell(Action.SIGN_IN_FAILED, person, "192.0.2.1")
        tell(Action.SIGNED_IN, person, f"203.0.113.{days}")
        User.objects.filter(pk=person.pk).update(last_login=timezone.now() - timedelta(days=days))
    tell(Action.SIGNED_OUT, cast.client, "192.0.2.1")
    tell(Action.SIGN_IN_FAILED, cast.client, "192.0.2.1")
    tell(Action.FACTOR_FAILED, cast.client, "192.0.2.1")
    tell(Action.SIGN_IN_FAILED, cast.second, "192.0.2.2")


def shown(browser, query=""):
    """name → (from which address, how many failed since)."""
    page = browser.get(ADDRESS + query).context["page"]
    return {person.email.partition("@")[0]: (person.last_ip, person.failed_count) for person in page}


def test_each_person_stands_with_the_last_sign_in_and_what_failed_since(client, cast, signed_in):
    found = shown(client)
    assert found.pop("ruth") != ()  # whoever looks
    assert found == {
        "ngozi": ("203.0.113.1", 2),
        "dana": ("203.0.113.40", 0),
        "marcus": ("203.0.113.100", 0),
        "daniel": ("", 1),
        "theo": ("", 0),
        "morgan": ("", 0),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?seen=never", "daniel morgan ruth theo"),
        ("?seen=never&role=client_user", "daniel"),
        ("?seen=30", "dana marcus"),
        ("?seen=90", "marcus"),
        ("?seen=365", ""),
        ("?seen=failed", "daniel ngozi"),
        ("?seen=failed&state=deactivated", ""),
        ("?q=okafor&seen=never", "daniel"),
    ],
)
def test_it_is_asked_who_never_signed_in_or_not_for_long(query, names, client, cast, signed_in):
    assert " ".join(sorted(shown(client, query))) == names


def test_the_filter_is_in_words(client, cast, signed_in):
    filter = client.get(f"{ADDRESS}?seen=90&role=auditor").context["table"].filter
    assert filter.sentence == "Auditor; Not for 90 days"


def test_a_firm_user_learns_of_their_clients_people_what_the_log_would_tell_them(client, cast, signed_in):
    Membership.objects.create(client=Client.add("Elsewhere Inc", by=cast.administrator), user=cast.client)
    tell(Action.SIGNED_IN, cast.client, "192.0.2.9")  # for two clients: of neither
    client.force_login(cast.firm_user)
    found = shown(client)

    assert set(found) == {"ngozi", "daniel", "dana"}
    assert found["daniel"] == ("", 1)
    assert found["ngozi"][0] == "203.0.113.1"


@pytest.mark.parametrize("kind", KINDS)
def test_files_hold_what_the_page_shows(kind, client, cast, signed_in):
    table = client.get(f"{ADDRESS}?seen=30").context["table"]
    heading, rows = table_in(kind, download(client, f"/accounts/sign-ins.{kind}?seen=30"))
    assert heading == [column.label for column in table.columns]
    assert rows == [as_read(kind, table.columns, row) for row in table.page] != []
