"""Text as a file can hold it: without the characters that no reader takes, and escaped."""

import re

REPLACEMENT = "\ufffd"

# Controls other than tab and line breaks go. Halves of surrogate pairs and non-characters, which UTF-8 or
# XML 1.0 cannot write, become the replacement character.
_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_UNWRITABLE = r"\ud800-\udfff\ufffe\uffff"
_unclean = re.compile(f"[{_CONTROLS}{_UNWRITABLE}]")
_controls = re.compile(f"[{_CONTROLS}]")
_unwritable = re.compile(f"[{_UNWRITABLE}]")

# One search says whether text can go into XML as it is. "_x" is here for Excel, whose own escapes begin so.
needs_care = re.compile(f"[{_CONTROLS}{_UNWRITABLE}\t\n\r&<>]|_x").search


def clean(text):
    """The text, with its controls removed and what cannot be written replaced. Tabs and line breaks stay."""
    if _unclean.search(text) is None:
        return text
    return _unwritable.sub(REPLACEMENT, _controls.sub("", text))


def clean_lines(text):
    """The clean text, with every line break a line feed: XML readers drop the carriage return."""
    return clean(text).replace("\r\n", "\n").replace("\r", "\n")


def escape(text):
    """Clean text as the content of an XML element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text, units):
    """At most so many UTF-16 units of clean text, as Excel counts them, and no half of a character."""
    if len(text) * 2 <= units:
        return text
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore")


def local_time(moment, zone):
    """An aware datetime as "2026-03-12 14:32:07" by the clocks of the zone."""
    return moment.astimezone(zone).isoformat(" ", "seconds")[:19]
