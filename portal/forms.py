from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect
from django.forms.renderers import TemplatesSetting


class FaceField(BoundField):
    """A field whose control carries the class of the face's stylesheet."""

    def build_widget_attrs(self, attrs, widget=None):
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        attrs.setdefault("class", widget.attrs.get("class") or _class_of(widget))
        return attrs

    @property
    def is_choice(self):
        """A single tick, whose label stands behind it."""
        return isinstance(self.field.widget, CheckboxInput)


def _class_of(widget):
    if isinstance(widget, CheckboxInput | CheckboxSelectMultiple | RadioSelect):
        return "choice__box"
    return "file-input" if isinstance(widget, FileInput) else "input"


class FaceRenderer(TemplatesSetting):
    bound_field_class = FaceField
    field_template_name = "components/field.html"
    form_template_name = "components/form.html"
