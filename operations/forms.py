from django import forms

from accounts.forms import FirmForm
from accounts.models import Firm


class FirmStepForm(FirmForm):
    """Of the firm's settings, those that a new portal begins with."""

    class Meta(FirmForm.Meta):
        fields = ["name", "tagline", "phone", "accent", "time_zone"]


class SecondFactorForm(forms.ModelForm):
    """Who must have a second factor."""

    class Meta:
        model = Firm
        fields = ["second_factor_firm", "second_factor_clients"]

    def changes(self):
        """The settings to hand to ``Firm.change``."""
        return self.cleaned_data
