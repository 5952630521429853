"""A link for somebody without an account: what the firm fills in, and the code that confirms the address."""

from datetime import datetime, time, timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from accounts.models import Firm
from files.models import RequestLink
from files.models.requests import today
from files.request_forms import DAY, FolderField


class LinkForm(forms.ModelForm):
    MOST_DAYS, DAYS = 90, 14
    folder = FolderField()
    until = forms.DateField(label="Last day", widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    most_files = forms.IntegerField(
        label="Most files",
        initial=20,
        validators=[
            MinValueValidator(1, "Let one file come at least"),
            MaxValueValidator(500, "500 files are the most"),
        ],
    )

    class Meta:
        model = RequestLink
        fields = ["email", "title", "message", "folder", "most_files"]
        labels = {"email": "E-mail address"}
        widgets = {"message": forms.Textarea({"rows": 3})}

    field_order = ["email", "title", "message", "folder", "until", "most_files"]

    def __init__(self, *args, cabinet, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["folder"].offer(cabinet)
        self.fields["until"].initial = today() + timedelta(days=self.DAYS)
        self.fields["title"].help_text = "What is to be sent, such as “Appraisal of 12 Elm Street”."
        self.fields["email"].help_text = "The link is mailed there, and a code each time it is opened."

    def clean_until(self):
        until = self.cleaned_data["until"]
        if not today() <= until <= today() + timedelta(days=self.MOST_DAYS):
            raise forms.ValidationError(f"Choose a day from today on, {self.MOST_DAYS} days from now at the latest")
        return until

    def chosen(self):
        data = dict(self.cleaned_data)
        return {"expires_at": end_of(data.pop("until")), **data}


def end_of(day):
    """The moment when the firm's day is over."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min), Firm.current().zone)


class CodeForm(forms.Form):
    code = forms.CharField(
        label="6-digit code",
        max_length=20,
        widget=forms.TextInput(
            {
                "class": "input input--code",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "maxlength": "7",
                "autofocus": True,
            }
        ),
    )

    def clean_code(self):
        return "".join(self.cleaned_data["code"].split())
