"""What a form says of an answer that cannot be used, in the portal's words instead of Django's."""

from django import forms

NOT_IN_LIST = "“%(value)s” is not in the list. Choose from it."
SENTENCES = {
    forms.Field: {
        "required": "Fill this in.",
        "max_length": "Write at most %(limit_value)d characters; it has %(show_value)d.",
        "null_characters_not_allowed": "This holds a character that cannot be kept. Type it again.",
    },
    forms.EmailField: {"invalid": "This is no e-mail address. Write it like name@example.com."},
    forms.GenericIPAddressField: {"invalid": "This is no IP address. Write it like 203.0.113.7."},
    forms.DateField: {"invalid": "This is no date. Write it like 3/12/2026."},
    forms.IntegerField: {
        "invalid": "This is no whole number. Write it in digits.",
        "min_value": "Give %(limit_value)d or more.",
        "max_value": "Give %(limit_value)d or less.",
    },
    forms.DecimalField: {
        "invalid": "This is no number. Write it in digits, like 2.5.",
        "min_value": "Give %(limit_value)s or more.",
        "max_value": "Give %(limit_value)s or less.",
        "max_digits": "This has too many digits.",
        "max_decimal_places": "Give at most %(max)d digits after the point.",
        "max_whole_digits": "Give at most %(max)d digits before the point.",
    },
    forms.JSONField: {"invalid": "This was not read. Try again."},
    forms.ChoiceField: {"required": "Choose one.", "invalid_choice": NOT_IN_LIST},
    forms.MultipleChoiceField: {
        "required": "Choose at least one.",
        "invalid_list": "Choose from the list.",
        "invalid_choice": NOT_IN_LIST,
    },
    forms.ModelChoiceField: {"required": "Choose one.", "invalid_choice": "That is not in the list. Choose from it."},
    forms.ModelMultipleChoiceField: {
        "required": "Choose at least one.",
        "invalid_list": "Choose from the list.",
        "invalid_choice": NOT_IN_LIST,
        "invalid_pk_value": "“%(pk)s” is not in the list. Choose from it.",
    },
    forms.FileField: {"required": "Choose a file.", "empty": "The file is empty. Choose another."},
}


def install():
    """Every field says these sentences. It copies its class's when it is made: this runs before any form is read."""
    for field, sentences in SENTENCES.items():
        field.default_error_messages = {**getattr(field, "default_error_messages", {}), **sentences}
