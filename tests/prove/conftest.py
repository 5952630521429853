import pytest

from tests.browser.conftest import browser  # noqa: F401 - one Chromium for all proofs


@pytest.fixture
def say(capsys):
    """Prints what a proof found past pytest's capture: the figures belong to the result, also of a proof that holds."""

    def say(words):
        with capsys.disabled():
            print(f"\n{words}", flush=True)

    return say
