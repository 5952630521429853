"""Changing a template's draft: its words, its sections, its questions, and their order."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import NotForYou, for_right
from accounts.rights import Right
from organizer import editing
from organizer.access import template_for
from organizer.definition import OF_THE_FORM, Section
from organizer.kinds import Kind
from organizer.models import ChangedMeanwhile, NotADraft
from organizer.outline import outline, rows
from organizer.template_forms import QuestionForm, RemovalForm, SectionForm, WordsForm, shortened

PUBLISHED = (
    "This version was published meanwhile, and stays as it is. Begin a new draft in another tab, then save again."
)


@for_right(Right.EDIT_TEMPLATES)
@require_http_methods(["GET", "POST"])
def words(request, template_id):
    """The template's name, tax year, welcome and sources."""
    version = _newest_for(request.user, template_id)
    form = WordsForm.of(version.questionnaire, request.POST or None)
    if form.is_bound and form.is_valid():
        change = _unless_changed(form, _itself, lambda found: editing.change_words(found, **form.fields_of_template()))
        if _save(request, form, version, change, "name, tax year and welcome", _itself):
            return redirect(version.template)
    return _show(request, "template_words", version, form=form)


@for_right(Right.EDIT_TEMPLATES)
@require_http_methods(["GET", "POST"])
def add_section(request, template_id):
    version = _newest_for(request.user, template_id)
    form = SectionForm.of(version.questionnaire, data=request.POST or None)
    if form.is_bound and form.is_valid():
        title, made = form.cleaned_data["title"], {}

        def add(questionnaire):
            made["key"] = editing.key_for(title, {section.key for section in questionnaire.sections})
            return editing.add_section(questionnaire, Section(made["key"], **form.fields_of_section()))

        if _save(request, form, version, add, f"new section: {title}", lambda found: found.section(made["key"])):
            return redirect("organizer-template-section", template_id, made["key"])
    return _show(request, "section_words", version, form=form)


@for_right(Right.EDIT_TEMPLATES)
@require_GET
def section(request, template_id, section_key):
    """A section's questions, in order."""
    version, section = _section_for(request.user, template_id, section_key)
    row = next(row for row in outline(version.questionnaire) if row.section == section)
    return _show(request, "section", version, row=row, section=section)


@for_right(Right.EDIT_TEMPLATES)
@require_http_methods(["GET", "POST"])
def change_section(request, template_id, section_key):
    version, section = _section_for(request.user, template_id, section_key)
    form = SectionForm.of(version.questionnaire, section, request.POST or None)
    if form.is_bound and form.is_valid():
        fields, itself = form.fields_of_section(), lambda found: found.section(section_key)
        change = _unless_changed(form, itself, lambda found: editing.change_section(found, section_key, **fields))
        if _save(request, form, version, change, f"section: {fields['title']}", itself):
            return redirect("organizer-template-section", template_id, section_key)
    return _show(request, "section_words", version, form=form, section=section)


@for_right(Right.EDIT_TEMPLATES)
@require_POST
def move_section(request, template_id, section_key):
    version, section = _section_for(request.user, template_id, section_key)
    to, note = _to(request), f"order: {section.title}"
    _move(request, version, lambda found: editing.move_section(found, section_key, to), note)
    return _moved(request, reverse("organizer-template", args=[template_id]), section_key)


@for_right(Right.EDIT_TEMPLATES)
@require_http_methods(["GET", "POST"])
def remove_section(request, template_id, section_key):
    version, section = _section_for(request.user, template_id, section_key)
    form = RemovalForm.of(section, request.POST or None)
    if form.is_bound and form.is_valid():
        itself, note = (lambda found: found.section(section_key)), f"section removed: {section.title}"
        remove = _unless_changed(form, itself, lambda found: editing.remove_section(found, section_key), is_whole=True)
        if _save(request, form, version, remove, note, itself):
            messages.success(request, f"“{section.title}” is removed.")
            return redirect(version.template)
    keys = [key for key, one in version.questionnaire.section_of.items() if one.key == section_key]
    context = {"section": section, "count": len(keys), "named_by": editing.named_by(version.questionnaire, keys)}
    return _show(request, "remove_section", version, form=form, **context)


@for_right(Right.EDIT_TEMPLATES)
@require_http_methods(["GET", "POST"])
def add_question(request, template_id, section_key):
    """``group`` in the address puts it into that group of the section; ``kind`` is what it begins as."""
    version, section = _section_for(request.user, template_id, section_key)
    group = next((item for item in section.items if item.is_group and item.key == request.GET.get("group")), None)
    kind = request.GET.get("kind") if request.GET.get("kind") in Kind.values else Kind.TEXT
    place = editing.end_of(section, group)
    form = QuestionForm.of(version.questionnaire, place, data=request.POST or None, kind=kind)
    if form.is_bound and form.is_valid():
        label, made = form.cleaned_data["label"], {}

        def add(questionnaire):
            made["key"] = editing.key_for(label, {*questionnaire.questions, *OF_THE_FORM})
            return editing.add_question(questionnaire, form.question(made["key"]), form.place_chosen)

        note, itself = f"new question: {shortened(label)}", lambda found: found.questions.get(made["key"])
        if _save(request, form, version, add, note, itself):
            return _after_question(request, version, made["key"])
    return _show(request, "question", version, form=form, section=section, group=group)


@for_right(Right.EDIT_TEMPLATES)
@require_http_methods(["GET", "POST"])
def question(request, template_id, question_key):
    """One question; a group lists its own as well."""
    version, question = _question_for(request.user, template_id, question_key)
    questionnaire = version.questionnaire
    place = editing.place_of(questionnaire, question_key)
    form = QuestionForm.of(questionnaire, place, question, request.POST or None)
    if form.is_bound and form.is_valid():
        said, itself = form.question(question_key), lambda found: found.questions.get(question_key)
        change = _unless_changed(
            form, itself, lambda found: editing.set_question(found, question_key, said, form.place_chosen)
        )
        if _save(request, form, version, change, f"question: {shortened(said.label)}", itself):
            return _after_question(request, version, question_key)
    context = {
        "question": question,
        "section": questionnaire.section_of[question_key],
        "group": questionnaire.group_of.get(question_key),
        "inner": rows(questionnaire, question.items),
    }
    return _show(request, "question", version, form=form, **context)


@for_right(Right.EDIT_TEMPLATES)
@require_POST
def move_question(request, template_id, question_key):
    version, question = _question_for(request.user, template_id, question_key)
    to, note = _to(request), f"order: {shortened(question.label)}"
    _move(request, version, lambda found: editing.move_question(found, question_key, to), note)
    return _moved(request, _list_of(version, question_key), question_key)


@for_right(Right.EDIT_TEMPLATES)
@require_http_methods(["GET", "POST"])
def remove_question(request, template_id, question_key):
    version, question = _question_for(request.user, template_id, question_key)
    back = _list_of(version, question_key)
    form = RemovalForm.of(question, request.POST or None)
    if form.is_bound and form.is_valid():
        itself, note = (
            (lambda found: found.questions.get(question_key)),
            f"question removed: {shortened(question.label)}",
        )
        remove = _unless_changed(
            form, itself, lambda found: editing.remove_question(found, question_key), is_whole=True
        )
        if _save(request, form, version, remove, note, itself):
            messages.success(request, f"“{shortened(question.label)}” is removed.")
            return redirect(back)
    keys = [question_key, *(inner.key for inner in question.items)]
    context = {"question": question, "back": back, "named_by": editing.named_by(version.questionnaire, keys)}
    return _show(request, "remove_question", version, form=form, **context)


def _newest_for(user, template_id):
    """The draft; what is published where there is none, so that who comes a moment late keeps what they wrote."""
    return template_for(user, template_id).newest


def _section_for(user, template_id, key):
    version = _newest_for(user, template_id)
    found = version.questionnaire.section(key)
    if found is None:
        raise NotForYou("template", template_id)
    return version, found


def _question_for(user, template_id, key):
    version = _newest_for(user, template_id)
    found = version.questionnaire.questions.get(key)
    if found is None:
        raise NotForYou("template", template_id)
    return version, found


def _itself(questionnaire):
    return questionnaire


def _unless_changed(form, part, edit, **options):
    """``edit`` of a questionnaire whose part is as the form began with; else ChangedMeanwhile."""

    def checked(questionnaire):
        editing.unless_changed(part(questionnaire), form.cleaned_data["seen"], **options)
        return edit(questionnaire)

    return checked


def _save(request, form, version, edit, note, part):
    """Whether the draft is as ``edit`` makes it; where it is not, the form says why and keeps what was written."""
    try:
        version.edit(edit, by=request.user, note=note, part=part)
    except NotADraft:
        form.add_error(None, PUBLISHED)
    except ChangedMeanwhile:
        version.refresh_from_db(fields=["by", "at"])
        standing = part(version.questionnaire)
        form.add_error(None, _what_happened(version, standing))
        if standing is not None:
            form.now_sees(standing)
    else:
        return True
    return False


def _what_happened(version, standing):
    name = (version.by.name or version.by.email) if version.by else "Somebody"
    at = date_format(timezone.localtime(version.at), "g:i A")
    if standing is None:
        return f"{name} removed this at {at}, while you had it open. What you wrote is still here, to be copied."
    return (
        f"{name} changed this at {at}, while you had it open. What it says now is below; save again to put yours there."
    )


def _move(request, version, edit, note):
    try:
        version.edit(edit, by=request.user, note=note)
    except NotADraft:
        messages.warning(request, PUBLISHED)


def _moved(request, url, key):
    """Back to the list, where the button that was pressed has the focus again."""
    return redirect(f"{url}?moved={key}&by={'down' if 'down' in request.POST else 'up'}")


def _list_of(version, key):
    """The page that lists the question: its group's, or its section's."""
    questionnaire = version.questionnaire
    group = questionnaire.group_of.get(key)
    if group:
        return reverse("organizer-template-question", args=[version.template_id, group.key])
    return reverse("organizer-template-section", args=[version.template_id, questionnaire.section_of[key].key])


def _after_question(request, version, key):
    """The next question, where that was asked for; a group's own questions; or the list."""
    questionnaire = version.questionnaire
    place, question = editing.place_of(questionnaire, key), questionnaire.questions[key]
    if "next" in request.POST:
        new = reverse("organizer-template-question-new", args=[version.template_id, place.section])
        return redirect(f"{new}?kind={question.kind}" + (f"&group={place.group}" if place.group else ""))
    if question.is_group and not question.items:
        return redirect("organizer-template-question", version.template_id, key)
    return redirect(f"{_list_of(version, key)}#row-{key}")


def _to(request):
    """The place in the list, from a button or from where it was dropped."""
    given = next((request.POST[name] for name in ("up", "down", "to") if name in request.POST), "")
    return int(given) if given.isdecimal() and len(given) < 6 else 0


def _show(request, page, version, **context):
    form = context.get("form")
    if not version.is_draft and not (form and form.is_bound):
        messages.info(request, "It is published. Begin a new draft to change it.")
        return redirect(version.template)
    context |= {
        "template": version.template,
        "version": version,
        "moved": request.GET.get("moved"),
        "moved_down": request.GET.get("by") == "down",
    }
    return render(request, f"organizer/{page}.html", context)
