"""What the firm fills in to ask for documents, and what is answered to it."""

from django import forms

from accounts.models import Client
from files.models import File, Line, Request

MOST_LINES = 100
SPARE_LINES = 3
MOST_FILES_OFFERED = 200
DAY = {"type": "date"}


class FolderField(forms.ModelChoiceField):
    """A folder of the cabinet, by its path."""

    def __init__(self, **kwargs):
        super().__init__(queryset=None, empty_label=None, label="Folder for the files", **kwargs)

    def offer(self, cabinet):
        folders = cabinet.folders.in_place()
        by_id = {folder.pk: folder for folder in folders}
        self._paths = {folder.pk: _path(folder, by_id) for folder in by_id.values()}
        self.queryset = folders
        self.choices = sorted(
            [(pk, path) for pk, path in self._paths.items()], key=lambda choice: (choice[1] != "Top folder", choice[1])
        )
        self.initial = next((pk for pk, folder in by_id.items() if folder.parent_id is None), None)


def _path(folder, by_id):
    names = []
    while folder is not None and folder.parent_id:
        names.append(folder.name)
        folder = by_id.get(folder.parent_id)
    return " / ".join(reversed(names)) or "Top folder"


class RequestForm(forms.ModelForm):
    folder = FolderField()

    class Meta:
        model = Request
        fields = ["title", "message", "due_on", "folder", "has_reminders"]
        labels = {"due_on": "Due", "has_reminders": "Remind by e-mail: three days before, on the day, then weekly"}
        widgets = {"due_on": forms.DateInput(DAY, format="%Y-%m-%d"), "message": forms.Textarea({"rows": 3})}

    def __init__(self, *args, cabinet, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["folder"].offer(cabinet)
        self.fields["title"].help_text = "What it is for, such as “2025 tax return”. The client reads it."

    def changes(self):
        return {name: self.cleaned_data[name] for name in self.fields}


class LineForm(forms.Form):
    name = forms.CharField(max_length=200, required=False, label="Document")
    hint = forms.CharField(max_length=300, required=False, label="Hint")
    due_on = forms.DateField(required=False, label="Due", widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    document = forms.UUIDField(
        required=False, widget=forms.HiddenInput(), error_messages={"invalid": "Load the page again."}
    )

    def __init__(self, *args, documents, **kwargs):
        super().__init__(*args, **kwargs)
        self._documents = documents

    @property
    def standing(self):
        """The document that stands there already."""
        return self._documents.get(str(self["document"].value() or ""))

    def clean_document(self):
        return self._documents.get(str(self.cleaned_data["document"]))

    def clean(self):
        data = super().clean()
        if not data.get("name") and (data.get("hint") or data.get("due_on")):
            self.add_error("name", "Name the document")
        return data


class Lines(forms.BaseFormSet):
    """The documents of a request. A line whose name is empty, or is marked to be removed, is none."""

    default_error_messages = {
        "missing_management_form": "The lines did not come. Load the page again.",
        "too_many_forms": "A request has %d lines at most.",
    }

    def clean(self):
        if not any(self.errors) and not self.lines():
            raise forms.ValidationError("Name at least one document.")

    def lines(self):
        return [
            Line(data["name"], data["hint"], data["due_on"], data["document"])
            for form in self.forms
            if (data := form.cleaned_data).get("name") and not data.get("DELETE")
        ]


LineFormSet = forms.formset_factory(
    LineForm,
    formset=Lines,
    extra=SPARE_LINES,
    max_num=MOST_LINES,
    absolute_max=MOST_LINES,
    validate_max=True,
    can_delete=True,
    can_delete_extra=False,
)


def line_forms(data, *, documents=(), initial=()):
    """The lines' forms. ``more`` in the data asks for further empty ones, which needs no script."""
    if data is not None and "more" in data:
        data, initial = None, _so_far(data)
    documents = {str(document.pk): document for document in documents}
    return LineFormSet(data, prefix="documents", initial=list(initial), form_kwargs={"documents": documents})


def _so_far(data):
    total = data.get("documents-TOTAL_FORMS", "")
    count = min(int(total), MOST_LINES) if total.isdecimal() and total.isascii() else 0
    rows = [{name: data.get(f"documents-{n}-{name}", "") for name in LineForm.base_fields} for n in range(count)]
    return [row for row in rows if any(row.values())]


def request_form(data, **kwargs):
    """The request's own fields; where only further lines are asked for, as they are, without complaints."""
    if data is not None and "more" in data:
        kwargs["initial"] = {name: data.get(name) for name in RequestForm.base_fields}
        data = None
    return RequestForm(data, **kwargs)


def standing_lines(request):
    return [
        {"name": one.name, "hint": one.hint, "due_on": one.due_on, "document": one.pk}
        for one in request.documents.all()
    ]


def copied_lines(request):
    """The same documents once more: a year later the days are others."""
    return [{"name": document.name, "hint": document.hint} for document in request.documents.all()]


class WhyForm(forms.Form):
    because = forms.CharField(max_length=300, label="In a few words")

    def __init__(self, *args, label="", **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["because"].label = label or self.fields["because"].label


class FileOfCabinetField(forms.ModelChoiceField):
    def label_from_instance(self, file):
        return f"{file.name} ({file.folder.name})" if file.folder.parent_id else file.name


class AttachForm(forms.Form):
    """One of the cabinet's files; the newest are offered."""

    file = FileOfCabinetField(queryset=None, label="A file that is here already", empty_label="Choose a file")

    def __init__(self, data=None, *, cabinet):
        super().__init__(data)
        files = File.objects.in_place().filter(folder__cabinet=cabinet).select_related("folder")
        self.fields["file"].queryset = files.order_by("-current__at")
        newest = list(self.fields["file"].queryset[:MOST_FILES_OFFERED])
        label = self.fields["file"].label_from_instance
        self.fields["file"].choices = [("", "Choose a file"), *((file.pk, label(file)) for file in newest)]


class OverviewForm(forms.Form):
    """Which requests the firm looks at."""

    OPEN, COMPLETE, CLOSED = "open", "complete", "closed"
    client = forms.ModelChoiceField(queryset=Client.objects.none(), required=False, empty_label="All clients")
    state = forms.ChoiceField(
        choices=[(OPEN, "Open"), (COMPLETE, "Nothing missing"), (CLOSED, "Closed")], required=False
    )

    def __init__(self, data, *, user):
        super().__init__(data)
        self.fields["client"].queryset = (
            user.visible_clients().filter(requests__isnull=False).distinct().order_by("name")
        )
