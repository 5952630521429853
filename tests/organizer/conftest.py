import pytest

from organizer.definition import from_json
from tests.organizer.asking import sent, small


@pytest.fixture
def questionnaire():
    return from_json(small())


@pytest.fixture
def organizer(cast):
    """Sent to Acme by its firm user: every kind of question, a group and conditions."""
    return sent(cast)
