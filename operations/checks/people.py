"""Who can sign in, and with what."""

from accounts.models import Firm, Role, SecondFactor, User
from operations.findings import ok, warning


def administrators():
    """Somebody can manage the portal, and signs in with a second factor."""
    count = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).count()
    if not count:
        yield warning("there is no administrator yet; `manage.py prepare` prints the link that makes the first")
    elif Firm.fresh().second_factor_firm == SecondFactor.OFF:
        yield warning("the firm's people sign in with a password alone; Firm settings can demand a second factor")
    elif count == 1:
        yield ok("there is one administrator; a second one can help who loses phone and recovery codes")
    else:
        yield ok(f"there are {count} administrators")


def demonstration():
    """Nobody signs in with a password that everybody knows."""
    if User.objects.filter(is_demonstration=True, is_active=True).exists():
        yield warning(
            "this is the demonstration, whose passwords everybody knows; for real clients, use an empty database"
        )
