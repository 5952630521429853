from django import forms

from files.models import FolderSet
from files.models.folder_sets import UnreadablePath, tree_of

MOST_LINES, MOST_DEPTH = 200, 8
HINT = "One path to a line: {year} Tax Return/Source documents. {year} is the tax year, {client} the client’s name."


class FolderSetForm(forms.Form):
    """A set's name and its folders."""

    title = forms.CharField(max_length=120, label="Name of the set")
    folders = forms.CharField(
        label="Folders", help_text=HINT, widget=forms.Textarea({"rows": 10, "spellcheck": "false"})
    )
    is_for_new_clients = forms.BooleanField(required=False, label="Make these folders for each new client")

    def __init__(self, *args, folder_set=None, **kwargs):
        super().__init__(*args, **kwargs)
        self._others = FolderSet.objects.exclude(pk=folder_set.pk) if folder_set else FolderSet.objects.all()

    def clean_title(self):
        title = self.cleaned_data["title"]
        if self._others.filter(name=title).exists():
            raise forms.ValidationError(f"There is already a set “{title}”. Choose another name.")
        return title

    def clean_folders(self):
        lines = [line.strip() for line in self.cleaned_data["folders"].splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(f"A set has at most {MOST_LINES} lines; here are {len(lines)}")
        if any(line.count("/") >= MOST_DEPTH for line in lines):
            raise forms.ValidationError(f"Folders lie at most {MOST_DEPTH} deep")
        try:
            tree_of("\n".join(lines), client="Client")
        except UnreadablePath as problem:
            raise forms.ValidationError(str(problem)) from problem
        return "\n".join(lines)

    @property
    def fields_of_set(self):
        given = self.cleaned_data
        return {"name": given["title"], "folders": given["folders"], "is_for_new_clients": given["is_for_new_clients"]}

    @property
    def tree(self):
        """What the set makes for a client, or nothing where it cannot be read."""
        if self.is_bound:
            return tree_of(self.cleaned_data["folders"], client="Client") if "folders" in self.cleaned_data else {}
        return tree_of(self.initial.get("folders", ""), client="Client")


class DeleteSetForm(forms.Form):
    yes = forms.CharField(label="Type YES", widget=forms.TextInput({"autocomplete": "off"}))

    def clean_yes(self):
        if self.cleaned_data["yes"].strip() != "YES":
            raise forms.ValidationError("Type YES in capital letters, or keep it.")
        return "YES"


class ApplyForm(forms.Form):
    """Which set a cabinet is to have the folders of."""

    folder_set = forms.ModelChoiceField(
        queryset=FolderSet.objects.all(),
        label="Set",
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choose a set", "invalid_choice": "Choose a set"},
    )
