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


class Unfinished(ValueError):
    """The draft cannot be published. ``problems`` says in words why."""

    def __init__(self, problems):
        super().__init__("; ".join(problems))
        self.problems = problems


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

    @property
    def newest(self):
        """The draft, or where there is none what was published."""
        return self.versions.exclude(status=TemplateVersion.Status.REPLACED).first()

    def begin_draft(self, *, by):
        """The draft that stands, or a new one with what was published."""
        with transaction.atomic():
            Template.objects.select_for_update().get(pk=self.pk)
            return self.draft or self._add_draft(self.published.questionnaire, by)

    def drop_draft(self, *, by):
        """What was published stands alone again. Raises NotADraft where there is no draft, or nothing was published."""
        with transaction.atomic():
            Template.objects.select_for_update().get(pk=self.pk)
            draft, published = self.draft, self.published
            if draft is None or published is None:
                raise NotADraft
            draft.delete()
            self._be_named(published.questionnaire)
            note = f"draft of version {draft.number} discarded"
            signals.template_changed.send(Template, subject=self, by=by, note=note)

    def discard(self, *, by):
        """It is offered nowhere any more; organizers that were sent go on."""
        with transaction.atomic():
            Template.objects.select_for_update().get(pk=self.pk)
            self.discarded_at = timezone.now()
            self.save(update_fields=["discarded_at"])
            signals.template_discarded.send(Template, subject=self, by=by)

    def _be_named(self, questionnaire):
        self.name, self.tax_year = questionnaire.name, questionnaire.tax_year
        self.save(update_fields=["name", "tax_year"])

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
    # Who changed the draft last, or published it
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
    def _read(self):
        return definition.read(self.definition)

    @property
    def questionnaire(self):
        """What it asks, a draft's problems and all."""
        return self._read[0]

    @property
    def problems(self):
        """Why it cannot be published, in words."""
        questionnaire, problems = self._read
        empty = [f"Section “{section.title}” is empty." for section in questionnaire.sections if not section.items]
        return [*problems, *empty] or ([] if questionnaire.asked_count else ["There is no question yet."])

    @property
    def is_draft(self):
        return self.status == self.Status.DRAFT

    @property
    def can_be_sent(self):
        return self.status == self.Status.PUBLISHED and self.template.discarded_at is None

    def edit(self, edit, *, by, note="", part=None):
        """The draft asks what ``edit`` makes of its Questionnaire as it stands. The log is told where that is another;
        ``part(questionnaire)`` is the Question or Section whose words it is about. Raises NotADraft, and what ``edit``
        raises: ChangedMeanwhile."""
        with transaction.atomic():
            self._lock_draft()
            before = self.questionnaire
            questionnaire, _ = definition.read(edit(before).as_json())
            if questionnaire == before:
                return
            told = definition.differences(part(before), part(questionnaire)) if part else {}
            self.definition, self.asked_count = questionnaire.as_json(), questionnaire.asked_count
            self.revision, self.by, self.at = self.revision + 1, by, timezone.now()
            self.save(update_fields=["definition", "asked_count", "revision", "by", "at"])
            self.__dict__.pop("_read", None)
            self.template._be_named(questionnaire)
            signals.template_changed.send(Template, subject=self.template, by=by, note=note, **told)

    def _lock_draft(self):
        """This object is as its row says. Raises NotADraft."""
        Template.objects.select_for_update().get(pk=self.template_id)
        standing = TemplateVersion.objects.filter(pk=self.pk, status=self.Status.DRAFT).first()
        if standing is None:
            raise NotADraft
        self.definition, self.revision = standing.definition, standing.revision
        self.__dict__.pop("_read", None)

    def publish(self, *, revision=None, by):
        """It can be sent, in place of the version before. ``revision`` is the one that was looked at. Raises NotADraft,
        ChangedMeanwhile, Unfinished."""
        with transaction.atomic():
            self._lock_draft()
            if revision not in (None, self.revision):
                raise ChangedMeanwhile
            if self.problems:
                raise Unfinished(self.problems)
            self.template.versions.filter(status__in=self.STANDING).update(status=self.Status.REPLACED)
            self._stand(self.Status.PUBLISHED, signals.template_published, by, published_at=timezone.now(), by=by)

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

    def _stand(self, status, signal, person, **fields):
        self.status = status
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=["status", *fields])
        signal.send(Template, subject=self.template, by=person, note=f"version {self.number}")
