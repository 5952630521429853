import hashlib

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError

from accounts.models import Firm, Invitation, Role, User
from portal import environment
from tests.conftest import PASSWORD

GUESSED = [
    *("password2026", "Password-2026!", "passwordpassword", "iloveyou2026!!", "!!!superman!!!", "qwertyqwerty"),
    *("aaaaaaaaaaaa", "abcabcabcabc", "123412341234", "Welcome12345678"),
    *("firmportal26", "Client-Portal-1", "Tax Organizer 26", "admin-admin-1"),
    *("Larkspur2026!", "larkspur & moor", "LarkspurMoor26", "moor-taxes-2026"),
]
GOOD = [
    *(PASSWORD, "staple battery horse correct", "a few good words", "8391-2277-1029-4418", "Xk#9 pQ2! vR7$ zL4"),
    *(
        "taxes are due in april",
        "larkspur grows by the garden gate",
        "correcthorsecorrecthorse",
        "пароль из шести слов",
    ),
]


@pytest.fixture
def firm(db):
    Firm.fresh().change(name="Larkspur & Moor CPAs", by=None)


def is_refused(password, user=None):
    try:
        validate_password(password, user)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("password", GUESSED)
def test_what_others_would_try_first_is_refused(firm, password):
    assert is_refused(password)


@pytest.mark.parametrize("password", [*GOOD, "x" * 3 + "long enough to be a whole sentence " * 3])
def test_words_that_only_its_owner_puts_together_are_taken(firm, password):
    assert not is_refused(password)


def test_an_invited_person_is_told_why(client, cast):
    token = Invitation.issue(User.objects.make("new@acme.example.com", role=Role.CLIENT_USER), by=cast.administrator)
    page = client.post(f"/accounts/invitations/{token}/", {"name": "Nia", "password": "Password-2026!"})

    assert "This is easy to guess" in page.text
    assert not User.objects.get(email="new@acme.example.com").is_active


@pytest.fixture
def leaked(settings, tmp_path):
    """A list as long as it needs to be for the halving, with counts as the published ones have them."""
    words = [f"leaked password {number}" for number in range(1000)]
    hashes = sorted(hashlib.sha1(word.encode()).hexdigest().upper() for word in words)
    settings.BREACHED_PASSWORDS = tmp_path / "list.txt"
    settings.BREACHED_PASSWORDS.write_text("".join(f"{one}:{number}\r\n" for number, one in enumerate(hashes)))
    return words


def test_a_leaked_password_is_refused_and_no_other(db, leaked):
    assert all(map(is_refused, leaked))
    assert not any(is_refused(f"{word} or not") for word in leaked)
    assert not is_refused(PASSWORD)


def test_nothing_is_taken_unchecked_where_the_list_is_gone(db, leaked, settings):
    settings.BREACHED_PASSWORDS.unlink()
    with pytest.raises(FileNotFoundError):
        validate_password(PASSWORD)


def test_a_list_that_is_none_stops_the_start(monkeypatch, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("123456\npassword\n")
    for path in (words, tmp_path / "nowhere"):
        monkeypatch.setenv("BREACHED_PASSWORDS", str(path))
        with pytest.raises(ImproperlyConfigured, match="BREACHED_PASSWORDS"):
            environment.hash_list("BREACHED_PASSWORDS")
    monkeypatch.delenv("BREACHED_PASSWORDS")
    assert environment.hash_list("BREACHED_PASSWORDS") is None
