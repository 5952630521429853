"""Small pieces of the face that templates use everywhere: icons, names, sizes and times."""

import re
from datetime import UTC
from functools import cache

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from accounts.forms import USUAL_ZONES
from accounts.rights import Right
from activity.querysets import actor_of
from files.media import icon_of
from files.previews import expected_kind
from files.sizes import size

register = template.Library()
register.filter(size)

SHOWN_ENDING = 12
TONES = {
    "access.denied": ("block", "bad"),
    "sign-in.failed": ("alert", "warn"),
    "sign-in.limited": ("alert", "bad"),
    "files.upload-failed": ("alert", "warn"),
    "files.zip-broken-off": ("alert", "warn"),
    "files.link-code-failed": ("alert", "warn"),
    "files.link-refused": ("block", "warn"),
    "files.quarantined": ("shield", "bad"),
    "files.damaged": ("alert", "bad"),
    "files.not-scanned": ("shield", "warn"),
    "files.released": ("shield", "warn"),
    "log.export-broken-off": ("alert", "warn"),
    "log.report-failed": ("alert", "warn"),
    "system.notice-failed": ("alert", "warn"),
}
ICONS = {
    "sign-in.signed-in": "enter",
    "sign-in.signed-out": "leave",
    "sign-in": "key",
    "files.uploaded": "upload",
    "files.version-uploaded": "versions",
    "files.checked": "check",
    "files.upload-given-up": "close",
    "files.downloaded": "download",
    "files.previewed": "eye",
    "files.renamed": "pencil",
    "files.binned": "bin",
    "files.restored": "restore",
    "files.moved": "move",
    "files.copied": "file",
    "files.version-restored": "versions",
    "files.note-added": "pencil",
    "files.note-removed": "pencil",
    "files.folder-created": "folder-plus",
    "files.folder-renamed": "pencil",
    "files.folder-moved": "move",
    "files.folder-copied": "folder",
    "files.folder-binned": "bin",
    "files.folder-restored": "restore",
    "files.folder-view-only": "eye",
    "files.folder-set-applied": "folder-plus",
    "files": "folder",
    "files.request-made": "organizer",
    "files.request-changed": "organizer",
    "files.request-closed": "organizer",
    "files.request-reopened": "organizer",
    "files.document-received": "check",
    "files.document-returned": "restore",
    "files.document-declined": "info",
    "files.link-made": "link",
    "files.link-sent-again": "link",
    "files.link-revoked": "link",
    "files.link-opened": "link",
    "files.link-code-asked": "mail",
    "files.link-confirmed": "key",
    "files.purged": "close",
    "files.version-removed": "close",
    "files.quota-changed": "settings",
    "files.hold-placed": "lock",
    "files.hold-lifted": "lock",
    "files.rule-made": "clock",
    "files.rule-ended": "clock",
    "files.retention-announced": "clock",
    "files.counters-repaired": "chart",
    "organizer.opened": "enter",
    "organizer.started": "half",
    "organizer.section-saved": "pencil",
    "organizer.sent": "mail",
    "organizer.changed": "pencil",
    "organizer.withdrawn": "close",
    "organizer.reminded": "mail",
    "organizer.submitted": "check",
    "organizer.reopened": "restore",
    "organizer.reviewed": "done",
    "organizer.sealed": "lock",
    "organizer.secret-revealed": "eye",
    **dict.fromkeys(
        ("organizer.template-made", "organizer.template-changed", "organizer.template-published"), "organizer"
    ),
    "organizer.template-held": "clock",
    "organizer.template-discarded": "close",
    "organizer.template-exported": "download",
    "organizer.exported": "download",
    "organizer": "organizer",
    "accounts.settings-changed": "settings",
    "accounts": "person",
    "log.viewed": "eye",
    "log.export-verified": "shield",
    "log.receipt-verified": "receipt",
    **dict.fromkeys(
        ("log.view-saved", "log.view-renamed", "log.view-shared", "log.view-unshared", "log.view-deleted"), "bookmark"
    ),
    **dict.fromkeys(
        (
            *("log.schedule-made", "log.schedule-changed", "log.schedule-paused", "log.schedule-resumed"),
            *("log.schedule-deleted", "log.schedule-run"),
        ),
        "clock",
    ),
    "log.report-fetched": "download",
    "log": "sheet",
    "system.notice-sent": "mail",
    "system": "shield",
}


@cache
def _symbols():
    text = (settings.BASE_DIR / "templates" / "components" / "icons.svg").read_text()
    return dict(re.findall(r'<symbol id="i-([a-z-]+)" viewBox="0 0 20 20">(.*?)</symbol>', text, re.S))


@register.simple_tag
def icon(name, small=False):
    """The icon, hidden from screen readers: words stand beside it, or the control has a label."""
    size = " icon--s" if small else ""
    drawing = mark_safe(_symbols()[name])  # our own file's drawing
    return format_html('<svg class="icon{}" viewBox="0 0 20 20" aria-hidden="true">{}</svg>', size, drawing)


@register.simple_tag
def file_icon(name):
    return icon(icon_of(name))


@register.simple_tag
def action_state(event):
    """The action of an event as icon and words; only what deserves a second look has colour."""
    name, tone = TONES.get(event.action, (None, None))
    name = name or ICONS.get(event.action) or ICONS.get(event.area, "circle")
    tone = f" state--{tone}" if tone else ""
    return format_html('<span class="state{}">{}{}</span>', tone, icon(name), event.label)


@register.filter
def actor(event):
    return actor_of(event)


@register.filter
def name_parts(name):
    """The name in two parts, so that it gives way in the middle and its ending always shows."""
    split = SHOWN_ENDING if len(name) > SHOWN_ENDING * 2 else 0
    return (name[:-split], name[-split:]) if split else (name, "")


@register.simple_tag
def when(moment):
    """Mar 12, 1:57 PM; with the year when it is not this one; UTC in the title."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    this_year = local.year == timezone.localtime().year
    return _time(local, date_format(local, "M j, g:i A" if this_year else "M j, Y, g:i A"))


@register.simple_tag
def on_day(moment):
    """Mar 10; with the year when it is not this one."""
    local = timezone.localtime(moment)
    words = date_format(local, "M j" if local.year == timezone.localtime().year else "M j, Y")
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), words)


@register.simple_tag
def clock_time(moment):
    """2:32:07 PM, under a day's heading; UTC in the title."""
    local = timezone.localtime(moment)
    return _time(local, date_format(local, "g:i:s A"))


def _time(local, words):
    utc = local.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), utc, words)


@register.filter
def day_of(moment):
    """Thursday, March 12; with the year when it is not this one."""
    local = timezone.localtime(moment)
    this_year = local.year == timezone.localtime().year
    return date_format(local, "l, F j" if this_year else "l, F j, Y")


@register.simple_tag
def zone_name():
    """The zone that times on this page are in, as people say it."""
    name = timezone.get_current_timezone_name()
    return USUAL_ZONES.get(str(timezone.get_current_timezone()), name).split(",")[0]


@register.filter
def may(user, right):
    """Whether the person has the right of this name: ``{% if user|may:"send_files" %}``."""
    return user.may(Right(right))


@register.filter
def has_preview(name):
    """Whether a file of this name can be looked at without fetching it."""
    return expected_kind(name) is not None


@register.filter
def percent(share):
    return f"{share * 100:.1f}%"


@register.filter
def comma(number):
    return f"{number:,}"


@register.filter
def hexadecimal(value):
    return bytes(value).hex()
