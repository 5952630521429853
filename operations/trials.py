"""The doctor's checks as somebody has them made, with what came of it in the log."""

from dataclasses import replace

from activity.actions import Action
from activity.recording import Subject, record_now
from operations.checks.mail import send_test_mail
from operations.doctor import examine

MAIL = "Test mail"


def try_out(name, title, checks=(), *, mail_to="", by):
    """A mail is sent, where an address is given, these checks are made, and the log says what was found. Returns the
    Findings."""
    findings = [replace(send_test_mail(mail_to), title=MAIL)] if mail_to else []
    findings += examine(checks)
    words = "; ".join(f"{finding.level}: {finding.words}" for finding in findings)
    record_now(Action.INSTALLATION_TESTED, by=by, subject=Subject("check", name, title), note=words)
    return findings
