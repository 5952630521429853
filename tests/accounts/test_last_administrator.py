"""The portal always has an administrator, also where two act on each other at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts.models import LastAdministrator, Role, User
from tests.conftest import join

pytestmark = pytest.mark.django_db(transaction=True)
WAYS = {
    "deactivated": lambda user, by: user.deactivate(by=by),
    "deleted": lambda user, by: user.delete_account(by=by),
    "of another role": lambda user, by: user.change(by=by, role=Role.AUDITOR),
}


def together(*acts):
    """All begin at the same moment; what each raised, or None."""
    start = threading.Barrier(len(acts))

    def run(act):
        start.wait(timeout=20)
        try:
            act()
        except LastAdministrator:
            return LastAdministrator
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_two_administrators_who_remove_each_other_at_once_leave_one(cast, way):
    for number in range(8):
        User.objects.filter(role=Role.ADMINISTRATOR).update(is_active=False)
        one, other = (join(f"{name}{number}@firm.example.com", Role.ADMINISTRATOR) for name in ("one", "other"))

        def act(whom, by):
            whom, by = (User.objects.get(pk=user.pk) for user in (whom, by))
            return lambda: way(whom, by)

        results = together(act(one, other), act(other, one))

        assert sorted(results, key=str) == [LastAdministrator, None]
        assert User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).count() == 1
