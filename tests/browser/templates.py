"""How an administrator makes a template in a browser, with a script or without."""


def make_empty(page, name, tax_year):
    page.goto("/organizer/templates/new/")
    page.get_by_label("An empty template").check()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Tax year").fill(tax_year)
    page.get_by_role("button", name="Make the template").click()
    page.get_by_role("heading", name=f"{name} {tax_year}").wait_for()


def add_section(page, title):
    """From the template's page to the section's."""
    page.get_by_role("link", name="Add a section").first.click()
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Add the section").click()
    page.get_by_role("heading", name=title).wait_for()


def fill_question(page, label, kind, *, choices="", help_text="", is_required=False):
    page.get_by_label("Kind").select_option(kind)
    page.get_by_label("Question", exact=True).fill(label)
    if choices:
        page.get_by_label("Answers to choose from").fill(choices)
    if help_text:
        page.get_by_label("Help", exact=False).fill(help_text)
    if is_required:
        page.get_by_label("Required").check()


def show_after(page, question, *answers):
    """The question in the form is asked after these answers alone."""
    page.get_by_label("Show it only after an answer").select_option(label=question)
    again = page.get_by_role("button", name="Show its answers")
    if again.is_visible():
        again.click()
    for answer in answers:
        page.get_by_role("group", name="Shown when the answer is").get_by_label(answer).check()


def questions(page):
    """The labels of the list, in order."""
    return page.locator("ol.tasks .task__name a").all_inner_texts()
