"""What people ask of the log and the storage, each a click from where it is answered."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Right
from activity.actions import Action, Area

register = template.Library()

TOOLS = (Area.FILES, Area.ORGANIZER)  # the areas that are something one uses


@dataclass(frozen=True)
class Question:
    words: str
    hint: str
    icon: str
    url: str


@register.inclusion_tag("reports/_questions.html", takes_context=True)
def questions(context):
    """The questions that the reader may have answered, each with what to do where it leads."""
    return {"questions": [*_questions(context["request"].user)]}


def _questions(reader):
    reads_all = reader.is_administrator or reader.is_auditor
    log = reverse("activity") if reads_all else reverse("file-activity")
    if reader.may(Right.VIEW_FILES):
        hint = "Find the file, open it, and follow “Who opened it”."
        yield Question("Who opened this file, and when?", hint, "eye", reverse("file-search"))
    else:
        hint = "Type a part of its name into Words."
        yield Question("Who opened this file, and when?", hint, "eye", _with(log, action=Action.FILE_DOWNLOADED.value))
    first, last = _last_spring(timezone.localdate())
    hint = f"Choose the client. March to May {last.year} is set; other days will do."
    spring = {"from": first.isoformat(), "to": last.isoformat()}
    yield Question("What did this client do last spring?", hint, "people", _with(log, **spring))
    for area in TOOLS:
        url = _with(log, area=area.value) if reads_all else log
        yield Question(f"Who used the {area.label}?", "All that was done there, newest first.", "log", url)
    yield Question("Where does our space go?", "Who stores how much.", "chart", reverse("usage"))
    hint = "Choose the client: by person, address and file."
    yield Question("Who accessed this client's files?", hint, "shield", reverse("access"))
    url = _with(reverse("sign-ins"), seen="never")
    yield Question("Who never signed in?", "And who has not for long.", "enter", url)


def _with(address, **query):
    return f"{address}?{urlencode(query)}"


def _last_spring(today):
    """The first and last day of the latest March to May that is over."""
    year = today.year if today.month > 5 else today.year - 1
    return date(year, 3, 1), date(year, 5, 31)
