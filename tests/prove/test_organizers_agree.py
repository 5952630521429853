"""What is saved of an organizer is what is shown and taken away, for many templates and answers."""

from tests.organizer.test_taking import all_agree


def test_what_is_saved_is_what_is_shown_and_taken_away_many_times(cast, sign_in):
    all_agree(cast, sign_in(cast.firm_user), examples=100)
