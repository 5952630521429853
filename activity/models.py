import hashlib
import json

from django.db import models
from django.utils import timezone

from accounts.models import Role
from activity.actions import Action, action_choices, area_choices
from activity.chain import in_utc
from activity.querysets import GUEST, AppendOnly, EventQuerySet

DETAILS = ("before", "after", "note")
OF_BYTES = {"version": "Version", "sha256": "SHA-256"}


class Event(models.Model):
    """One thing that happened. Labels are copied when it happens and nothing refers to a row elsewhere, so that an event
    outlives all it names. Written by ``activity.recording`` alone; triggers refuse every change."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    area = models.CharField(max_length=20, choices=area_choices)
    action = models.CharField(max_length=40, choices=action_choices)
    actor_id = models.BigIntegerField(null=True)
    actor_email = models.TextField(blank=True)
    actor_role = models.CharField(max_length=20, blank=True)
    client_id = models.BigIntegerField(null=True)
    client_name = models.TextField(blank=True)
    subject_type = models.CharField(max_length=20, blank=True)
    subject_id = models.CharField(max_length=40, blank=True)
    subject = models.TextField(blank=True)
    size_bytes = models.BigIntegerField(null=True)
    ip = models.CharField(max_length=45, blank=True)
    user_agent = models.TextField(blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    details = models.JSONField(default=dict)
    format = models.SmallIntegerField()
    hash = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=32)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["actor_id", "seq"], name="event_by_actor"),
            models.Index(fields=["client_id", "seq"], name="event_by_client"),
            models.Index(fields=["action", "seq"], name="event_by_action"),
            models.Index(fields=["area", "seq"], name="event_by_area"),
            models.Index(fields=["client_id", "area", "seq"], name="event_by_client_area"),
            models.Index(fields=["client_id", "action", "seq"], name="event_by_client_action"),
            models.Index(fields=["actor_id", "client_id", "seq"], name="event_by_actor_client"),
            models.Index(fields=["actor_id", "action", "seq"], name="event_by_actor_action"),
            models.Index(fields=["actor_id", "area", "seq"], name="event_by_actor_area"),
            models.Index(fields=["ip", "seq"], name="event_by_ip"),
            models.Index(fields=["ip", "actor_id", "seq"], name="event_by_ip_actor"),
            models.Index(fields=["ip", "client_id", "seq"], name="event_by_ip_client"),
            models.Index(fields=["ip", "action", "seq"], name="event_by_ip_action"),
            models.Index(fields=["ip", "area", "seq"], name="event_by_ip_area"),
            models.Index(fields=["subject_type", "subject_id", "seq"], name="event_by_subject"),
        ]

    def __str__(self):
        return f"{self.seq} {self.label}"

    def save(self, *args, **kwargs):
        raise AppendOnly("An event is written by activity.recording.record().")

    def delete(self, *args, **kwargs):
        raise AppendOnly("An event is never deleted.")

    @property
    def facts(self):
        """The details but for before and after, as lines of (name, text)."""
        return [
            (f"{name.capitalize()}: {key}" if key else name.capitalize(), text)
            for name, pairs in details_in_order(self.details)
            if name not in ("before", "after")
            for key, text in pairs
        ]

    @property
    def of_bytes(self):
        """Which bytes an event of a file is about, as lines of (name, text); empty where it tells of something else."""
        after = self.details.get("after")
        if self.details.get("before") or not isinstance(after, dict) or not set(OF_BYTES) >= set(after) > set():
            return []
        return [(words, after[name]) for name, words in OF_BYTES.items() if name in after]

    @property
    def role_label(self):
        """The role that the actor had then."""
        if self.actor_role == GUEST:
            return "Guest, without an account"
        return Role(self.actor_role).label if self.actor_role in Role.values else self.actor_role

    @property
    def utc(self):
        """The time to the microsecond, as it is in the hash."""
        return in_utc(self.at).replace("T", " ").replace("Z", " UTC")

    @property
    def label(self):
        """The action in words; its bare value where a later release wrote it."""
        return Action(self.action).label if self.action in Action.values else self.action


def details_in_order(details):
    """(name, [(key, text), …]) for before, after, note and what else there is, in this order: PostgreSQL keeps none."""
    for name in sorted(details, key=_place) if len(details) > 1 else details:
        value = details[name]
        yield name, sorted(value.items()) if isinstance(value, dict) else [("", value)]


def _place(name):
    return DETAILS.index(name) if name in DETAILS else len(DETAILS)


class LogKey(models.Model):
    """The fingerprint of the key file that this log's macs are made with: one row."""

    fingerprint = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)


class Refusal(models.Model):
    """Tries of one kind from one address that were refused: the first is an event, those after it are counted here."""

    action = models.CharField(max_length=40)
    network = models.CharField(max_length=45)
    email = models.EmailField(blank=True)  # of the account that was tried
    since = models.DateTimeField(default=timezone.now)
    count = models.PositiveIntegerField(default=0)  # since then, without an event

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["action", "network", "email"], name="refusal_once"),
        ]


class Checkpoint(models.Model):
    """A signed word about the log (activity.checkpoints): its ``text`` is what counts, the rest is for looking it up."""

    size = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    text = models.TextField()
    signature = models.CharField(max_length=128)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-size"]
        get_latest_by = "size"

    def __str__(self):
        return f"Event {self.size:,}"

    @property
    def digest(self):
        """What the next checkpoint says of this one: 32 bytes."""
        return hashlib.sha256(self.text.encode()).digest()

    @property
    def hash(self):
        """The log's last hash, in hex, as the text says; empty where it cannot be read."""
        try:
            return str(json.loads(self.text)["hash"])
        except (TypeError, ValueError, KeyError, RecursionError):
            return ""


class Archive(models.Model):
    """Events that were written into a file. Where they were pruned after that, the log goes on from ``pruned_hash``."""

    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)  # of the last event
    file_name = models.TextField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    is_pruned = models.BooleanField(default=False)  # or is to be: pruning goes on where it stopped
    pruned_to = models.BigIntegerField(default=0)
    pruned_hash = models.BinaryField(max_length=32, default=bytes)

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return self.file_name

    @property
    def in_words(self):
        """What the log says of it."""
        return {
            "events": f"{self.first_seq} to {self.last_seq}",
            "hash": bytes(self.hash).hex(),
            "file": self.file_name,
            "SHA-256": self.sha256,
            "taken out of the database": "yes" if self.is_pruned else "no",
        }

    def is_told_by(self, words):
        """Whether an event's words are those of this archive, and say that its events were taken out."""
        return self.is_pruned and self.pruned_to <= self.last_seq and words == self.in_words


class Verification(models.Model):
    """A walk along the whole chain, and what it found."""

    at = models.DateTimeField(default=timezone.now)
    head_seq = models.BigIntegerField()
    head_hash = models.BinaryField(max_length=32, default=bytes)
    first_bad_seq = models.BigIntegerField(null=True)
    finding = models.TextField(blank=True)
    is_full = models.BooleanField(default=True)  # from the beginning, not from a checkpoint on
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        get_latest_by = "at"

    @property
    def is_whole(self):
        return self.first_bad_seq is None
