"""A Word document: the title and the facts, then the rows in tables.

python-docx makes a document with the page, the styles and the footer; the tables are streamed into it as
text, since python-docx keeps them all in memory.
"""

from datetime import UTC, datetime

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor

from .rows import Feed, by_column, shown_by
from .text import Clock, are_plain_in_xml, clean_lines, cut, escape
from .zipping import unzipped, zipped

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXTENSION = "docx"

ROWS_PER_TABLE = 250  # Word lays out one long table in quadratic time
PROPERTY_UNITS = 255  # python-docx refuses a longer document property
NO_ROWS = "No rows."

# Lengths in twentieths of a point: landscape Letter within half-inch margins.
PAGE_WIDTH = 10 * 1440
FACT_WIDTHS = (2_400, 9_600)

TEXT, TEXT_HEADING = "Export Text", "Export Text Heading"
NUMBER, NUMBER_HEADING = "Export Number", "Export Number Heading"
INK = RGBColor(0x1F, 0x29, 0x33)

DOCUMENT_PART = "word/document.xml"
MARKER = "rows"

TABLE_PROPERTIES = (
    '<w:tblBorders><w:top w:val="single" w:sz="4" w:space="0" w:color="BFBFBF"/>'
    '<w:bottom w:val="single" w:sz="4" w:space="0" w:color="BFBFBF"/>'
    '<w:insideH w:val="single" w:sz="4" w:space="0" w:color="D9D9D9"/></w:tblBorders>'
    '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="30" w:type="dxa"/><w:left w:w="70" w:type="dxa"/>'
    '<w:bottom w:w="30" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>'
)
TABLE_END = "</w:tbl>"
CELL_END = "</w:p></w:tc>"
SHADE = '<w:shd w:val="clear" w:color="auto" w:fill="EEF1F4"/>'
LINE_BREAK = '</w:t><w:br/><w:t xml:space="preserve">'
TAB = '</w:t><w:tab/><w:t xml:space="preserve">'
SPACE = '<w:p><w:pPr><w:spacing w:before="0" w:after="120"/></w:pPr></w:p>'
# Without a paragraph between them Word joins two tables; this one is a point high.
GAP = (
    '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    '<w:rPr><w:sz w:val="2"/></w:rPr></w:pPr></w:p>'
)


def stream(columns, facts, batches, *, zone):
    """The document's bytes, with times as the zone's clocks show them."""
    yield from zipped(_parts(columns, facts, Feed(batches), zone))


def _parts(columns, facts, feed, zone):
    parts = unzipped(_document(facts).save)
    marker = f"<w:p><w:r><w:t>{MARKER}</w:t></w:r></w:p>"
    head, _, tail = parts.pop(DOCUMENT_PART).decode().rpartition(marker)
    for name, content in parts.items():
        yield name, [content]
    body = _body(columns, facts, feed, zone)
    yield DOCUMENT_PART, (chunk.encode() for chunks in ([head], body, [tail]) for chunk in chunks)


def _body(columns, facts, feed, zone):
    """The chunks of XML that stand in the marker's place."""
    total = sum(column.width for column in columns)
    widths = [PAGE_WIDTH * column.width // total for column in columns]
    clock = Clock(zone)
    formatters = [_formatter(column.kind, width, clock) for column, width in zip(columns, widths, strict=True)]
    start = _table_start(widths) + _heading_row(columns, widths)

    yield _facts_table(facts) + SPACE
    if not feed.more():
        yield f"{_paragraph_start(TEXT)}{_run(NO_ROWS)}</w:p>"
    while feed.more():
        yield start
        for rows in feed.take(ROWS_PER_TABLE):
            yield "".join([_row("".join(cells)) for cells in by_column(rows, formatters)])
        yield TABLE_END + GAP


def _facts_table(facts):
    label_start, value_start = _cell_start(FACT_WIDTHS[0], TEXT_HEADING), _cell_start(FACT_WIDTHS[1], TEXT)
    rows = [
        _row(label_start + _run(_content(label)) + CELL_END + value_start + _run(_content(value)) + CELL_END)
        for label, value in facts.rows
    ]
    return _table_start(FACT_WIDTHS) + "".join(rows) + TABLE_END if rows else ""


def _table_start(widths):
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>{TABLE_PROPERTIES}</w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>"
    )


def _heading_row(columns, widths):
    """A row that Word repeats at the top of each page its table runs on to."""
    cells = ""
    for column, width in zip(columns, widths, strict=True):
        style = NUMBER_HEADING if _is_number(column.kind) else TEXT_HEADING
        cells += _cell_start(width, style, SHADE) + _run(_content(column.label)) + CELL_END
    return _row(cells, "<w:tblHeader/>")


def _row(cells, properties=""):
    return f"<w:tr><w:trPr><w:cantSplit/>{properties}</w:trPr>{cells}</w:tr>"


def _cell_start(width, style, shade=""):
    """A cell's XML as far as its paragraph's content."""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>{_paragraph_start(style)}'


def _paragraph_start(style):
    return f'<w:p><w:pPr><w:pStyle w:val="{_style_id(style)}"/></w:pPr>'


def _run(content):
    return f'<w:r><w:t xml:space="preserve">{content}</w:t></w:r>'


def _formatter(kind, width, clock):
    """A function of a column's values, which gives the XML of their cells."""
    match kind:
        case "text":
            show = _contents
        case "time":
            show = clock.texts
        case "integer" | "bytes":
            show = _each("{:,}".format)
        case "share":
            show = _each("{:.1%}".format)
        case "number" | "money" | "day":
            show = _each(lambda value: _content(str(value)))
        case _:
            raise ValueError(f"no such kind of column: {kind}")
    start = _cell_start(width, NUMBER if _is_number(kind) else TEXT)

    def cells(values):
        return [start + _run(value) + CELL_END for value in show(values)]

    return lambda values: shown_by(cells, values, start + CELL_END)


def _each(show):
    return lambda values: [show(value) for value in values]


def _is_number(kind):
    return kind in ("integer", "bytes", "share", "number", "money")


def _contents(texts):
    """Looked through all at once: hardly any needs care."""
    return texts if are_plain_in_xml(texts) else [_content(text) for text in texts]


def _content(text):
    """The text as the content of a text element, with line breaks and tabs as Word has them."""
    return escape(clean_lines(text)).replace("\n", LINE_BREAK).replace("\t", TAB)


def _document(facts):
    """The document, with a marker paragraph where facts and rows go."""
    document = Document()
    title = " ".join(clean_lines(facts.title).split())
    _describe(document.core_properties, title)
    _lay_out_page(document.sections[0], title)
    _add_styles(document.styles)
    document.add_paragraph(title, style="Heading 1")
    document.add_paragraph(MARKER)
    return document


def _describe(properties, title):
    properties.author = "Firm Portal"
    properties.title = cut(title, PROPERTY_UNITS)
    properties.comments = ""
    properties.created = properties.modified = datetime.now(UTC)


def _lay_out_page(section, title):
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Inches(11), Inches(8.5)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Inches(0.5)
    section.header_distance = section.footer_distance = Inches(0.3)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, field in ((f"{title} · Page ", "PAGE"), (" of ", "NUMPAGES")):
        footer.add_run(text)
        _add_field(footer, field)


def _add_field(paragraph, code):
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = paragraph.add_run("1")
    field.append(run._r)
    paragraph._p.append(field)


def _add_styles(styles):
    styles["Heading 1"].font.size = Pt(18)
    styles["Heading 1"].font.color.rgb = INK
    styles["Heading 1"].paragraph_format.space_before = Pt(0)
    styles["Heading 1"].paragraph_format.space_after = Pt(8)
    styles["Footer"].font.size = Pt(8)
    for name in (TEXT, TEXT_HEADING, NUMBER, NUMBER_HEADING):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        style.font.size = Pt(8)
        style.font.bold = name in (TEXT_HEADING, NUMBER_HEADING)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
        style.paragraph_format.line_spacing = 1.0
        if name in (NUMBER, NUMBER_HEADING):
            style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _style_id(name):
    """As python-docx makes it."""
    return name.replace(" ", "")
