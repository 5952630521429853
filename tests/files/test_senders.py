"""What people and cabinets hold, counted as it changes: every verb leaves the counters as the rows have them."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts.models import User
from activity.actions import Action
from files.inspection import repair_counters, wrong_counters
from files.models import Arrived, Cabinet, File, Sender, bins, moves
from tests.conftest import begin_upload, put_file


def sent(person):
    row = Sender.objects.get(pk=person.pk)
    return row.file_count, row.current_bytes, row.earlier_bytes, row.binned_bytes


def lies_in(cabinet):
    row = Cabinet.objects.get(pk=cabinet.pk)
    return row.file_count, row.current_bytes, row.earlier_bytes, row.binned_bytes


def test_every_verb_counts_for_the_people_who_sent_and_the_cabinets(cast):
    top, by = cast.acme.cabinet.top, cast.firm_user
    file = put_file(top, "a.pdf", b"1" * 30, by=cast.client)
    put_file(top, "a.pdf", b"2" * 12, by=by)
    put_file(top, "b.pdf", b"3" * 8, by=cast.client)
    file.refresh_from_db()
    told = []

    def tell():
        told.append((sent(cast.client), sent(by), lies_in(cast.acme.cabinet)))
        assert not list(wrong_counters())

    tell()
    file.move_to_bin(by=by)
    tell()
    file.restore(by=by)
    file.make_current(file.versions.get(number=1), by=by)
    tell()
    moves.copy([file], [], into=cast.other.cabinet.top, by=cast.administrator)
    moves.move([file], [], into=cast.other.cabinet.top, by=cast.administrator)
    tell()
    file.versions.get(number=1).remove(by=cast.administrator)
    below = top.add_folder("Below", by=by)
    put_file(below, "c.pdf", b"4", by=cast.client)
    bins.move_to_bin([], [below], by=by)
    tell()
    File.purge_all(list(File.objects.in_bin()), by=by)
    tell()

    assert told == [
        ((1, 8, 30, 0), (1, 12, 0, 0), (2, 20, 30, 0)),
        ((1, 8, 0, 30), (0, 0, 0, 12), (1, 8, 0, 42)),
        ((1, 8, 30, 0), (1, 30, 12, 0), (2, 38, 42, 0)),
        ((1, 8, 30, 0), (1, 30, 12, 0), (1, 8, 0, 0)),
        ((1, 8, 0, 1), (1, 30, 12, 0), (1, 8, 0, 1)),
        ((1, 8, 0, 0), (1, 30, 12, 0), (1, 8, 0, 0)),
    ]
    assert sent(cast.administrator) == (1, 30, 0, 0)


def test_an_upload_in_parts_into_new_folders_counts(cast):
    upload = begin_upload(cast.acme.cabinet.top, by=cast.client, size_bytes=5, path="2025/Payroll")
    upload.finish(Arrived("Ledger.qbb", uuid.uuid4().hex, 5, ""))
    assert sent(cast.client) == (1, 5, 0, 0)
    assert not list(wrong_counters())


def test_when_somebody_last_sent_and_fetched_is_known_of_them_and_of_the_cabinet(cast, w2):
    put_file(w2.folder, "b.pdf", by=cast.firm_user).current.hand_out(by=cast.firm_user)
    person, cabinet = Sender.objects.get(pk=cast.client.pk), Cabinet.objects.get(pk=cast.acme.cabinet.pk)
    assert person.last_sent_at and person.last_sent_at < Sender.objects.get(pk=cast.firm_user.pk).last_sent_at
    assert (person.last_fetched_at, cabinet.last_fetched_at) == (None, None)

    w2.current.hand_out(by=cast.second)
    cabinet.refresh_from_db()
    assert cabinet.last_fetched_at == Sender.objects.get(pk=cast.second.pk).last_fetched_at is not None
    assert cabinet.last_sent_at == Sender.objects.get(pk=cast.firm_user.pk).last_sent_at


def test_wrong_counters_of_people_are_named_and_set_right(cast, w2, events):
    Sender.objects.filter(pk=cast.client.pk).update(file_count=3, binned_bytes=7)
    Sender.change(cast.second.pk, current_bytes=1)
    found = list(wrong_counters())
    assert [str(one) for one in found] == [
        "ngozi@acme.example.com: counted files 3 instead of 1, binned 7 instead of 0 bytes",
        "daniel@acme.example.com: counted current 1 instead of 0 bytes",
    ]
    for wrong in found:
        repair_counters(wrong.whose)
    assert not list(wrong_counters())
    event, _ = events(action=Action.COUNTERS_REPAIRED)
    assert (event.subject, event.details["after"]) == (cast.client.email, {"files": "1", "binned": "0"})


@pytest.mark.django_db(transaction=True)
def test_people_who_send_over_one_another_at_once_do_not_wait_for_ever(cast):
    """Each changes the counters of both, in cabinets that differ: by the order of their ids, whoever comes first."""
    people = [User.objects.get(pk=cast.client.pk), User.objects.get(pk=cast.firm_user.pk)]
    tops = [cast.acme.cabinet.top, cast.other.cabinet.top]
    for top, (first, second) in zip(tops, (people, people[::-1]), strict=True):
        put_file(top, "a.pdf", b"1", by=first)
        put_file(top, "b.pdf", b"2", by=second)

    def send(number):
        try:
            for _ in range(4):
                for name in ("a.pdf", "b.pdf"):
                    put_file(tops[number], name, b"more", by=people[number])
                bins.restore(
                    bins.move_to_bin(list(tops[number].files.in_place().told()), by=people[number])[0],
                    by=people[number],
                )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(send, range(2)))
    assert not list(wrong_counters())
    assert sum(sent(one)[0] for one in people) == 4
