import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Client
from files import signals
from files.models.folders import Folder

CODE_LIFE = timedelta(minutes=10)
MOST_TRIES = 5


class LinkEnded(ValueError):
    """Nothing can be sent over the link: it is used up, past its last day or revoked."""


@dataclass(frozen=True)
class Guest:
    """Somebody without an account, as the log names them."""

    email: str
    client: Client | None = None
    pk = None
    role = "guest"
    name = ""
    is_client_user = True

    def only_client(self):
        return self.client


class RequestLink(models.Model):
    """A link by which one e-mail address may send files, and nothing else, without an account. Only hashes are kept of its
    token and of the code that is mailed to confirm the address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    folder = models.ForeignKey(Folder, on_delete=models.PROTECT, related_name="links")
    email = models.EmailField()
    title = models.CharField(max_length=120)
    message = models.TextField(blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    code_tries = models.PositiveIntegerField(default=0)
    most_files = models.PositiveIntegerField(default=20)
    sent_files = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("cabinet-links", args=[self.folder.cabinet_id])

    @classmethod
    def make(cls, *, folder, by, **fields):
        """A link that nobody knows yet: its token is made when the mail is written."""
        with transaction.atomic():
            link = cls.objects.create(folder=folder, by=by, token_hash=_digest(secrets.token_urlsafe(32)), **fields)
            note = f"for {link.email}, most {link.most_files} files"
            signals.link_made.send(cls, subject=link, by=by, note=note)
        return link

    @classmethod
    def find(cls, token):
        """The link with this token, or None."""
        links = cls.objects.select_related("folder__cabinet__client", "by")
        return links.filter(token_hash=_digest(token)).first()

    @property
    def is_open(self):
        return not self.ended_because

    @property
    def ended_because(self):
        """Why nothing can be sent, in a word; empty while it is open."""
        if self.revoked_at is not None:
            return "revoked"
        if self.sent_files >= self.most_files:
            return "used up"
        if self.expires_at <= timezone.now():
            return "past its last day"
        if self.folder.binned_at is not None or (self.client and not self.client.is_open):
            return "closed with the client or the folder"
        return ""

    @property
    def client(self):
        return self.folder.client

    @property
    def guest(self):
        return Guest(self.email, self.client)

    @property
    def masked_email(self):
        name, _, host = self.email.partition("@")
        return f"{name[:1]}…@{host}"

    @property
    def left_files(self):
        return max(0, self.most_files - self.sent_files)

    @property
    def last_moment(self):
        """The end of its last day, as people say it."""
        return self.expires_at - timedelta(minutes=1)

    def new_token(self):
        """The link is another one, from now on; its token is returned, and exists nowhere else."""
        token = secrets.token_urlsafe(32)
        RequestLink.objects.filter(pk=self.pk).update(token_hash=_digest(token))
        return token

    def send_again(self, *, by):
        """A new link is on its way to the address; the earlier one no longer works. Raises LinkEnded."""
        with transaction.atomic():
            link = self._locked()
            link.token_hash = _digest(secrets.token_urlsafe(32))
            link.code_hash = ""
            link.save(update_fields=["token_hash", "code_hash"])
            signals.link_sent_again.send(RequestLink, subject=link, by=by, note=f"to {link.email}")

    def revoke(self, *, by):
        """The link no longer works, not even for who has it open."""
        with transaction.atomic():
            link = RequestLink.objects.select_for_update().get(pk=self.pk)
            if link.revoked_at is None:
                link.revoked_at = timezone.now()
                link.code_hash = ""
                link.save(update_fields=["revoked_at", "code_hash"])
                signals.link_revoked.send(RequestLink, subject=link, by=by, note=f"of {link.email}")

    def ask_code(self):
        """A code is on its way to the address. Raises LinkEnded."""
        with transaction.atomic():
            link = self._locked()
            signals.link_code_asked.send(RequestLink, subject=link, by=link.guest)

    def new_code(self):
        """Six digits that confirm the address for ten minutes; those before no longer do. They exist nowhere else."""
        code = f"{secrets.randbelow(10**6):06}"
        fields = {"code_hash": self._code_hash(code), "code_expires_at": timezone.now() + CODE_LIFE, "code_tries": 0}
        RequestLink.objects.filter(pk=self.pk).update(**fields)
        return code

    def confirm(self, code):
        """Whether the code is the one that was mailed; it works once, for ten minutes and five tries. Raises LinkEnded."""
        with transaction.atomic():
            link = self._locked()
            is_alive = link.code_hash and link.code_expires_at > timezone.now() and link.code_tries < MOST_TRIES
            is_right = bool(is_alive) and constant_time_compare(link.code_hash, self._code_hash(code))
            link.code_tries += 1
            if is_right:
                link.code_hash = ""
            link.save(update_fields=["code_tries", "code_hash"])
            if is_right:
                signals.link_confirmed.send(RequestLink, subject=link, by=link.guest)
            else:
                note = f"try {link.code_tries} of {MOST_TRIES}" if is_alive else "no code that still works"
                signals.link_code_failed.send(RequestLink, subject=link, by=link.guest, note=note)
        return is_right

    def take_places(self, count):
        """So many files more were sent over the link. In the transaction that keeps them, the folder locked. Raises
        LinkEnded where it has ended or has fewer places left."""
        link = self._locked()
        if link.sent_files + count > link.most_files:
            raise LinkEnded(f"{count} files, {link.left_files} places left")
        RequestLink.objects.filter(pk=self.pk).update(sent_files=F("sent_files") + count)

    def _locked(self):
        link = (
            RequestLink.objects.select_for_update(of=["self"]).select_related("folder__cabinet__client").get(pk=self.pk)
        )
        if not link.is_open:
            raise LinkEnded(link.ended_because)
        return link

    def _code_hash(self, code):
        return salted_hmac("files.request-link", f"{self.pk}:{code}", algorithm="sha256").hexdigest()


def _digest(token):
    return hashlib.sha256(token.encode()).hexdigest()
