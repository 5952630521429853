"""What the demonstration firm does with its Tax Organizers: one is not opened, one stalled, one in the middle, one waits for
the review, one is reviewed. All answers are invented; the numbers are those that nobody has."""

import json
from datetime import timedelta
from functools import partial

from django.conf import settings

from organizer import kinds
from organizer.definition import from_json
from organizer.kinds import Kind
from organizer.models import Answer, Change, Entry, Given, Mark, Marked, Organizer, Template, Visit
from organizer.sheet import GroupSheet, Sheet
from portal.demonstration import people

INDIVIDUAL, BUSINESS = "individual-1040", "business-1120s-1065"
NGOZI, MARCUS, _, PRIYA, WALTER, JUNE = people.CLIENT_USERS[:6]
REMINDERS = [14, 7, 3, 0]
MOMENTS = ("at", "opened_at", "started_at", "saved_at", "submitted_at", "reviewed_at")
CONSENT = "To the best of my knowledge these answers are true and complete."
COUPLE = {
    "first_name": "Ngozi A.",
    "last_name": "Okafor",
    "ssn": "987-65-4321",
    "birth_date": "4/15/1984",
    "occupation": "Nurse practitioner",
    "phone": "(515) 555-0142",
    "home_address": ["41 Larch Lane", "", "Ashford", "IA", "50000"],
    "is_dependent": "no",
    "married": "yes",
    "filing_wish": "Jointly with my spouse",
}
SPOUSE = {
    "spouse_first_name": "Daniel",
    "spouse_last_name": "Okafor",
    "spouse_ssn": "987-65-4322",
    "spouse_birth_date": "9/2/1982",
    "spouse_occupation": "Teacher",
    "has_dependents": "yes",
}
CHILDREN = [
    {
        "dependent_first_name": "Chidi",
        "dependent_last_name": "Okafor",
        "dependent_ssn": "987-65-4323",
        "dependent_birth_date": "6/3/2014",
        "dependent_relationship": "Son or daughter",
        "dependent_months": "12",
    },
    {"dependent_first_name": "Amara", "dependent_last_name": "Okafor", "dependent_birth_date": "11/19/2017"},
]
THEIR_YEAR = {
    "residency_status": "U.S. citizen",
    "home_state": "Iowa",
    "moved_states": "no",
    "other_states": "no",
    "income_kinds": ["Wages from an employer (W-2)", "Interest or dividends (1099-INT and 1099-DIV)"],
    "paid_kinds": ["Mortgage interest or property tax", "Care for a child or for somebody disabled"],
    "digital_assets": "no",
    "life_changes": ["None of these"],
}
JUNES = {
    "first_name": "June",
    "last_name": "Castellano",
    "ssn": "987-65-4327",
    "birth_date": "1/30/1951",
    "occupation": "Retired",
    "phone": "(515) 555-0177",
    "home_address": ["9 Orchard Court", "Unit 4", "Ashford", "IA", "50000"],
    "is_dependent": "no",
    "married": "no",
    "unmarried_status": "Widowed before that",
    "has_dependents": "no",
    "home_state": "Iowa",
    "income_kinds": ["Pension or IRA (1099-R)", "Social Security or railroad retirement (SSA-1099 or RRB-1099)"],
    "paid_kinds": ["Gifts to charity"],
    "pension_payer": "Iowa teachers’ fund",
    "pension_gross": "31,480.00",
    "pension_kind": "Regular pension or annuity",
    "ssa_net": "21,904.80",
    "gifts_cash": "1,150",
    "bank_use": ["To receive a refund"],
    "bank_name": "Ashford Savings Bank",
    "bank_kind": "Checking",
    "bank_routing": "073000228",
    "bank_account": "0012345678",
    "refund_wish": "Pay all of it to me",
}
HARTMANNS = {
    "legal_name": "Hartmann Orchards LP",
    "ein": "12-3456789",
    "entity": "Partnership or LLC taxed as one (Form 1065)",
    "activity": "Apples and cider",
    "method": "Cash",
}
USUAL = {  # what a required question is answered with that nothing else is said of
    Kind.TEXT: "As last year",
    Kind.LONG_TEXT: "As last year",
    Kind.YES_NO: "no",
    Kind.DATE: "1/2/2026",
    Kind.YEAR: "2026",
    Kind.NUMBER: "1",
    Kind.MONEY: "0",
    Kind.PERCENT: "50",
    Kind.EMAIL: "office@example.com",
    Kind.PHONE: "(515) 555-0100",
    Kind.ADDRESS: ["12 Mill Road", "", "Ashford", "IA", "50000"],
    Kind.SSN: "987-65-4329",
    Kind.EIN: "12-3456789",
    Kind.SSN_OR_EIN: "12-3456789",
    Kind.BANK_ACCOUNT: "0012345678",
    Kind.ROUTING_NUMBER: "073000228",
}


class OfTheOrganizer:
    """Acts of a Story, which has the clock and the people."""

    def _plan_organizers(self):
        self._versions, self._organizers = {}, {}
        businesses = ("kestrel", "hartmann", "sandoval")
        for day, hour, minute, person, do in (
            (33, 11, 10, people.ADMINISTRATOR, self._publish_templates),
            (32, 9, 30, people.STAFF, lambda user: self._send_organizers(INDIVIDUAL, user, "okafor", "castellano")),
            (31, 9, 40, people.ADMINISTRATOR, lambda user: self._send_organizers(BUSINESS, user, *businesses)),
            (30, 10, 20, WALTER, lambda user: self._answer(user, "hartmann", HARTMANNS)),
            (29, 16, 5, PRIYA, lambda user: self._submit(user, "kestrel", {})),
            (24, 11, 15, people.THEO, lambda user: self._organizers["kestrel"].review(by=user)),
            (12, 20, 10, NGOZI, lambda user: self._answer(user, "okafor", COUPLE)),
            (11, 20, 30, NGOZI, lambda user: self._answer(user, "okafor", SPOUSE)),
            (11, 20, 41, NGOZI, lambda user: self._name_children(user, "okafor")),
            (6, 15, 20, JUNE, lambda user: self._submit(user, "castellano", JUNES)),
            (5, 10, 5, people.STAFF, lambda user: self._mark(user, "castellano")),
            (1, 19, 55, NGOZI, lambda user: self._answer(user, "okafor", THEIR_YEAR)),
        ):
            at = self._moment(day, hour, minute)
            self._sign_in(person, at - timedelta(minutes=4))
            self._add(at, partial(self._act_on_organizers, person, do))

    def _act_on_organizers(self, person, do):
        with self._as(person) as user:
            do(user)
        for organizer in self._organizers.values():
            self._date(organizer)

    def _publish_templates(self, user):
        for name in (INDIVIDUAL, BUSINESS):
            path = settings.BASE_DIR / "organizer" / "shipped" / f"{name}.json"
            questionnaire = from_json(json.loads(path.read_text()))
            version = Template.make(questionnaire, by=user, note="as it comes with the portal")
            version.publish(by=user)
            Template.objects.filter(pk=version.template_id).update(at=self._clock)
            version.template.versions.update(at=self._clock, published_at=self._clock)
            self._versions[name] = version

    def _send_organizers(self, name, user, *clients):
        fields = {"message": "Photos of your forms are fine.", "reminder_days": REMINDERS}
        due_on = (self._now + timedelta(days=24)).date()
        found = [self._clients[key] for key in clients]
        sent = Organizer.send(self._versions[name], found, by=user, due_on=due_on, **fields)
        self._organizers |= dict(zip(clients, sent, strict=True))

    def _answer(self, user, client, typed):
        organizer = self._organizers[client]
        organizer.open(by=user)
        self._give(organizer, typed, user)

    def _give(self, organizer, typed, user, entry=None):
        """Section by section, as a person goes through it."""
        questionnaire = organizer.version.questionnaire
        for section in questionnaire.sections:
            keys = [key for key in typed if questionnaire.section_of.get(key) == section]
            questions = [questionnaire.questions[key] for key in keys]
            given = [
                Given(question.key, kinds.read(question, typed[question.key]), entry.pk if entry else None)
                for question in questions
            ]
            if given:
                organizer.save_answers(given, by=user)

    def _name_children(self, user, client):
        organizer = self._organizers[client]
        for child in CHILDREN:
            entry = organizer.add_entry(organizer.version.questionnaire.questions["dependent"], by=user)
            self._give(organizer, child, user, entry)

    def _submit(self, user, client, typed):
        """What is said, and what is usual wherever something is required still."""
        organizer = self._organizers[client]
        in_groups = organizer.version.questionnaire.group_of
        self._answer(user, client, {key: typed[key] for key in typed if key not in in_groups})
        while missing := Sheet.of(organizer).missing:
            self._fill(organizer, missing[0], typed, user)
        organizer.submit(signature=user.name, consent=CONSENT, by=user)

    def _fill(self, organizer, one, typed, user):
        if isinstance(one, GroupSheet):
            entry = organizer.add_entry(one.question, by=user)
            keys = [question.key for question in one.question.items if question.key in typed]
            self._give(organizer, {key: typed[key] for key in keys}, user, entry)
            return
        question = one.question
        because = "It comes by mail" if question.is_file else ""  # no file of the demonstration answers it
        usual = question.choices[-1] if question.choices else USUAL.get(question.kind, "")
        value = kinds.read(question, typed.get(question.key, usual)) if not because else ""
        organizer.save_answers([Given(question.key, value, one.place[1], one.revision, because)], by=user)

    def _mark(self, user, client):
        fine = [Marked(key, Mark.Kind.FINE) for key in ("first_name", "last_name", "ssn", "birth_date")]
        ask = Marked("home_address", Mark.Kind.ASK, "Is Unit 4 new? The return of last year says Unit 2.")
        self._organizers[client].mark([*fine, ask], by=user)

    def _date(self, organizer):
        """Nothing of it is later than the clock."""
        rows = Organizer.objects.filter(pk=organizer.pk)
        for moment in MOMENTS:
            rows.filter(**{f"{moment}__gt": self._clock}).update(**{moment: self._clock})
        for model in (Answer, Change, Entry, Mark, Visit):
            model.objects.filter(organizer=organizer, at__gt=self._clock).update(at=self._clock)
        organizer.refresh_from_db()
