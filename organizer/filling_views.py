"""A client's own organizers: filling them in, section by section, looking them over, and sending them to the firm."""

from contextlib import suppress
from http import HTTPStatus

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import NotForYou
from files.access import Sending, as_of_now, must_send, upload_for
from files.models import Upload
from files.receiving import take_form
from files.upload_views import complete
from organizer.access import file_line_of, for_clients, organizer_for, section_of
from organizer.filling_forms import Field, SectionFields, fields_in, seen_of
from organizer.models import Given, GroupFull, Mark, NotWithClient, Organizer, StillMissing
from organizer.overview import Overview, field_id
from organizer.prefill import EarlierAnswers, bring, offer
from organizer.progress import Progress
from organizer.sheet import Line, Sheet
from organizer.signing import CONSENT, SubmitForm

REMOVED = "removed="  # in an address, before the id of the entry that can be put back
NOT_YOURS = "It is with your firm now. Ask them to open it again if something has to change."


@for_clients
@require_GET
def own(request):
    """The organizers of one's clients: those that are waited for first."""
    organizers = list(Organizer.objects.visible_to(request.user).select_related("client").order_by("-tax_year", "-at"))
    context = {
        "waiting": [one for one in organizers if one.is_with_client],
        "sent_back": [one for one in organizers if not one.is_with_client],
        "has_several_clients": len({one.client_id for one in organizers}) > 1,
    }
    return render(request, "organizer/own.html", context)


@for_clients
@require_GET
def start(request, organizer_id):
    """What it is, how far it is, and the way on."""
    organizer = _opened(request, organizer_id)
    sheet = Sheet.of(organizer)
    context = {"organizer": organizer, "progress": Progress.of(organizer, sheet), "asks": _asks(organizer, sheet)}
    return render(request, "organizer/start.html", context)


@for_clients
@require_http_methods(["GET", "POST"])
def section(request, organizer_id, section):
    """A section as a form. What is valid is saved, whatever else stands in it."""
    organizer = organizer_for(request.user, organizer_id)
    sheet = Sheet.of(organizer, though_removed=_entries_in(request.POST))
    here = section_of(organizer, sheet, section)
    if not organizer.is_with_client:
        return _not_with_client(request, organizer)
    if request.method == "POST":
        return _save(request, organizer, sheet, here)
    organizer.open(by=request.user)
    if not here.is_shown:
        messages.info(request, f"“{here.title}” is not asked any more, after what was answered elsewhere.")
        return redirect(organizer)
    return _show_section(request, organizer, sheet, SectionFields.of(sheet, here))


def _save(request, organizer, sheet, here):
    form = SectionFields.of(sheet, here)
    shown = _shown(here)
    try:
        given = _given(request, organizer, form)
        _, conflicts = organizer.save_answers(given, by=request.user)
        form.tell(conflicts)
        anchor = _act(request, organizer, here, form)
        if "save" in request.POST or "later" in request.POST:
            organizer.pass_section(here, by=request.user)
    except NotWithClient:
        return _not_with_client(request, organizer)
    sheet = Sheet.of(organizer)
    there = sheet.section(here.key)
    if there is None:
        return redirect("organizer", organizer.pk)
    again = SectionFields.of(sheet, there)
    again.take_over(form)
    if again.problem_count:
        return _show_section(request, organizer, sheet, again, removed=anchor)
    if "save" in request.POST and "scripted" not in request.POST and _shown(there) - shown:
        messages.info(request, "More questions follow from what you answered. They are on this page now.")
        return redirect("organizer-section", organizer.pk, here.key)
    anchor = anchor or _written_though_removed(request, sheet, given)
    return redirect(_where_next(request, organizer, sheet, there, anchor))


def _entries_in(data):
    """The ids of the entries that a form shows."""
    return {key.split(".")[1] for key in data if key.count(".") == 2}


def _written_though_removed(request, sheet, given):
    """Somebody has removed an entry while this one wrote into it: it can be put back, with what was written."""
    there = {entry_id for _, entry_id in sheet.lines}
    gone = next((one.entry_id for one in given if one.entry_id and one.entry_id not in there), None)
    if gone:
        messages.warning(request, "Somebody has removed what you wrote in meanwhile. Your answers to it are kept.")
    return f"{REMOVED}{gone}" if gone else ""


def _given(request, organizer, form):
    """What was typed; and of the question whose earlier answer is kept, that one."""
    given = form.read(request.POST)
    kept = next((one for one in form.fields if one.name == request.POST.get("keep") and not one.line.entry), None)
    earlier = kept and EarlierAnswers(organizer).of(kept.question)
    if not earlier:
        return given
    kept.error = ""
    others = [one for one in given if one.question != kept.question.key]
    return [*others, Given(kept.question.key, earlier.value, None, kept.revision)]


def _shown(section):
    places = {line.place for line in section.lines if line.is_asked}
    return places | {group.question.key for group in section.groups if group.is_shown}


def _act(request, organizer, here, form):
    """Does what the pressed button says besides saving. Returns the part of the page where it was done."""
    post = request.POST
    if "add" in post:
        group = next((one.question for one in here.groups if one.question.key == post["add"]), None)
        with suppress(GroupFull):  # somebody else has added the last
            return f"entry-{organizer.add_entry(group, by=request.user).pk.hex}" if group else ""
    if "detach" in post and (attachment := _attachment(organizer, here, post["detach"])):
        organizer.detach(attachment, by=request.user)
        messages.info(request, f"{attachment.file.name} is no longer an answer here. It is still among your files.")
        return field_id(Line(organizer.version.questionnaire.questions[attachment.question], attachment.entry))
    if "keep" in post:
        group = next((one for one in form.groups if one.question.key == post["keep"] and not one.entries), None)
        earlier = group and EarlierAnswers(organizer).of_group(group.question)
        if earlier:
            bring(organizer, group.question, earlier, by=request.user)
            return group.id
        return next((one.id for one in form.fields if one.name == post["keep"]), "")
    if "remove" in post and (entry := _entry(organizer, here, post["remove"])):
        organizer.remove_entry(entry, by=request.user)
        return REMOVED + str(entry.pk)
    if "restore" in post and (entry := _entry(organizer, here, post["restore"])):
        return _restore(request, organizer, entry)
    return ""


def _restore(request, organizer, entry):
    """Where the group has its most, the page says so and offers it again."""
    try:
        organizer.restore_entry(entry, by=request.user)
    except GroupFull as full:
        group, most = full.group, full.group.most
        words = f"Not put back: there may be {most} under “{group.label}”, and there are. Remove another one first."
        messages.warning(request, words)
        return REMOVED + str(entry.pk)
    return f"entry-{entry.pk.hex}"


def _entry(organizer, here, entry_id):
    groups = [group.question.key for group in here.groups]
    return next((one for one in organizer.entries.filter(group__in=groups) if str(one.pk) == entry_id), None)


def _attachment(organizer, here, number):
    keys = {line.question.key for line in here.lines if line.question.is_file}
    attachments = organizer.attachments.filter(question__in=keys).select_related("file", "entry")
    return next((one for one in attachments if str(one.pk) == number), None)


def _where_next(request, organizer, sheet, here, anchor):
    address = reverse("organizer-section", args=[organizer.pk, here.key])
    if "files" in request.POST and any(line.name == request.POST["files"] for line in here.lines):
        return reverse("organizer-files", args=[organizer.pk, request.POST["files"]])
    if anchor.startswith(REMOVED):
        return f"{address}?{anchor}"
    if anchor:
        return f"{address}#{anchor}"
    if "later" in request.POST:
        messages.success(request, "Your answers are saved. Come back whenever you like, on any device.")
        return reverse("organizer", args=[organizer.pk])
    if "save" not in request.POST:
        return address
    following = sheet.shown[here.number :]
    if not following:
        return reverse("organizer-check", args=[organizer.pk])
    return reverse("organizer-section", args=[organizer.pk, following[0].key])


def _show_section(request, organizer, sheet, form, *, removed=""):
    removed = _entry(organizer, form.section, removed.removeprefix(REMOVED) or request.GET.get("removed", ""))
    asks = _asks(organizer, sheet)
    for one in form.fields:
        one.ask = asks.get(one.line.place)
    offer(form, organizer)
    progress = Progress.of(organizer, sheet)
    context = {
        "organizer": organizer,
        "form": form,
        "section": form.section,
        "progress": progress,
        "has_problems": form.problem_count > 0,
        "is_passed": progress.has_passed(form.section),
        "files_go_to": _files_go_to(organizer, form, request.user),
        "is_last": form.section.number == len(sheet.shown),
        "removed": removed if removed and removed.removed_at else None,
    }
    return render(request, "organizer/fill.html", context)


def _files_go_to(organizer, form, user):
    """Where the script sends files in parts: (folder, path below it). None where the form asks for none, or a client's people
    may only look at the folder: they send what the firm asks for all at once."""
    if not any(field.question.is_file for field in form.fields):
        return None
    folder, path = organizer.place_of_files
    return None if folder.is_closed_to(user) else (folder, path)


@for_clients
@require_POST
def answers(request, organizer_id):
    """Answers as they are left, from a script, with the names that a section's form has. The reply says of each what became
    of it: the answer that the page shows now, why it cannot be saved, or what somebody else has answered meanwhile; and how
    far one is, for the page of ``section``, on which so many other ``problems`` are told."""
    organizer = organizer_for(request.user, organizer_id)
    fields, gone = fields_in(Sheet.of(organizer), request.POST)
    given = [one for field in fields if (one := field.read(request.POST))]
    try:
        saved, conflicts = organizer.save_answers(given, by=request.user)
    except NotWithClient:
        return JsonResponse({"error": f"{organizer} was sent to the firm already. {NOT_YOURS}"}, status=409)
    conflicts = {(one.given.question, one.given.entry_id): one for one in conflicts}
    replies = [_reply(request, field, saved, conflicts) for field in fields]
    replies += [{"name": name, "error": "Somebody has removed this meanwhile."} for name in gone]
    has_problems = request.POST.get("problems", "0") != "0" or any("seen" not in reply for reply in replies)
    steps = _steps(request, organizer, has_problems)
    return JsonResponse({"answers": replies, "at": date_format(timezone.localtime(), "g:i A"), "steps": steps})


def _steps(request, organizer, has_problems):
    """The list of sections, as the page of the section has it; "" where that is not asked any more."""
    sheet = Sheet.of(organizer)
    here = sheet.section(request.POST.get("section", ""))
    progress = Progress.of(organizer, sheet)
    context = {"organizer": organizer, "progress": progress, "section": here, "has_problems": has_problems}
    return render_to_string("organizer/_steps.html", context, request) if here else ""


def _reply(request, field, saved, conflicts):
    if field.error:
        return {"name": field.name, "error": field.error}
    if field.line.place in conflicts:
        field.conflict = conflicts[field.line.place]
        html = render_to_string("organizer/_conflict.html", {"field": field}, request)
        return {"name": field.name, "conflict": html}
    answer = saved.get(field.line.place)
    if answer is None:
        return {"name": field.name, "seen": field.seen}
    return {
        "name": field.name,
        "seen": seen_of(field.question, answer),
        "masked": answer.value if field.question.is_secret else "",
    }


@csrf_exempt  # the token is in the body: rights and room are checked before it is read, the token after
@for_clients
@require_http_methods(["GET", "POST"])
def files(request, organizer_id, line):
    """The files that answer a question, and where more are sent."""
    organizer = organizer_for(request.user, organizer_id)
    line = file_line_of(organizer, Sheet.of(organizer), line)
    if not organizer.is_with_client:
        return _not_with_client(request, organizer)
    section = organizer.version.questionnaire.section_of[line.question.key]
    back = f"{reverse('organizer-section', args=[organizer.pk, section.key])}#{field_id(line)}"
    if request.method == "POST":
        return _take_files(request, organizer, line, back)
    context = {"organizer": organizer, "field": Field.of(line), "section": section, "back": back}
    return render(request, "organizer/files.html", context)


def _take_files(request, organizer, line, back):
    must_send(request.user)
    folder = organizer.folder_for_files(by=request.user)

    def keep(arrived):
        user = as_of_now(request.user)  # the body may have taken hours
        must_send(user)
        here = organizer_for(user, organizer.pk)
        versions = here.take(arrived, question=line.question, entry=line.entry, by=user)
        if not here.is_with_client:
            messages.warning(request, f"{here} was sent to the firm meanwhile. The file is among your files.")
        return versions

    return take_form(request, Sending(folder, request.user), keep=keep, back=back)


@for_clients
@require_POST
def file_sent(request, organizer_id, line, upload_id):
    """A file that was sent in parts is complete, and answers the question. The reply is the exchange's own."""
    organizer = organizer_for(request.user, organizer_id)
    line = file_line_of(organizer, Sheet.of(organizer), line)
    if upload_for(request, upload_id).client != organizer.client:
        raise NotForYou("upload", upload_id)
    organizer.folder_for_files(by=request.user)
    reply = complete(request, upload_id)
    if reply.status_code == HTTPStatus.OK:
        with suppress(NotWithClient):  # it is among the client's files all the same
            sent = Upload.objects.select_related("version__file").get(pk=upload_id)
            organizer.attach(line.question, [sent.version.file], entry=line.entry, by=request.user)
    return reply


@for_clients
@require_GET
def check(request, organizer_id):
    """All answers, what is missing, and where one signs; what was sent to the firm, for reading."""
    organizer = _opened(request, organizer_id)
    return _show_check(request, organizer, SubmitForm())


def _show_check(request, organizer, form):
    sheet = Sheet.of(organizer)
    overview = Overview(organizer, sheet, _asks(organizer, sheet))
    context = {"organizer": organizer, "overview": overview, "form": form, "consent": CONSENT}
    return render(request, "organizer/check.html", context)


@for_clients
@require_POST
def submit(request, organizer_id):
    """It is signed and with the firm."""
    organizer = organizer_for(request.user, organizer_id)
    form = SubmitForm(request.POST)
    if not organizer.is_with_client:
        return _not_with_client(request, organizer)
    if not form.is_valid():
        return _show_check(request, organizer, form)
    try:
        organizer.submit(signature=form.cleaned_data["signature"], consent=CONSENT, by=request.user)
    except NotWithClient:
        return _not_with_client(request, organizer)
    except StillMissing:
        messages.warning(request, "Something that is needed has no answer yet. It is marked below.")
        return redirect("organizer-check", organizer.pk)
    return redirect("organizer-done", organizer.pk)


@for_clients
@require_GET
def done(request, organizer_id):
    organizer = organizer_for(request.user, organizer_id)
    if organizer.is_with_client:
        return redirect(organizer)
    return render(request, "organizer/done.html", {"organizer": organizer})


def _opened(request, organizer_id):
    """Whoever looks at it has opened it."""
    organizer = organizer_for(request.user, organizer_id)
    organizer.open(by=request.user)
    return organizer


def _not_with_client(request, organizer):
    """Whoever comes a moment after it was submitted or withdrawn is told so."""
    organizer = organizer_for(request.user, organizer.pk)
    if request.method == "POST":
        messages.warning(request, f"{organizer} was sent to the firm already. {NOT_YOURS}")
    return redirect("organizer-check", organizer.pk)


def _asks(organizer, sheet):
    """{place: the Mark with which the firm asks about an answer}, while the client can answer."""
    if not organizer.is_with_client:
        return {}
    marks = organizer.marks.filter(kind=Mark.Kind.ASK)
    return {mark.place: mark for mark in marks if mark.place in sheet.lines and sheet.lines[mark.place].is_shown}
