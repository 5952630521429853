"""What a Word document has beyond its rows: facts, page numbers, repeated headings and widths."""

from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn

from reports.writers import Facts
from tests.reports.written import FACTS, LABELS, cleaned, read_docx, rows_of, texts_of, written


def test_docx_begins_with_its_title_and_facts_and_numbers_its_pages():
    document = read_docx(written("docx", rows_of("a")))
    assert document.paragraphs[0].text == FACTS.title
    assert texts_of(document.tables[0]) == [list(row) for row in FACTS.rows]
    section = document.sections[0]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert (section.page_width.inches, section.page_height.inches) == (11, 8.5)
    footer = section.footer.paragraphs[0]._p
    assert "".join(text.text for text in footer.iter(qn("w:t"))) == "Activity: log · Page 1 of 1"
    assert [field.get(qn("w:instr")) for field in footer.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]


def test_docx_repeats_its_heading_and_starts_a_table_every_250_rows():
    rows = rows_of(["a"] * 620)
    _, *tables = read_docx(written("docx", rows)).tables
    assert [len(table._tbl.tr_lst) for table in tables] == [251, 251, 121]
    for table in tables:
        assert len(list(table._tbl.iter(qn("w:tblHeader")))) == 1
        assert len(list(table._tbl.iter(qn("w:cantSplit")))) == len(table._tbl.tr_lst)
        assert [cell.text for cell in table.rows[0].cells] == LABELS
        following = table._tbl.getnext()
        assert following.tag == qn("w:p")
        assert following.find(f"{qn('w:pPr')}/{qn('w:spacing')}").get(qn("w:line")) == "20"


def test_numbers_in_docx_stand_to_the_right_in_columns_of_their_width():
    _, table = read_docx(written("docx", rows_of("a"))).tables
    styles = [cell.paragraphs[0].style for cell in table.rows[1].cells]
    right = WD_ALIGN_PARAGRAPH.RIGHT
    assert [style.paragraph_format.alignment for style in styles] == [right, None, None, right, right]
    assert {style.font.size.pt for style in styles} == {8}
    widths = [column.width.twips for column in table.columns]
    assert widths == [1600, 3200, 6400, 1920, 1280]


def test_a_title_in_docx_may_be_awkward_and_hold_the_marker():
    for title in ("rows", "=1 <b>&\x00\ud800" * 60):
        facts = Facts(title, (("Filter", "</w:t><w:p><w:r><w:t>rows</w:t></w:r></w:p>"),))
        document = read_docx(written("docx", rows_of("a"), facts=facts))
        assert document.paragraphs[0].text == cleaned(title)
        assert document.tables[0].rows[0].cells[1].text == facts.rows[0][1]
        assert texts_of(document.tables[1])[1][2] == "a"
