"""Text that people type, as it is kept."""

import re

from django import forms

# Formatting characters that turn text around or hide in it: "fdp.exe" must not read as "exe.pdf". The joiners of emoji
# and of some scripts (U+200C, U+200D) stay.
DECEIVING = re.compile("[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
CONTROLS = re.compile("[\x01-\x1f\x7f-\x9f]")


class LineField(forms.CharField):
    """One line, such as a name: no line break nor control is in it, so that it cannot pose as a paragraph of a mail, and
    nothing that turns text around."""

    def to_python(self, value):
        return " ".join(CONTROLS.sub(" ", DECEIVING.sub("", super().to_python(value))).split())
