"""The cast stands while tests follow each other that ask for it: made once, in a transaction around theirs.

Each of these tests is rolled back to the standing cast and gets copies of its objects. Before any other test, one that
commits or one without a cast, the outer transaction is rolled back, and the database is as empty as ever.
"""

import copy

from django.db import connection, transaction


class Standing:
    def __init__(self, make):
        self._make = make
        self._blocker = self._block = self._cast = None

    def is_ready(self, blocker):
        """From here on there is a database to stand in."""
        self._blocker = blocker

    def before(self, item):
        """The cast stands if this test is for it, and else nothing does."""
        if not self._blocker:
            return
        with self._blocker.unblock():
            if not is_for_standing(item):
                self.end()
            elif not self._stands():
                self.end()
                self._begin()

    def copy(self):
        """The standing cast, or None."""
        return copy.deepcopy(self._cast)

    def _begin(self):
        self._block = transaction.atomic()
        self._block._from_testcase = True  # as Django's own TestCase: a durable block may begin inside
        self._block.__enter__()
        self._cast = self._make()

    def _stands(self):
        """Whether it still does: a test may have closed the connection."""
        return self._block is not None and connection.in_atomic_block and connection.connection is not None

    def end(self):
        block, self._block, self._cast = self._block, None, None
        if block is None:
            return
        if connection.in_atomic_block:
            transaction.set_rollback(True)
        block.__exit__(None, None, None)


def is_for_standing(item):
    """Whether the test asks for the cast, commits nothing, and sets no clock before the cast comes."""
    names = item.fixturenames
    return "cast" in names and "clock" not in names and not commits(item)


def commits(item):
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in item.fixturenames


def in_order(items):
    """Of each module, first the tests of the standing cast, and last those that commit. Browser modules, which have few
    and long tests, come first: at the end one worker would be waited for."""
    modules = {item.path: number for number, item in enumerate(reversed(items))}
    return sorted(
        items,
        key=lambda item: (
            item.path.parent.name != "browser",
            -modules[item.path],
            commits(item),
            not is_for_standing(item),
        ),
    )
