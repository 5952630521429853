"""An administrator makes a template: every kind of question, a condition, a group, and an order; with a script and without."""

import pytest
from playwright.sync_api import expect

from organizer.kinds import CHOSEN, Kind
from tests.browser.chromium import ADMINISTRATOR, PHONE, WIDE
from tests.browser.templates import add_section, fill_question, make_empty, questions, show_after


@pytest.mark.parametrize(("has_script", "size"), [(True, WIDE), (False, PHONE)], ids=["wide", "phone without a script"])
def test_a_template_with_every_kind_of_question_is_published(has_script, size, visit):
    page = visit(ADMINISTRATOR, size=size, java_script_enabled=has_script)
    make_empty(page, f"Trust {size[0]}", "2026")
    add_section(page, "All of it")
    page.get_by_role("link", name="Add a question").first.click()
    kinds = list(Kind)
    for kind in kinds:
        fill_question(page, f"A {kind.label}", kind, choices="Red\nGreen" if kind in CHOSEN else "")
        is_last = kind == kinds[-1]
        page.get_by_role("button", name="Add the question" if is_last else "Add it and the next").click()
        page.get_by_role("heading", name="All of it" if is_last else "New question").wait_for()
    assert questions(page) == [f"A {kind.label}" for kind in kinds]

    page.get_by_role("link", name="A Repeated group").click()
    page.get_by_role("link", name="Add a question to it").click()
    fill_question(page, "Name", Kind.TEXT, is_required=True)
    page.get_by_role("button", name="Add the question").click()
    page.get_by_role("heading", name="Questions of this group").wait_for()
    assert questions(page) == ["Name"]

    page.get_by_role("link", name="All of it").click()
    page.get_by_role("link", name="A Money", exact=True).click()
    show_after(page, "A One of", "Green")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("After “Green” to “A One of”").wait_for()
    for _ in range(2):
        page.get_by_role("button", name="Move up: A Money,").click()
        page.wait_for_url("**moved=a_money**")
        place = questions(page).index("A Money") + 1
        focused = page.evaluate("document.activeElement.ariaLabel")
        assert focused == f"Move up: A Money, {place} of {len(kinds)}"
    assert questions(page).index("A Money") == kinds.index(Kind.MONEY) - 2
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]

    page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name=f"Trust {size[0]} 2026").click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("can be sent.").wait_for()
    page.get_by_role("link", name="Preview").click()
    page.get_by_text("Only after “Green” to “A One of”").wait_for()


def test_rows_are_dragged_and_fields_come_and_go_with_the_kind(visit):
    page = visit(ADMINISTRATOR, size=WIDE)
    page.goto("/organizer/templates/new/")
    for label in ("Template file", "Tax year"):
        expect(page.get_by_label(label)).to_be_hidden()
    page.get_by_label("Business").check()
    page.get_by_role("button", name="Make the template").click()
    sections = questions(page)
    rows = page.locator("ol.tasks > li")
    with page.expect_navigation():
        rows.nth(2).drag_to(rows.nth(0), target_position={"x": 60, "y": 4})
    assert questions(page) == [sections[2], sections[0], sections[1], *sections[3:]]

    page.get_by_role("link", name="Add a section").click()
    show_after(page, "How are the books kept?", "Accrual")
    page.get_by_label("Show it only after an answer").select_option("")
    page.get_by_role("group", name="Shown when the answer is").wait_for(state="detached")
    page.goto(page.locator(".breadcrumbs a").last.evaluate("link => link.href"))
    page.get_by_role("link", name="Owners").click()
    page.get_by_role("link", name="Add a question").first.click()
    for kind, shown in ((Kind.TEXT, []), (Kind.CHOICE, ["choices"]), (Kind.GROUP, ["most"])):
        page.get_by_label("Kind").select_option(kind)
        for name in ("choices", "most"):
            expect(page.locator(f"[name={name}]")).to_be_visible(visible=name in shown)
