"""Templates, as the firm's people edit them."""

from django.urls import reverse

from organizer.definition import from_json
from organizer.models import Template
from tests.organizer.asking import small


def drafted(cast, content=None):
    """A draft that was never published."""
    return Template.make(from_json(content or small()), by=cast.administrator)


def at(page, template, *arguments):
    return reverse(f"organizer-template-{page}" if page else "organizer-template", args=[template.pk, *arguments])


def fields_of(page):
    """What the page's form holds, as a browser sends it."""
    form = page.context["form"]
    found = {}
    for field in form:
        value = field.value()
        if value not in (None, "", False, []):
            found[field.html_name] = list(value) if isinstance(value, tuple) else value
    return found


def save(browser, url, **changed):
    """The page's form is sent with these fields changed; None leaves one out."""
    fields = {**fields_of(browser.get(url)), **changed}
    return browser.post(url, {name: value for name, value in fields.items() if value is not None})
