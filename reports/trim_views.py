"""Making room: lists of files, what is ticked in them across their pages, into the bin and out of it again."""

import uuid
from contextlib import suppress
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right
from files.access import may_purge
from files.bin_views import in_words
from files.space import space_of_firm
from reports.filters.choosing import offers
from reports.trimming import KINDS, MOST, Trimming, freed_bytes, put_back


def for_trimming(view):
    """Opens a view to those of the firm who read reports, see files and may delete them; others get 403."""

    @wraps(view)
    def checked(request, *args, **kwargs):
        user = request.user
        if not (may_purge(user) and user.may(Right.READ_REPORTS) and user.may(Right.VIEW_FILES)):
            raise PermissionDenied("Only the firm's people who read reports and may delete files can make room.")
        return view(request, *args, **kwargs)

    return checked


@for_trimming
@require_http_methods(["GET", "POST"])
def trim(request):
    """A page of a list; what was ticked comes along with the buttons that lead to the other pages."""
    query = QueryDict(request.POST.get("to", "").removeprefix("?")) if "to" in request.POST else request.GET
    trimming, ticked = Trimming(request, query), _ticked(request)
    shown = {file.pk for file in trimming.page}
    context = {
        "table": trimming,
        "page": trimming.page,
        "is_valid": trimming.filter.is_valid(),
        "kinds": KINDS.items(),
        "ticked": shown.intersection(ticked),
        "elsewhere": [pk for pk in ticked if pk not in shown],
        "space": space_of_firm(),
        "place": "usage-trim",
        "chips": [(words, f"?list={trimming.name}") for words, _ in trimming.filter.words],
        "offers": offers(trimming.filter),
    }
    return render(request, "reports/trim.html", context)


@for_trimming
@require_POST
def review(request):
    """How many files these are, and what they free, before anything is done."""
    trimming = Trimming(request, _list_of(request))
    ids = trimming.chosen(None if "all" in request.POST else _ticked(request))
    if not ids:
        messages.warning(request, "Tick the files first.")
        return redirect(_address(trimming))
    context = {
        "table": trimming,
        "ids": ids,
        "freed_bytes": freed_bytes(ids),
        "back": _address(trimming),
        "is_cut": "all" in request.POST and len(ids) == MOST,
        "most": MOST,
    }
    return render(request, "reports/trim_review.html", context)


@for_trimming
@require_POST
def move_to_bin(request):
    trimming = Trimming(request, _list_of(request))
    files = trimming.move_to_bin(_ticked(request))
    if files:
        moments = " ".join(sorted({file.binned_at.isoformat() for file in files}))
        words = (
            "{} {} in the bin. <button class='link' form='undo' name='at' value='{}'>Put {} back</button> "
            "Room is freed when the bin is emptied."
        )
        be, them = ("is", "it") if len(files) == 1 else ("are", "them")
        messages.success(request, format_html(words, in_words(files, []), be, moments, them))
    else:
        messages.warning(request, "Nothing was moved: none of these files is still in the list.")
    return redirect(_address(trimming))


@for_trimming
@require_POST
def restore(request):
    """What was moved a moment ago is back."""
    moments = []
    for text in request.POST.get("at", "").split():
        with suppress(ValueError):
            moments.append(parse_datetime(text))
    files = put_back(list(filter(None, moments)), by=request.user)
    if files:
        words = "is back in its folder" if len(files) == 1 else "are back"
        messages.success(request, f"{in_words(files, [])} {words}.")
    else:
        messages.warning(request, "None of it is still in the bin.")
    return redirect(_address(Trimming(request, _list_of(request))))


def _ticked(request):
    """The ids that were ticked on this page and, in one field, on those before."""
    ids = {}
    for text in (*request.POST.getlist("file"), *request.POST.get("kept", "").split()):
        with suppress(ValueError):
            ids[uuid.UUID(text)] = True
    return list(ids)


def _list_of(request):
    query = QueryDict(mutable=True)
    for name in ("list", "client"):
        if request.POST.get(name):
            query[name] = request.POST[name]
    return query


def _address(trimming):
    query = trimming.query.urlencode()
    return f"{reverse('usage-trim')}?{query}" if query else reverse("usage-trim")
