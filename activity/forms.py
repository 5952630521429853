from django import forms


class AcknowledgeForm(forms.Form):
    """Why a break is known: a restored backup, a repair by hand, or what was found out."""

    why = forms.CharField(
        label="What happened",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stays in the log with your name. Nothing is repaired.",
    )
