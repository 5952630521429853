import re

from django import forms

from reports.verifying import number_in_name


class ExportForm(forms.Form):
    """The SHA-256 of an export, where the file itself does not come; and the number that it gives for its own."""

    sha256 = forms.CharField(
        label="SHA-256",
        max_length=100,
        required=False,
        help_text="Where you have no more than that. 64 letters and digits.",
    )
    number = forms.CharField(
        label="Export number",
        max_length=30,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric"}),
        help_text="Where the file was renamed. Excel: on the first sheet. Word: on the first page.",
    )
    name = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)

    def __init__(self, *args, file_sha256="", **kwargs):
        super().__init__(*args, **kwargs)
        self._file_sha256 = file_sha256

    def clean_sha256(self):
        value = self._file_sha256 or re.sub(r"\s", "", self.cleaned_data["sha256"]).lower()
        if not value:
            raise forms.ValidationError("Choose the file, or give its SHA-256.")
        if not re.fullmatch("[0-9a-f]{64}", value):
            raise forms.ValidationError("A SHA-256 has 64 letters and digits, 0 to 9 and a to f.")
        return value

    def clean_number(self):
        digits = re.sub(r"[\s,]", "", self.cleaned_data["number"])
        if digits and not re.fullmatch("[0-9]{1,18}", digits):
            raise forms.ValidationError("This is no whole number. Write it in digits.")
        return int(digits or 0)

    def clean(self):
        """A number that somebody typed counts before that in the name."""
        cleaned = super().clean()
        cleaned["number"] = cleaned.get("number") or number_in_name(cleaned.get("name", ""))
        return cleaned
