"""What is saved is what is shown and what is taken away: Word, Excel, CSV, on paper, as a ZIP, and a year's table."""

import io
from datetime import date, datetime
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from lxml import html

from activity.actions import Action
from organizer import kinds
from organizer.definition import from_json
from organizer.kinds import Kind
from organizer.models import Given, Organizer
from organizer.sheet import Sheet
from reports.organizers.copies import ABOUT
from reports.organizers.years import OF_ORGANIZER, OrganizersOfYear
from tests.conftest import put_file
from tests.organizer.asking import ACCOUNT, ANSWERS, EIN, SSN, add_child, answer, published, sent, small
from tests.organizer.drawing import contents, values
from tests.reports.exported import KINDS, facts_in, table_in
from tests.reports.written import in_csv, in_xlsx, read_xlsx, values_of, with_line_feeds

AS_READ = {"csv": in_csv, "xlsx": in_xlsx, "docx": with_line_feeds}
SECRETS = (SSN, EIN, "98-7654321", ACCOUNT)
EXPECTED = [
    ("About you", "Your name", "Ngozi Okafor"),
    ("About you", "What else should we know?", "Moved in June.\nNew roof in July."),
    ("About you", "Were you married at the end of the year?", "Yes"),
    ("About you", "How do you file?", "Married filing jointly"),
    ("About you", "What did you receive?", "Wages, Interest"),
    ("About you", "Date of birth", "April 15, 1980"),
    ("About you", "Since when do you live there?", "2024"),
    ("About you", "E-mail address", "ngozi@acme.example.com"),
    ("About you", "Phone", "(515) 555-0142"),
    ("About you", "Home address", "12 Elm Street, Des Moines, IA 50309"),
    ("About you", "Your SSN", "•••••6789"),
    ("Children", "Child 1: Name", "Emma"),
    ("Children", "Child 1: Did the child live with you?", "Yes"),
    ("Children", "Child 1: For how many months?", "12"),
    ("Children", "Child 1: SSN", "•••••4321"),
    ("Children", "Child 1: Birth certificate", "Emma.pdf"),
    ("Children", "Child 2: Name", "Noah"),
    ("Children", "Child 2: Did the child live with you?", "No"),
    ("Children", "Child 2: SSN", ""),
    ("Children", "Child 2: Birth certificate", ""),
    ("Money", "Miles driven", "12,345"),
    ("Money", "Rent paid", "$1,234.50"),
    ("Money", "Share used for business", "12.5%"),
    ("Money", "EIN of your business", "•••••6789"),
    ("Money", "SSN or EIN of your tenant", "•••••4321"),
    ("Money", "Account number", "•••••5678"),
    ("Money", "Routing number", "021000021"),
    ("Money", "Your W-2s", "W-2 2026.pdf, =W-2c.pdf"),
]


@pytest.fixture
def filled(cast, organizer):
    """Every question answered, a child taken out again, and files."""
    answer(organizer, cast.client, **ANSWERS)
    emma = add_child(organizer, cast.client, child_name="Emma", child_at_home="yes", child_months="12")
    answer(organizer, cast.client, emma, child_ssn="987-65-4321")
    gone = add_child(organizer, cast.client, child_name="Nobody", child_at_home="yes", child_months="3")
    add_child(organizer, cast.second, child_name="Noah", child_at_home="no")
    organizer.remove_entry(gone, by=cast.client)
    attach(organizer, "child_paper", "Emma.pdf", entry=emma, by=cast.client)
    attach(organizer, "w2", "W-2 2026.pdf", "=W-2c.pdf", by=cast.second)
    return organizer


def attach(organizer, key, *names, entry=None, by):
    folder = organizer.folder_for_files(by=by)
    files = [put_file(folder, name, name.encode(), by=by) for name in names]
    organizer.attach(organizer.version.questionnaire.questions[key], files, entry=entry, by=by)
    return files


def taken(browser, organizer, kind, **posted):
    address = reverse("organizer-export", args=[organizer.pk, kind])
    response = browser.post(address, posted) if posted else browser.get(address)
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    return b"".join(response)


def rows_in(kind, data):
    """The rows below the facts."""
    heading, rows = table_in(kind, data)
    assert heading == (["Section", "Question", "Answer", "By", "At"] if rows else heading)
    if kind == "xlsx":  # its reader leaves Excel's escapes
        rows = [[one.replace("_x005F_", "_") if isinstance(one, str) else one for one in row] for row in rows]
    return [row for row in rows if row[0] != ABOUT]


def test_a_copy_has_what_was_asked_with_each_answer_by_whom_and_when(cast, filled, sign_in):
    for kind in KINDS:
        rows = rows_in(kind, taken(sign_in(cast.firm_user), filled, kind))
        assert [tuple(row[:3]) for row in rows] == [tuple(AS_READ[kind](text) for text in row) for row in EXPECTED], (
            kind
        )
        by = {(row[0], row[1]): (row[3], str(row[4])[:4]) for row in rows}
        year = str(datetime.now().year)
        assert by["About you", "Your name"] == ("Ngozi Okafor", year)
        assert by["Children", "Child 2: Name"] == by["Money", "Your W-2s"] == ("Daniel Okafor", year)
        assert by["Children", "Child 2: SSN"] == ("", "")


def test_a_copy_says_whose_it_is_and_how_it_stands(cast, filled, sign_in):
    filled.submit(signature="Ngozi Okafor", consent="All is true.", by=cast.client)
    browser = sign_in(cast.firm_user)
    for kind in KINDS:
        data = taken(browser, filled, kind)
        facts = {row[1]: row[2] for row in table_in(kind, data)[1]} if kind == "csv" else facts_in(kind, data)
        assert facts["Client"] == "Acme Dental PC"
        assert (facts["Tax Organizer"], facts["Tax year"], facts["Status"]) == ("Individual", "2026", "Submitted")
        assert (facts["Signed"], facts["Agreed to"]) == ("Ngozi Okafor", "All is true.")
        assert facts["Submitted"].endswith(", by Ngozi Okafor")
        assert facts["Copy"].endswith(", by Dana Whitfield")
        assert "Firm" in facts and "Reviewed" not in facts


def test_numbers_in_full_are_for_the_firm_and_the_log_says_so_first(cast, filled, sign_in, events):
    browser = sign_in(cast.firm_user)
    for kind in KINDS:
        start = len(events())
        rows = rows_in(kind, taken(browser, filled, kind, in_full="1"))
        assert {SSN, EIN, ACCOUNT, "987-65-4321", "98-7654321"} <= {row[2] for row in rows}
        revealed, exported = events()[start:]
        assert (revealed.action, exported.action) == (Action.SECRET_REVEALED, Action.ORGANIZER_EXPORTED)
        assert revealed.details["note"] == f"5 numbers in full, {kind}"
        assert exported.details["note"] == kind
        assert {one.client_id for one in (revealed, exported)} == {cast.acme.pk}

    rows = rows_in("csv", taken(browser, filled, "csv", in_full=""))
    assert not {SSN, EIN, ACCOUNT} & {row[2] for row in rows}
    own = sign_in(cast.client)
    start = len(events())
    address = reverse("organizer-export", args=[filled.pk, "csv"])
    assert own.post(address, {"in_full": "1"}).status_code == 403
    assert [event.action for event in events()[start:]] == [Action.ACCESS_DENIED]
    assert SSN not in taken(own, filled, "csv").decode()


def test_a_copy_without_numbers_reveals_none(cast, organizer, sign_in, events):
    browser, start = sign_in(cast.firm_user), len(events())
    taken(browser, organizer, "xlsx", in_full="1")
    assert [event.action for event in events()[start:]] == [Action.ORGANIZER_EXPORTED]


def printed(browser, organizer):
    """[(section, question, answer)] of the page to print."""
    response = browser.get(reverse("organizer-print", args=[organizer.pk]))
    assert response.status_code == 200
    rows = []
    for section in html.fromstring(response.content).xpath("//section[contains(@aria-labelledby, 'section-')]"):
        for line in section.xpath("./dl/div"):
            question, answer = (text_of(line.find(part)) for part in ("dt", "dd"))
            rows.append((text_of(section.find("h2")), question, "" if answer == "No answer" else answer))
    return rows


def text_of(element):
    """With line feeds where lines break."""
    for line_break in element.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "").lstrip("\n")
    return element.text_content().strip("\n")


def test_the_page_to_print_shows_the_same_and_is_told_once_an_hour(cast, filled, sign_in, events):
    for person in (cast.firm_user, cast.client):
        browser, start = sign_in(person), len(events())
        assert printed(browser, filled) == printed(browser, filled) == EXPECTED
        (event,) = [event for event in events()[start:] if event.action == Action.ORGANIZER_EXPORTED]
        assert (event.actor_id, event.details["note"]) == (person.pk, "page to print")


def test_why_there_is_no_answer_is_taken_away_too(cast, organizer, sign_in):
    answer(organizer, cast.client, is_married="yes")
    reasons = {"child": "We have none", "rent": "=My own house", "w2": "Not yet here"}
    organizer.save_answers([Given(key, "", because=because) for key, because in reasons.items()], by=cast.client)
    browser = sign_in(cast.firm_user)
    told = {
        "Child": "None: We have none",
        "Rent paid": "None: =My own house",
        "Your W-2s": "None: Not yet here",
    }
    for kind in KINDS:
        rows = {row[1]: (row[2], row[3]) for row in rows_in(kind, taken(browser, organizer, kind))}
        assert {label: rows[label] for label in told} == {
            label: (words, "Ngozi Okafor") for label, words in told.items()
        }
    _, [row] = year_of(browser)
    assert {label: row[label] for label in told} == told


def test_a_zip_has_the_word_copy_and_the_files_and_the_log_has_each(cast, filled, sign_in, events):
    browser, start = sign_in(cast.firm_user), len(events())
    response = browser.get(reverse("organizer-zip", args=[filled.pk]))
    with ZipFile(io.BytesIO(b"".join(response))) as archive:
        assert archive.testzip() is None
        document, *files = archive.namelist()
        assert document == "Acme Dental PC, Individual 2026.docx"
        assert [row[1] for row in rows_in("docx", archive.read(document))] == [row[1] for row in EXPECTED]
        assert {name: archive.read(name) for name in files} == {
            name: name.encode() for name in ("=W-2c.pdf", "Emma.pdf", "W-2 2026.pdf")
        }
    told = [(event.action, event.subject) for event in events()[start:]]
    assert told == [
        (Action.ORGANIZER_EXPORTED, "Individual 2026"),
        *((Action.FILE_DOWNLOADED, name) for name in ("=W-2c.pdf", "Emma.pdf", "W-2 2026.pdf")),
    ]


def test_a_zip_says_which_files_are_not_in_it(cast, organizer, sign_in):
    (file, _) = attach(organizer, "w2", "Gone.pdf", "There.pdf", by=cast.client)
    file.move_to_bin(by=cast.client)
    response = sign_in(cast.firm_user).get(reverse("organizer-zip", args=[organizer.pk]))
    with ZipFile(io.BytesIO(b"".join(response))) as archive:
        assert archive.namelist()[1:] == ["Not included.txt", "There.pdf"]
        assert b"Gone.pdf: It is in the bin" in archive.read("Not included.txt")


def addresses_of(organizer):
    names = ("organizer-print", "organizer-zip")
    yield from (reverse(name, args=[organizer.pk]) for name in names)
    yield from (reverse("organizer-export", args=[organizer.pk, kind]) for kind in KINDS)


def test_who_may_not_use_the_organizer_takes_nothing_away(cast, filled, sign_in, events):
    for person in (cast.second, cast.firm_user):
        person.change(may_use_organizer=False, by=cast.administrator)
        browser, start = sign_in(person), len(events())
        asked = [*addresses_of(filled), reverse("organizer-year", args=[2026])]
        assert {browser.get(address).status_code for address in asked} == {403}
        assert {event.action for event in events()[start:]} == {Action.ACCESS_DENIED}


def test_a_withdrawn_one_is_gone_for_the_client_and_there_for_the_firm(cast, filled, sign_in):
    Organizer.objects.filter(pk=filled.pk).update(withdrawn_at=filled.at)
    browser = sign_in(cast.client)
    assert {browser.get(address).status_code for address in addresses_of(filled)} == {404}
    facts = facts_in("docx", taken(sign_in(cast.firm_user), filled, "docx"))
    assert facts["Status"] == "Withdrawn"


# A year


def year_of(browser, year=2026, **query):
    """(the heading, the rows) of the year's table."""
    response = browser.get(reverse("organizer-year", args=[year]), query)
    assert response.status_code == 200, response.content
    _, [sheet] = read_xlsx(b"".join(response.streaming_content))
    heading, *_ = sheet.iter_rows(values_only=True)
    return heading, [dict(zip(heading, row, strict=True)) for row in values_of(sheet)]


def test_a_year_is_a_row_for_each_and_a_column_for_each_question(cast, filled, sign_in, events, monkeypatch):
    monkeypatch.setattr(OrganizersOfYear, "rows_per_batch", 1)
    of_other = sent(cast, client=cast.other, version=filled.version, due_on=date(2027, 3, 1))
    withdrawn = sent(cast, client=cast.other, version=filled.version)
    Organizer.objects.filter(pk=withdrawn.pk).update(withdrawn_at=withdrawn.at)
    start = len(events())
    heading, (acme, other) = year_of(sign_in(cast.administrator))

    assert heading[: len(OF_ORGANIZER)] == tuple(column.label for column in OF_ORGANIZER)
    assert heading[len(OF_ORGANIZER) :][10:17] == (
        *("Your SSN", "Child", "Child: Name", "Child: Did the child live with you?"),
        *("Child: For how many months?", "Child: SSN", "Child: Birth certificate"),
    )
    assert (acme["Client"], acme["Status"], acme["Answered"]) == ("Acme Dental PC", "Started", filled.given_count)
    assert acme["Date of birth"] == datetime(1980, 4, 15)
    assert (acme["Miles driven"], acme["Rent paid"], acme["Share used for business"]) == (12345, 1234.5, 12.5)
    assert (acme["Your SSN"], acme["Routing number"]) == ("•••••6789", "021000021")
    assert (acme["Child"], acme["Child: Name"]) == (2, "1: Emma\n2: Noah")
    assert (acme["Child: For how many months?"], acme["Child: SSN"]) == ("1: 12", "1: •••••4321")
    assert acme["Your W-2s"] == "W-2 2026.pdf, =W-2c.pdf"
    assert (other["Client"], other["Status"], other["Due"]) == ("Other Roofing LLC", "Not opened", datetime(2027, 3, 1))
    assert (other["Your name"], other["Child"]) == (None, None)
    told = [event for event in events()[start:] if event.action == Action.ORGANIZER_EXPORTED]
    assert [event.subject_id for event in told] == [str(filled.pk), str(of_other.pk)]
    assert {(event.actor_id, event.details["note"]) for event in told} == {(cast.administrator.pk, "table of 2026")}
    assert all(event.ip for event in told)


def test_a_year_has_the_clients_that_one_may_see(cast, organizer, sign_in):
    sent(cast, client=cast.other, version=organizer.version)
    _, rows = year_of(sign_in(cast.firm_user))
    assert [row["Client"] for row in rows] == ["Acme Dental PC"]
    assert sign_in(cast.unassigned).get(reverse("organizer-year", args=[2026])).status_code == 404


def test_a_year_keeps_the_questions_of_templates_apart_and_those_of_versions_together(cast, organizer, sign_in):
    answer(organizer, cast.client, name="Ngozi", is_married="no", rent="5")
    draft = organizer.version.template.begin_draft(by=cast.administrator)
    content = small()
    content["sections"][0]["items"][1]["label"] = "Your full name"
    content["sections"][2]["items"][1]["kind"] = "text"
    draft.edit(lambda standing: from_json(content), by=cast.administrator)
    draft.publish(by=cast.administrator)
    newer = sent(cast, client=cast.other, version=draft)
    answer(newer, cast.stranger, rent="about 5")
    third = published(cast, {**small(), "name": "Business"})
    sent(cast, client=cast.other, version=third)
    heading, rows = year_of(sign_in(cast.administrator))

    assert heading.count("Your full name") == heading.count("Your name") == 1
    assert heading.count("Miles driven") == 2
    first, *_ = [row for row in rows if row["Client"] == "Acme Dental PC"]
    assert first["Your full name"] == "Ngozi"
    _, of_template = year_of(sign_in(cast.administrator), template=organizer.version.template_id)
    assert [row["Rent paid"] for row in of_template] == ["$5.00", "about 5"]


def test_a_year_without_organizers_says_so(cast, organizer, sign_in, events):
    browser, start = sign_in(cast.administrator), len(events())
    response = browser.get(reverse("organizer-year", args=[2031]))
    assert response.status_code == 404
    assert "No organizer of 2031" in response.text
    assert not events()[start:]


def test_more_columns_than_a_sheet_has_are_refused_in_words(cast, organizer, sign_in, monkeypatch):
    monkeypatch.setattr("reports.organizers.years.MOST_COLUMNS", 20)
    response = sign_in(cast.administrator).get(reverse("organizer-year", args=[2026]))
    assert response.status_code == 400
    assert "Choose one template" in response.text


def test_the_database_is_asked_as_often_whatever_there_is(cast, filled, sign_in):
    empty = sent(cast, client=cast.other, version=filled.version)
    browser = sign_in(cast.administrator)
    pages = [[reverse("organizer-export", args=[one.pk, "csv"]) for one in (empty, filled)]]
    pages.append([reverse("organizer-year", args=[2026])])
    (of_empty, of_filled), (of_two,) = [[queries(browser, page) for page in same] for same in pages]
    assert of_empty == of_filled
    for _ in range(3):
        add_child(sent(cast, client=cast.other, version=filled.version), cast.stranger, child_name="Ida")
    assert queries(browser, pages[1][0]) == of_two


def queries(browser, page):
    with CaptureQueriesContext(connection) as asked:
        b"".join(browser.get(page))
    return len(asked)


# Whatever is asked and answered


def test_what_is_saved_is_what_is_shown_and_taken_away(cast, sign_in):
    all_agree(cast, sign_in(cast.firm_user), examples=8)


def all_agree(cast, browser, *, examples):
    """Of so many templates and answers: what is saved, the sheet, the page to print, the files, and the year's table."""

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(contents(most_sections=2, most_items=4, least_items=1), st.data())
    def property_holds(content, data):
        assume(from_json(content).asked_count)  # what asks nothing cannot be published
        organizer = sent(cast, version=published(cast, content))
        saved = fill(organizer, data, by=cast.client)
        sheet = Sheet.of(organizer)
        for place, value in saved.items():
            line = sheet.lines[place]
            secret = line.question.is_secret
            assert (line.answer.plain() if line.answer else "") == value
            assert line.words == (kinds.masked(value) if secret else kinds.in_words(line.question.kind, value))
        rows = list(shown(sheet))
        for kind in KINDS:
            found = [tuple(row[:3]) for row in rows_in(kind, taken(browser, organizer, kind))]
            assert found == [tuple(AS_READ[kind](text) for text in row) for row in rows], kind
        assert [tuple(map(squeezed, row)) for row in printed(browser, organizer)] == [
            tuple(map(squeezed, row)) for row in rows
        ]
        assert answers_of_year(browser, organizer) == [
            cell_of(sheet, question)
            for question in organizer.version.questionnaire.questions.values()
            if not question.is_note
        ]

    property_holds()


def answers_of_year(browser, organizer):
    query = {"template": organizer.version.template_id}
    response = browser.get(reverse("organizer-year", args=[organizer.tax_year]), query)
    _, [sheet] = read_xlsx(b"".join(response.streaming_content))
    [row] = values_of(sheet)
    return list(row[len(OF_ORGANIZER) :])


def cell_of(sheet, question):
    """What a spreadsheet should read in the year's table."""
    group = sheet.questionnaire.group_of.get(question.key)
    items = [item for section in sheet.shown for item in section.items]
    if question.is_group:
        return next((len(item.entries) for item in items if item.question == question and item.is_shown), None)
    if group:
        lines = [line for (key, entry), line in sheet.lines.items() if key == question.key and line.is_asked]
        numbers = {one.entry.pk: one.number for item in items if item.question == group for one in item.entries}
        return "\n".join(in_xlsx(f"{numbers[one.entry.pk]}: {one.words}") for one in lines if one.words) or None
    line = sheet.lines[question.key, None]
    if not line.is_asked or not line.value:
        return None
    value = line.words if question.is_secret else kinds.native(question.kind, line.value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day) if value >= date(1900, 3, 1) else str(value)
    return in_xlsx(value) if isinstance(value, str) else float(value)


def fill(organizer, data, *, by):
    """Some of it is answered, also what conditions hide afterwards. Returns {place: what was saved}."""
    questionnaire, saved = organizer.version.questionnaire, {}
    for section in questionnaire.sections:
        for item in section.items:
            entries = [None]
            if item.is_group:
                entries = [organizer.add_entry(item, by=by) for _ in range(data.draw(st.integers(0, 2)))]
            for entry in entries:
                for question in item.items if item.is_group else [item]:
                    if question.kind not in (Kind.NOTE, Kind.FILE):
                        saved[question.key, entry and entry.pk] = data.draw(values(question))
    _, conflicts = organizer.save_answers([Given(key, value, entry) for (key, entry), value in saved.items()], by=by)
    assert not conflicts
    return saved


def shown(sheet):
    """(section, question, answer) of what is asked, by the sheet that the pages show."""
    for section in sheet.shown:
        for item in section.items:
            if not hasattr(item, "entries"):
                if item.is_asked:
                    yield section.title, item.question.label, item.words
            elif item.is_shown and not item.entries:
                yield section.title, item.question.label, item.line.words
            else:
                for entry in item.entries:
                    for line in entry.lines:
                        if line.is_asked:
                            label = f"{item.question.label} {entry.number}: {line.question.label}"
                            yield section.title, label, line.words


def squeezed(text):
    """Without what HTML does to spaces and controls."""
    return "".join(character for character in text if character.isprintable() and not character.isspace())
