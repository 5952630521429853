"""Names are one line: they stand in mails, and must not pose as the portal's own words."""

import pytest

from accounts.fields import LineField
from accounts.models import Client, Invitation, Role, User

PARAGRAPH = "Ngozi\r\n\r\nYour session ended. Sign in at\thttps://evil.example.com"
ONE_LINE = "Ngozi Your session ended. Sign in at https://evil.example.com"


def test_nobody_can_make_a_paragraph_of_their_own_name(sign_in, cast):
    sign_in(cast.client).post("/account/", {"name": PARAGRAPH, "time_zone": "", "file_notices": "at-once"})

    cast.client.refresh_from_db()
    assert cast.client.name == ONE_LINE


def test_nor_does_who_accepts_an_invitation(client, cast):
    user = User.objects.make("new@acme.example.com", role=Role.CLIENT_USER)
    token = Invitation.issue(user, by=cast.administrator)
    client.post(f"/accounts/invitations/{token}/", {"name": PARAGRAPH, "password": "a few good words"})

    user.refresh_from_db()
    assert (user.name, user.is_active) == (ONE_LINE, True)


def test_nor_has_a_client_lines_or_what_turns_them_around(sign_in, cast):
    sign_in(cast.administrator).post("/accounts/clients/new/", {"name": "Acme\u202e\nTwo\x1b[31m"})

    assert Client.objects.filter(name="Acme Two [31m").exists()


@pytest.mark.parametrize(
    ("typed", "kept"), [("  Ana\u00a0 Reyes ", "Ana Reyes"), ("נגוזי", "נגוזי"), ("👩‍🌾 Ana", "👩‍🌾 Ana")]
)
def test_what_names_have_stays(typed, kept):
    assert LineField().clean(typed) == kept
