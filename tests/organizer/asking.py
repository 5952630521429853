"""Questionnaires and organizers, as the firm makes them, and answers as a client gives them."""

from organizer import kinds
from organizer.definition import FORMAT, from_json
from organizer.models import Given, Organizer, Template

SSN, EIN, ACCOUNT = "123-45-6789", "12-3456789", "0012345678"
ANSWERS = {  # as somebody types them
    "name": "Ngozi Okafor",
    "notes": "Moved in June.\nNew roof in July.",
    "is_married": "yes",
    "filing": "Married filing jointly",
    "income_kinds": ["Wages", "Interest"],
    "born_on": "4/15/1980",
    "moved_in": "2024",
    "miles": "12,345",
    "rent": "$1,234.50",
    "share": "12.5%",
    "email": "Ngozi@acme.example.com",
    "phone": "515 555 0142",
    "address": ["12 Elm Street", "", "Des Moines", "ia", "50309"],
    "ssn": SSN,
    "ein": EIN,
    "payer": "98-7654321",
    "account": ACCOUNT,
    "routing": "021000021",
}


def question(key, kind, label, **more):
    return {"key": key, "kind": kind, "label": label, **more}


def small():
    """A file's content: every kind of question, a group, and conditions of a section, a question and one of a group."""
    about = [
        question("hello", "note", "We ask what your return needs."),
        question("name", "text", "Your name", required=True, source="Form 1040, page 1"),
        question("notes", "long_text", "What else should we know?"),
        question("is_married", "yes_no", "Were you married at the end of the year?", required=True),
        question(
            "filing",
            "choice",
            "How do you file?",
            choices=["Married filing jointly", "Married filing separately"],
            condition={"question": "is_married", "is": ["yes"]},
        ),
        question("income_kinds", "choices", "What did you receive?", choices=["Wages", "Interest", "Dividends"]),
        question("born_on", "date", "Date of birth"),
        question("moved_in", "year", "Since when do you live there?"),
        question("email", "email", "E-mail address"),
        question("phone", "phone", "Phone"),
        question("address", "address", "Home address"),
        question("ssn", "ssn", "Your SSN", help="It is on your card."),
    ]
    children = [
        question("child_name", "text", "Name", required=True),
        question("child_at_home", "yes_no", "Did the child live with you?"),
        question(
            "child_months", "number", "For how many months?", condition={"question": "child_at_home", "is": ["yes"]}
        ),
        question("child_ssn", "ssn", "SSN"),
        question("child_paper", "file", "Birth certificate"),
    ]
    money = [
        question("miles", "number", "Miles driven"),
        question("rent", "money", "Rent paid"),
        question("share", "percent", "Share used for business"),
        question("ein", "ein", "EIN of your business"),
        question("payer", "ssn_or_ein", "SSN or EIN of your tenant"),
        question("account", "bank_account", "Account number"),
        question("routing", "routing_number", "Routing number"),
        question("w2", "file", "Your W-2s"),
    ]
    return {
        "format": FORMAT,
        "name": "Individual",
        "tax_year": 2026,
        "welcome": "Welcome.\n\nTake your time.",
        "sections": [
            {"key": "about", "title": "About you", "intro": "Who you are.", "items": about},
            {
                "key": "children",
                "title": "Children",
                "condition": {"question": "is_married", "is": ["yes"]},
                "items": [question("child", "group", "Child", most=3, items=children)],
            },
            {"key": "money", "title": "Money", "items": money},
        ],
    }


def published(cast, content=None):
    """A version that can be sent."""
    version = Template.make(from_json(content or small()), by=cast.administrator)
    version.publish(by=cast.administrator)
    return version


def sent(cast, *, client=None, version=None, **fields):
    """An organizer that the client has to fill in."""
    (organizer,) = Organizer.send(version or published(cast), [client or cast.acme], by=cast.firm_user, **fields)
    return organizer


def answer(organizer, by, entry=None, **typed):
    """What somebody types is saved, as the page of a section saves it."""
    questions = organizer.version.questionnaire.questions
    given = [
        Given(key, kinds.read(questions[key], text), entry.pk if entry else None, revision_of(organizer, key, entry))
        for key, text in typed.items()
    ]
    _, conflicts = organizer.save_answers(given, by=by)
    assert not conflicts


def revision_of(organizer, key, entry):
    found = organizer.answers.filter(question=key, entry=entry).first()
    return found.revision if found else 0


def add_child(organizer, by, **typed):
    entry = organizer.add_entry(organizer.version.questionnaire.questions["child"], by=by)
    answer(organizer, by, entry, **typed)
    return entry
