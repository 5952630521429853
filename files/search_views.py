import uuid
from urllib.parse import urlencode

from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import NotForYou, for_right
from accounts.paging import Page
from accounts.rights import Right
from files.access import folder_for
from files.marks import mark
from files.searching import FileSearch, tell_where

FOUND_PER_PAGE = 50


@for_right(Right.VIEW_FILES)
@require_GET
def search(request):
    """What fits, newest first, of all that the reader may see."""
    found = FileSearch(request.user, request.GET, within=_within(request))
    files = found.rows.select_related(
        "current__by", "current__link", "folder__cabinet__client", "folder__cabinet__owner"
    )
    page = Page(files, "current__at", request.GET, size=FOUND_PER_PAGE, descending=True)
    mark(page.rows, reader=request.user)
    tell_where(page.rows)
    context = {
        "search": found,
        "page": page,
        "folders": found.folders if page.is_first else [],
        "chips": [(words, _without(request.GET, names)) for words, names in found.words],
    }
    return render(request, "files/search.html", context)


def _within(request):
    """The folder that is searched with all below it, or None for everything."""
    folder_id = request.GET.get("within", "")
    if not folder_id:
        return None
    try:
        return folder_for(request.user, uuid.UUID(folder_id))
    except ValueError as problem:
        raise NotForYou("folder", folder_id) from problem


def _without(query, names):
    left = {name: query[name] for name in query if name not in (*names, "after", "before") and query[name]}
    return "?" + urlencode(left)
