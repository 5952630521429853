from django import forms

from organizer.models import Organizer


class WhyForm(forms.Form):
    """Why the client is to fill it in again."""

    because = forms.CharField(
        label="What is it about?",
        max_length=Organizer._meta.get_field("reopened_because").max_length,
        widget=forms.Textarea({"rows": 3}),
        help_text="The client reads it in the mail and on the first page.",
    )
