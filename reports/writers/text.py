"""Text as a file can hold it: without the characters that no reader takes, and escaped."""

import re
from datetime import UTC, date, datetime, timedelta

REPLACEMENT = "\ufffd"

# Controls other than tab and line breaks go. Halves of surrogate pairs and non-characters, which UTF-8 or
# XML 1.0 cannot write, become the replacement character.
_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_UNWRITABLE = r"\ud800-\udfff\ufffe\uffff"
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
QUARTER_SECONDS, DAY_SECONDS = 900, 86_400
MOST_KEPT = 10_000  # days and quarters of an hour: neighbouring rows are of the same few
_MINUTES = [f" {minute // 60:02}:{minute % 60:02}:" for minute in range(1_440)]
_SECONDS = [f"{second:02}" for second in range(60)]


class Clock:
    """The clocks of a zone. Times are whole seconds since 1970, or aware datetimes, of which what is less than a second goes."""

    def __init__(self, zone):
        self._offsets = _Offsets(zone)
        self._days = _Days()

    def seconds(self, times):
        """What the zone's clocks show, in whole seconds since they showed January 1, 1970. None stays None."""
        offsets = self._offsets
        if all(type(time) is int for time in times):
            return [time + offsets[time // QUARTER_SECONDS] for time in times]
        times = [_whole_seconds(time) if isinstance(time, datetime) else time for time in times]
        return [None if time is None else time + offsets[time // QUARTER_SECONDS] for time in times]

    def texts(self, times):
        """Each as "2026-03-12 14:32:07"."""
        days = self._days
        return [
            None
            if time is None
            else days[time // DAY_SECONDS] + _MINUTES[time % DAY_SECONDS // 60] + _SECONDS[time % 60]
            for time in self.seconds(times)
        ]


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


class _Days(dict):
    """Day since 1970 → how it is written."""

    def __missing__(self, day):
        if len(self) >= MOST_KEPT:
            self.clear()
        self[day] = text = date.fromordinal(EPOCH + day).isoformat()
        return text


def _whole_seconds(moment):
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
