from django import forms

from reports.models import SavedView


class ViewForm(forms.ModelForm):
    """A view's name, and whether colleagues find it."""

    class Meta:
        model = SavedView
        fields = ["name", "is_shared"]
        help_texts = {"name": "For example: Sign-ins of this tax season. Colleagues read it where you share the view."}
