"""An organizer as a screen reader tells it: headings in steps, a label for each control, and all that is said of it before it."""

import pytest
from django.urls import reverse
from lxml import html

from organizer.models import Mark, Template
from organizer.shipped import shipped
from tests.organizer.asking import add_child, answer, published, sent, small
from tests.organizer.test_filling import address, press

CONTROLS = "//main//*[self::input or self::textarea or self::select][not(@type='hidden')]"
WRONG = {  # what no kind of question takes
    **dict.fromkeys(("born_on", "moved_in", "email", "phone", "ssn"), "soon"),
    **dict.fromkeys(("miles", "rent", "share", "ein", "payer", "account", "routing"), "?"),
    "address": ["", "", "Des Moines", "", ""],
}


def heard(response):
    """The page's tree, in which everything is found, once, where it is named."""
    page = html.fromstring(response.content)
    order = {element: place for place, element in enumerate(page.iter())}
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    levels = [int(heading.tag[1]) for heading in page.xpath("//main//*[self::h1 or self::h2 or self::h3 or self::h4]")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False)), levels
    for control in page.xpath(CONTROLS):
        assert name_of(page, control), html.tostring(control)
        for part in described(page, control):
            assert order[part] < order[control], html.tostring(control)
    return page


def name_of(page, control):
    """Its label's words. One of several stands in a group, which has a name of its own."""
    ids = control.get("aria-labelledby", "").split()
    labels = [one for id in ids for one in page.xpath("//*[@id=$id]", id=id)]
    labels = labels or page.xpath("//label[@for=$id]", id=control.get("id", "-")) + control.xpath("ancestor::label")
    own = " ".join(" ".join(label.text_content().split()) for label in labels) or control.get("aria-label")
    is_alone = control.get("type") != "radio" or control.xpath("string(ancestor::fieldset[1]/legend)").strip()
    return own if is_alone else None


def described(page, control):
    holders = [control, *control.xpath("ancestor::fieldset[@aria-describedby]")]
    ids = " ".join(holder.get("aria-describedby", "") for holder in holders).split()
    found = [page.xpath("//*[@id=$id]", id=id) for id in ids]
    assert all(len(one) == 1 for one in found), ids
    return [one for (one,) in found]


def test_a_section_with_errors_is_told_in_its_order(cast, sign_in, organizer):
    answer(organizer, cast.client, is_married="yes")
    child = add_child(organizer, cast.client, child_name="Emma")
    Mark.objects.create(organizer=organizer, question="born_on", kind="ask", comment="Sure?", by=cast.firm_user)
    wrong = {"children": {f"child_ssn.{child.pk.hex}": "12"}}
    browser, told = sign_in(cast.client), set()
    for section in ("about", "children", "money"):
        page = browser.get(address(organizer, section))
        heard(page)
        typed = wrong.get(section) or {name: text for name, text in WRONG.items() if f'"{name}.seen"' in page.text}
        page = heard(press(browser, organizer, page, section, **typed))
        assert page.xpath("string(//title)").startswith("Error: ")
        summary = page.xpath("//*[contains(@class, 'error-summary')]")[0]
        assert len(summary.xpath(".//a")) == len(typed)
        for link in summary.xpath(".//a"):
            (control,) = page.xpath("//*[@id=$id]", id=link.get("href")[1:])
            group = control.xpath("ancestor-or-self::fieldset[@aria-describedby]")
            assert control.get("aria-invalid") == "true" or group, link.get("href")
            words = " ".join(part.text_content() for part in described(page, control))
            assert "Error: " in words and link.text_content().rpartition(": ")[2] in words
            told.add(link.get("href").partition("-")[2].split("-")[0])
    assert told == {*WRONG, "child_ssn"}


@pytest.mark.parametrize("name", ["individual-1040", "business-1120s-1065"])
def test_every_section_that_is_shipped_is_told_in_its_order(name, cast, sign_in):
    version = Template.make(shipped()[name], by=cast.administrator)
    version.publish(by=cast.administrator)
    organizer, browser = sent(cast, version=version), sign_in(cast.client)
    for section in version.questionnaire.sections:
        page = browser.get(address(organizer, section.key), follow=True)
        assert page.status_code == 200
        heard(page)


def test_the_other_pages_are_told_in_their_order(cast, sign_in):
    organizer = sent(cast, version=published(cast, small()))
    answer(organizer, cast.client, name="Ngozi", is_married="yes")
    add_child(organizer, cast.client, child_name="Emma")
    browser = sign_in(cast.client)
    heard(browser.get(reverse("organizers")))
    heard(browser.get(organizer.get_absolute_url()))
    page = heard(browser.post(reverse("organizer-submit", args=[organizer.pk]), {}))
    errors = [
        " ".join(part.text_content().split())
        for control in page.xpath("//form[contains(@action, 'submission')]//input[@aria-invalid]")
        for part in described(page, control)
    ]
    assert [error for error in errors if "Type your full name." in error]
    organizer.submit(signature="Ngozi Okafor", consent="I agree.", by=cast.client)
    for name in ("organizer-check", "organizer-done"):
        heard(browser.get(reverse(name, args=[organizer.pk])))
    staff = sign_in(cast.firm_user)
    for page in (organizer.get_absolute_url(), reverse("organizers"), reverse("organizer-send")):
        heard(staff.get(page))
    heard(staff.get(reverse("organizer-reopen", args=[organizer.pk])))
