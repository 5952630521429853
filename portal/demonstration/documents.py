"""The files of a demonstration firm: about sixty, of the kinds that pass between accountants and clients.

Every name and figure is fictional. Figures agree: a trial balance balances, its cash is the last bank
statement's, and a draft return and its K-1 come from the same books. Every run gives the same bytes.
"""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from docx import Document as WordDocument
from openpyxl import Workbook
from openpyxl.styles import Border, Font, PatternFill, Side

from portal.demonstration import pdf

FIRM = "Larkin & Voss, CPAs"
FIRM_DETAIL = "214 Alder Street, Suite 300, Ashford, IA 50000 · office@example.com"
# Key, name, who signs, masked taxpayer number, and the return the firm prepares with its fee.
PROFILES = """
brightwater | Brightwater Dental PC          | Helen Marsh, DDS          | XX-XXX4417  | 1120-S | $3,600
okafor      | Okafor, Daniel and Ngozi       | Daniel Okafor             | XXX-XX-4821 | 1040   | $950
sandoval    | Sandoval Roofing LLC           | José Sandoval             | XX-XXX9034  | 1065   | $3,200
kestrel     | Kestrel Coffee Roasters, Inc.  | Imogen Achterberg         | XX-XXX2258  | 1120-S | $4,100
hartmann    | Hartmann Orchards LP           | Walter Hartmann           | XX-XXX6170  | 1065   | $3,400
castellano  | Castellano, June               | June Castellano           | XXX-XX-7735 | 1040   | $620
lindqvist   | Lindqvist Family Trust         | Astrid Lindqvist, Trustee | XX-XXX8846  | 1041   | $1,400
prairie     | Prairie Veterinary Clinic PLLC | Rosalind Tam, DVM         | XX-XXX3391  | 1120-S | $3,600
"""
PROFILE = {row[0]: row[1:] for row in (re.split(r"\s+\| ", line) for line in PROFILES.strip().splitlines())}
CLIENTS = {key: name for key, (name, *_) in PROFILE.items()}
# Gross receipts in dollars, the share of them that cost of goods sold takes, what is banked, and who is paid.
TRADES = {
    "brightwater": (1_480_000, 0.09, "Card batch|Insurance remittance", "Dental supply|Laboratory|Payroll"),
    "sandoval": (1_120_000, 0.41, "Progress payment|Customer check", "Shingle supply|Fuel card|Payroll"),
    "kestrel": (2_060_000, 0.38, "Wholesale ACH|Café card batch", "Green coffee|Freight|Packaging|Payroll"),
    "hartmann": (890_000, 0.22, "Packing house settlement|Farm stand", "Orchard spray|Diesel|Payroll"),
    "lindqvist": (62_000, 0, "Dividend sweep|Partnership draw", "Beneficiary distribution|Trustee fee"),
    "prairie": (1_310_000, 0.17, "Card batch|Pet insurance", "Veterinary drugs|Reference lab|Payroll"),
}
# Account, name, share of gross profit, and its line on Form 1120-S and on Form 1065.
EXPENSES = (
    ("6010", "Officer compensation", 0.150, "7", ""),
    ("6020", "Salaries and wages", 0.240, "8", "9"),
    ("6030", "Guaranteed payments to partners", 0.140, "", "10"),
    ("6040", "Repairs and maintenance", 0.017, "9", "11"),
    ("6050", "Rent", 0.066, "11", "13"),
    ("6060", "Taxes and licenses", 0.033, "12", "14"),
    ("6080", "Depreciation", 0, "14", "16a"),
    ("6100", "Insurance", 0.019, "20", "21"),
    ("6110", "Supplies", 0.047, "20", "21"),
)
# Description, year placed in service, life in years, and cost in dollars.
ASSETS = {
    "brightwater": (("Dental chairs (4)", 2022, 5, 46_800), ("Cone-beam CT scanner", 2023, 5, 88_500)),
    "kestrel": (("Drum roaster, 30 kg", 2021, 7, 73_500), ("Packaging line", 2023, 7, 52_500)),
    "hartmann": (("Frost fans (3)", 2021, 7, 96_600), ("Cold storage plant", 2023, 7, 71_400)),
}
INDIVIDUALS = {
    "okafor": {"joint": True, "wages": 166_350, "interest": 842, "dividends": 2_106, "qualified": 1_688}
    | {"deduction": 33_418, "credit": 4_400, "paid": 18_600},
    "castellano": {"joint": False, "pensions": 58_200, "interest": 1_268, "dividends": 3_592}
    | {"qualified": 2_980, "deduction": 15_750, "paid": 5_600},
}
# Day, and items as description, quantity and price in dollars.
TILL = {
    "SHINGLE DEPOT": ("03/11/2025", (("RIDGE CAP BDL", 6, 54.9), ("ROOFING NAILS", 4, 38.25))),
    "CORNER STATIONER": ("09/04/2025", (("LETTER PAPER", 3, 8.49), ("FILE BOXES", 2, 17.2))),
    "CAFE EQUIPMENT CO": ("05/20/2025", (("GRINDER BURRS", 2, 129), ("PORTAFILTER", 1, 88.5))),
    "VALLEY FARM SUPPLY": ("06/02/2025", (("DRIP LINE 500FT", 4, 96), ("PRUNING SAW", 3, 41.75))),
}
GLYPHS = """
A7C1211127C B7F49494936 C3E41414122 D7F4141413E E7F49494941 F7F09090901 G3E41415173 H7F0808087F I00417F4100
J2040413F01 K7F08142241 L7F40404040 M7F021C027F N7F0408107F O3E4141413E P7F09090906 Q3E4151215E R7F09192946
S2649494932 T03017F0103 U3F4040403F V1F2040201F W3F4038403F X6314081463 Y0304780403 Z6159494D43 03E5149453E
100427F4000 27249494946 32141494D33 41814127F10 52745454539 63C4A494931 74121110907 83649494936 9064949291E
.0000606000 ,0050300000 -0808080808 :0036360000 /2010080402 %2313086462
"""
FONT = {glyph[0]: bytes.fromhex(glyph[1:]) for glyph in GLYPHS.split()}  # five columns, the top dot lowest
FOLDERS = {"E": "Engagement", "P": "2024 Tax Return", "W": "Payroll", "R": "2025 Tax Return"}
FOLDERS |= {"B": "2025 Tax Return/Bank statements", "T": "2025 Tax Return/Receipts"}
# After clients: folder, sender (< client, > firm), days ago (for each next client two fewer), name, maker.
CABINETS = """
brightwater okafor sandoval kestrel hartmann castellano lindqvist prairie
E> 88 Engagement letter 2025 - {name}.docx | engagement letter
brightwater okafor kestrel castellano lindqvist
E< 79 Engagement letter 2025 - {name}, signed.pdf | engagement signed
brightwater sandoval kestrel prairie
R< 58 Trial balance 12-31-2025.xlsx | trial_balance
W> 50 {name} - 2025 payroll summary by employee.xlsx | payroll
brightwater kestrel hartmann
B< 66 Harbor & Pine Bank statement 2025-11.pdf | statement 11
B< 63 Harbor & Pine Bank statement 2025-12.pdf | statement 12
R> 36 Depreciation schedule 2025 - {name} (book basis, for review).xlsx | depreciation_schedule
brightwater kestrel sandoval
R> 22 {name} - 2025 return, draft for review.pdf | tax_return 2025
P> 85 {name} - 2024 return, as filed.pdf | tax_return 2024
brightwater kestrel
R> 12 Memo - reasonable compensation of officers (for the board's minutes).docx | memo
brightwater
R> 17 Schedule K-1 (Form 1120-S) 2025 - Helen Marsh.pdf | k1 60 XXX-XX-5518 Helen Marsh
sandoval prairie
B< 41 Harbor & Pine Bank transactions, 2025 fourth quarter.csv | transactions 10
sandoval
R> 14 José Sandoval - 2025 Schedule K-1 (Form 1065), the member's copy.pdf | k1 55 XXX-XX-1377 José Sandoval
R< 47 Mileage log 2025.csv | mileage
T< 44 Shingle Depot receipt, 11 March.png | photo SHINGLE DEPOT
kestrel
T< 52 Café Equipment Co. - grinder burrs & portafilter, Main Street shop.png | photo CAFE EQUIPMENT CO
hartmann
R> 19 Schedule K-1 (Form 1065) 2025 - Lindqvist Family Trust.pdf | k1 25 XX-XXX8846 Lindqvist Family Trust
T< 39 Valley Farm Supply receipt.pdf | receipt VALLEY FARM SUPPLY
okafor
R< 71 W-2 2025 - Daniel.pdf | w2 104300 6200 11180 XXX-XX-4821 Daniel Okafor at Tallgrass Regional Hospital
R< 71 W-2 2025 - Ngozi.pdf | w2 71850 3600 7420 XXX-XX-0967 Ngozi Okafor at Ashford Community Schools
R< 68 Form 1098 2025 - mortgage.pdf | information 1098 14812 287400 7940
R< 68 Form 1099-INT 2025.pdf | information 1099-INT 842 0
R< 55 Form 1099-DIV 2025 (corrected).pdf | information 1099-DIV 2106 1688
okafor castellano
R> 7 {name} - 2025 Form 1040, draft for review & signature.pdf | tax_return 2025
castellano
R< 64 Form 1099-INT 2025.pdf | information 1099-INT 1268 0
R< 64 Form 1099-DIV 2025.pdf | information 1099-DIV 3592 2980
T< 1 Corner Stationer receipt.png | photo CORNER STATIONER
lindqvist
R< 60 Form 1099-DIV 2025.pdf | information 1099-DIV 38640 31905
R< 60 Form 1099-INT 2025.pdf | information 1099-INT 4212 0
B< 31 Trust account transactions, 2025 second half.csv | transactions 7
"""


@dataclass(frozen=True)
class Document:
    """A file in a client's cabinet, sent by the "client" or the "firm" that many days before today."""

    client: str
    folder: tuple[str, ...]
    name: str
    sent_by: str
    days_ago: int
    content: bytes


def documents() -> Iterator[Document]:
    """The documents of every cabinet, made as they are asked for."""
    for line in CABINETS.strip().splitlines():
        if line.split()[0] in CLIENTS:
            clients = line.split()
            continue
        row, maker = line.split(" | ")
        place, days_ago, name = row.split(" ", 2)
        folder, sent_by = tuple(FOLDERS[place[0]].split("/")), {"<": "client", ">": "firm"}[place[1]]
        kind, *words = maker.split()
        for later, key in enumerate(clients):
            full_name = name.format(name=CLIENTS[key].rstrip("."))
            content = getattr(Papers(key), kind)(*words)
            yield Document(key, folder, full_name, sent_by, int(days_ago) - 2 * later, content)


class Papers:
    """One client's papers. Each public method is a kind that CABINETS names, and gives a file's bytes."""

    def __init__(self, key: str):
        self.key = key
        self.name, self.signer, self.number, self.form, self.fee = PROFILE[key]

    def engagement(self, kind: str) -> bytes:
        """The letter for the 2025 return: a Word document, or a PDF with both names on its lines."""
        opening = f"January 12, 2026\n{self.signer}\n{self.name}\nRe: 2025 income tax return"
        sections = [
            ("Scope", f"We will prepare the 2025 Form {self.form} and the Iowa return, without an audit."),
            ("Your responsibilities", "You provide complete records by February 27 and review the return."),
            ("Fees", f"Our fee is {self.fee} plus costs. Other work is agreed with you first."),
            ("Confidentiality", "We disclose tax return information only with consent (section 7216)."),
        ]
        if kind == "letter":
            return _word("Engagement letter", opening, sections)
        names = ("Ruth Larkin, CPA    January 12, 2026", f"{self.signer}    January 20, 2026")
        return pdf.letter(FIRM, FIRM_DETAIL, f"Engagement letter, {self.name}", opening, sections, names)

    def memo(self) -> bytes:
        """A memorandum on what the officers are paid."""
        opening = f"To: {self.signer}, {self.name}\nFrom: Theo Voss, CPA\nDate: February 9, 2026"
        words = "Officers take reasonable pay before distributions. Pay in 2025 is within the surveys' range."
        return _word("Memorandum", opening, [("Officer compensation", words)])

    def tax_return(self, year: str) -> bytes:
        """The summary of a return: a draft for 2025, or the copy of what was filed for 2024."""
        filed, lines = year == "2024", self._lines(int(year))
        title = f"Form {self.form} for {year}: {'as filed' if filed else 'draft for your review'}"
        notes = ("Compare these amounts with your records.", "Please call us with any question about a line.")
        parties = f"{self.name} · {self.number}\nReviewed with {self.signer}"
        return pdf.summary(FIRM, title, parties, lines, notes, watermark="" if filed else "DRAFT")

    def k1(self, share: str, number: str, *owner: str) -> bytes:
        """An owner's share of the draft return's income."""
        income = round(self._lines(2025)[-1][2] * int(share) / 100)
        parties = (f"{self.name}\n{self.number}", f"{' '.join(owner)}\n{number}")
        return pdf.schedule_k1(self.form, *parties, int(share), income, income * 4 // 5)

    def w2(self, wages: str, deferral: str, withheld: str, number: str, *words: str) -> bytes:
        """One spouse's Form W-2."""
        name, employer = " ".join(words).split(" at ")
        return pdf.w2(name, number, employer, int(wages), int(deferral), int(withheld))

    def information(self, code: str, *figures: str) -> bytes:
        """A Form 1098 or 1099 with these dollars in its boxes."""
        return pdf.information_return(self.name, self.number, code, *map(int, figures))

    def statement(self, month: str) -> bytes:
        """A month's bank statement, which begins where the last one ended."""
        entries = [entry for entry in self._ledger() if entry[0].month == int(month)]
        period, opening = f"{entries[0][0]:%B %Y}", entries[0][3] - entries[0][2]
        return pdf.statement("Harbor & Pine Bank", self.name, "XXXX-4410", period, opening, entries)

    def transactions(self, since: str) -> bytes:
        """The bank's download from this month to December."""
        entries = [entry for entry in self._ledger() if entry[0].month >= int(since)]
        rows = [(*entry[:2], f"{entry[2] / 100:.2f}", f"{entry[3] / 100:.2f}") for entry in entries]
        return _csv([("Date", "Description", "Amount", "Balance"), *rows])

    def mileage(self) -> bytes:
        """A business trip each week, with the odometer at both ends."""
        rng, odometer = Random(self.key), 41_260
        rows = [("Date", "Purpose", "Odometer start", "Odometer end", "Business miles")]
        for week in range(52):
            start, miles = odometer + rng.randint(60, 160), rng.randint(8, 74)
            odometer, trip = start + miles, f"{rng.choice(('Estimate', 'Inspection'))}, job {410 + week}"
            rows.append((date(2025, 1, 3) + timedelta(weeks=week), trip, start, odometer, miles))
        return _csv(rows)

    def receipt(self, *shop: str) -> bytes:
        """A shop's receipt as a PDF."""
        day, items = TILL[" ".join(shop)]
        return pdf.receipt(" ".join(shop), "Ashford, IA 50000", day, items, 0.07, "card ending 4410")

    def photo(self, *shop: str) -> bytes:
        """A PNG picture of a shop's till receipt."""
        day, items = TILL[" ".join(shop)]
        net = sum(quantity * price for _, quantity, price in items)
        rows = [(f"{quantity} {words}", quantity * price) for words, quantity, price in items]
        rows += [("SUBTOTAL", net), ("SALES TAX 7%", net * 0.07), ("TOTAL", net * 1.07)]
        lines = [f"ASHFORD, IA  {day}", "-" * 29, *(f"{words:<20}{price:>9.2f}" for words, price in rows)]
        lines += ["-" * 29, "", "CARD ENDING 4410", "APPROVED", "", "SAMPLE RECEIPT", "THANK YOU"]
        return _picture(" ".join(shop), lines)

    def trial_balance(self) -> bytes:
        """Debits equal credits: equity is what balances the rest."""
        (receipts, cost, expenses), assets = self._books(2025), ASSETS.get(self.key, ())
        debits = [("1010", "Cash in bank", self._ledger()[-1][3] / 100), ("5000", "Cost of goods sold", cost)]
        debits += [("1200", "Receivables", receipts // 14), ("1500", "Equipment", sum(a[3] for a in assets))]
        debits += [("3900", "Distributions to owners", self._lines(2025)[-1][2] * 4 // 5)]
        debits += [(account, name, amount) for account, name, _, amount in expenses]
        worn = sum(cost // life * (2026 - begun) for _, begun, life, cost in assets)
        credits = [("1590", "Accumulated depreciation", worn), ("4000", "Gross receipts", receipts)]
        credits += [("3000", "Equity", round(sum(d[2] for d in debits) - sum(c[2] for c in credits), 2))]
        rows = sorted([(*row, None) for row in debits] + [(*row[:2], None, row[2]) for row in credits])
        columns = {"Account": 10, "Name": 36, "Debit": 16, "Credit": 16}
        return _workbook("Trial balance", self.name, columns, rows, figures_from=3)

    def depreciation_schedule(self) -> bytes:
        """Each asset, with formulas for what has accumulated and what remains."""
        columns = {"Asset": 26, "In service": 11, "Life (years)": 13, "Cost": 16, "Prior depreciation": 19}
        columns |= {"2025 depreciation": 19, "Accumulated": 16, "Remaining": 16}
        rows = [(*row, row[3] // row[2] * (2025 - row[1]), row[3] // row[2]) for row in ASSETS[self.key]]
        rows = [(*row, "=E{r}+F{r}", "=D{r}-G{r}") for row in rows]
        return _workbook("Depreciation (straight-line)", self.name, columns, rows, figures_from=4)

    def payroll(self) -> bytes:
        """Wages by employee, which add up to the salaries in the books, and the taxes withheld."""
        wages = next(amount for _, name, _, amount in self._books(2025)[2] if name.startswith("Salaries"))
        bell, choi = wages * 23 // 100, wages * 31 // 100
        rows = [("Bell, Thomas", bell), ("Choi, Min-jun", choi), ("Dube, Thandi", wages - bell - choi)]
        for n, (name, gross) in enumerate(rows):
            taxes = [round(gross * rate, 2) for rate in (0.094, 0.062, 0.0145, 0.038)]
            rows[n] = (name, f"XXX-XX-{4107 + n}", gross, *taxes, "=C{r}-SUM(D{r}:G{r})")
        heads = ("Gross wages", "Federal tax", "Social security", "Medicare", "Iowa tax", "Net pay")
        columns = {"Employee": 22, "SSN (masked)": 14} | dict.fromkeys(heads, 18)
        return _workbook("Payroll summary", self.name, columns, rows, figures_from=3)

    def _ledger(self) -> list[tuple[date, str, int, int]]:
        """The bank account in 2025: date, description, amount and balance after it, both in cents."""
        receipts, _, banked, paid = TRADES[self.key]
        rng, balance, entries = Random(self.key), receipts * 12, []
        each = 24 if receipts > 100_000 else 4
        for month in range(1, 13):
            drafts = []
            for kinds, sign in each * ((banked, 1), (paid, -0.985)):
                amount = sign * receipts * 100 / 12 / each * rng.uniform(0.5, 1.5)
                words = f"{rng.choice(kinds.split('|'))} {rng.randint(10_000, 99_999)}"
                drafts.append((date(2025, month, rng.randint(1, 28)), words, round(amount)))
            for day, words, amount in sorted(drafts):
                balance += amount
                entries.append((day, words, amount, balance))
        return entries

    def _books(self, year: int) -> tuple[int, int, list[tuple[str, str, str, int]]]:
        """Gross receipts, cost of goods sold, and expenses as account, name, line and amount, in dollars."""
        size, cost_share, _, _ = TRADES[self.key]
        rng, form = Random(f"{self.key} {year}"), ("1120-S", "1065").index(self.form)
        receipts = round(size * (1 if year == 2025 else 0.94) * rng.uniform(0.98, 1.02))
        cost, worn = round(receipts * cost_share), sum(row[3] // row[2] for row in ASSETS.get(self.key, ()))
        expenses = []
        for account, name, share, *lines in EXPENSES:
            amount = round((receipts - cost) * share * rng.uniform(0.93, 1.07)) or worn
            expenses.append((account, name, lines[form], amount))
        return receipts, cost, [row for row in expenses if row[2] and row[3]]

    def _lines(self, year: int) -> list[tuple[str, str, int, bool]]:
        """The lines of the return, the last of them a business's ordinary income."""
        if self.form == "1040":
            return pdf.individual_lines(**INDIVIDUALS[self.key])
        receipts, cost, expenses = self._books(year)
        return pdf.business_lines(self.form, receipts, cost, [(row[2], row[1], row[3]) for row in expenses])


def _csv(rows) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _word(title: str, opening: str, sections) -> bytes:
    paper, out = WordDocument(), io.BytesIO()
    paper.core_properties.title, paper.core_properties.author = title, FIRM
    paper.add_heading(title, level=1)
    paper.add_paragraph(f"{FIRM}\n{FIRM_DETAIL}\n\n{opening}")
    for heading, words in sections:
        paper.add_heading(heading, level=2)
        paper.add_paragraph(words)
    paper.add_paragraph(f"Ruth Larkin, CPA\n{pdf.FOOTER}")
    paper.save(out)
    return _settled(out.getvalue())


def _workbook(title: str, client: str, columns: dict[str, int], rows, *, figures_from: int) -> bytes:
    """A sheet with a styled heading, and sums under its columns of figures. A cell's {r} is its row."""
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    for row in ([title], [f"{client} · year ended December 31, 2025 · sample figures"], [], list(columns)):
        sheet.append(row)
    for r, row in enumerate(rows, start=5):
        sheet.append([value.format(r=r) if isinstance(value, str) else value for value in row])
    last, letters = sheet.max_row, [cell.column_letter for cell in sheet[4]]
    sums = [f"=SUM({letter}5:{letter}{last})" for letter in letters[figures_from - 1 :]]
    sheet.append(["Total", *[None] * (figures_from - 2), *sums])
    sheet["A1"].font, sheet.freeze_panes = Font(bold=True, size=14), "A5"
    for cell, letter, width in zip(sheet[4], letters, columns.values(), strict=True):
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", start_color="1A5245")
        sheet.column_dimensions[letter].width = width
    for column in sheet.iter_cols(min_row=5, min_col=figures_from):
        for cell in column:
            cell.number_format = "#,##0.00;(#,##0.00)"
    for cell in sheet[last + 1]:
        cell.font, cell.border = Font(bold=True), Border(top=Side("thin"), bottom=Side("double"))
    book.save(out)
    return _settled(out.getvalue())


def _settled(written: bytes) -> bytes:
    """The same Office file without the time it was made, so that two runs give the same bytes."""
    out, day = io.BytesIO(), (2026, 1, 12, 9, 0, 0)
    with zipfile.ZipFile(io.BytesIO(written)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2026-01-12T09:00:00Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name, day), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _picture(heading: str, lines) -> bytes:
    """A PNG of a receipt that lies a little crooked on a desk."""
    paper, y = [bytearray(372) for _ in range(640)], 30
    for words, scale in ((heading, 3), ("", 2), *((line, 2) for line in lines)):
        x = 186 - 3 * len(words) * scale
        for column, dots in enumerate(b"".join(FONT.get(c, bytes(5)) + b"\0" for c in words)):
            for dot in (dot for dot in range(7 * scale) if dots >> dot // scale & 1):
                paper[y + dot][x + column * scale : x + (column + 1) * scale] = b"\3" * scale
        y += 12 * scale
    rng, scanlines = Random(heading), []
    for y in range(720):
        line = bytearray(rng.randbytes(480).translate(bytes(n < 24 for n in range(256))))
        left, shade = 34 + y // 28, bytes([4 + y // 100])
        if 40 <= y < 680:
            line[left : left + 381] = paper[y - 40].replace(b"\0", shade) + b"\2" * 9
        scanlines.append(b"\0" + line)
    palette = bytes.fromhex("7A5C43 6E523B 4A382A 35332F FAF8F0 F6F4EB F2F0E6 EEECE1 EAE8DC E6E4D7 E2E0D2")
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 480, 720, 8, 3, 0, 0, 0)), (b"PLTE", palette)]
    chunks += [(b"IDAT", zlib.compress(b"".join(scanlines), 9)), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n"
    for kind, body in chunks:
        png += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return png
