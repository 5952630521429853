"""Text as a file can hold it: without the characters that no reader takes, and escaped."""

import re
from datetime import UTC, date, datetime, timedelta

REPLACEMENT = "\ufffd"

# Controls other than tab and line breaks go. Halves of surrogate pairs and non-characters, which UTF-8 or
# XML 1.0 cannot write, become the replacement character.
_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_UNWRITABLE = r"\ud800-\udfff\ufffe\uffff"
_ASCII_CONTROLS = bytes([*range(0x20), 0x7F])
_unclean = re.compile(f"[{_CONTROLS}{_UNWRITABLE}]")
_controls = re.compile(f"[{_CONTROLS}]")
_unwritable = re.compile(f"[{_UNWRITABLE}]")


def clean(text):
    """The text, with its controls removed and what cannot be written replaced. Tabs and line breaks stay."""
    if _unclean.search(text) is None:
        return text
    return _unwritable.sub(REPLACEMENT, _controls.sub("", text))


def are_plain(texts):
    """Whether texts that were put together have no control, no line break and nothing that a file cannot hold. False for a
    few that have none."""
    if texts.isascii():  # looked through three times as fast
        return len(texts.encode().translate(None, _ASCII_CONTROLS)) == len(texts)
    return texts.isprintable()


def are_plain_in_xml(texts):
    """As are_plain, and none has anything that is escaped in an XML element, or begins an escape of Excel's."""
    together = "".join(texts)
    return are_plain(together) and not any(one in together for one in ("&", "<", ">", "_x"))


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


EPOCH = date(1970, 1, 1).toordinal()
QUARTER_SECONDS, HOUR_SECONDS, DAY_SECONDS = 900, 3_600, 86_400
MOST_KEPT = 10_000  # hours and quarters of an hour: neighbouring rows are of the same few
_OF_HOUR = [f"{second // 60:02}:{second % 60:02}" for second in range(HOUR_SECONDS)]


class Clock:
    """The clocks of a zone. Times are whole seconds since 1970, or aware datetimes, of which what is less than a second goes."""

    def __init__(self, zone):
        self._offsets = _Offsets(zone)
        self._hours = _Hours()

    def seconds(self, times):
        """What the zone's clocks show, in whole seconds since they showed January 1, 1970."""
        offsets = self._offsets
        if {*map(type, times)} != {int}:
            times = [_whole_seconds(time) if isinstance(time, datetime) else time for time in times]
        return [time + offsets[time // QUARTER_SECONDS] for time in times]

    def texts(self, times):
        """Each as "2026-03-12 14:32:07"."""
        hours = self._hours
        return [hours[time // HOUR_SECONDS] + _OF_HOUR[time % HOUR_SECONDS] for time in self.seconds(times)]


class _Offsets(dict):
    """Quarter of an hour since 1970 → the zone's offset then, in seconds. Since 1972 no zone has changed its clocks at any
    other moment than a quarter of an hour."""

    def __init__(self, zone):
        self._zone = zone

    def __missing__(self, quarter):
        if len(self) >= MOST_KEPT:
            self.clear()
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=quarter * QUARTER_SECONDS)
        self[quarter] = offset = int(moment.astimezone(self._zone).utcoffset().total_seconds())
        return offset


class _Hours(dict):
    """Hour since 1970 → how its times begin."""

    def __missing__(self, hour):
        if len(self) >= MOST_KEPT:
            self.clear()
        day, of_day = divmod(hour, 24)
        self[hour] = text = f"{date.fromordinal(EPOCH + day)} {of_day:02}:"
        return text


def _whole_seconds(moment):
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
