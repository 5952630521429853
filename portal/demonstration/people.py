"""Who is in the demonstration firm. All of it is invented; the addresses are reserved for documentation."""

from dataclasses import dataclass

from accounts.models import Role

PASSWORD = "demonstration"
FIRM = {
    "name": "Larkin & Voss",
    "tagline": "Certified Public Accountants",
    "phone": "(555) 010-0142",
    "time_zone": "America/New_York",
}
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
PHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {APPLE} Mobile/15E148 Safari/604.1"
LAPTOP = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Safari/605.1.15"
DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    role: Role
    ip: str
    user_agent: str
    client: str = ""


def _client_user(client, email, name, ip, user_agent=DESKTOP):
    return Person(email, name, Role.CLIENT_USER, ip, user_agent, client)


ADMINISTRATOR = Person("administrator@example.com", "Ruth Larkin", Role.ADMINISTRATOR, "198.51.100.7", DESKTOP)
STAFF = Person("staff@example.com", "Dana Whitfield", Role.FIRM_USER, "198.51.100.7", DESKTOP)
THEO = Person("theo.voss@example.com", "Theo Voss", Role.FIRM_USER, "198.51.100.12", LAPTOP)
AUDITOR = Person("auditor@example.com", "Morgan Ellis", Role.AUDITOR, "203.0.113.199", LAPTOP)
CLIENT_USERS = [
    _client_user("okafor", "client@example.com", "Ngozi Okafor", "203.0.113.24", PHONE),
    _client_user("sandoval", "other.client@example.com", "Marcus Sandoval", "192.0.2.146", PHONE),
    _client_user("brightwater", "office@brightwater-dental.example.com", "Elena Brightwater", "203.0.113.60"),
    _client_user("kestrel", "controller@kestrel-coffee.example.com", "Priya Raman", "2001:db8:4a::19", LAPTOP),
    _client_user("hartmann", "books@hartmann-orchards.example.com", "Walter Hartmann", "192.0.2.33"),
    _client_user("castellano", "june.castellano@example.com", "June Castellano", "203.0.113.91", PHONE),
    _client_user("lindqvist", "trustee@lindqvist-trust.example.com", "Astrid Lindqvist", "192.0.2.77", LAPTOP),
    _client_user("prairie", "manager@prairie-vet.example.com", "José Ibarra", "2001:db8:77::4"),
]
FIRM_PEOPLE = [ADMINISTRATOR, STAFF, THEO, AUDITOR]
LOOKED_AFTER = {
    STAFF.email: ["okafor", "sandoval", "brightwater", "kestrel", "castellano", "prairie"],
    THEO.email: ["brightwater", "kestrel", "hartmann", "lindqvist", "sandoval"],
}
FOLDER_SET = (
    "Individual return",
    "\n".join(
        (
            "{year} Tax Return/Source documents",
            "{year} Tax Return/Questionnaires",
            "{year} Tax Return/Drafts for review",
            "{year} Tax Return/Filed return",
            "Engagement",
            "Notices from the IRS",
        )
    ),
)
