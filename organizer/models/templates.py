import uuid
from functools import cached_property

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from organizer import definition, signals
from organizer.querysets import TemplateQuerySet


class NotADraft(ValueError):
    """Only a draft can be changed: what was published stays as clients have it."""


class ChangedMeanwhile(ValueError):
    """Somebody else changed the draft since this page was opened."""


class Template(models.Model):
    """A questionnaire of the firm's, in versions: at most one draft, and at most one that can be sent or is on hold."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=definition.MOST_TITLE)  # of its newest version
    tax_year = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    discarded_at = models.DateTimeField(null=True, blank=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        ordering = ["-tax_year", "name"]

    def __str__(self):
        return f"{self.name} {self.tax_year}"

    def get_absolute_url(self):
        return reverse("organizer-template", args=[self.pk])

    @classmethod
    def make(cls, questionnaire, *, by, note=""):
        """A template with a first draft. Returns the draft; ``by`` is None where the portal itself brings it."""
        with transaction.atomic():
            template = cls.objects.create(name=questionnaire.name, tax_year=questionnaire.tax_year, by=by)
            draft = template._add_draft(questionnaire, by)
            signals.template_made.send(cls, subject=template, by=by, note=note)
        return draft

    @property
    def draft(self):
        return self.versions.filter(status=TemplateVersion.Status.DRAFT).first()

    @property
    def published(self):
        """The version that can be sent, or is on hold; None before the first."""
        return self.versions.filter(status__in=TemplateVersion.STANDING).first()

    def begin_draft(self, *, by):
        """The draft that stands, or a new one with what was published."""
        with transaction.atomic():
            Template.objects.select_for_update().get(pk=self.pk)
            return self.draft or self._add_draft(self.published.questionnaire, by)

    def discard(self, *, by):
        """It is offered nowhere any more; organizers that were sent go on."""
        with transaction.atomic():
            Template.objects.select_for_update().get(pk=self.pk)
            self.discarded_at = timezone.now()
            self.save(update_fields=["discarded_at"])
            signals.template_discarded.send(Template, subject=self, by=by)

    def _add_draft(self, questionnaire, by):
        last = self.versions.aggregate(last=models.Max("number"))["last"] or 0
        return TemplateVersion.objects.create(
            template=self,
            number=last + 1,
            definition=questionnaire.as_json(),
            by=by,
            asked_count=questionnaire.asked_count,
        )


class TemplateVersion(models.Model):
    """What a template asks. Once published it never changes."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        HOLD = "hold", "Hold"
        REPLACED = "replaced", "Replaced"

    STANDING = (Status.PUBLISHED, Status.HOLD)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    definition = models.JSONField()
    asked_count = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)  # of a draft: one more with each change
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="template_version_number"),
            models.UniqueConstraint(
                fields=["template"], condition=models.Q(status="draft"), name="one_draft_of_a_template"
            ),
            models.UniqueConstraint(
                fields=["template"],
                condition=models.Q(status__in=["published", "hold"]),
                name="one_standing_of_a_template",
            ),
        ]

    def __str__(self):
        return f"{self.template}, version {self.number}"

    @cached_property
    def questionnaire(self):
        return definition.from_json(self.definition)

    @property
    def is_draft(self):
        return self.status == self.Status.DRAFT

    @property
    def can_be_sent(self):
        return self.status == self.Status.PUBLISHED and self.template.discarded_at is None

    def change(self, questionnaire, *, revision, by, note=""):
        """The draft asks this. ``revision`` is the one that the change began with. Raises NotADraft, ChangedMeanwhile."""
        with transaction.atomic():
            standing = TemplateVersion.objects.select_for_update().get(pk=self.pk)
            if not standing.is_draft:
                raise NotADraft
            if standing.revision != revision:
                raise ChangedMeanwhile
            self._take(questionnaire, standing.revision + 1, by)
            signals.template_changed.send(Template, subject=self.template, by=by, note=note)

    def _take(self, questionnaire, revision, by):
        self.definition, self.asked_count = questionnaire.as_json(), questionnaire.asked_count
        self.revision, self.by, self.at = revision, by, timezone.now()
        self.save(update_fields=["definition", "asked_count", "revision", "by", "at"])
        self.__dict__.pop("questionnaire", None)
        template = self.template
        template.name, template.tax_year = questionnaire.name, questionnaire.tax_year
        template.save(update_fields=["name", "tax_year"])

    def publish(self, *, by):
        """It can be sent, in place of the version before. Raises NotADraft."""
        with transaction.atomic():
            Template.objects.select_for_update().get(pk=self.template_id)
            if not TemplateVersion.objects.filter(pk=self.pk, status=self.Status.DRAFT).exists():
                raise NotADraft
            self.template.versions.filter(status__in=self.STANDING).update(status=self.Status.REPLACED)
            self._stand(self.Status.PUBLISHED, signals.template_published, by, published_at=timezone.now())

    def hold(self, *, by):
        """It cannot be sent for now; organizers that were sent go on."""
        self._switch(self.Status.PUBLISHED, self.Status.HOLD, signals.template_held, by)

    def release(self, *, by):
        """It can be sent again."""
        self._switch(self.Status.HOLD, self.Status.PUBLISHED, signals.template_published, by)

    def _switch(self, before, after, signal, by):
        with transaction.atomic():
            Template.objects.select_for_update().get(pk=self.template_id)
            if TemplateVersion.objects.filter(pk=self.pk, status=before).exists():
                self._stand(after, signal, by)

    def _stand(self, status, signal, by, **fields):
        self.status = status
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=["status", *fields])
        signal.send(Template, subject=self.template, by=by, note=f"version {self.number}")
