"""Taking organizers away: one as a file, on paper or with its files; and a year's as a table."""

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from files.models import File
from files.zips import MOST_FILES, TooManyFiles, Zip, hand_out, pack
from organizer.access import for_organizer_users, for_staff, organizer_for
from reports.organizers.copies import Copy
from reports.organizers.years import OrganizersOfYear, TooManyColumns
from reports.pages import hand_over
from reports.writers import WRITERS

PRINTED_ONCE_SECONDS = 3600


@for_organizer_users
@require_http_methods(["GET", "POST"])
def organizer_file(request, organizer_id, extension):
    """Word, Excel or CSV. The firm may post that it wants numbers in full."""
    if request.method == "POST" and request.user.is_client_user:
        raise PermissionDenied
    organizer = organizer_for(request.user, organizer_id)
    copy = Copy(organizer, request.user, in_full=bool(request.POST.get("in_full")))
    content = copy.written(extension)
    copy.tell(extension)
    return _attached(HttpResponse(content, content_type=WRITERS[extension].MEDIA_TYPE), copy.file_name(extension))


@for_organizer_users
@require_GET
def organizer_print(request, organizer_id):
    """A page for paper. The log says so once an hour."""
    organizer = organizer_for(request.user, organizer_id)
    copy = Copy(organizer, request.user)
    key = f"printed:{request.user.pk}:{organizer.pk}"
    response = render(request, "organizer/print.html", {"organizer": organizer, "copy": copy})
    if not cache.get(key):
        copy.tell("page to print")
        cache.set(key, True, PRINTED_ONCE_SECONDS)
    return response


@for_organizer_users
@require_GET
def organizer_zip(request, organizer_id):
    """The Word copy with its files: the log says of each, committed, that it was given, before the first byte leaves."""
    organizer = organizer_for(request.user, organizer_id)
    copy = Copy(organizer, request.user)
    attached = list(organizer.attachments.select_related("file").order_by("pk"))
    files = File.objects.visible_to(request.user).in_place().filter(pk__in=[one.file_id for one in attached])
    files = list(files.select_related("current", "folder").order_by("name"))
    document = (copy.file_name("docx"), copy.written("docx"))
    top = organizer.client.cabinet.top
    try:
        packed = pack(request.user, top.cabinet, files=files, made=[document])
    except TooManyFiles:
        context = {"back": organizer.folder, "most": MOST_FILES}
        return render(request, "files/too_many_files.html", context, status=400)
    seen = {file.pk for file in files}
    gone = {one.file_id: one.file.name for one in attached if one.file_id not in seen}
    packed.left_out += [(name, "It is in the bin, or not for you to see.") for name in gone.values()]
    copy.tell("ZIP")
    hand_out(packed, by=request.user)
    body = Zip(packed, organizer.folder or top, by=request.user)
    return _attached(StreamingHttpResponse(body, content_type="application/zip"), copy.file_name("zip"))


@for_staff
@require_GET
def organizer_year(request, year):
    """Excel, streamed."""
    table = OrganizersOfYear(request, year)
    if table.filter.is_valid() and not table.rows.exists():
        return render(request, "organizer/no_year.html", {"year": year}, status=404)
    try:
        return hand_over(request, table, "xlsx")
    except TooManyColumns as problem:
        context = {"most": problem.args[0], "year": year}
        return render(request, "organizer/too_many_columns.html", context, status=400)


def _attached(response, name):
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
