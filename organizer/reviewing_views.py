"""One organizer, as the firm reads it, asks about it, and closes it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import NotForYou
from accounts.forms import ConfirmForm
from accounts.paging import Page
from organizer.access import for_staff, organizer_for
from organizer.following_views import told
from organizer.models import Organizer, WrongOrder
from organizer.reviewing import Review
from organizer.reviewing_forms import WhyForm

CHANGES_PER_PAGE = 50


@for_staff
@require_GET
def review(request, organizer_id):
    organizer = organizer_for(request.user, organizer_id)
    return _show(request, organizer, Review(organizer))


def _show(request, organizer, review, *, typed=None, problem=""):
    """``typed`` is the section whose marks could not be saved as they were typed; ``problem`` says that in words."""
    context = {"organizer": organizer, "review": review, "typed": typed, "problem": problem}
    return render(request, "organizer/review.html", context)


@for_staff
@require_POST
def mark(request, organizer_id):
    """The marks of one section are as its form says; ``fine`` in it marks all that nothing is asked about."""
    organizer = organizer_for(request.user, organizer_id)
    review = Review(organizer)
    section = review.section(request.POST.get("section", ""))
    if section is None:
        raise NotForYou("organizer", organizer.pk)
    looks = [look for look in section.looks if look.line.is_asked]
    for look in looks:
        look.take(request.POST)
        if request.POST.get("all") == "fine" and not look.comment:
            look.is_fine = True
    title = section.section.title
    if section.errors:
        return _show(request, organizer, review, typed=section, problem=f"The marks of {title} are not saved")
    try:
        late = organizer.mark([look.marked() for look in looks], by=request.user)
    except WrongOrder as problem:
        messages.warning(request, str(problem))
        return redirect(organizer)
    if late:
        return _show_late(request, organizer, section, late)
    messages.success(request, f"The marks of {title} are saved.")
    return redirect(f"{organizer.get_absolute_url()}#section-{section.section.key}")


def _show_late(request, organizer, typed, late):
    """Beside each answer that somebody else has marked meanwhile stands who, and what was to be said."""
    review = Review(organizer)
    section = review.section(typed.section.key)
    looks = {look.line.place: look for look in typed.looks}
    for look in section.looks:
        if look.line.place in late:
            look.come_late(looks[look.line.place])
    problem = f"Not all marks of {section.section.title} are saved: somebody else was quicker"
    return _show(request, organizer, review, typed=section, problem=problem)


@for_staff
@require_http_methods(["GET", "POST"])
def reopen(request, organizer_id):
    """Asks why; the client reads it."""
    organizer = organizer_for(request.user, organizer_id)
    if not organizer.can_be_reopened:
        messages.warning(request, "Only what is submitted or reviewed, and not sealed, can be opened again.")
        return redirect(organizer)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with told(request, f"{organizer.client} can change it again. A mail is on its way to its people."):
            organizer.reopen(form.cleaned_data["because"], by=request.user)
        return redirect(organizer)
    context = {"form": form, "organizer": organizer, "asks": Review(organizer).asks}
    return render(request, "organizer/reopen.html", context)


@for_staff
@require_POST
def mark_reviewed(request, organizer_id):
    organizer = organizer_for(request.user, organizer_id)
    with told(request, f"{organizer} of {organizer.client} is reviewed."):
        organizer.review(by=request.user)
    return redirect(organizer)


@for_staff
@require_http_methods(["GET", "POST"])
def seal(request, organizer_id):
    """Asks to type YES: a sealed organizer is opened by nobody."""
    organizer = organizer_for(request.user, organizer_id)
    if organizer.status != Organizer.Status.REVIEWED:
        messages.warning(request, "Only what is reviewed can be sealed.")
        return redirect(organizer)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with told(request, f"{organizer} of {organizer.client} is sealed. Nobody can change it."):
            organizer.seal(by=request.user)
        return redirect(organizer)
    return render(request, "organizer/seal.html", {"form": form, "organizer": organizer})


@for_staff
@require_POST
def reveal(request, organizer_id):
    """A secret answer, once. That it was looked at is in the log before it is shown."""
    organizer = organizer_for(request.user, organizer_id)
    look = Review(organizer).look(request.POST.get("answer", ""))
    if look is None or not look.can_be_revealed:
        raise NotForYou("answer", organizer.pk)
    secret = organizer.reveal(look.line.answer, where=look.name, by=request.user)
    return render(request, "organizer/secret.html", {"organizer": organizer, "look": look, "secret": secret})


@for_staff
@require_GET
def changes(request, organizer_id):
    """Who changed which answer, from what to what; newest first."""
    organizer = organizer_for(request.user, organizer_id)
    questions = organizer.version.questionnaire.questions
    question = questions.get(request.GET.get("question", ""))
    found = organizer.changes.select_related("by", "entry")
    if question:
        found = found.filter(question=question.key)
    page = Page(found, "id", request.GET, size=CHANGES_PER_PAGE, descending=True)
    rows = [(change, questions.get(change.question)) for change in page]
    return render(
        request, "organizer/changes.html", {"organizer": organizer, "page": page, "rows": rows, "question": question}
    )
