"""A minute of what `make load` does for ten: nobody is turned away, nothing acknowledged is lost, and memory stays."""

from tests.load.run import run
from tests.load.telling import told

CLIENTS, SECONDS = 40, 60
MOST_GROWTH = 0.25  # within a minute not every thread has done everything once


def test_forty_clients_and_an_administrator_for_a_minute(say):
    done = run(engine="PostgreSQL", clients=CLIENTS, seconds=SECONDS, most_growth=MOST_GROWTH)
    say(told(done))
    assert done.faults == []
    assert done.book.count > CLIENTS * SECONDS / 20
    assert done.book.kept
