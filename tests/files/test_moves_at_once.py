"""Two people who move and put back at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from files.models import File, Folder, IntoItself, bins, moves
from tests.conftest import put_file
from tests.files.test_moving import counted, stored

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts):
    """All begin at the same moment; what each raised, or None."""
    start = threading.Barrier(len(acts))

    def run(act):
        start.wait(timeout=20)
        try:
            act()
        except ValueError as problem:
            return type(problem)
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_folders_that_are_moved_into_each_other_make_no_circle(cast):
    top = cast.acme.cabinet.top
    for number in range(4):
        one, other = (top.add_folder(f"{name} {number}", by=cast.client) for name in ("a", "b"))

        def move(what, into):
            what, into = (Folder.objects.select_related("cabinet__client").get(pk=one.pk) for one in (what, into))
            return lambda: moves.move([], [what], into=into, by=cast.firm_user)

        results = together(move(one, other), move(other, one))
        assert sorted(results, key=str) == [IntoItself, None]
        one.refresh_from_db()
        other.refresh_from_db()
        assert sorted([one.parent_id == top.pk, other.parent_id == top.pk]) == [False, True]


def test_files_of_one_name_that_come_back_at_once_and_uploads_meanwhile(cast):
    """Each has a name of its own, the counters are exact, and what arrives in a folder on its way to the bin is in place."""
    top = cast.acme.cabinet.top
    files = []
    for _ in range(4):
        files.append(put_file(top, "a.pdf", b"a", by=cast.client))
        files[-1].move_to_bin(by=cast.client)
        files[-1].refresh_from_db()
    inner = top.add_folder("Inner", by=cast.client)
    going = Folder.objects.select_related("cabinet").get(pk=inner.pk)
    restored = [lambda file=file: bins.restore([file], by=cast.client) for file in files]
    sent = [lambda n=n: put_file(inner, f"late {n}.pdf", b"late", by=cast.client) for n in range(2)]
    results = together(*restored, *sent, lambda: bins.move_to_bin([], [going], by=cast.client))

    assert set(results) == {None}
    names = sorted(File.objects.filter(pk__in=[file.pk for file in files]).values_list("name", flat=True))
    assert names == ["a (2).pdf", "a (3).pdf", "a (4).pdf", "a.pdf"]
    for late in File.objects.filter(name__startswith="late"):
        assert late.folder_id == top.pk or late.binned_with_id == inner.pk
    assert counted(top.cabinet) == stored(top.cabinet)
