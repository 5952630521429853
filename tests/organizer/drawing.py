"""Questionnaires and answers of any kind, for properties that hold for all of them."""

from hypothesis import strategies as st

from organizer import kinds
from organizer.definition import FORMAT, from_json
from organizer.kinds import CHOSEN, DECIDING, Kind

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
AWKWARD = st.sampled_from(
    ["=1+1", "+1", "-1", "@a", 'say "yes", twice', "<b>&amp;", "one\ntwo", "🧾 תשובה", "[1]", "_x0041_", "'", "a\x07b"]
)
TEXTS = AWKWARD | st.text(CHARACTERS, max_size=12)
WORDS = TEXTS.filter(str.strip)
CHOICES = st.lists(
    WORDS.map(lambda text: " ".join(text.split())[:40]).filter(bool), min_size=2, max_size=4, unique=True
)
SIMPLE = [kind for kind in Kind if kind != Kind.GROUP]
DIGITS = st.integers(0, 9_999)
TYPED = {  # what somebody types who takes care
    Kind.TEXT: TEXTS,
    Kind.LONG_TEXT: TEXTS,
    Kind.YES_NO: st.sampled_from(["yes", "no"]),
    Kind.DATE: st.dates(kinds.date(1900, 1, 1), kinds.date(2100, 12, 31)).map(str),
    Kind.YEAR: st.integers(1900, 2100).map(str),
    Kind.NUMBER: st.integers(-(10**12) + 1, 10**12 - 1).map(str),
    Kind.MONEY: st.decimals(-(10**9), 10**9, places=2).map(lambda amount: f"{amount:,}"),
    Kind.PERCENT: st.decimals(-1000, 1000, places=4).map(str),
    Kind.EMAIL: DIGITS.map("person{}@acme.example.com".format),
    Kind.PHONE: DIGITS.map("+1 515 555 {:04}".format) | DIGITS.map("(515) 555-0142 x{}".format),
    Kind.ADDRESS: st.tuples(WORDS, TEXTS, WORDS, st.sampled_from(["IA", "tx"]), st.just("50309")).map(list),
    Kind.SSN: DIGITS.map("123-45-{:04}".format).filter(lambda ssn: not ssn.endswith("0000")),
    Kind.EIN: DIGITS.map("12-345{:04}".format),
    Kind.SSN_OR_EIN: DIGITS.map("12-345{:04}".format),
    Kind.BANK_ACCOUNT: DIGITS.map("0012{:04}".format),
    Kind.ROUTING_NUMBER: st.sampled_from(["021000021", "011401533"]),
}


@st.composite
def contents(draw, most_sections=3, most_items=5, least_items=0):
    """A file's content that is a template; one with an empty section cannot be published."""
    names, deciding, sections = iter(f"key_{number}" for number in range(1_000)), {}, []
    for number in range(draw(st.integers(1, most_sections))):
        condition = _condition(draw, deciding)
        items = [_question(draw, names, deciding) for _ in range(draw(st.integers(least_items, most_items)))]
        section = {"key": f"section_{number}", "title": draw(WORDS), "intro": draw(TEXTS), "items": items}
        sections.append(section | ({"condition": condition} if condition else {}))
    content = {"format": FORMAT, "name": draw(WORDS), "tax_year": draw(st.integers(2000, 2100)), "sections": sections}
    return content | {"welcome": draw(TEXTS), "sources": draw(TEXTS)}


def _condition(draw, deciding):
    if not deciding or draw(st.booleans()):
        return None
    key = draw(st.sampled_from(sorted(deciding)))
    return {"question": key, "is": draw(st.lists(st.sampled_from(deciding[key]), min_size=1, unique=True))}


def _question(draw, names, deciding, kinds_there=tuple(Kind)):
    kind = draw(st.sampled_from(kinds_there))
    found = {"key": next(names), "kind": kind.value, "label": draw(WORDS), "help": draw(TEXTS)}
    found["required"] = draw(st.booleans())
    if condition := _condition(draw, deciding):
        found["condition"] = condition
    if kind in CHOSEN:
        found["choices"] = draw(CHOICES)
    if kind in DECIDING:
        deciding[found["key"]] = ["yes", "no"] if kind == Kind.YES_NO else found["choices"]
    if kind == Kind.GROUP:
        inner = dict(deciding)
        count = draw(st.integers(1, 3))
        found["items"] = [_question(draw, names, inner, SIMPLE) for _ in range(count)]
        found["most"] = 3
    return found


questionnaires = contents().map(from_json)


def typed(question):
    """What somebody types who answers the question."""
    if question.kind == Kind.CHOICE:
        return st.sampled_from(question.choices)
    if question.kind == Kind.CHOICES:
        return st.lists(st.sampled_from(question.choices))
    return TYPED[question.kind]


def values(question):
    """What may be saved for the question, "" among it."""
    return st.just("") | typed(question).map(lambda given: kinds.read(question, given))
