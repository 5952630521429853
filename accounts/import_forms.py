from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator

from accounts.spreadsheets import Unreadable, read

MOST_BYTES = 5 * 1000**2
TOO_LARGE = "The file has more than 5 MB. Divide the list, and import one part after another."


class ListFileForm(forms.Form):
    """A list of clients. After validation ``spreadsheet`` holds its rows."""

    file = forms.FileField(
        label="Your list",
        help_text="Excel (.xlsx) or CSV, at most 5 MB and 20,000 rows. You see what will happen before anything does.",
        error_messages={
            "required": "Choose a file first, then check it.",
            "empty": "The file is empty. Take the template and fill it in.",
        },
        validators=[
            FileExtensionValidator(
                ["xlsx", "csv"], "This is a .%(extension)s file. Save your list as .xlsx or .csv, and choose that one."
            )
        ],
        widget=forms.FileInput({"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *args, body_bytes=0, **kwargs):
        super().__init__(*args, **kwargs)
        self.spreadsheet = None
        if body_bytes > MOST_BYTES:  # of a body that is much too large, no file is kept at all
            self.fields["file"].error_messages["required"] = TOO_LARGE

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(TOO_LARGE)
        try:
            self.spreadsheet = read(file.read())
        except Unreadable as problem:
            raise ValidationError(str(problem)) from problem
        return file

    @property
    def file_name(self):
        """As the browser gave it, without what no database stores."""
        return "".join(letter for letter in self.cleaned_data["file"].name if letter.isprintable())


class ConfirmImportForm(forms.Form):
    """What becomes of the invitations, which cannot be taken back: nothing is chosen beforehand."""

    SEND, HOLD = "send", "hold"
    invitations = forms.ChoiceField(
        choices=[
            (SEND, "Send them now: everybody new gets a mail with a link"),
            (HOLD, "Hold them: you send them all at once, or one by one, when you are ready"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether the invitations are sent now or held."},
    )

    @property
    def sends_invitations(self):
        return self.cleaned_data["invitations"] == self.SEND
