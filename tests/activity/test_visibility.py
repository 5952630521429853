"""Who sees which events: each of the cast does the same things, then each looks."""

import pytest

from activity.actions import Action
from activity.models import Event
from activity.recording import Subject, record

PEOPLE = ["administrator", "firm_user", "unassigned", "auditor", "client", "second", "stranger"]


@pytest.fixture
def log(cast):
    """Each person viewed a log and fetched a file of each client; the portal did something by itself."""
    for name in PEOPLE:
        person = getattr(cast, name)
        record(Action.LOG_VIEWED, by=person, note=f"{name} own")
        for client in ("acme", "other"):
            subject = Subject("file", "1", "a file", getattr(cast, client))
            record(Action.FILE_DOWNLOADED, by=person, subject=subject, note=f"{name} fetched {client}")
            record(Action.FILE_RENAMED, by=person, subject=subject, note=f"{name} renamed {client}")
    record(Action.PORTAL_PREPARED, note="portal")


def seen_by(person):
    events = Event.objects.visible_to(person).filter(details__has_key="note")
    return sorted(event.details["note"] for event in events)


def everything():
    return sorted(event.details["note"] for event in Event.objects.filter(details__has_key="note"))


@pytest.mark.parametrize("who", ["administrator", "auditor"])
def test_administrators_and_auditors_see_everything(cast, log, who):
    assert seen_by(getattr(cast, who)) == everything()
    assert Event.objects.visible_to(getattr(cast, who)).count() == Event.objects.count()


def test_a_firm_user_sees_what_concerns_their_clients(cast, log):
    of_acme = [f"{name} {verb} acme" for name in PEOPLE for verb in ("fetched", "renamed")]

    assert seen_by(cast.firm_user) == sorted([*of_acme, "client own", "second own"])


def test_an_unassigned_firm_user_sees_nothing(cast, log):
    assert seen_by(cast.unassigned) == []
    assert not Event.objects.visible_to(cast.unassigned).exists()


@pytest.mark.parametrize(
    ("who", "colleague", "client"),
    [("client", "second", "acme"), ("second", "client", "acme"), ("stranger", "", "other")],
)
def test_a_client_user_sees_their_own_acts_what_their_people_did_there_and_who_opened_their_files(
    cast, log, who, colleague, client
):
    own = [note for note in everything() if note.split()[0] == who]
    there = [f"{colleague} own", f"{colleague} renamed {client}"] if colleague else []
    opened = [f"{name} fetched {client}" for name in PEOPLE]

    assert seen_by(getattr(cast, who)) == sorted({*own, *there, *opened})


def test_what_a_colleague_does_for_another_client_is_not_seen(cast):
    cast.other.add_person(cast.second, by=cast.administrator)
    for client in (cast.acme, cast.other):
        record(Action.FILE_RENAMED, by=cast.second, subject=Subject("file", "1", "a file", client), note=client.name)
    record(Action.SIGNED_IN, by=cast.second, note="signed in, for both")

    assert seen_by(cast.client) == ["Acme Dental PC"]
    assert seen_by(cast.stranger) == ["Other Roofing LLC"]
    assert seen_by(cast.second) == ["Acme Dental PC", "Other Roofing LLC", "signed in, for both"]


def test_each_event_is_seen_once_however_many_look_after_the_client(cast, log):
    cast.acme.assignments.create(user=cast.unassigned)

    for person in (cast.firm_user, cast.unassigned, cast.client):
        numbers = list(Event.objects.visible_to(person).values_list("seq", flat=True))
        assert len(numbers) == len(set(numbers)) > 0


def test_who_no_longer_looks_after_a_client_no_longer_sees_its_events(cast, log):
    cast.acme.assignments.all().delete()

    assert seen_by(cast.firm_user) == []
