"""How a client signs what they send back."""

from django import forms
from django.core.exceptions import ValidationError

CONSENT = (
    "I have looked over these answers. To the best of my knowledge they are true, correct and complete, and my tax "
    "preparer may rely on them. I sign by typing my name, which counts as much as a signature on paper."
)


class SubmitForm(forms.Form):
    agrees = forms.BooleanField(
        label="I agree to this", error_messages={"required": "Tick the box: it is what your signature says."}
    )
    signature = forms.CharField(
        max_length=150,
        label="Your full name, as a signature",
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": "Type your full name."},
    )

    def clean_signature(self):
        name = " ".join(self.cleaned_data["signature"].split())
        if sum(letter.isalpha() for letter in name) < 2:
            raise ValidationError("Type your full name, as you would sign a paper.")
        return name
