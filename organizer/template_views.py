"""The firm's templates: the list, making one, and what becomes of its versions. Their questions are in editing_views."""

import json
from dataclasses import replace

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import NotForYou, for_right, for_the_firm
from accounts.paging import Page
from accounts.rights import Right
from organizer import signals
from organizer.access import template_for
from organizer.models import ChangedMeanwhile, NotADraft, Template, TemplateVersion, Unfinished
from organizer.outline import outline
from organizer.template_forms import NameForm, NewForm, WholeForm

TEMPLATES_PER_PAGE = 50


@for_right(Right.EDIT_TEMPLATES)
@require_GET
def templates(request):
    standing = TemplateVersion.objects.exclude(status=TemplateVersion.Status.REPLACED).defer("definition")
    found = (
        Template.objects.visible_to(request.user)
        .annotate(sent_count=Count("versions__organizers"))
        .prefetch_related(Prefetch("versions", standing, to_attr="standing"))
    )
    page = Page(found, "at", request.GET, size=TEMPLATES_PER_PAGE, descending=True)
    return render(request, "organizer/templates.html", {"page": page})


@for_right(Right.EDIT_TEMPLATES)
@require_http_methods(["GET", "POST"])
def make(request):
    """An empty one, one that comes with the portal, or one from a file."""
    form = NewForm(request.POST or None, request.FILES or None, body_bytes=int(request.META.get("CONTENT_LENGTH") or 0))
    if request.method == "POST" and form.is_valid():
        draft = Template.make(form.questionnaire, by=request.user, note=form.note)
        messages.success(request, f"{draft.template} is a draft: change it as you like, then publish it.")
        return redirect(draft.template)
    return render(request, "organizer/new_template.html", {"form": form})


@for_right(Right.EDIT_TEMPLATES)
@require_GET
def template(request, template_id):
    """What it asks now, section by section, and its versions."""
    template = template_for(request.user, template_id)
    versions = template.versions.select_related("by").defer("definition").annotate(sent_count=Count("organizers"))
    versions = list(versions.order_by("-number"))  # Meta's order is left out where rows are counted
    newest = next(version for version in versions if version.status != TemplateVersion.Status.REPLACED)
    context = {
        "template": template,
        "versions": versions,
        "newest": newest,
        "published": next((version for version in versions if version.status in TemplateVersion.STANDING), None),
        "sections": outline(newest.questionnaire),
        "moved": request.GET.get("moved"),
        "moved_down": request.GET.get("by") == "down",
    }
    return render(request, "organizer/template.html", context)


@for_right(Right.EDIT_TEMPLATES)
@require_POST
def begin_draft(request, template_id):
    template = template_for(request.user, template_id)
    draft = template.begin_draft(by=request.user)
    messages.success(request, f"Version {draft.number} is a draft. Organizers that were sent stay as they are.")
    return redirect(template)


@for_right(Right.EDIT_TEMPLATES)
@require_http_methods(["GET", "POST"])
def drop_draft(request, template_id):
    template = template_for(request.user, template_id)
    draft, published = template.draft, template.published
    if draft is None or published is None:
        messages.info(request, "There is no draft beside a published version.")
        return redirect(template)
    form = WholeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        template.drop_draft(by=request.user)
        messages.success(request, f"The draft is gone. Version {published.number} stands.")
        return redirect(template)
    context = {"template": template, "form": form, "draft": draft, "published": published}
    return render(request, "organizer/drop_draft.html", context)


@for_right(Right.EDIT_TEMPLATES)
@require_POST
def publish(request, template_id):
    template = template_for(request.user, template_id)
    draft, revision = template.draft, request.POST.get("revision", "")
    try:
        if draft is None:
            raise NotADraft
        draft.publish(revision=int(revision) if revision.isdecimal() and len(revision) < 10 else None, by=request.user)
    except NotADraft:
        messages.info(request, "It was published already.")
    except ChangedMeanwhile:
        messages.warning(
            request, f"{_name(template.draft.by)} changed it since you opened the page. Look at it, then publish."
        )
    except Unfinished:
        messages.warning(request, "It is not published yet: what is to be put right is listed below.")
    else:
        messages.success(request, f"{template}, version {draft.number}, can be sent.")
    return redirect(template)


@for_right(Right.EDIT_TEMPLATES)
@require_POST
def hold(request, template_id):
    template = template_for(request.user, template_id)
    if template.published:
        template.published.hold(by=request.user)
        messages.success(request, f"{template} cannot be sent for now. Organizers that were sent go on.")
    return redirect(template)


@for_right(Right.EDIT_TEMPLATES)
@require_POST
def release(request, template_id):
    template = template_for(request.user, template_id)
    if template.published:
        template.published.release(by=request.user)
        messages.success(request, f"{template} can be sent again.")
    return redirect(template)


@for_right(Right.EDIT_TEMPLATES)
@require_http_methods(["GET", "POST"])
def copy(request, template_id):
    """Another template with the same questions and keys: for next year, or for other clients."""
    template = template_for(request.user, template_id)
    questionnaire = template.newest.questionnaire
    start = {"name": questionnaire.name, "tax_year": questionnaire.tax_year + 1}
    form = NameForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        copied = replace(questionnaire, **form.cleaned_data)
        draft = Template.make(copied, by=request.user, note=f"copy of {template}")
        messages.success(request, f"{draft.template} is a draft with the questions of {template}.")
        return redirect(draft.template)
    return render(request, "organizer/copy_template.html", {"template": template, "form": form})


@for_right(Right.EDIT_TEMPLATES)
@require_http_methods(["GET", "POST"])
def discard(request, template_id):
    template = template_for(request.user, template_id)
    form = WholeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        template.discard(by=request.user)
        messages.success(request, f"{template} is discarded. Organizers that were sent go on.")
        return redirect("organizer-templates")
    sent_count = template.versions.aggregate(sent=Count("organizers"))["sent"]
    context = {"template": template, "form": form, "sent_count": sent_count, "newest": template.newest}
    return render(request, "organizer/discard_template.html", context)


@for_the_firm
@require_GET
def preview(request, template_id, number):
    """All that a client may see of this version, with the conditions in words."""
    version = _version_for(request.user, template_id, number)
    questionnaire = version.questionnaire
    context = {"version": version, "questionnaire": questionnaire, "sections": outline(questionnaire)}
    return render(request, "organizer/preview.html", context)


@for_right(Right.EDIT_TEMPLATES)
@require_GET
def write_file(request, template_id, number):
    """The version as a file that can be read here again, or in another portal."""
    version = _version_for(request.user, template_id, number)
    with transaction.atomic():
        signals.template_exported.send(
            Template, subject=version.template, by=request.user, note=f"version {version.number}"
        )
    content = json.dumps(version.questionnaire.as_json(), ensure_ascii=False, indent=1) + "\n"
    response = HttpResponse(content, content_type="application/json")
    name = f"{slugify(str(version.template)) or 'template'}-version-{number}.json"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _version_for(user, template_id, number):
    version = template_for(user, template_id).versions.select_related("template").filter(number=number).first()
    if version is None:
        raise NotForYou("template", template_id)
    return version


def _name(person):
    return (person.name or person.email) if person else "Somebody"
