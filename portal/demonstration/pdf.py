"""PDF files written by hand: letter paper, Helvetica, rules, boxed forms and tables of figures.

Written here so that a demonstration needs no PDF library. ISO 32000-1 is the source for the file's structure,
and Adobe's AFM files are the source for the widths. Lengths are in points, and y grows upwards.
"""

import unicodedata
import zlib
from collections.abc import Iterable, Sequence

LEFT, RIGHT, TOP, BOTTOM = 54, 558, 738, 64
INK, GREY, GREEN = "0 0 0", "0.40 0.40 0.40", "0.10 0.32 0.27"
FOOTER = "Sample. Every name and figure is fictional."
INFORMATION = {
    "1098": ("Mortgage Interest Statement", "1  Mortgage interest", "2  Principal", "10  Real estate taxes"),
    "1099-DIV": ("Dividends and Distributions", "1a  Ordinary dividends", "1b  Qualified dividends"),
    "1099-INT": ("Interest Income", "1  Interest income", "4  Federal income tax withheld"),
}
# Upper ends of the 2025 brackets, and the taxable income from which qualified dividends are taxed at 15%.
JOINT, SINGLE = (23_850, 96_950, 206_700, 394_600, 96_700), (11_925, 48_475, 103_350, 197_300, 48_350)

# A width, in thousandths of the size, and the characters that have it. An accent does not count.
HELVETICA = """
0191' 0222ijl‘’ 0260| 0278!,./:;I[\\]ft· 0333()-`r 0334{} 0350• 0355" 0389* 0469^ 0500Jcksvxyz
0556#$0123456789?L_abdeghnopqu– 0584+<=>~ 0611FTZ 0667&ABEKPSVXY 0722CDHNRUw 0778GOQ 0833Mm 0889% 0944W 1000—
1015@
"""
HELVETICA_BOLD = """
0238' 0278,./I\\ijl·‘’ 0280| 0333!()-:;[]`ft 0350• 0389*r{} 0474" 0500z 0556#$0123456789J_aceksvxy–
0584+<=>^~ 0611?FLTZbdghnopqu 0667EPSVXY 0722&ABCDHKNRU 0778GOQw 0833M 0889%m 0944W 0975@ 1000—
"""
WIDTHS = [
    {" ": 278} | {character: int(entry[:4]) for entry in font.split() for character in entry[4:]}
    for font in (HELVETICA, HELVETICA_BOLD)
]


def width(words: str, size: float, *, bold: bool = False) -> float:
    """How long the words are, in points."""
    widths = WIDTHS[bold]
    return sum(widths[unicodedata.normalize("NFD", c)[0]] for c in words) * size / 1000


def wrap(words: str, size: float, room: float) -> Iterable[str]:
    """The words in lines no longer than the room, in points."""
    line = ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if line and width(longer, size) > room:
            yield line
            longer = word
        line = longer
    yield line


def dollars(amount: float, *, cents: bool = False) -> str:
    """The amount as accountants write it: thousands separated, a negative in parentheses."""
    figure = f"{abs(amount):,.2f}" if cents else f"{abs(amount):,.0f}"
    return f"({figure})" if amount < 0 else figure


class Paper:
    """Pages filled from the top. A new one begins when the next piece would not fit."""

    def __init__(self, title: str, *, watermark: str = ""):
        self.title, self.watermark = title, watermark
        self.pages: list[list[str]] = []
        self.turn()

    def turn(self):
        """The next piece goes at the top of a new page."""
        self.pages.append([])
        self.y = TOP
        if self.watermark:
            self._draw(f"BT /F2 120 Tf 0.93 g .7 .7 -.7 .7 165 220 Tm {_string(self.watermark)} Tj ET")

    def make_room(self, height: float):
        """At least this height is free above the footer."""
        if self.y - height < BOTTOM:
            self.turn()

    def text(self, x, y, words, *, size=10, bold=False, align="left", colour=INK):
        """The words stand on the line y: from x, centred on it, or ending at it."""
        x -= width(words, size, bold=bold) * {"left": 0, "centre": 0.5, "right": 1}[align]
        font = f"/F{1 + bold} {size} Tf {colour} rg"
        self._draw(f"BT {font} {x:.2f} {y:.2f} Td {_string(words)} Tj ET")

    def rule(self, y, *, x=LEFT, to=RIGHT, weight=0.5, colour=INK):
        """A horizontal line."""
        self._draw(f"{weight} w {colour} RG {x:.2f} {y:.2f} m {to:.2f} {y:.2f} l S")

    def shade(self, y, height, *, x=LEFT, to=RIGHT, colour="0.94 0.95 0.94"):
        """A filled rectangle with its bottom at y."""
        self._draw(f"{colour} rg {x:.2f} {y:.2f} {to - x:.2f} {height:.2f} re f")

    def masthead(self, name: str, detail: str):
        """Who the paper comes from, over a heavy rule."""
        self.text(LEFT, self.y - 14, name, size=17, bold=True, colour=GREEN)
        self.text(RIGHT, self.y - 13, detail, size=8, align="right", colour=GREY)
        self.rule(self.y - 24, weight=1.5, colour=GREEN)
        self.y -= 46

    def heading(self, words: str, *, size=12):
        """A bold line with room above it, kept with what follows."""
        self.make_room(size * 5)
        self.text(LEFT, self.y - size, words, size=size, bold=True)
        self.y -= size * 1.7

    def paragraph(self, words: str, *, size=10, colour=INK):
        """The words in full lines, and a gap after them. A line break in them is kept."""
        for piece in words.split("\n"):
            for line in wrap(piece, size, RIGHT - LEFT):
                self.make_room(size * 1.4)
                self.text(LEFT, self.y - size, line, size=size, colour=colour)
                self.y -= size * 1.4
        self.y -= size * 0.7

    def boxes(self, rows: Iterable[Sequence[tuple[str, str, float]]]):
        """A form's numbered boxes: in each row, label, value and share of the width."""
        for row in rows:
            lines = max(value.count("\n") + 1 for _, value, _ in row)
            height = 19 + 13 * lines
            self.make_room(height)
            x, bottom = LEFT, self.y - height
            for label, value, share in row:
                across = share * (RIGHT - LEFT)
                self._draw(f"0.6 w {INK} RG {x:.2f} {bottom:.2f} {across:.2f} {height:.2f} re S")
                self.text(x + 4, self.y - 9, label, size=6.5, colour=GREY)
                for n, line in enumerate(value.split("\n")):
                    figure = value.replace(",", "").replace(".", "").isdigit()
                    start, align = (x + across - 8, "right") if figure else (x + 6, "left")
                    self.text(start, self.y - 24 - 13 * n, line, size=10, align=align)
                x += across
            self.y = bottom
        self.y -= 14

    def table(self, columns: Sequence[tuple[str, float, str]], rows: Iterable[Sequence[str]], *, strong=()):
        """A table whose heading is repeated on each page. Columns are heading, width and alignment. The rows
        whose numbers are in `strong` are bold under a rule."""
        spots, x = [], LEFT
        for _, across, align in columns:
            spots.append((x + across - 4 if align == "right" else x + 4, align))
            x += across
        top = None
        for number, row in enumerate(rows):
            self.make_room(40 if top is None else 15)
            if top != len(self.pages):
                top = len(self.pages)
                self.shade(self.y - 17, 17, colour=GREEN)
                for (spot, align), (words, _, _) in zip(spots, columns, strict=True):
                    self.text(spot, self.y - 12, words, size=8.5, bold=True, align=align, colour="1 1 1")
                self.y -= 17
            bold = number in strong
            if bold:
                self.rule(self.y, weight=0.8)
            elif number % 2:
                self.shade(self.y - 15, 15)
            for (spot, align), words in zip(spots, row, strict=True):
                self.text(spot, self.y - 11, words, size=9, bold=bold, align=align)
            self.y -= 15
        self.rule(self.y, weight=0.8)
        self.y -= 16

    def render(self) -> bytes:
        """The whole file, with the footer on every page."""
        first = 6
        kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(self.pages)))
        font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding >>".format
        title = self.title.encode("utf-16-be").hex().upper()
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R /Lang (en-US) >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {len(self.pages)} >>".encode(),
            font("Helvetica").encode(),
            font("Helvetica-Bold").encode(),
            f"<< /Title <FEFF{title}> /Producer (Firm Portal demonstration) >>".encode(),
        ]
        for number, strokes in enumerate(self.pages):
            objects.append(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
                "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> "
                f"/Contents {first + 2 * number + 1} 0 R >>".encode()
            )
            stream = zlib.compress("\n".join([*strokes, *self._footer(number)]).encode("cp1252"))
            head = f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode()
            objects.append(head + stream + b"\nendstream")
        return _file(objects)

    def _footer(self, number: int) -> Iterable[str]:
        count = f"Page {number + 1} of {len(self.pages)}"
        yield f"0.5 w {GREY} RG {LEFT} 47 m {RIGHT} 47 l S"
        yield f"BT /F1 8 Tf {GREY} rg {LEFT} 34 Td {_string(FOOTER)} Tj ET"
        yield f"BT /F1 8 Tf {GREY} rg {RIGHT - width(count, 8):.2f} 34 Td {_string(count)} Tj ET"

    def _draw(self, stroke: str):
        self.pages[-1].append(stroke)


def _string(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"({escaped})"


def _file(objects: Sequence[bytes]) -> bytes:
    """Header, numbered objects, a cross-reference table whose entries are 20 bytes each, and the trailer."""
    body, starts = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in enumerate(objects, start=1):
        starts.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    xref = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % start for start in starts)
    body += b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\n" % (len(objects) + 1)
    return bytes(body + b"startxref\n%d\n%%%%EOF\n" % xref)


def form(code: str, title: str, boxes, note: str = "Keep this with your tax records.") -> bytes:
    """A 2025 information return (W-2, 1099, 1098, K-1) as boxes."""
    paper = Paper(f"2025 {code} {title}")
    paper.masthead(code, "Tax year 2025")
    paper.heading(title, size=13)
    paper.boxes(boxes)
    paper.paragraph(note, size=8.5, colour=GREY)
    return paper.render()


def w2(name: str, number: str, employer: str, wages: int, deferral: int, withheld: int) -> bytes:
    """A Form W-2. Wages are before the deferral to a 401(k), which social security and Medicare still tax."""
    capped = min(wages, 176_100)  # the 2025 social security wage base
    taxable = wages - deferral
    rows = (
        ("a  Employee's social security number", number),
        (("1  Wages, tips, other", taxable), ("2  Federal income tax withheld", withheld)),
        ("b  Employer identification number", "XX-XXX7706"),
        (("3  Social security wages", capped), ("4  Social security tax withheld", capped * 0.062)),
        ("c  Employer's name and address", f"{employer}\nAshford, IA 50000"),
        (("5  Medicare wages and tips", wages), ("6  Medicare tax withheld", wages * 0.0145)),
        ("e  Employee's name", name),
        (("12a  Code D", deferral), ("13  Retirement plan", "X")),
        ("15  State", "IA"),
        (("16  State wages", taxable), ("17  State income tax", taxable * 0.038)),
    )
    boxes = [
        ((*party, 0.5), *(_box(*amount, share=0.25) for amount in amounts))
        for party, amounts in zip(rows[::2], rows[1::2], strict=True)
    ]
    note = "Copy C, for the employee's records. Box 12a code D: elective deferrals to a section 401(k) plan."
    return form("Form W-2", "Wage and Tax Statement", boxes, note)


def information_return(name: str, number: str, code: str, *figures: int) -> bytes:
    """A Form 1098 or 1099 from the bank, with these dollars in its boxes."""
    title, *labels = INFORMATION[code]
    parties = (("Payer's or lender's name", "Harbor & Pine Bank"), ("Account number", "XXXX-4410"))
    parties += (("Recipient's or borrower's name", name), ("Taxpayer identification number", number))
    return form(f"Form {code}", title, _by_two((*parties, *zip(labels, figures, strict=True))))


def schedule_k1(code: str, entity: str, owner: str, percent: int, income: int, distributions: int) -> bytes:
    """A Schedule K-1. Entity and owner are a name and a masked number; amounts are dollars."""
    distributed = f"{'16D' if code == '1120-S' else '19A'}  Distributions"
    boxes = (("Entity's name and number", entity), ("Owner's name and number", owner))
    boxes += (("Share of profit, loss and capital", f"{percent}%"), ("Final K-1", "No"))
    boxes += (("1  Ordinary business income", income), (distributed, distributions))
    return form(f"Schedule K-1 (Form {code})", "Share of Income, Deductions, Credits, etc.", _by_two(boxes))


def _box(label: str, value: float | str, *, share: float) -> tuple[str, str, float]:
    return (label, value if isinstance(value, str) else dollars(value, cents=True), share)


def _by_two(boxes: Sequence) -> Iterable[tuple]:
    """The boxes two in a row, an odd one followed by an empty one."""
    cells = [_box(*box, share=0.5) for box in (*boxes, ("", ""))]
    return zip(cells[:-1:2], cells[1::2], strict=True)


def summary(issuer: str, title: str, parties: str, rows, notes: Sequence[str], *, watermark="") -> bytes:
    """A return's figures line by line. Rows are line, description, dollars, and whether it is a total."""
    paper = Paper(title, watermark=watermark)
    paper.masthead(issuer, "Prepared from the client's records")
    paper.heading(title, size=14)
    paper.paragraph(parties)
    strong = {n for n, row in enumerate(rows) if row[3]}
    columns = (("Line", 50, "left"), ("Description", 344, "left"), ("Amount ($)", 110, "right"))
    paper.table(columns, [(line, words, dollars(amount)) for line, words, amount, _ in rows], strong=strong)
    paper.heading("Notes for review")
    for note in notes:
        paper.paragraph(f"• {note}", size=9.5)
    return paper.render()


def business_lines(form: str, receipts: int, cost: int, deductions) -> list[tuple[str, str, int, bool]]:
    """The lines of Form 1120-S or 1065, the last the net income. Deductions are line, name and dollars."""
    lines = {"1120-S": ("6", "20", "21", "22"), "1065": ("8", "21", "22", "23")}
    income, other, total, net = lines[form]
    named = [(*row, False) for row in deductions if row[0] != other]
    spent = sum(row[2] for row in deductions)
    return [
        ("1c", "Gross receipts less returns and allowances", receipts, False),
        ("2", "Cost of goods sold (Form 1125-A)", cost, False),
        (income, "Total income", receipts - cost, True),
        *named,
        (other, "Other deductions (statement attached)", spent - sum(row[2] for row in named), False),
        (total, "Total deductions", spent, True),
        (net, "Ordinary business income", receipts - cost - spent, True),
    ]


def individual_lines(*, joint: bool, dividends, qualified, deduction, credit=0, paid=0, **income):
    """The lines of Form 1040, the last the refund or amount owed. Income is wages, interest and pensions."""
    *uppers, fifteen_from = JOINT if joint else SINGLE
    total = dividends + sum(income.values())
    taxable = total - deduction
    ordinary = taxable - qualified
    if ordinary < 100_000:  # the tax table's midpoint
        ordinary = ordinary // 50 * 50 + 25
    steps = zip((0, *uppers), (*uppers, ordinary), (0.10, 0.12, 0.22, 0.24, 0.32), strict=True)
    tax = sum(max(0, min(ordinary, upper) - lower) * rate for lower, upper, rate in steps)
    tax = round(tax + 0.15 * min(qualified, max(0, taxable - fifteen_from)))
    due = tax - credit - paid
    lines = (
        ("1z", "Wages (Form W-2, box 1)", income.get("wages", 0), False),
        ("2b", "Taxable interest", income.get("interest", 0), False),
        ("3a", "Qualified dividends (included in line 3b)", qualified, False),
        ("3b", "Ordinary dividends", dividends, False),
        ("4b", "IRA distributions, taxable amount", income.get("pensions", 0), False),
        ("9", "Total income", total, True),
        ("11a", "Adjusted gross income", total, True),
        ("12e", "Standard or itemized deductions", deduction, False),
        ("15", "Taxable income", taxable, True),
        ("16", "Tax", tax, False),
        ("19", "Child tax credit", credit, False),
        ("24", "Total tax", tax - credit, True),
        ("33", "Withholding and estimated payments", paid, False),
        ("37", "Amount you owe", due, True) if due > 0 else ("34", "Overpaid, to be refunded", -due, True),
    )
    return [line for line in lines if line[2]]


def statement(bank: str, holder: str, account: str, period: str, opening: int, entries) -> bytes:
    """A bank statement. Entries are date, description, amount and balance after it, both in cents."""
    deposits = sum(amount for _, _, amount, _ in entries if amount > 0)
    withdrawals = -sum(amount for _, _, amount, _ in entries if amount < 0)
    paper = Paper(f"{bank} statement {period}")
    paper.masthead(bank, "P.O. Box 100, Ashford, IA 50000 · 555-0142")
    paper.heading(f"Business checking {account}", size=13)
    paper.paragraph(f"{holder}\nStatement period: {period}")
    closing = opening + deposits - withdrawals
    named = (("Beginning balance", opening), ("Deposits and credits", deposits), ("Withdrawals", withdrawals))
    rows = [(name, _cents(cents)) for name, cents in (*named, ("Ending balance", closing))]
    paper.table((("Account summary", 394, "left"), ("Amount ($)", 110, "right")), rows, strong={3})
    paper.heading("Account activity")
    columns = (("Date", 58, "left"), ("Description", 216, "left"))
    columns += tuple((name, 76 + 1 / 3, "right") for name in ("Withdrawals", "Deposits", "Balance"))
    lines = []
    for day, words, amount, balance in entries:
        out, into = (_cents(-amount), "") if amount < 0 else ("", _cents(amount))
        lines.append((f"{day:%m/%d/%Y}", words, out, into, _cents(balance)))
    paper.table(columns, lines)
    return paper.render()


def receipt(shop: str, place: str, when: str, items, tax_rate: float, paid_with: str) -> bytes:
    """An invoice marked paid. Items are description, quantity and unit price in dollars."""
    paper = Paper(f"{shop} receipt {when}")
    paper.masthead(shop, place)
    paper.heading("Receipt", size=14)
    paper.paragraph(f"Date: {when}\nPaid with: {paid_with}")
    net = sum(quantity * price for _, quantity, price in items)
    tax = round(net * tax_rate, 2)
    rows = [(words, str(n), f"{price:,.2f}", f"{n * price:,.2f}") for words, n, price in items]
    totals = (("Subtotal", net), (f"Sales tax {tax_rate:.1%}", tax), ("Total paid", net + tax))
    rows += [(words, "", "", f"{amount:,.2f}") for words, amount in totals]
    columns = (("Item", 274, "left"), ("Qty", 50, "right"), ("Price ($)", 90, "right"))
    columns += (("Amount ($)", 90, "right"),)
    paper.table(columns, rows, strong={len(rows) - 3, len(rows) - 1})
    paper.paragraph("Thank you. Returns are accepted within 30 days with this receipt.", colour=GREY)
    return paper.render()


def letter(issuer: str, detail: str, title: str, opening: str, sections, signatures: Sequence[str]) -> bytes:
    """A letter in headed sections. Each signature is the name typed on its line, and the date."""
    paper = Paper(title)
    paper.masthead(issuer, detail)
    paper.paragraph(opening)
    for heading, words in sections:
        paper.heading(heading, size=11)
        paper.paragraph(words)
    for name in signatures:
        paper.make_room(50)
        paper.text(LEFT, paper.y - 24, f"/s/ {name}", size=12)
        paper.rule(paper.y - 29, to=LEFT + 250)
        paper.y -= 46
    return paper.render()


def _cents(amount: int) -> str:
    return dollars(amount / 100, cents=True)
