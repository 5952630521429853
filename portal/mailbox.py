"""The demonstration's mail: what would have been sent, read from the files that Django's file backend leaves in var/mail."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html_join

from accounts.models import Firm

BETWEEN = re.compile(rb"^-{79}\n", re.M)
LINK = re.compile(r"(https?://\S+)")
NEWEST = 100


@dataclass(frozen=True)
class Mail:
    """A message as it was written."""

    to: str
    subject: str
    at: datetime
    body: str

    @property
    def linked_body(self):
        """The text with its links to follow."""
        parts = ((part, LINK.fullmatch(part)) for part in LINK.split(self.body))
        return format_html_join("", "{}", ((_link(part) if is_link else part,) for part, is_link in parts))


def has_mailbox():
    """Only the demonstration shows its mail, and only what it keeps in a folder."""
    return settings.EMAIL_BACKEND.endswith("filebased.EmailBackend") and Firm.current().is_demonstration


def newest_mails():
    """At most NEWEST messages, the newest first."""
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    mails = []
    for file in files:
        messages = [text for text in BETWEEN.split(file.read_bytes()) if text.strip()]
        mails += [_mail(text) for text in reversed(messages)]
        if len(mails) >= NEWEST:
            break
    return mails[:NEWEST]


def _mail(text):
    message = BytesParser(policy=policy.default).parsebytes(text)
    return Mail(
        message["to"], message["subject"], message["date"].datetime.replace(tzinfo=UTC), message.get_content().strip()
    )


def _link(address):
    return format_html_join("", '<a href="{}">{}</a>', [(address, address)])
