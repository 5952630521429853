"""Templates from the first draft to the last version: making, publishing, holding, copying, writing to a file."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from lxml import html

from accounts.models import Role
from activity.actions import Action
from organizer.definition import from_json
from organizer.kinds import Kind
from organizer.models import NotADraft, Organizer, Template, TemplateVersion
from organizer.shipped import shipped
from tests.conftest import join
from tests.organizer.asking import published, sent, small
from tests.organizer.editing import at, drafted, save

NEW = "/organizer/templates/new/"


@pytest.fixture
def editor(sign_in, cast):
    return sign_in(cast.administrator)


def uploaded(browser, content, name="individual.json"):
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    return browser.post(NEW, {"begin": "file", "file": SimpleUploadedFile(name, content)})


def only():
    return Template.objects.get()


def words_of(page):
    return " ".join(html.fromstring(page.content).xpath("string(//main)").split())


def test_a_firm_without_templates_reads_how_to_begin(editor):
    assert "No templates yet" in words_of(editor.get("/organizer/templates/"))


@pytest.mark.parametrize("name", sorted(shipped()))
def test_one_that_comes_with_the_portal_is_a_draft_that_can_be_published(name, editor, events):
    made = editor.post(NEW, {"begin": name}, follow=True)
    version = only().draft
    assert version.questionnaire == shipped()[name] and version.problems == []
    assert "is a draft" in words_of(made)
    editor.post(at("publication", only()), {"revision": version.revision})

    assert only().published == version
    assert [event.action for event in events()] == [Action.TEMPLATE_MADE, Action.TEMPLATE_PUBLISHED]
    assert [event.details["note"] for event in events()] == ["one that comes with the portal", "version 1"]


def test_an_empty_one_needs_a_name_and_a_question(editor, cast):
    refused = editor.post(NEW, {"begin": "empty", "name": "Trust"})
    assert "Tax year: Fill this in." in words_of(refused) and not Template.objects.exists()
    editor.post(NEW, {"begin": "empty", "name": "Trust", "tax_year": "2026"})
    page = editor.post(at("publication", only()), follow=True)

    assert only().published is None
    assert "There is no question yet." in words_of(page) and "not published yet" in words_of(page)


def test_nothing_chosen_is_told(editor):
    assert "Choose what it begins with." in words_of(editor.post(NEW, {"begin": ""}))
    assert "Template file: Choose a file." in words_of(editor.post(NEW, {"begin": "file"}))


def test_what_is_written_to_a_file_is_read_from_it_the_same(editor, cast, events):
    content = {**small(), "name": "Individuals & “others”"}
    template = published(cast, content).template
    file = editor.get(at("file", template, 1))
    assert file["Content-Disposition"] == 'attachment; filename="individuals-others-2026-version-1.json"'
    assert json.loads(file.content) == from_json(content).as_json()
    template.discard(by=cast.administrator)
    uploaded(editor, file.content)

    assert Template.objects.get(discarded_at=None).draft.questionnaire == from_json(content)
    last = events()[-1]
    assert (last.action, last.details["note"]) == (Action.TEMPLATE_MADE, "from the file individual.json")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04 a workbook", "not written in JSON"),
        (b"[" * 100_000, "not written in JSON"),
        (b"", "The file is empty"),
        (b"{}", "“format” must be firm-portal-organizer-1"),
        (b"1", "This is no template"),
        (b" " * 2_000_001, "more than 2 MB"),
        (json.dumps({**small(), "name": "\ud800"}).encode(), "not written in JSON"),
        (json.dumps({**small(), "sections": [7] * 101}).encode(), "These are the first 100 of 102."),
    ],
)
def test_a_file_that_is_no_template_makes_nothing(content, words, editor, events):
    page = uploaded(editor, content)
    assert page.status_code == 200 and words in words_of(page)
    assert not Template.objects.exists() and events() == []


def test_all_that_is_wrong_in_a_file_is_told_at_once(editor):
    content = small()
    content["tax_year"] = "next"
    content["sections"][0]["items"][1]["kind"] = "essay"
    content["sections"][1]["items"][0]["most"] = 0
    content["sections"][2]["items"][0]["key"] = "name"
    content["sections"][2]["condition"] = {"question": "rent", "is": ["yes"]}
    page = words_of(uploaded(editor, content))

    assert not Template.objects.exists()
    for problem in (
        "The tax year must be a year with four digits.",
        "Section “About you”, question 2: there is no kind of question “essay” here.",
        "Section “Children”, question 1: a group is answered at most 1 to 100 times.",
        "Section “Money”: the condition must name an earlier question with answers to choose from.",
    ):
        assert problem in page


def test_a_published_one_is_changed_by_a_new_draft_and_clients_keep_theirs(editor, cast):
    before = published(cast)
    organizer = sent(cast, version=before)
    template = before.template
    assert editor.get(at("words", template), follow=True).redirect_chain[0][0] == at("", template)
    editor.post(at("draft", template))
    editor.post(at("draft", template))  # pressed twice
    save(editor, at("words", template), welcome="Good morning.")
    assert [version.status for version in template.versions.all()] == ["draft", "published"]
    editor.post(at("publication", template))

    assert [version.status for version in template.versions.all()] == ["published", "replaced"]
    assert template.published.questionnaire.welcome == "Good morning."
    organizer.refresh_from_db()
    assert organizer.version == before and organizer.version.questionnaire == from_json(small())
    page = editor.get(at("", template))
    rows = html.fromstring(page.content).xpath("//table//tbody/tr")
    assert [" ".join(row.text_content().split()).split()[:3] for row in rows] == [
        ["Published,", "version", "2"],
        ["Replaced,", "version", "1"],
    ]
    assert [row.xpath("string(td[last()])") for row in rows] == ["0", "1"]


def test_a_draft_is_discarded_alone_and_what_was_published_gives_its_name_again(editor, cast, events):
    template = published(cast).template
    editor.post(at("draft", template))
    save(editor, at("words", template), name="Somebody")
    assert "Discard the draft of Somebody 2026?" in words_of(editor.get(at("draft-deletion", template)))
    assert "Type YES" in words_of(editor.post(at("draft-deletion", template), {"yes": "yes"}))
    editor.post(at("draft-deletion", template), {"yes": "YES"})

    template.refresh_from_db()
    assert str(template) == "Individual 2026" and template.draft is None
    assert events()[-1].details["note"] == "draft of version 2 discarded"
    again = editor.get(at("draft-deletion", template), follow=True)
    assert "no draft beside a published version" in words_of(again)
    with pytest.raises(NotADraft):
        drafted(cast).template.drop_draft(by=cast.administrator)  # it would leave nothing


def test_a_hold_keeps_it_from_being_sent_until_it_ends(editor, cast, events):
    template = published(cast).template
    organizer = sent(cast, version=template.published)
    editor.post(at("hold", template))
    assert "Hold, version 1" in words_of(editor.get("/organizer/templates/"))
    with pytest.raises(ValueError, match="cannot be sent"):
        Organizer.send(template.published, [cast.acme], by=cast.firm_user)
    organizer.refresh_from_db()
    assert organizer.is_with_client
    editor.post(at("hold", template))  # is told once
    editor.post(at("release", template))

    assert template.published.can_be_sent
    assert [event.action for event in events()][-2:] == [Action.TEMPLATE_HELD, Action.TEMPLATE_PUBLISHED]


def test_a_copy_for_next_year_keeps_the_keys(editor, cast, events):
    template = published(cast).template
    save(editor, at("copy", template))
    copy = Template.objects.exclude(pk=template.pk).get()

    assert str(copy) == "Individual 2027" and copy.draft.status == "draft"
    assert list(copy.draft.questionnaire.questions) == list(from_json(small()).questions)
    assert copy.draft.questionnaire.sections == from_json(small()).sections
    assert events()[-1].details["note"] == "copy of Individual 2026"


def test_a_discarded_one_is_offered_nowhere_and_organizers_go_on(editor, cast):
    organizer = sent(cast)
    template = organizer.version.template
    assert "1 organizer sent with it goes on" in words_of(editor.get(at("deletion", template)))
    assert "Type YES" in words_of(editor.post(at("deletion", template), {"yes": "no"}))
    editor.post(at("deletion", template), {"yes": "YES"})

    assert editor.get(at("", template)).status_code == 404
    assert "No templates yet" in words_of(editor.get("/organizer/templates/"))
    organizer.refresh_from_db()
    assert organizer.is_with_client and not organizer.version.can_be_sent


def test_a_draft_that_somebody_changed_meanwhile_is_looked_at_before_it_is_published(editor, cast):
    draft = drafted(cast)
    seen = editor.get(at("", draft.template)).context["newest"].revision
    save(editor, at("words", draft.template), welcome="Another")
    page = editor.post(at("publication", draft.template), {"revision": seen}, follow=True)

    assert "changed it since you opened the page" in words_of(page)
    assert draft.template.published is None
    editor.post(at("publication", draft.template), {"revision": page.context["newest"].revision})
    assert draft.template.published == draft
    page = editor.post(at("publication", draft.template), follow=True)
    assert "It was published already." in words_of(page)


def test_the_preview_shows_every_question_and_says_what_comes_after_which_answer(editor, cast):
    template = published(cast).template
    page = editor.get(at("preview", template, 1))
    words = words_of(page)
    for question in template.published.questionnaire.questions.values():
        assert question.label in words and question.help in words
    assert "Only after “Yes” to “Were you married at the end of the year?”" in words
    found = html.fromstring(page.content)
    fields = found.xpath("//main//*[self::input or self::textarea or self::select or self::button]")
    outside = [one for one in fields if not one.xpath("ancestor::fieldset[@disabled]")]
    assert outside == [] and len(fields) > len(Kind)
    assert editor.get(at("preview", template, 9)).status_code == 404


def test_only_who_has_the_right_edits_and_a_firm_user_may_be_given_it(sign_in, cast):
    template = drafted(cast).template
    editor = join("ed@firm.example.com", Role.FIRM_USER, name="Ed Itor")
    assert sign_in(editor).get(at("words", template)).status_code == 403
    editor.may_edit_templates = True
    editor.save(update_fields=["may_edit_templates"])
    save(sign_in(editor), at("words", template), welcome="From Ed")

    assert (template.draft.questionnaire.welcome, template.draft.by) == ("From Ed", editor)


def test_a_version_that_is_published_never_changes(cast):
    version = published(cast)
    for act in (lambda: version.edit(lambda found: found, by=cast.administrator), lambda: version.publish(by=None)):
        with pytest.raises(NotADraft):
            act()
    assert TemplateVersion.objects.get().revision == 1
