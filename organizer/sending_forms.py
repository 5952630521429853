"""What the firm fills in to send a template: which clients, until when, with which words."""

from django import forms

from accounts.models import Role, User
from files.models.requests import today
from organizer.definition import MOST_WORDS
from organizer.models import Organizer, TemplateVersion
from organizer.models.following import REMINDERS

DAY = {"type": "date"}
USUAL_REMINDERS = (14, 7, 3, 0)


class VersionField(forms.ModelChoiceField):
    def label_from_instance(self, version):
        return str(version.template)


class TeamMemberField(forms.ModelChoiceField):
    def label_from_instance(self, user):
        return user.name or user.email


class ChooseForm(forms.Form):
    """Which template, and which clients are offered. The clients that are ticked need no search to be kept."""

    MISSING, BEFORE = "missing", "before"

    version = VersionField(queryset=None, label="Template", empty_label=None)
    q = forms.CharField(label="Client’s name", required=False, widget=forms.TextInput({"type": "search"}))
    team = TeamMemberField(queryset=None, label="Looked after by", required=False, empty_label="Anybody")
    had = forms.ChoiceField(
        label="Tax Organizers so far",
        required=False,
        choices=[("", "Whatever they had"), (MISSING, "None for this year"), (BEFORE, "One for the year before")],
    )

    def __init__(self, data, *, user):
        versions = TemplateVersion.objects.filter(status=TemplateVersion.Status.PUBLISHED, template__discarded_at=None)
        versions = versions.select_related("template").order_by("-template__tax_year", "template__name")
        newest = versions.first()
        self.has_templates = newest is not None
        if newest and not data.get("version"):
            data = data.copy()
            data["version"] = newest.pk
        super().__init__(data)
        self._clients = user.visible_clients().open()
        self.fields["version"].queryset = versions
        firm_users = User.objects.filter(role=Role.FIRM_USER, is_active=True)
        self.fields["team"].queryset = firm_users.order_by("name", "email")

    def fitting(self):
        """The clients that the filter finds; none where it cannot be understood."""
        if not self.is_valid():
            return self._clients.none()
        words, member, had = (self.cleaned_data[name] for name in ("q", "team", "had"))
        clients = self._clients.order_by("name")
        if words:
            clients = clients.filter(name__icontains=words)
        if member:
            clients = clients.filter(assignments__user=member)
        if had:
            year = self.cleaned_data["version"].definition["tax_year"]
            of_year = Organizer.objects.filter(tax_year=year - (had == self.BEFORE), withdrawn_at=None)
            clients = (clients.filter if had == self.BEFORE else clients.exclude)(pk__in=of_year.values("client"))
        return clients

    def ticked(self):
        """The clients that are ticked, in this search or one before."""
        ids = [text for text in self.data.getlist("client") if text.isascii() and text.isdecimal() and len(text) < 18]
        return self._clients.filter(pk__in=ids).order_by("name")


class TermsForm(forms.Form):
    """Until when, with which words, and when to remind."""

    due_on = forms.DateField(label="Due", required=False, widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    message = forms.CharField(
        label="Message",
        required=False,
        max_length=MOST_WORDS,
        widget=forms.Textarea({"rows": 3}),
        help_text="The client reads it in the mail and on the first page.",
    )
    reminder_days = forms.TypedMultipleChoiceField(
        label="Remind by e-mail",
        required=False,
        coerce=int,
        choices=[(day, words[0].upper() + words[1:]) for day, words in REMINDERS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text="At seven in the morning, until it is submitted. Without a due day none goes out.",
    )

    def __init__(self, *args, standing_due=None, **kwargs):
        super().__init__(*args, **kwargs)
        self._standing_due = standing_due

    def clean_due_on(self):
        due_on = self.cleaned_data["due_on"]
        if due_on and due_on < today() and due_on != self._standing_due:
            raise forms.ValidationError("Choose a day from today on.")
        return due_on

    @property
    def terms(self):
        return {name: self.cleaned_data[name] for name in ("due_on", "message", "reminder_days")}


class SendForm(TermsForm):
    """The last look before a template is sent."""

    repeats = forms.BooleanField(required=False, label="Send another one to those who have it already")

    def __init__(self, *args, has_some_already, **kwargs):
        super().__init__(*args, initial={"reminder_days": USUAL_REMINDERS}, **kwargs)
        if not has_some_already:
            del self.fields["repeats"]

    @property
    def terms(self):
        return {**super().terms, "repeats": self.cleaned_data.get("repeats", False)}
