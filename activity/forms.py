import re

from django import forms


class AcknowledgeForm(forms.Form):
    """Why a break is known: a restored backup, a repair by hand, or what was found out."""

    why = forms.CharField(
        label="What happened",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stays in the log with your name. Nothing is repaired.",
    )


class ReceiptForm(forms.Form):
    """A receipt that somebody holds, and the file, or its SHA-256, to compare with it."""

    receipt = forms.CharField(
        max_length=20_000,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
        help_text="Paste all of it, its link, or its reference.",
        error_messages={"required": "Paste the receipt, its link or its reference"},
    )
    sha256 = forms.CharField(
        label="SHA-256 of your file",
        max_length=100,
        required=False,
        help_text="Where you have it. Or choose the file itself.",
    )

    def clean_sha256(self):
        value = re.sub(r"\s", "", self.cleaned_data["sha256"]).lower()
        if value and not re.fullmatch("[0-9a-f]{64}", value):
            raise forms.ValidationError("A SHA-256 has 64 letters and digits, 0 to 9 and a to f")
        return value
