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
    ("who", "colleagues", "client", "other"),
    [
        ("client", ["client", "second"], "acme", "other"),
        ("second", ["client", "second"], "acme", "other"),
        ("stranger", ["stranger"], "other", "acme"),
    ],
)
def test_a_client_user_sees_what_their_people_did_and_who_opened_their_files(cast, log, who, colleagues, client, other):
    seen = seen_by(getattr(cast, who))

    own = [note for note in everything() if note.split()[0] in colleagues]
    opened = [f"{name} fetched {client}" for name in PEOPLE]
    assert seen == sorted({*own, *opened})
    assert not [note for note in seen if other in note and note.split()[0] not in colleagues]


def test_each_event_is_seen_once_however_many_look_after_the_client(cast, log):
    cast.acme.assignments.create(user=cast.unassigned)

    for person in (cast.firm_user, cast.unassigned, cast.client):
        numbers = list(Event.objects.visible_to(person).values_list("seq", flat=True))
        assert len(numbers) == len(set(numbers)) > 0


def test_who_no_longer_looks_after_a_client_no_longer_sees_its_events(cast, log):
    cast.acme.assignments.all().delete()

    assert seen_by(cast.firm_user) == []
