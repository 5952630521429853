"""The kinds of questions: how an answer is read from what somebody typed, and how it is shown.

A saved answer is text in one form for each kind, "" where there is none; lists are JSON.
"""

import json
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.formats import date_format

MOST_TEXT, MOST_LONG_TEXT = 300, 10_000
MOST_AMOUNT = 40  # characters of an amount: blanks without end would take the pattern for it hours
YES_NO = {"yes": "Yes", "no": "No"}
ADDRESS_PARTS = ("street", "unit", "city", "state", "zip")
STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA "
    "RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI AA AE AP"
)
FIRST_YEAR, LAST_YEAR = 1900, 2100
MASK = "•••••"
UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # what no database here can hold


class Kind(models.TextChoices):
    TEXT = "text", "Short text"
    LONG_TEXT = "long_text", "Long text"
    YES_NO = "yes_no", "Yes or no"
    CHOICE = "choice", "One of"
    CHOICES = "choices", "Several of"
    DATE = "date", "Date"
    YEAR = "year", "Year"
    NUMBER = "number", "Whole number"
    MONEY = "money", "Money"
    PERCENT = "percent", "Percentage"
    EMAIL = "email", "E-mail address"
    PHONE = "phone", "Phone"
    ADDRESS = "address", "Address"
    SSN = "ssn", "SSN"
    EIN = "ein", "EIN"
    SSN_OR_EIN = "ssn_or_ein", "SSN or EIN"
    BANK_ACCOUNT = "bank_account", "Bank account number"
    ROUTING_NUMBER = "routing_number", "Bank routing number"
    FILE = "file", "File"
    GROUP = "group", "Repeated group"
    NOTE = "note", "Note that only explains"


SECRET = {Kind.SSN, Kind.EIN, Kind.SSN_OR_EIN, Kind.BANK_ACCOUNT}
CHOSEN = {Kind.CHOICE, Kind.CHOICES}
DECIDING = {Kind.YES_NO, Kind.CHOICE, Kind.CHOICES}  # what a condition may ask about


def read(question, given):
    """The answer as it is saved. ``given`` is what was typed or ticked: text, or a list for several-of and addresses.
    Raises ValidationError with words for whoever typed it."""
    if question.kind == Kind.CHOICES:
        return _read_choices(question, given)
    if question.kind == Kind.ADDRESS:
        return _read_address(given)
    text = given.replace("\r\n", "\n").strip()
    if UNSTORABLE.search(text):
        raise ValidationError("This contains a character that cannot be saved. Type it anew.")
    return READERS[question.kind](question, text) if text else ""


def _read_text(question, text):
    if len(text) > MOST_TEXT:
        raise ValidationError(f"Use at most {MOST_TEXT} characters; these are {len(text)}.")
    return " ".join(text.split("\n"))


def _read_long_text(question, text):
    if len(text) > MOST_LONG_TEXT:
        raise ValidationError(f"Use at most {MOST_LONG_TEXT:,} characters; these are {len(text):,}.")
    return text


def _read_yes_no(question, text):
    if text.lower() not in YES_NO:
        raise ValidationError("Choose yes or no.")
    return text.lower()


def _read_choice(question, text):
    if text not in question.choices:
        raise ValidationError("Choose one of the answers.")
    return text


def _read_choices(question, given):
    chosen = {text.strip() for text in ([given] if isinstance(given, str) else given)} - {""}
    if chosen - set(question.choices):
        raise ValidationError("Choose among the answers.")
    return json.dumps([one for one in question.choices if one in chosen]) if chosen else ""


def _read_date(question, text):
    for pattern in ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%B %d, %Y", "%b %d, %Y"):
        try:
            day = datetime.strptime(text, pattern).date()
        except ValueError:
            continue
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day.isoformat()
    raise ValidationError("Give a date like 4/15/2026.")


def _read_year(question, text):
    if not re.fullmatch(r"[0-9]{4}", text) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise ValidationError("Give a year with four digits, like 2025.")
    return text


def _read_number(question, text):
    digits = text.replace(",", "").replace(" ", "")
    if not re.fullmatch(r"-?[0-9]{1,12}", digits):
        raise ValidationError("Give a whole number, like 12.")
    return str(int(digits))


def _read_money(question, text):
    return f"{_amount(text, 2, 'Give an amount like 1,234.50.'):.2f}"


def _read_percent(question, text):
    share = _amount(text.rstrip("% "), 4, "Give a percentage like 12.5.")
    if not -1000 <= share <= 1000:
        raise ValidationError("Give a percentage like 12.5.")
    return f"{share.normalize():f}"


def _amount(text, places, words):
    """A minus sign or brackets stand for less than nothing."""
    if len(text) > MOST_AMOUNT:
        raise ValidationError(words)
    found = re.fullmatch(r"(\(?)\s*([-−]?)\s*\$?\s*([-−]?)([0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)\s*(\)?)", text)
    if not found or bool(found[1]) != bool(found[5]):
        raise ValidationError(words)
    try:
        amount = Decimal(found[4].replace(",", ""))
    except InvalidOperation:
        raise ValidationError(words) from None
    if amount >= 10**12 or amount != round(amount, places):
        raise ValidationError(words)
    return -amount if (found[1] or found[2] or found[3]) and amount else amount


def _read_email(question, text):
    try:
        validate_email(text)
    except ValidationError:
        raise ValidationError("Give an e-mail address like name@example.com.") from None
    return text.lower()


def _read_phone(question, text):
    digits = re.sub(r"[\s().\-/]", "", text.lower()).replace("ext", "x")
    number, mark, extension = digits.partition("x")
    extension = f" ext. {extension}" if mark else ""
    if re.fullmatch(r"(\+?1)?[2-9][0-9]{9}", number) and (not mark or re.fullmatch(r"[0-9]{1,6}", extension[6:])):
        return f"({number[-10:-7]}) {number[-7:-4]}-{number[-4:]}{extension}"
    if re.fullmatch(r"\+[0-9]{7,15}", number) and not mark:
        return number
    raise ValidationError("Give a phone number with area code, like (515) 555-0142, or with + and the country’s code.")


def _read_address(given):
    """Of the five parts, in their order; abroad, state and ZIP may be anything."""
    parts = [" ".join(part.split()) for part in ([given] if isinstance(given, str) else given)]
    parts = (parts + [""] * len(ADDRESS_PARTS))[: len(ADDRESS_PARTS)]
    if not any(parts):
        return ""
    if any(UNSTORABLE.search(part) or len(part) > MOST_TEXT for part in parts):
        raise ValidationError(f"Use at most {MOST_TEXT} characters in a line.")
    street, unit, city, state, postcode = parts
    is_state = state.upper() in STATES.split()
    missing = [name for name, part in (("street", street), ("city", city)) if not part]
    if missing:
        raise ValidationError(f"The {' and the '.join(missing)} is missing.")
    if is_state and not re.fullmatch(r"[0-9]{5}(-[0-9]{4})?", postcode):
        raise ValidationError("Give a ZIP code with five digits, like 50309.")
    return json.dumps([street, unit, city, state.upper() if is_state else state, postcode])


def _read_ssn(question, text):
    """Also an ITIN, which people without an SSN have."""
    digits = re.sub(r"[\s\-–]", "", text)
    found = re.fullmatch(r"([0-9]{3})([0-9]{2})([0-9]{4})", digits)
    if not found:
        raise ValidationError("An SSN has nine digits, like 123-45-6789.")
    area, group, serial = found.groups()
    if area in ("000", "666") or group == "00" or serial == "0000" or (area[0] == "9" and not "50" <= group <= "99"):
        raise ValidationError("There is no SSN like this. Compare it with your card.")
    return f"{area}-{group}-{serial}"


def _read_ein(question, text):
    digits = re.sub(r"[\s\-–]", "", text)
    if not re.fullmatch(r"[0-9]{9}", digits):
        raise ValidationError("An EIN has nine digits, like 12-3456789.")
    if digits[:2] in {
        "00",
        "07",
        "08",
        "09",
        "17",
        "18",
        "19",
        "28",
        "29",
        "49",
        "69",
        "70",
        "78",
        "79",
        "89",
        "96",
        "97",
    }:
        raise ValidationError("There is no EIN like this. Compare it with the letter that assigned it.")
    return f"{digits[:2]}-{digits[2:]}"


def _read_ssn_or_ein(question, text):
    """As it is written: the dash tells which it is; without one, an SSN."""
    return (_read_ein if re.match(r"[0-9]{2}[\-–\s]", text) else _read_ssn)(question, text)


def _read_bank_account(question, text):
    digits = re.sub(r"[\s\-–]", "", text)
    if not re.fullmatch(r"[0-9A-Za-z]{4,17}", digits):
        raise ValidationError("An account number has 4 to 17 digits. It is on your checks, after the routing number.")
    return digits


def _read_routing_number(question, text):
    digits = re.sub(r"[\s\-–]", "", text)
    if not re.fullmatch(r"[0-9]{9}", digits):
        raise ValidationError("A routing number has nine digits. It is at the lower left of your checks.")
    if (
        digits == "000000000"
        or sum(int(digit) * weight for digit, weight in zip(digits, (3, 7, 1) * 3, strict=True)) % 10
    ):
        raise ValidationError("There is no routing number like this. Compare it with your checks.")
    return digits


READERS = {
    Kind.TEXT: _read_text,
    Kind.LONG_TEXT: _read_long_text,
    Kind.YES_NO: _read_yes_no,
    Kind.CHOICE: _read_choice,
    Kind.DATE: _read_date,
    Kind.YEAR: _read_year,
    Kind.NUMBER: _read_number,
    Kind.MONEY: _read_money,
    Kind.PERCENT: _read_percent,
    Kind.EMAIL: _read_email,
    Kind.PHONE: _read_phone,
    Kind.SSN: _read_ssn,
    Kind.EIN: _read_ein,
    Kind.SSN_OR_EIN: _read_ssn_or_ein,
    Kind.BANK_ACCOUNT: _read_bank_account,
    Kind.ROUTING_NUMBER: _read_routing_number,
}


def in_words(kind, value):
    """A saved answer as people read it; "" for none."""
    if not value:
        return ""
    if kind == Kind.YES_NO:
        return YES_NO[value]
    if kind == Kind.CHOICES:
        return ", ".join(json.loads(value))
    if kind == Kind.ADDRESS:
        street, unit, city, state, postcode = json.loads(value)
        place = ", ".join(filter(None, (city, " ".join(filter(None, (state, postcode))))))
        return ", ".join(filter(None, (street, unit, place)))
    if kind == Kind.DATE:
        return date_format(date.fromisoformat(value), "F j, Y")
    if kind == Kind.NUMBER:
        return f"{int(value):,}"
    if kind == Kind.MONEY:
        amount = Decimal(value)
        return f"{'−' if amount < 0 else ''}${abs(amount):,.2f}"
    if kind == Kind.PERCENT:
        return f"{value}%"
    return value


def native(kind, value):
    """A saved answer for a spreadsheet's cell: a date, a number or text; None for none. Shares are as they are read: 12.5
    for 12.5%."""
    if not value:
        return None
    if kind == Kind.DATE:
        return date.fromisoformat(value)
    if kind in (Kind.NUMBER, Kind.YEAR):
        return int(value)
    if kind in (Kind.MONEY, Kind.PERCENT):
        return Decimal(value)
    return in_words(kind, value)


def masked(value):
    """A secret with all but its last four hidden."""
    return f"{MASK}{value[-4:]}" if value else ""
